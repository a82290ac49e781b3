import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import {
  decodeRestore,
  decodeSpends,
  diffRestore,
  encodeRestore,
  encodeSpends,
  isRestoreRecord,
  readRestore,
  SPENT_PER_RECORD,
} from "../../../../src/core/wallet/restore-records.ts";
import {
  rangeCount,
  RESTORE_WINDOW,
  startRestore,
  type RestoreBoundary,
  type RestoreState,
} from "../../../../src/core/wallet/restore-state.ts";
import { UNBOND_FEES_MAX } from "../../../../src/core/wallet/stake-state.ts";
import { restoreWallet } from "../../../../src/core/wallet/wallet-records.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { anyAmount, anyHash, anyHeight, anyLeaf, anyTime } from "../../../support/wallet-values.ts";

const anyBoundary: fc.Arbitrary<RestoreBoundary> = fc.record({
  height: anyHeight,
  timeMs: anyTime,
  utxoRoot: anyHash,
  nextLeaf: fc.nat({ max: 2 ** 40 }),
});
const anySpend = fc.tuple(anyLeaf, fc.record({ height: anyHeight, timeMs: anyTime }));

const anyChange = fc.record({
  leaf: anyLeaf,
  state: anyHash,
  timeMs: anyTime,
  release: anyTime,
  slashBp: fc.nat({ max: 10_000 }),
  fees: fc.array(anyAmount, { maxLength: UNBOND_FEES_MAX }),
});

const anyRestore: fc.Arbitrary<RestoreState> = fc
  .record({
    birthdayMs: fc.option(anyTime, { nil: undefined }),
    firstRange: fc.option(fc.nat({ max: 2 ** 30 }), { nil: undefined }),
    boundary: fc.option(anyBoundary, { nil: undefined }),
    newest: fc.option(anyBoundary, { nil: undefined }),
    endLeaf: fc.nat({ max: 2 ** 40 }),
    below: fc.nat({ max: 2_000 }),
    places: fc.uniqueArray(fc.integer({ min: 1, max: RESTORE_WINDOW - 1 }), { maxLength: 20 }),
    outputsChecked: fc.maxSafeNat().filter((value) => value < Number.MAX_SAFE_INTEGER),
    coinsFound: fc.nat(),
    hits: fc.array(anyLeaf, { maxLength: 12 }),
    changed: fc.array(anyChange, { maxLength: 3 }),
  })
  .map(({ below, places, ...fields }) => {
    const cursor = Math.max(0, rangeCount({ ...startRestore(undefined), ...fields }) - below);
    const done = new Set(places.map((place) => cursor - 1 - place).filter((range) => range >= 0));
    return { ...fields, cursor, done, spent: new Map() };
  });

codecContract("a restore", { encode: encodeRestore, decode: decodeRestore, arbitrary: anyRestore });
codecContract("the spends of a restore", {
  encode: encodeSpends,
  decode: decodeSpends,
  arbitrary: fc.array(anySpend, { minLength: 1, maxLength: SPENT_PER_RECORD }),
});

/** A store that takes what a step writes. */
class Records {
  readonly held = new Map<string, Uint8Array>();

  take({ puts, deletes }: ReturnType<typeof diffRestore>): void {
    for (const { key, bytes } of puts) this.held.set(key, bytes);
    for (const key of deletes) this.held.delete(key);
  }

  get all() {
    return [...this.held].map(([key, bytes]) => ({ key, bytes }));
  }
}

function withSpends(restore: RestoreState, count: number, height = 1): RestoreState {
  const spent = new Map(restore.spent);
  for (let index = 0; index < count; index++) {
    spent.set(leafIndex(spent.size), { height: height as never, timeMs: timeMs(1_000) });
  }
  return { ...restore, spent };
}

describe("records of a restore", () => {
  it("follow every change, and leave nothing behind", () => {
    const records = new Records();
    let state: RestoreState | undefined;
    const go = (next: RestoreState | undefined): void => {
      records.take(diffRestore(state, next));
      state = next;
      expect(readRestore(records.all)).toEqual(next);
    };
    const begun = startRestore(timeMs(5));
    go(begun);
    go(withSpends(begun, 3));
    go(withSpends(state!, SPENT_PER_RECORD - 3));
    go(withSpends(state!, 2 * SPENT_PER_RECORD + 1));
    expect(records.held.size).toBe(5);
    // Another boundary drops what came before it: the rest moves up.
    const kept = new Map([...state!.spent].slice(300));
    const boundary = { height: 9 as never, timeMs: timeMs(9), utxoRoot: new Uint8Array(32) as never, nextLeaf: 7 };
    go({ ...state!, boundary, spent: kept });
    expect(records.held.size).toBe(3);
    go(undefined);
    expect([...records.held.keys()]).toEqual([]);
  });

  it("a block rewrites the last pack of spends only", () => {
    const before = withSpends(startRestore(undefined), 2 * SPENT_PER_RECORD + 5);
    const { puts } = diffRestore(before, withSpends(before, 1));
    expect(puts.map(({ key }) => key)).toEqual(["restore", "restore-spent/000000002"]);
    expect(puts.every(({ key }) => isRestoreRecord(key))).toBe(true);
  });

  it("[EN-4] parts that do not belong together are damage", () => {
    const records = new Records();
    records.take(diffRestore(undefined, withSpends(startRestore(undefined), 2 * SPENT_PER_RECORD)));
    const named = (...gone: readonly string[]) => restoreWallet(records.all.filter(({ key }) => !gone.includes(key)));
    expect(named()).toMatchObject({ ok: false, reason: "a restore without a wallet" });
    expect(named("restore")).toMatchObject({ ok: false, reason: "spends without a restore" });
    expect(named("restore-spent/000000000")).toMatchObject({ ok: false, reason: "spends missing", key: "restore" });
  });
});
