import { describe, expect, it } from "vitest";
import { hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import {
  hitsOf,
  isRestoreComplete,
  planRanges,
  RESTORE_WINDOW,
  startRestore,
  type RestoreBoundary,
} from "../../../../src/core/wallet/restore-state.ts";
import { stepWallet, type WalletEvent } from "../../../../src/core/wallet/step-wallet.ts";
import type { ScannedBlock } from "../../../../src/core/wallet/scanned-block.ts";
import { EMPTY_WALLET, walletBalance, type WalletState } from "../../../../src/core/wallet/wallet-state.ts";
import { testNote } from "../../../support/wallet-values.ts";

const boundaryAt = (at: number, nextLeaf: number): RestoreBoundary => ({
  height: height(at),
  timeMs: timeMs(1_000 * at),
  utxoRoot: hash(new Uint8Array(32).fill(at)),
  nextLeaf,
});

const go = (state: WalletState, ...events: readonly WalletEvent[]): WalletState =>
  events.reduce((wallet, event) => stepWallet(wallet, event)[0], state);

/** A restore that begins at height 10, where there were so many outputs. */
function begun(nextLeaf: number, birthdayMs?: number): WalletState {
  const restore = startRestore(birthdayMs === undefined ? undefined : timeMs(birthdayMs));
  const boundary = boundaryAt(10, nextLeaf);
  const trusted = { height: boundary.height, timeMs: boundary.timeMs };
  return go({ ...EMPTY_WALLET, restore }, { type: "chain-found", trusted, boundary });
}

function block(at: number, spent: readonly number[] = [], boundary?: RestoreBoundary): WalletEvent {
  const fields = { firstLeaf: leafIndex(0), spent: spent.map(leafIndex), outputHashes: [], notes: [], boundary };
  const scanned: ScannedBlock = { height: height(at), timeMs: timeMs(1_000 * at), ...fields };
  return { type: "blocks-scanned", blocks: [scanned] };
}

const scanned = (range: number, ...hits: readonly number[]): WalletEvent => ({
  type: "restore-range-scanned",
  range,
  boundary: boundaryAt(10, 10 ** 6),
  outputCount: 7,
  hits: hits.map(leafIndex),
});

const opened = (buckets: readonly number[], ...notes: readonly ReturnType<typeof testNote>[]): WalletEvent => ({
  type: "restore-buckets-opened",
  buckets,
  notes,
});

describe("the steps of a restore", () => {
  it("[BL-10] takes ranges newest first, passes over those at work, and ends with the last one", () => {
    let wallet = begun(4 * 1_024 + 1);
    expect(wallet.birthday).toBe(0);
    expect(planRanges(wallet.restore!, new Set(), 3)).toEqual([4, 3, 2]);
    expect(planRanges(wallet.restore!, new Set([4, 2]), 9)).toEqual([3, 1, 0]);
    wallet = go(wallet, scanned(2), scanned(4));
    expect(wallet.restore).toMatchObject({ cursor: 4, done: new Set([2]), outputsChecked: 14 });
    wallet = go(wallet, scanned(3));
    expect(wallet.restore).toMatchObject({ cursor: 2, done: new Set() });
    wallet = go(wallet, scanned(1), scanned(0));
    expect(wallet.restore).toBeUndefined();
  });

  it("reads no further out of turn than its stored form can tell", () => {
    const wallet = begun(1_000 * 1_024);
    const planned = planRanges(wallet.restore!, new Set([999]), 2_000);
    expect(planned.length).toBe(RESTORE_WINDOW - 1);
    expect(Math.min(...planned)).toBe(1_000 - RESTORE_WINDOW);
  });

  it("a range that comes twice counts once", () => {
    const wallet = go(begun(3 * 1_024), scanned(1, 1_025), scanned(1, 1_026), scanned(2, 2_050), scanned(2, 2_051));
    expect(wallet.restore).toMatchObject({ outputsChecked: 14, hits: [1_025, 2_050], cursor: 1 });
  });

  it("waits for its hits to be opened, and makes notes of what is ours once", () => {
    let wallet = go(begun(1_024), scanned(0, 5, 70, 71));
    expect(isRestoreComplete(wallet.restore!)).toBe(false);
    wallet = go(wallet, opened([0, 9, 30], testNote(5, 50n, { addressIndex: 4 })));
    expect(wallet.restore).toMatchObject({ hits: [70, 71], coinsFound: 1 });
    expect(wallet).toMatchObject({ addressUsedMax: 4, addressIndex: 5 });
    wallet = go(wallet, opened([0, 1, 2], testNote(5, 50n), testNote(70, 0n)));
    expect(wallet.restore).toBeUndefined();
    expect([...wallet.notes.values()].map(({ sequence, note }) => [sequence, note.leaf])).toEqual([
      [0, 5],
      [1, 70],
    ]);
    expect(walletBalance(wallet)).toEqual({ total: 50n, usable: 50n });
  });

  it("knows the hits of a bucket once its range was read", () => {
    const { restore } = go(begun(4_096), scanned(3, 3_100), scanned(1, 1_030, 1_087, 1_088));
    expect(hitsOf(restore!, 16)).toEqual([1_030, 1_087]);
    expect(hitsOf(restore!, 17)).toEqual([1_088]);
    expect(hitsOf(restore!, 31)).toEqual([]);
    expect(hitsOf(restore!, 48)).toEqual([3_100]);
    expect([0, 15, 32, 47].map((bucket) => hitsOf(restore!, bucket))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("leaves what the blocks above the first boundary bring to the blocks", () => {
    const wallet = go(begun(1_000), scanned(0, 5, 1_000, 1_001));
    expect(wallet.restore!.hits).toEqual([5]);
    const next = go(wallet, opened([0], testNote(5, 50n), testNote(1_000, 1n)));
    expect([...next.notes.keys()]).toEqual([5]);
  });

  it("[BL-8] remembers what was spent since the boundary, and forgets what another boundary does without", () => {
    let wallet = go(begun(2_048), block(11, [5, 6, 3_000]), block(12, [], boundaryAt(12, 2_100)), block(13, [7]));
    expect([...wallet.restore!.spent.keys()]).toEqual([5, 6, 7]);
    wallet = go(wallet, scanned(1), scanned(0, 5, 9), opened([0], testNote(5, 50n), testNote(9, 1n)));
    expect(wallet.restore).toBeUndefined();
    expect(wallet.notes.get(leafIndex(5))!.spent).toEqual({ height: 11, timeMs: 11_000, txid: undefined });
    expect(walletBalance(wallet)!.total).toBe(1n);

    let moved = go(begun(2_048), block(11, [5]), block(12, [6], boundaryAt(12, 2_100)), block(13, [7]));
    moved = go(moved, scanned(1, 1_030), { type: "restore-moved" });
    expect(moved.restore).toMatchObject({ boundary: { height: 12 }, newest: undefined, hits: [1_030], cursor: 1 });
    expect([...moved.restore!.spent.keys()]).toEqual([7]);
    expect(go(moved, { type: "restore-moved" }).restore!.boundary!.height).toBe(12);
  });

  it("[BL-9] a birthday ends it where nothing older can be", () => {
    const wallet = begun(10 * 1_024, 5_000);
    expect(wallet.restore!.firstRange).toBeUndefined();
    expect(planRanges(wallet.restore!, new Set(), 99)).toHaveLength(10);
    const found = go(wallet, { type: "restore-birthday-found", height: height(4), firstLeaf: 8 * 1_024 + 1_023 });
    expect(found).toMatchObject({ birthday: 4, restore: { firstRange: 8 } });
    expect(planRanges(found.restore!, new Set(), 99)).toEqual([9, 8]);
    expect(go(found, scanned(9), scanned(8)).restore).toBeUndefined();
    const late = go(wallet, scanned(9), scanned(8));
    expect(
      go(late, { type: "restore-birthday-found", height: height(4), firstLeaf: 9 * 1_024 }).restore,
    ).toBeUndefined();
  });

  it("[BL-8] a coin that a block brought is not taken for spent by a range read before it", () => {
    const coin = testNote(2_050, 5n, { height: height(11) });
    const made = { firstLeaf: leafIndex(2_048), outputHashes: [], notes: [coin], spent: [] };
    const eleventh = { height: height(11), timeMs: timeMs(11_000), ...made, boundary: boundaryAt(11, 2_060) };
    const wallet = go(begun(2_049), { type: "blocks-scanned", blocks: [eleventh] }, { type: "restore-moved" });
    const range = { type: "restore-range-scanned", range: 2, outputCount: 1, hits: [] } as const;
    const before = go(wallet, { ...range, boundary: boundaryAt(10, 2_049) });
    expect(before.notes.get(leafIndex(2_050))!.spent).toBeUndefined();
    // Read after it, the same answer says that it is gone.
    const after = go(wallet, { ...range, boundary: boundaryAt(11, 2_060) });
    expect(after.notes.get(leafIndex(2_050))!.spent).toMatchObject({ height: 11 });
  });

  it("[BL-8] a restore whose blocks are gone meanwhile begins again, and reads what it had not", () => {
    const wallet = go(begun(4 * 1_024), scanned(3, 3_100), opened([48], testNote(3_100, 9n)));
    const boundary = boundaryAt(90, 6 * 1_024);
    const trusted = { height: boundary.height, timeMs: boundary.timeMs };
    const missed = go(wallet, { type: "blocks-missed", trusted, boundary, firstLeaf: 4 * 1_024 });
    expect(missed.restore).toMatchObject({ firstRange: 0, cursor: 6, hits: [], boundary: { height: 90 } });
    expect(walletBalance(missed)!.total).toBe(9n);
    const born = go(begun(4 * 1_024, 5_000), scanned(3, 3_100), opened([48], testNote(3_100, 9n)));
    const later = go(born, { type: "blocks-missed", trusted, boundary, firstLeaf: 4 * 1_024 });
    expect(later.restore).toMatchObject({ firstRange: undefined, birthdayMs: 5_000 });
    // Never above a coin that may be spent by now.
    const found = go(later, { type: "restore-birthday-found", height: height(80), firstLeaf: 5 * 1_024 });
    expect(found.restore!.firstRange).toBe(3);
  });

  it("a wallet that is not being restored passes all of it over", () => {
    const events = [scanned(1, 2), opened([0], testNote(5, 1n)), { type: "restore-moved" }] as const;
    expect(go(EMPTY_WALLET, ...events)).toEqual(EMPTY_WALLET);
  });
});
