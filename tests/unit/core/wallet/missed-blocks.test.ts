import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import type { Payment } from "../../../../src/core/wallet/payment.ts";
import type { RestoreBoundary } from "../../../../src/core/wallet/restore-state.ts";
import { stepWallet, type WalletEvent } from "../../../../src/core/wallet/step-wallet.ts";
import {
  EMPTY_WALLET,
  usableNotes,
  walletBalance,
  type WalletState,
} from "../../../../src/core/wallet/wallet-state.ts";
import { testNote } from "../../../support/wallet-values.ts";

const BOUNDARY: RestoreBoundary = {
  height: height(50),
  timeMs: timeMs(50_000),
  utxoRoot: hash(new Uint8Array(32)),
  nextLeaf: 3_000,
};
const [OLD, NEW] = [testNote(5, 10n), testNote(1_500, 20n)];

const go = (state: WalletState, ...events: readonly WalletEvent[]): WalletState =>
  events.reduce((wallet, event) => stepWallet(wallet, event)[0], state);

function payment(createdMs: number): Payment {
  return {
    txid: hash32("test/missed"),
    sequence: 0,
    createdMs: timeMs(createdMs),
    to: "dstg1payee" as Payment["to"],
    amount: amount(3n),
    fee: amount(1n),
    memo: undefined,
    inputs: [OLD.leaf, NEW.leaf],
    outputs: [{ outputHash: hash32("test/change"), amount: amount(26n), isOwn: true }] as unknown as Payment["outputs"],
    notAfter: timeMs(40_000),
    anchorSource: new Uint8Array(32),
    state: "sent",
    failure: undefined,
    settled: undefined,
    proofParts: undefined,
    transaction: new Uint8Array(1),
  };
}

/** A wallet that had two coins and was paying with both when the blocks up to the boundary were lost to it. */
function returned(createdMs = 3_000): WalletState {
  const trusted = { height: height(1), timeMs: timeMs(1_000) };
  const made = { firstLeaf: leafIndex(0), outputHashes: [], notes: [OLD, NEW], spent: [] };
  const block = { height: height(2), timeMs: timeMs(2_000), ...made };
  const wallet = go(EMPTY_WALLET, { type: "chain-found", trusted }, { type: "blocks-scanned", blocks: [block] });
  const sent = payment(createdMs);
  const at = { height: BOUNDARY.height, timeMs: BOUNDARY.timeMs };
  return go(
    { ...wallet, payments: new Map([[formatHex(sent.txid), sent]]) },
    { type: "blocks-missed", trusted: at, boundary: BOUNDARY, firstLeaf: 1_600 },
  );
}

/** The same, but that its payments were for all that their coins were worth. */
function withoutChange(wallet: WalletState): WalletState {
  const payments = [...wallet.payments].map(([txid, each]) => [txid, { ...each, outputs: [] }] as const);
  return { ...wallet, payments: new Map(payments) };
}

const range = (number: number, ...hits: readonly number[]): WalletEvent => ({
  type: "restore-range-scanned",
  range: number,
  boundary: BOUNDARY,
  outputCount: 9,
  hits: hits.map(leafIndex),
});

const nextBlock = (at: number): WalletEvent => {
  const nothing = { firstLeaf: leafIndex(3_000), outputHashes: [], notes: [], spent: [] };
  return { type: "blocks-scanned", blocks: [{ height: height(at), timeMs: timeMs(1_000 * at), ...nothing }] };
};

const settled = (wallet: WalletState) => [...wallet.payments.values()].map(({ state, failure }) => [state, failure]);

