import { beforeEach, describe, expect, it } from "vitest";
import { encodeTransaction, transactionId, type Transaction } from "../../../../src/core/chain/transaction.ts";
import type { TransactionVerdict } from "../../../../src/core/machines/full-node-events.ts";
import type { NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { requestOne, type RequestError } from "../../../../src/net/requests/request.ts";
import { RequestGuard } from "../../../../src/node/network/request-guard.ts";
import { serveTransactions } from "../../../../src/node/network/transaction-edges.ts";
import { ERROR_CODE } from "../../../../src/wire/frame.ts";
import { TX_CLAIMS_WAITING_MAX, TX_WAITING_MAX } from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodeTxAnswer, encodeTxRequest } from "../../../../src/wire/requests/tx.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { claims } from "../../../support/packet-vectors.ts";

const builder = new LedgerBuilder({ label: "transaction edges" });
const { transaction } = builder.transfer(builder.take(1));
const txid = transactionId(transaction);

describe("transactions that clients hand in", () => {
  let network: FakeNetwork;
  let told: string[];
  /** Answers those who wait, in order. */
  let waiting: ((verdict: TransactionVerdict) => void)[];

  beforeEach(async () => {
    network = new FakeNetwork();
    told = [];
    waiting = [];
    const node = network.join("node");
    const tell = (fault: string) => (peer: string) => void told.push(`${fault} ${peer}`);
    const guard = new RequestGuard({
      malformed: tell("malformed"),
      tooMany: tell("too many"),
      rejected: tell("rejected"),
    });
    const submit = (_: Transaction): Promise<TransactionVerdict> => new Promise((resolve) => waiting.push(resolve));
    await serveTransactions(node, { chainId: builder.tip.chain.chainId, submit, isKnown: () => false }, guard);
  });

  const join = async (name: string): Promise<NetworkPort> => {
    const client = network.join(name);
    await client.dial("/fake/node", 1_000);
    return client;
  };
  /** The rule that does not hold, or the code of an error. */
  const hand = async (client: NetworkPort, handed: Transaction = transaction): Promise<string | number | undefined> => {
    const { name, asked } = PROTOCOL.tx;
    const request = encodeTxRequest(encodeTransaction(handed));
    return requestOne(client, "node", name, asked, request, 1_000).then(
      (frame) => decodeTxAnswer(frame).refusedBy,
      (error: unknown) => (error as RequestError).refusal?.code ?? String(error),
    );
  };
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

  it("[NW-16] what is wrong everywhere is told of who handed it in, what is refused here is not", async () => {
    const client = await join("client");
    const verdicts: readonly TransactionVerdict[] = [
      { ok: true, txid },
      { ok: false, txid, policy: "busy" },
      { ok: false, txid, policy: "not_now", rule: "TX-8" },
      { ok: false, txid, rule: "TX-5" },
    ];
    const answers = [];
    for (const verdict of verdicts) {
      const answer = hand(client);
      await settled();
      waiting.shift()!(verdict);
      answers.push(await answer);
    }
    expect(answers).toEqual([undefined, "NW-1", "TX-8", "TX-5"]);
    expect(told).toEqual(["rejected client"]);
  });

  it("TX_WAITING_MAX: one of a peer and so many in all wait for their verdict, more hear that the node is busy", async () => {
    const clients = await Promise.all(
      Array.from({ length: TX_WAITING_MAX + 1 }, (_, index) => join(`client ${index}`)),
    );
    const [first, ...others] = clients as [NetworkPort, ...NetworkPort[]];
    const last = others.pop()!;
    const answers = [hand(first)];
    await settled();
    expect(await hand(first)).toBe(ERROR_CODE.busy);
    answers.push(...others.map((client) => hand(client)));
    await settled();
    expect(waiting).toHaveLength(TX_WAITING_MAX);
    expect(await hand(last)).toBe(ERROR_CODE.busy);
    for (const settle of waiting.splice(0)) settle({ ok: true, txid });
    expect(await Promise.all(answers)).toEqual(answers.map(() => undefined));
    const again = hand(last);
    await settled();
    waiting.shift()!({ ok: true, txid });
    expect(await again).toBeUndefined();
    expect(told).toEqual([]);
  });

  it("TX_CLAIMS_WAITING_MAX: of claims so many wait, and of what else comes as many as without them", async () => {
    const [claim] = claims;
    const clients = await Promise.all(
      Array.from({ length: TX_CLAIMS_WAITING_MAX }, (_, index) => join(`claimer ${index}`)),
    );
    const payers = await Promise.all(Array.from({ length: TX_WAITING_MAX }, (_, index) => join(`payer ${index}`)));
    const late = await join("late");
    const answers = clients.map((client) => hand(client, claim));
    await settled();
    expect(waiting).toHaveLength(TX_CLAIMS_WAITING_MAX);
    expect(await hand(late, claim)).toBe(ERROR_CODE.busy);
    answers.push(...payers.map((payer) => hand(payer)));
    await settled();
    expect(waiting).toHaveLength(TX_CLAIMS_WAITING_MAX + TX_WAITING_MAX);
    expect(await hand(late)).toBe(ERROR_CODE.busy);
    for (const settle of waiting.splice(0)) settle({ ok: true, txid });
    expect(await Promise.all(answers)).toEqual(answers.map(() => undefined));
    answers.push(hand(late, claim));
    await settled();
    waiting.shift()!({ ok: true, txid });
    expect(await answers.at(-1)).toBeUndefined();
  });
});
