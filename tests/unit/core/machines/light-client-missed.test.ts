import { describe, expect, it } from "vitest";
import { paymentTerms, viewBalance, viewHistory, viewSync } from "../../../../src/core/machines/light-client-views.ts";
import { startRestore } from "../../../../src/core/wallet/restore-state.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const sync = (world: LightClientWorld) => viewSync(world.state, world.nowMs);
const PARAMS = { trustingMs: 10_000_000 };

function expectTruth(world: LightClientWorld): void {
  const kept = [...world.state.durable.wallet!.notes.values()].filter(({ spent }) => spent === undefined);
  expect(new Map(kept.map(({ note }) => [note.leaf as number, note.amount as bigint]))).toEqual(world.truth());
  const total = [...world.truth().values()].reduce((sum, micro) => sum + micro, 0n);
  expect(viewBalance(world.state)).toEqual({ total, usable: total });
}

/** A wallet with coins, away while the chain went on, and nodes that keep no block from before its return. */
function returning(
  seed: number,
  away: (world: LightClientWorld) => void,
  params: { readonly trustingMs?: number } = PARAMS,
): LightClientWorld {
  const world = new LightClientWorld(seed, 3, params);
  world.start();
  world.run(2_000);
  world.mine({ coins: [100n, 40n, 7n] });
  world.run(2_000);
  away(world);
  for (const node of world.nodes) node.isReachable = false;
  world.start();
  for (let index = 0; index < 80; index++) {
    const spent = index === 60 ? [[...world.truth()].find(([, micro]) => micro === 7n)![0]] : [];
    world.mine({ isEpochEnd: index % 10 === 9, coins: index === 30 ? [9n] : [], spent, strangers: 3 });
  }
  world.nowMs = world.chain.tip.time;
  for (const node of world.nodes) Object.assign(node, { isReachable: true, oldestBlock: world.chain.tip.height - 30 });
  return world;
}

describe("a wallet that slept until its blocks were gone", () => {
  it("[LC-2] [BL-8] skips them and looks for its coins in the state: new ones are found, spent ones are known to be", () => {
    const world = returning(1, () => undefined);
    const stood = world.state.durable.wallet!.scanned!.height;
    world.start();
    world.run(15_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
    expect(world.state.durable.wallet!.restore).toBeUndefined();
    expectTruth(world);
    expect(viewBalance(world.state)!.total).toBe(149n);
    // Nothing of before is told anew.
    const known = [...world.state.durable.wallet!.notes.values()].filter(({ note }) => note.height <= stood);
    expect(known.map(({ note }) => note.isTimeBound ?? false)).toEqual([false, false, false]);
    expect(viewHistory(world.state).filter(({ direction }) => direction === "in")).toHaveLength(4);
  });

  it("[LC-4] also where its trust has grown too old: from the checkpoint that renews it", () => {
    const world = returning(2, () => undefined, { trustingMs: 60_000 });
    const { header } = world.state.durable.chain!;
    expect(world.nowMs - header.time).toBeGreaterThan(60_000);
    world.checkpointHeight = world.chain.items.findLast(({ header }) => header.isEpochEnd)!.header.height;
    world.start();
    world.run(15_000);
    expect(sync(world)).toMatchObject({ state: "live", problem: undefined });
    expect(world.state.durable.anchor!.checkpoint.height).toBe(world.checkpointHeight);
    expectTruth(world);
  });

  it("believes no single node that the blocks are gone", () => {
    const world = returning(3, () => undefined);
    for (const node of world.nodes.slice(1)) node.oldestBlock = 0;
    world.start();
    world.run(8_000);
    expect(world.log.some(({ type }) => type === "request-ranges")).toBe(false);
    expect(sync(world).state).toBe("live");
    expectTruth(world);
  });

  it("a payment that was on its way has gone through if its coins are spent, and has failed if they are not", () => {
    const paid = returning(4, (world) => {
      world.pay("one", 30n);
      world.run(100, 1_000_000);
    });
    paid.start();
    paid.run(15_000);
    const [row] = viewHistory(paid.state).filter(({ direction }) => direction === "out");
    expect(row).toMatchObject({ state: "final", canRetry: false });
    expectTruth(paid);
    const lost = returning(5, (world) => {
      for (const node of world.nodes) node.takesPayments = false;
      world.pay("one", 30n);
      world.run(100, 1_000_000);
    });
    for (const node of lost.nodes) node.takesPayments = false;
    lost.start();
    lost.run(15_000);
    expect(viewHistory(lost.state).find(({ direction }) => direction === "out")).toMatchObject({ state: "sent" });
    lost.run(21 * 60_000, 5_000);
    expect(viewHistory(lost.state).find(({ direction }) => direction === "out")).toMatchObject({
      state: "failed",
      canRetry: true,
    });
    expectTruth(lost);
  });

  it("a payment made before it knew that another device was faster has failed, and is not called final", () => {
    const world = returning(6, () => undefined);
    world.start();
    while (paymentTerms(world.state, world.nowMs) === undefined) world.run(10, 1_000_000);
    // It takes all three coins, and one of them is spent.
    expect(world.pay("late", 143n)!.inputs).toHaveLength(3);
    world.run(15_000);
    expect(viewHistory(world.state).filter(({ direction }) => direction === "out")).toMatchObject([
      { state: "failed", canRetry: true },
    ]);
    expectTruth(world);
    expect(world.minedPayments).toEqual([]);
  });

  it("[LC-6] a payment that has gone through is not called failed because the device's clock is ahead", () => {
    const world = returning(7, (away) => {
      away.clockOffMs = 30 * 60_000;
      away.pay("one", 30n);
      away.run(100, 1_000_000);
    });
    world.start();
    const states = new Set<string>();
    for (let step = 0; step < 1_500; step++) {
      world.run(10);
      for (const row of viewHistory(world.state))
        if (row.direction === "out") states.add(`${row.state} ${row.canRetry}`);
      expect(viewBalance(world.state)?.total ?? 0n).toBeLessThanOrEqual(156n);
    }
    expect(states).not.toContain("failed true");
    expect(viewHistory(world.state).find(({ direction }) => direction === "out")).toMatchObject({ state: "final" });
    expectTruth(world);
  });

  it("pays with no coin while it reads ranges and is not at the tip: one may be spent", () => {
    const world = new LightClientWorld(8);
    world.start();
    world.run(5_000);
    const { state } = world;
    const wallet = { ...state.durable.wallet!, restore: startRestore(undefined) };
    const restoring = { ...state, durable: { ...state.durable, wallet } };
    expect(paymentTerms(restoring, world.nowMs)).toBeDefined();
    expect(paymentTerms({ ...restoring, data: undefined }, world.nowMs)).toBeUndefined();
    expect(paymentTerms({ ...state, data: undefined }, world.nowMs)).toBeDefined();
  });

  it("killed at any line it ends the same", () => {
    for (const seed of [11, 12]) {
      const world = returning(seed, () => undefined);
      world.killShare = 0.03;
      world.start();
      world.run(6_000);
      world.killShare = 0;
      world.run(30_000);
      expect(world.kills, `seed ${seed}`).toBeGreaterThan(0);
      expectTruth(world);
    }
  });
});
