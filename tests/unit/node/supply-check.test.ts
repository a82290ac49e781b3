import { describe, expect, it } from "vitest";
import type { Header } from "../../../src/core/chain/header.ts";
import type { FullNodeStore } from "../../../src/core/ports/full-node-store.ts";
import type { LeafRecord } from "../../../src/core/ports/ledger-reader.ts";
import { SUPPLY_SLICE_COUNT } from "../../../src/core/state/supply-invariant.ts";
import { leafIndex, type LeafIndex } from "../../../src/core/values/height.ts";
import { SupplyCheck } from "../../../src/node/supply-check.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";

/** A store that shows the builder's ledger, as it was when somebody began to read. */
class ShownLedger {
  readonly builder: LedgerBuilder;
  reads = 0;
  /** Reads that have not come to their end. */
  openReads = 0;
  /** Called when somebody begins to read. */
  liveLeavesAsked: () => void = () => undefined;

  constructor(noteCount: number) {
    this.builder = new LedgerBuilder({ label: "supply", noteCount });
  }

  check(tip: () => Header = () => this.builder.tip.header): SupplyCheck {
    const store = {
      node: (level: number, position: number) => this.builder.ledger.node(level, position),
      liveLeaves: () => {
        this.liveLeavesAsked();
        return this.#leaves([...this.builder.ledger.leaves]);
      },
    } as unknown as FullNodeStore;
    return new SupplyCheck(store, this.builder.deps.curve, tip);
  }

  async *#leaves(all: readonly (readonly [LeafIndex, LeafRecord])[]): AsyncIterable<readonly [LeafIndex, LeafRecord]> {
    this.reads++;
    this.openReads++;
    try {
      await Promise.resolve();
      yield* all;
    } finally {
      this.openReads--;
    }
  }
}

describe("[SU-3] the supply as a node tells it", () => {
  it("lets others in after every slice", async () => {
    const shown = new ShownLedger(4);
    const { leaves } = shown.builder.ledger;
    const [record] = leaves.values();
    for (let copy = 0; copy < 3 * SUPPLY_SLICE_COUNT; copy++) leaves.set(leafIndex(1_000 + copy), record!);
    let isOver = false;
    let turns = 0;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await shown.check().view();
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it("is summed once for a block, however many ask", async () => {
    const shown = new ShownLedger(4);
    const check = shown.check();
    const [first, second] = await Promise.all([check.view(), check.view()]);
    expect(first).toMatchObject({ isInvariantOk: true });
    expect(second).toBe(first);
    expect(await check.view()).toBe(first);
    expect(shown.reads).toBe(1);
    shown.builder.extend([]);
    expect(await check.view()).toMatchObject({ isInvariantOk: true });
    expect(shown.reads).toBe(2);
  });

  it("sees a coin that came out of nothing", async () => {
    const shown = new ShownLedger(4);
    const [record] = shown.builder.ledger.leaves.values();
    shown.builder.ledger.leaves.set(leafIndex(1_000_000), record!);
    expect(await shown.check().view()).toMatchObject({ isInvariantOk: false });
  });

  it("leaves no snapshot open, neither of a block that has just passed nor of a ledger that does not open", async () => {
    const shown = new ShownLedger(4);
    const { builder } = shown;
    const check = shown.check();
    shown.liveLeavesAsked = () => {
      if (shown.reads === 0) builder.extend([builder.transfer(builder.take(1))]);
    };
    expect(await check.view()).toMatchObject({ isInvariantOk: true });
    expect([shown.reads, shown.openReads]).toEqual([2, 0]);
    builder.extend([]);
    for (const [leaf, record] of builder.ledger.leaves) {
      builder.ledger.leaves.set(leaf, { ...record, core: new Uint8Array(1) });
    }
    await expect(check.view()).rejects.toThrow();
    expect([shown.reads, shown.openReads]).toEqual([3, 0]);
  });

  it("asks anew after a read that failed", async () => {
    const shown = new ShownLedger(4);
    let isBroken = true;
    const check = shown.check(() => {
      if (isBroken) return { ...shown.builder.tip.header, utxoRoot: new Uint8Array(32) as Header["utxoRoot"] };
      return shown.builder.tip.header;
    });
    await expect(check.view()).rejects.toThrow();
    isBroken = false;
    expect(await check.view()).toMatchObject({ isInvariantOk: true });
  });
});
