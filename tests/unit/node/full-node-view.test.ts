import { describe, expect, it } from "vitest";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { encodeTransaction, transactionId } from "../../../src/core/chain/transaction.ts";
import type { ReplyId } from "../../../src/core/machines/full-node-events.ts";
import { createFullNodeState } from "../../../src/core/machines/full-node-state.ts";
import type { NetworkPort } from "../../../src/core/ports/network-port.ts";
import type { FullNodeStore } from "../../../src/core/ports/full-node-store.ts";
import { height, timeMs, type Height } from "../../../src/core/values/height.ts";
import { FinalityTimes } from "../../../src/node/finality-times.ts";
import { createNodeView, type NodeViewParts } from "../../../src/node/full-node-view.ts";
import { Replies } from "../../../src/node/replies.ts";
import type { FullNodeOptions, NodeView } from "../../../src/node/rpc/node-view.ts";
import type { StoreSizes } from "../../../src/node/storage/store-sizes.ts";
import { TX_WAITING_MAX } from "../../../src/wire/limits.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";

const builder = new LedgerBuilder({ label: "view" });
const { header, blockId } = builder.tip;
const alone = createFullNodeState(builder.tip, undefined, { height: height(0), blockId, time: header.time }, []);

function viewOf(parts: Partial<NodeViewParts>): NodeView {
  return createNodeView({
    options: {} as FullNodeOptions,
    finality: new FinalityTimes(),
    store: {} as FullNodeStore,
    curve: builder.deps.curve,
    host: {} as NetworkPort,
    replies: new Replies(),
    post: () => undefined,
    sizes: () => Promise.resolve({ outputs: 1_000, recent: 24 } as StoreSizes),
    now: () => timeMs(header.time + 3_600_000),
    onBlock: () => () => undefined,
    onMempool: () => () => undefined,
    blobs: { holdings: () => ({ count: 0, bytes: 0 }) },
    state: () => alone,
    ...parts,
  });
}

describe("the status of a node", () => {
  const statusWith = (peers: ReadonlyMap<string, Height>): { readonly isSyncing: boolean } =>
    viewOf({ state: () => ({ ...alone, peers }) }).status();

  it("is syncing while its newest block is late and somebody has shown a later one, among any number of peers", () => {
    expect(statusWith(new Map()).isSyncing).toBe(false);
    expect(statusWith(new Map([["next", height(1)]])).isSyncing).toBe(false);
    const many = Array.from({ length: 200_000 }, (_, index): [string, Height] => [`peer ${index}`, height(2)]);
    expect(statusWith(new Map(many)).isSyncing).toBe(true);
  });
});

describe("the key of a validator", () => {
  const { bls } = builder.deps;
  const [seat] = builder.tip.nextValidators;

  it("[CO-18] [ST-3] stands as its record says: with a seat, without one, out, or nowhere", () => {
    const { aux } = builder.tip;
    const shown = (blsKey: Uint8Array, change: object, seats = builder.tip.nextValidators) => {
      const accounts = aux.accounts.map((each) => (each.blsKey === blsKey ? { ...each, ...change } : each));
      const tip = { ...builder.tip, aux: { ...aux, accounts }, nextValidators: seats };
      return viewOf({ state: () => ({ ...alone, tip }) }).validatorKey(blsKey);
    };
    const { blsKey } = aux.accounts.find((each) => formatHex(each.blsKey) === formatHex(seat!.blsKey))!;
    expect(shown(blsKey, {})).toMatchObject({ standing: "active", seat: 0, epoch: 1, stake: 100_000_000_000n });
    expect(shown(blsKey, {}, [])).toMatchObject({ standing: "waiting", seat: undefined });
    // ST-2: where fewer than four would be left it keeps its seat.
    expect(shown(blsKey, { status: "jailed" })).toMatchObject({ standing: "jailed", seat: 0 });
    expect(shown(blsKey, { status: "slash-due" })).toMatchObject({ standing: "slashed" });
    expect(shown(blsKey, { status: "removed" }, [])).toMatchObject({ standing: "removed" });
    const stranger = bls.publicKey(new Uint8Array(32).fill(77));
    expect(shown(stranger, {})).toMatchObject({ standing: "unknown", account: undefined, stake: 0n });
  });

  it("[ST-3] of the node itself is what the machine has told", () => {
    expect(viewOf({}).ownStanding()).toBeUndefined();
    expect(viewOf({ state: () => ({ ...alone, standing: "jailed" }) }).ownStanding()).toBe("jailed");
  });
});

describe("a transaction handed in over JSON-RPC", () => {
  const { transaction } = builder.transfer(builder.take(1));
  const bytes = encodeTransaction(transaction);

  it("[NW-1] TX_WAITING_MAX: so many wait for their verdict, more hear that the node is busy, until one has it", async () => {
    const replies = new Replies();
    const waiting: ReplyId[] = [];
    const view = viewOf({
      replies,
      post: (event) => {
        if (event.type === "transaction-received") waiting.push(event.reply);
      },
    });
    const answers = Array.from({ length: TX_WAITING_MAX }, () => view.submit(bytes));
    expect(await view.submit(bytes)).toEqual({ ok: false, rule: "busy" });
    expect(waiting).toHaveLength(TX_WAITING_MAX);
    replies.settle(waiting.shift()!, { ok: false, txid: transactionId(transaction), rule: "TX-4" });
    expect(await answers[0]).toEqual({ ok: false, rule: "TX-4" });
    expect(await view.submit(new Uint8Array(1))).toEqual({ ok: false, rule: "EN-3" });
    answers.push(view.submit(bytes));
    expect(waiting).toHaveLength(TX_WAITING_MAX);
    replies.end();
    const ends = await Promise.allSettled(answers.slice(1));
    expect(ends.every(({ status }) => status === "rejected")).toBe(true);
    await expect(view.submit(bytes)).rejects.toMatchObject({ code: "node_stopped" });
  });
});
