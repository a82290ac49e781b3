import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { CoinCore } from "../../../../src/core/chain/output.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import {
  POOL_FINDS_MAX,
  POOL_INCLUDED_MS,
  POOL_OUTPUTS_BURST_MAX,
  POOL_RETRY_MS,
} from "../../../../src/core/machines/light-client-pool.ts";
import { viewBalance, viewHistory, viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { TX_OUTPUTS_MAX } from "../../../../src/core/params/limits.ts";
import type { CompactItem, StreamedOutput } from "../../../../src/core/sync/compact-item.ts";
import type { PoolItem, PoolOutput } from "../../../../src/core/sync/pool-item.ts";
import { AMOUNT_LIMIT } from "../../../../src/core/values/amount.ts";
import { randomOutput } from "../../../support/client-chain.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";
import { seededRandom } from "../../../support/test-random.ts";

type LogEntry = LightClientWorld["log"][number];
const effectsOf = <Type extends LogEntry["type"]>(world: LightClientWorld, type: Type) =>
  world.log.filter((effect): effect is Extract<LogEntry, { type: Type }> => effect.type === type);

const txidOf = (index: number) => hash32("test/pool-txid", u32(index));
const rowId = (index: number) => `pool:${formatHex(txidOf(index))}`;
const poolOutput = ({ core, payload }: StreamedOutput): PoolOutput => ({ core: core as CoinCore, payload: payload! });
const isOut = ({ direction }: { readonly direction: string }): boolean => direction === "out";

function liveWorld(nodeCount = 3): LightClientWorld {
  const world = new LightClientWorld(1, nodeCount);
  world.start();
  world.run(3_000);
  return world;
}

/** The stream that is open now. */
function reading(world: LightClientWorld): string {
  return world.state.pool.source!.peer;
}

function tell(world: LightClientWorld, item: PoolItem): void {
  world.send({ type: "pool-item-received", peer: reading(world), item });
}

/** Coins of ours in a block that the client does not get yet: what waits in mempools meanwhile. */
function hiddenBlock(world: LightClientWorld, coins: readonly bigint[]): CompactItem {
  world.nodes[world.state.data!.node]!.isSilent = true;
  return world.mine({ coins });
}

/** A coin of ours waits at the node, and a worker has found it. */
function pend(world: LightClientWorld, index: number, micro: bigint): CompactItem {
  const item = hiddenBlock(world, [micro]);
  tell(world, { notice: "new", txid: txidOf(index), outputs: item.outputs!.map(poolOutput) });
  world.run(200);
  return item;
}

function reveal(world: LightClientWorld): void {
  world.nodes[world.state.data!.node]!.isSilent = false;
  world.mine();
  world.run(500);
}

const ids = (world: LightClientWorld): readonly string[] => viewHistory(world.state).map(({ id }) => id);

describe("whose mempool a client reads", () => {
  it("[NW-13] another node's than that of its blocks, once it is live and not before", () => {
    const world = new LightClientWorld(3);
    for (let index = 0; index < 50; index++) world.mine();
    world.nowMs = world.chain.tip.time;
    world.start();
    for (let step = 0; step < 60; step++) {
      world.run(50);
      const isLive = viewSync(world.state, world.nowMs).state === "live";
      if (world.state.pool.source !== undefined) expect(isLive).toBe(true);
    }
    expect(effectsOf(world, "open-pool-stream")).toHaveLength(1);
    expect(world.state.pool.source!.node).not.toBe(world.state.data!.node);
  });

  it("[NW-13] that node's where there is no other, and another one's as soon as there is", () => {
    const world = new LightClientWorld(4, 2);
    world.nodes[1]!.isReachable = false;
    world.start();
    world.run(3_000);
    expect(world.state.pool.source!.node).toBe(0);
    world.nodes[1]!.isReachable = true;
    world.run(40_000);
    expect(world.state.pool.source!.node).toBe(1);
    expect(effectsOf(world, "close-pool-stream")).toHaveLength(1);
  });

  it("[NW-13] nobody's while it restores", () => {
    const world = new LightClientWorld(5);
    for (let index = 0; index < 40; index++) world.mine({ coins: [5n], isEpochEnd: index % 10 === 9 });
    world.nowMs = world.chain.tip.time;
    world.restore = { birthdayMs: undefined };
    world.start();
    let hasRestored = false;
    for (let step = 0; step < 400 && world.state.pool.source === undefined; step++) {
      world.run(10);
      hasRestored ||= world.state.durable.wallet?.restore !== undefined;
    }
    expect(hasRestored).toBe(true);
    expect(world.state.pool.source).toBeDefined();
    expect(world.state.durable.wallet!.restore).toBe(undefined);
  });

  it("[NW-13] nobody's while nobody may be looking", () => {
    const world = liveWorld();
    pend(world, 1, 7n);
    world.send({ type: "foreground-changed", isForeground: false });
    expect(effectsOf(world, "close-pool-stream")).toHaveLength(1);
    expect(ids(world)).not.toContain(rowId(1));
    reveal(world);
    world.run(2 * POOL_RETRY_MS);
    expect(viewSync(world.state, world.nowMs).state).toBe("live");
    expect(effectsOf(world, "open-pool-stream")).toHaveLength(1);
    world.send({ type: "foreground-changed", isForeground: true });
    expect(effectsOf(world, "open-pool-stream")).toHaveLength(2);
  });

  it("[NW-13] another one's after a stream has ended, a while later", () => {
    const world = liveWorld();
    const first = world.state.pool.source!.node;
    pend(world, 1, 7n);
    expect(ids(world)).toContain(rowId(1));
    world.send({ type: "pool-ended", peer: reading(world) });
    expect(ids(world)).not.toContain(rowId(1));
    expect(world.state.pool.source).toBe(undefined);
    reveal(world);
    world.run(POOL_RETRY_MS - 1_500);
    expect(world.state.pool.source).toBe(undefined);
    world.run(3_000);
    expect(world.state.pool.source!.node).not.toBe(first);
  });

  it("[NW-13] one that hangs up takes what it told with it", () => {
    const world = liveWorld();
    pend(world, 1, 7n);
    world.send({ type: "peer-disconnected", peer: reading(world) });
    expect(ids(world)).not.toContain(rowId(1));
    // What it said before it left comes late and means nothing.
    const late = { type: "pool-item-received", peer: "gone", item: { notice: "dropped", txid: txidOf(1) } } as const;
    expect(world.send(late).some(({ type }) => type === "scan-outputs")).toBe(false);
  });

  it("[NW-13] POOL_OUTPUTS_BURST_MAX: none that brings more than mempools and blocks hold", () => {
    const world = liveWorld();
    const random = seededRandom("endless");
    const outputs = Array.from({ length: TX_OUTPUTS_MAX }, () => poolOutput(randomOutput(random)));
    const { node, peer } = world.state.pool.source!;
    let sent = 0;
    for (; world.state.pool.source?.peer === peer; sent++) {
      // The same name again: it is counted, and costs no work.
      tell(world, { notice: "new", txid: txidOf(0), outputs });
    }
    const { maxBlockOutputs, minBlockMs } = world.params;
    expect(sent * TX_OUTPUTS_MAX).toBeGreaterThan(POOL_OUTPUTS_BURST_MAX);
    expect(sent * TX_OUTPUTS_MAX).toBeLessThan(POOL_OUTPUTS_BURST_MAX + (maxBlockOutputs * 5_000) / minBlockMs);
    expect(effectsOf(world, "close-pool-stream")).toEqual([{ type: "close-pool-stream", peer }]);
    world.run(POOL_RETRY_MS + 2_000);
    expect(world.state.pool.source!.node).not.toBe(node);
  });

  it.each(["dropped", "included", "new"] as const)(
    "[NW-13] nor one of endless notices (%s) without outputs",
    (notice) => {
      const world = liveWorld();
      const { peer } = world.state.pool.source!;
      const item: PoolItem = notice === "new" ? { notice, txid: txidOf(0), outputs: [] } : { notice, txid: txidOf(0) };
      for (let sent = 0; sent < 2 * POOL_OUTPUTS_BURST_MAX && world.state.pool.source?.peer === peer; sent++) {
        tell(world, item);
      }
      expect(effectsOf(world, "close-pool-stream")).toEqual([{ type: "close-pool-stream", peer }]);
    },
  );
});

describe("a find in a mempool", () => {
  it("[NW-13] is a line of history on its way, in no balance, in no store", () => {
    const world = liveWorld();
    world.mine({ coins: [100n] });
    world.run(500);
    const before = { balance: viewBalance(world.state), store: new Map(world.store) };
    pend(world, 1, 7n);
    expect(viewHistory(world.state).find(({ id }) => id === rowId(1))).toMatchObject({
      direction: "in",
      amount: 7n,
      fee: 0n,
      state: "sent",
      height: undefined,
      to: undefined,
      canRetry: false,
    });
    expect(viewBalance(world.state)).toEqual(before.balance);
    expect(world.store).toEqual(before.store);
    // A reload knows nothing of it until a node tells it again.
    world.start();
    expect(ids(world)).not.toContain(rowId(1));
  });

  it("[NW-13] gives way to the coin in the block: never both, never neither", () => {
    const world = liveWorld();
    pend(world, 1, 7n);
    const sevens = () => viewHistory(world.state).filter(({ amount }) => amount === 7n);
    expect(sevens()).toMatchObject([{ id: rowId(1) }]);
    tell(world, { notice: "included", txid: txidOf(1) });
    world.nodes[world.state.data!.node]!.isSilent = false;
    world.mine();
    for (let step = 0; step < 200; step++) {
      world.run(1);
      expect(sevens()).toHaveLength(1);
    }
    expect(sevens()).toMatchObject([{ state: "final" }]);
    expect(world.state.pool.finds.size).toBe(0);
    expect(viewBalance(world.state)!.total).toBe(7n);
  });

  it("[NW-13] that is told of only after its block is not shown at all", () => {
    const world = liveWorld();
    const item = world.mine({ coins: [7n] });
    world.run(500);
    tell(world, { notice: "new", txid: txidOf(1), outputs: item.outputs!.map(poolOutput) });
    world.run(500);
    expect(viewHistory(world.state).filter(({ amount }) => amount === 7n)).toHaveLength(1);
    expect(world.state.pool.finds.size).toBe(0);
  });

  it("[NW-13] is gone with the notice that it was dropped, also while a worker looks at it", () => {
    const world = liveWorld();
    const item = pend(world, 1, 7n);
    tell(world, { notice: "dropped", txid: txidOf(1) });
    expect(ids(world)).not.toContain(rowId(1));
    tell(world, { notice: "new", txid: txidOf(2), outputs: item.outputs!.map(poolOutput) });
    tell(world, { notice: "dropped", txid: txidOf(2) });
    tell(world, { notice: "dropped", txid: txidOf(3) });
    world.run(200);
    expect(ids(world)).not.toContain(rowId(2));
    expect(world.state.pool).toMatchObject({ waiting: new Map(), scan: undefined, finds: new Map() });
  });

  it("[NW-13] POOL_INCLUDED_MS: is gone when the block that a node has seen does not come", () => {
    const world = liveWorld();
    pend(world, 1, 7n);
    tell(world, { notice: "included", txid: txidOf(1) });
    // Other blocks do: the one with the coin is lost to us.
    world.state = { ...world.state, data: { ...world.state.data!, heardMs: world.nowMs + POOL_INCLUDED_MS } };
    const { pool } = world.state;
    world.nowMs = (world.nowMs + POOL_INCLUDED_MS - 1) as typeof world.nowMs;
    world.state = { ...world.state, pool };
    expect(ids(world)).toContain(rowId(1));
    world.nowMs = (world.nowMs + 1) as typeof world.nowMs;
    world.send({ type: "ticked" });
    expect(ids(world)).not.toContain(rowId(1));
  });

  it("[NW-13] is shown once however often it is told of", () => {
    const world = liveWorld();
    const item = hiddenBlock(world, [7n]);
    const told = { notice: "new", txid: txidOf(1), outputs: item.outputs!.map(poolOutput) } as const;
    const jobs = effectsOf(world, "scan-outputs").length;
    for (let count = 0; count < 5; count++) tell(world, told);
    world.run(200);
    tell(world, told);
    world.run(200);
    expect(effectsOf(world, "scan-outputs").length).toBe(jobs + 1);
    expect(ids(world).filter((id) => id === rowId(1))).toHaveLength(1);
  });

  it("is not made of change, nor of amounts that add up to more than there is", () => {
    const world = liveWorld();
    world.mine({ coins: [100n] });
    world.run(500);
    world.pay("p", 10n);
    world.run(500);
    const mined = hiddenBlock(world, [AMOUNT_LIMIT - 1n, AMOUNT_LIMIT - 1n]);
    tell(world, { notice: "new", txid: txidOf(1), outputs: mined.outputs!.map(poolOutput) });
    const change = world.chain.items.flatMap(({ outputs }) => outputs!);
    const own = change.filter(({ core }) => core.type === "coin");
    for (const [index, output] of own.entries()) {
      tell(world, { notice: "new", txid: txidOf(10 + index), outputs: [poolOutput(output)] });
    }
    world.run(500);
    const pending = viewHistory(world.state).filter(({ id }) => id.startsWith("pool:"));
    // One of the huge coins by itself: together they are no amount, and the rest is known or our own.
    expect(pending.map(({ amount }) => amount)).toEqual([AMOUNT_LIMIT - 1n]);
    expect(viewHistory(world.state).filter(isOut)).toHaveLength(1);
  });

  it("POOL_FINDS_MAX: a node can claim no more payments than that", () => {
    const world = liveWorld();
    const item = hiddenBlock(
      world,
      Array.from({ length: POOL_FINDS_MAX + 5 }, (_, index) => BigInt(index + 1)),
    );
    for (const [index, output] of item.outputs!.entries()) {
      tell(world, { notice: "new", txid: txidOf(index), outputs: [poolOutput(output)] });
    }
    world.run(1_000);
    expect(ids(world).filter((id) => id.startsWith("pool:"))).toHaveLength(POOL_FINDS_MAX);
  });

  it("[NW-13] a payload that is not the coin's own is not opened", () => {
    const world = liveWorld();
    const item = hiddenBlock(world, [7n]);
    const [output] = item.outputs!.map(poolOutput);
    const jobs = effectsOf(world, "scan-outputs").length;
    tell(world, { notice: "new", txid: txidOf(1), outputs: [output!] });
    world.run(200);
    tell(world, { notice: "new", txid: txidOf(2), outputs: [{ ...output!, payload: new Uint8Array(512) }] });
    world.run(200);
    const payloads = effectsOf(world, "scan-outputs")
      .slice(jobs)
      .map(({ job }) => job.blocks[0]!.outputs[0]!.payload);
    expect(payloads).toEqual([output!.payload, undefined]);
  });
});