describe("a payment on its way while blocks were missed", () => {
  it("[LC-2] [TX-2] does not end by its time before the ranges of its coins are read", () => {
    const waiting = go(returned(), range(2), nextBlock(51));
    expect(settled(waiting)).toEqual([["sent", undefined]]);
    const done = go(waiting, range(1), nextBlock(52));
    expect(settled(done)).toEqual([["sent", undefined]]);
    // Without change its coins say it: all gone, so it has gone through, though its time is over.
    const final = go(withoutChange(done), range(0));
    expect(settled(final)).toEqual([["final", undefined]]);
    for (const leaf of [OLD.leaf, NEW.leaf]) {
      expect(final.notes.get(leaf)!.spent).toMatchObject({ height: 50, txid: hash32("test/missed") });
    }
    // All are there: it has not.
    const alive = go(waiting, range(1, 1_500), range(0, 5));
    expect(settled(alive)).toEqual([["sent", undefined]]);
    expect(settled(go(alive, nextBlock(52)))).toEqual([["failed", "expired"]]);
  });

  it("[LC-2] [TX-2] waits for its change when its coins are gone, and has gone through with it", () => {
    const gone = go(returned(), range(2, 2_100), range(1), range(0), nextBlock(51));
    expect(settled(gone)).toEqual([["sent", undefined]]);
    const change = testNote(2_100, 26n, { outputHash: hash32("test/change") });
    const found = go(gone, { type: "restore-buckets-opened", buckets: [32], notes: [change] });
    expect(found.restore).toBeUndefined();
    expect(settled(found)).toEqual([["final", undefined]]);
  });

  it("[LC-2] has failed if its coins are gone and its change is nowhere: another device was faster", () => {
    const gone = go(returned(), range(2, 2_100), range(1), range(0), nextBlock(51));
    const stranger = go(gone, { type: "restore-buckets-opened", buckets: [32], notes: [] });
    expect(stranger.restore).toBeUndefined();
    expect(settled(stranger)).toEqual([["failed", "conflict"]]);
    for (const leaf of [OLD.leaf, NEW.leaf]) expect(stranger.notes.get(leaf)!.spent).toMatchObject({ txid: undefined });
  });

  it("[LC-2] a coin is no one's to pay with before its range is read, and counts in the balance all the while", () => {
    const idle = { ...returned(), payments: new Map() };
    expect(usableNotes(idle)).toEqual([]);
    expect(walletBalance(idle)).toEqual({ total: 30n, usable: 0n });
    const half = go(idle, range(2), range(1, 1_500));
    expect(usableNotes(half)).toEqual([NEW]);
    expect(walletBalance(half)).toEqual({ total: 30n, usable: 20n });
    expect(walletBalance(go(half, range(0)))).toEqual({ total: 20n, usable: 20n });
  });

  it.each([
    ["older", range(1), range(0, 5), NEW, OLD],
    ["newer", range(1, 1_500), range(0), OLD, NEW],
  ])(
    "[LC-2] has failed if its %s coin is still there: something else took the other",
    (_, first, second, gone, kept) => {
      const waiting = go(returned(), range(2), first);
      expect(settled(waiting)).toEqual([["sent", undefined]]);
      const failed = go(waiting, second);
      expect(failed.restore).toBeUndefined();
      expect(settled(failed)).toEqual([["failed", "conflict"]]);
      expect(failed.notes.get(gone.leaf)!.spent).toMatchObject({ height: 50, txid: undefined });
      expect(failed.notes.get(kept.leaf)!.spent).toBeUndefined();
    },
  );

  it("[LC-2] has failed if another payment of ours is found to have taken its coins", () => {
    const wallet = returned();
    const [again] = [...wallet.payments.values()];
    const first = { ...again!, txid: hash32("test/first"), state: "failed", failure: "expired" } as const;
    const both = new Map(wallet.payments).set(formatHex(first.txid), { ...first, sequence: 1 });
    const second = { ...again!, outputs: [] };
    both.set(formatHex(second.txid), second);
    const change = testNote(2_100, 26n, { outputHash: hash32("test/change") });
    const found = go(
      { ...wallet, payments: both },
      range(2, 2_100),
      { type: "restore-buckets-opened", buckets: [32], notes: [change] },
      range(1),
    );
    expect(settled(found)).toEqual([
      ["failed", "conflict"],
      ["final", undefined],
    ]);
  });

  it("[BL-10] coins that are known are not asked for again", () => {
    expect(go(returned(), range(2, 2_100), range(1, 1_500, 1_501)).restore!.hits).toEqual([2_100, 1_501]);
  });

  it("[LC-2] has failed if it was made after the boundary, and frees what is still there", () => {
    const late = go(returned(60_000), range(2), range(1));
    expect(settled(late)).toEqual([["failed", "conflict"]]);
    expect(late.notes.get(NEW.leaf)!.spent).toMatchObject({ height: 50, txid: undefined });
    const ended = go(late, range(0, 5));
    expect(ended.restore).toBeUndefined();
    expect(ended.notes.get(OLD.leaf)!.spent).toBeUndefined();
  });

  it("[LC-2] has gone through all the same if one of its outputs is found", () => {
    const late = go(returned(60_000), range(2, 2_100), range(1));
    const change = testNote(2_100, 26n, { outputHash: hash32("test/change") });
    const found = go(late, { type: "restore-buckets-opened", buckets: [32], notes: [change] });
    expect(settled(found)).toEqual([["final", undefined]]);
    for (const leaf of [OLD.leaf, NEW.leaf]) {
      expect(found.notes.get(leaf)!.spent).toMatchObject({ height: 50, txid: hash32("test/missed") });
    }
  });
});
