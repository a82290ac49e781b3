import { afterEach, describe, expect, it } from "vitest";
import { decodeTransaction, transactionId, type Transaction } from "../../../../src/core/chain/transaction.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { freshAccount } from "../../../../src/core/state/aux-records.ts";
import type { KeyStanding } from "../../../../src/core/state/key-standing.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { epoch } from "../../../../src/core/values/height.ts";
import { Arguments } from "../../../../src/node/cli/arguments.ts";
import { unjail } from "../../../../src/node/cli/unjail.ts";
import { createBlstBls } from "../../../../src/node/crypto/blst-bls.ts";
import { startHttpServer, type HttpServer } from "../../../../src/node/rpc/http-server.ts";
import { nodeRoutes } from "../../../../src/node/rpc/node-routes.ts";
import type { NodeView } from "../../../../src/node/rpc/node-view.ts";
import { FAKE_CHAIN_ID, fakeNodeView } from "../../../support/fake-node-view.ts";

const SEED = new Uint8Array(32).fill(9);
const bls = createBlstBls();
const publicKey = bls.publicKey(SEED);
const reward = { spendKey: new Uint8Array(32).fill(2), viewKey: new Uint8Array(32).fill(3) };

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** `stegos key unjail` against a node that says this; what it handed in. */
async function unjailAt(changes: Partial<NodeView>): Promise<{ txid: string; submitted: Transaction[] }> {
  const submitted: Transaction[] = [];
  const view = await fakeNodeView({
    submit: (bytes) => {
      const transaction = decodeTransaction(bytes);
      submitted.push(transaction);
      return Promise.resolve({ ok: true, txid: transactionId(transaction) });
    },
    ...changes,
  });
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: nodeRoutes(view, "node", () => undefined),
    fallback: (_request, response) => void response.end(),
    log: () => undefined,
  });
  const args = new Arguments(new Map([["rpc", [`http://127.0.0.1:${server.port}/rpc`]]]), []);
  return { txid: await unjail(args, SEED), submitted };
}

function standingAs(standing: KeyStanding, unjailEpoch = 0): Pick<NodeView, "validatorKey"> {
  const account = { ...freshAccount(publicKey, reward, epoch(3)), unjailEpoch: epoch(unjailEpoch) };
  return {
    validatorKey: (key) => {
      expect(key).toEqual(publicKey);
      return { standing, epoch: epoch(9), seat: undefined, account, stake: amount(0n) };
    },
  };
}

describe("stegos key unjail", () => {
  it("[ST-3] [TX-5] signs for the epoch of the next block, and hands it in", async () => {
    const { txid, submitted } = await unjailAt(standingAs("jailed", 8));
    expect(submitted).toMatchObject([{ kind: "unjail", chainId: FAKE_CHAIN_ID, blsKey: publicKey, epoch: 9 }]);
    const [transaction] = submitted;
    if (transaction?.kind !== "unjail") throw new Error("no unjail");
    expect(formatHex(transactionId(transaction))).toBe(txid);
    expect(bls.verify(publicKey, transactionId(transaction), transaction.signature)).toBe(true);
  });

  it.each(["active", "waiting", "unknown", "slashed", "removed"] as const)(
    "[ST-3] refuses a key that is %s",
    async (standing) => {
      await expect(unjailAt(standingAs(standing))).rejects.toMatchObject({ code: "not_jailed" });
    },
  );

  it("[ST-3] refuses a second return in one epoch", async () => {
    await expect(unjailAt(standingAs("jailed", 9))).rejects.toMatchObject({ code: "already_unjailed" });
  });

  it("refuses to go by a node that lags behind, and says what a node refuses by", async () => {
    const status = (await fakeNodeView()).status();
    const lagging = { status: () => ({ ...status, isSyncing: true }) };
    await expect(unjailAt({ ...standingAs("jailed"), ...lagging })).rejects.toMatchObject({ code: "node_syncing" });
    await server?.stop();
    const refusing = { submit: () => Promise.resolve({ ok: false, rule: "ST-3" } as const) };
    await expect(unjailAt({ ...standingAs("jailed"), ...refusing })).rejects.toMatchObject({
      code: "transaction_refused",
    });
  });
});
