import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tryDecode } from "../../../../src/core/bytes/decode-error.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import {
  decodeCounts,
  decodeNotes,
  decodePayment,
  decodeWalletMeta,
  diffWallet,
  encodeCounts,
  encodeNotes,
  encodePayment,
  encodeWalletMeta,
  isNewerRecord,
  NOTES_PER_RECORD,
  restoreWallet,
} from "../../../../src/core/wallet/wallet-records.ts";
import type { StoredRecord } from "../../../../src/core/wallet/stored-record.ts";
import { EMPTY_WALLET, type WalletState } from "../../../../src/core/wallet/wallet-state.ts";
import { runs } from "../../../support/run-counts.ts";
import { anyHeight, anyPack, anyPaid, anyPayment, anyTime, testNote } from "../../../support/wallet-values.ts";

const CASES = { numRuns: runs(10_000, 1_000_000) };
const ROUND_TRIPS = { numRuns: runs(300, 100_000) };

const anyMeta: fc.Arbitrary<WalletState> = fc.record({
  account: fc.nat(),
  addressIndex: fc.nat(),
  addressUsedMax: fc.nat(),
  wordsSeen: fc.boolean(),
  isRestored: fc.boolean(),
  birthday: fc.option(anyHeight, { nil: undefined }),
  scanned: fc.option(fc.record({ height: anyHeight, timeMs: anyTime }), { nil: undefined }),
  notes: fc.constant(new Map()),
  payments: fc.constant(new Map()),
  requests: fc.constant(new Map()),
  labels: fc.constant(new Map()),
  claims: fc.constant(new Map()),
  unopened: fc.constant(new Map()),
  restore: fc.constant(undefined),
  reserved: fc.constant(new Map()),
});

const anyCounts = fc.record({ notes: fc.nat(), payments: fc.nat(), claims: fc.oneof(fc.constant(0), fc.nat()) });

/** A hundred good encodings to damage: making new ones for each case would take all the time. */
function samples<Value>(any: fc.Arbitrary<Value>, encode: (value: Value) => Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.constantFrom(...fc.sample(any, 100).map(encode));
}

describe("records of a wallet", () => {
  it("[EN-3] notes, payments and the wallet's head come back as they were", () => {
    const same = <Value>(
      any: fc.Arbitrary<Value>,
      encode: (value: Value) => Uint8Array,
      decode: (bytes: Uint8Array) => Value,
    ) =>
      fc.assert(
        fc.property(any, (value) => {
          expect(decode(encode(value))).toEqual(value);
        }),
        ROUND_TRIPS,
      );
    same(anyPack, encodeNotes, decodeNotes);
    same(anyPayment, encodePayment, decodePayment);
    same(anyMeta, encodeWalletMeta, decodeWalletMeta);
    same(anyCounts, encodeCounts, decodeCounts);
  });

  const codecs = [
    ["notes", decodeNotes, (bytes: Uint8Array) => encodeNotes(decodeNotes(bytes)), samples(anyPack, encodeNotes)],
    [
      "payment",
      decodePayment,
      (bytes: Uint8Array) => encodePayment(decodePayment(bytes)),
      samples(anyPayment, encodePayment),
    ],
    [
      "head",
      decodeWalletMeta,
      (bytes: Uint8Array) => encodeWalletMeta(decodeWalletMeta(bytes)),
      samples(anyMeta, encodeWalletMeta),
    ],
    [
      "counts",
      decodeCounts,
      (bytes: Uint8Array) => encodeCounts(decodeCounts(bytes)),
      samples(anyCounts, encodeCounts),
    ],
  ] as const;

  it.each(codecs)("[EN-4] hostile bytes never leave the decoder of %s as an exception", (_, decode, again, good) => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.of(1, ...bytes)),
      fc.tuple(good, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([bytes, place, change]) => {
        const damaged = bytes.slice();
        damaged[place % damaged.length]! ^= change;
        return damaged;
      }),
      fc.tuple(good, fc.nat()).map(([bytes, size]) => bytes.slice(0, size % bytes.length)),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        const decoded = tryDecode<unknown>(decode, bytes);
        // One encoding per value: whatever is accepted is written back byte by byte.
        if (decoded.ok) expect(formatHex(again(bytes))).toBe(formatHex(bytes));
      }),
      CASES,
    );
  });

  it("payments stored before the wallet kept what a proof needs are read as they were", () => {
    const [payment] = fc.sample(anyPaid, 1);
    const plain = { ...payment!, proofParts: undefined };
    const bytes = encodePayment(plain);
    expect(bytes[0]).toBe(1);
    expect(decodePayment(bytes)).toEqual(plain);
    const parts = { leaf: leafIndex(5), coreTail: new Uint8Array(80).fill(1) };
    expect(encodePayment({ ...payment!, proofParts: parts })[0]).toBe(2);
  });

  it("restores what the differences of many states add up to", () => {
    const store = new Map<string, Uint8Array>();
    let before: WalletState | undefined;
    let wallet: WalletState = { ...EMPTY_WALLET, scanned: { height: height(1), timeMs: timeMs(1) } };
    for (let step = 0; step < 3 * NOTES_PER_RECORD; step++) {
      const notes = new Map(wallet.notes);
      const kept = { sequence: notes.size, note: testNote(1_000 - step, BigInt(step)), spent: undefined };
      notes.set(kept.note.leaf, kept);
      const old = [...notes.values()][step >> 1]!;
      const spent = { height: height(2), timeMs: timeMs(2), txid: undefined };
      if (step % 3 === 0) notes.set(old.note.leaf, { ...old, spent });
      wallet = { ...wallet, notes };
      const { puts, deletes } = diffWallet(before, wallet);
      expect(deletes).toEqual([]);
      expect(puts.length).toBeLessThanOrEqual(3);
      for (const { key, bytes } of puts) store.set(key, bytes);
      before = wallet;
    }
    expect(store.size).toBe(2 + 3);
    expect(restoreWallet(listOf(store))).toEqual({ ok: true, value: wallet });
    expect(diffWallet(wallet, wallet)).toEqual({ puts: [], deletes: [] });
  });

  it("a lost pack or payment, a damaged record and a newer version are said, not guessed", () => {
    const notes = Array.from({ length: 70 }, (_, sequence) => ({
      sequence,
      note: testNote(sequence, 5n),
      spent: undefined,
    }));
    const wallet = { ...EMPTY_WALLET, notes: new Map(notes.map((kept) => [kept.note.leaf, kept])) };
    const records = diffWallet(undefined, wallet).puts;
    expect(restoreWallet(records)).toEqual({ ok: true, value: wallet });
    expect(restoreWallet(records.filter(({ key }) => key !== "notes/000000000"))).toMatchObject({ ok: false });
    expect(restoreWallet(records.filter(({ key }) => key !== "wallet"))).toMatchObject({ ok: false, key: "wallet" });
    const payments = fc.sample(anyPayment, 3).map((payment, sequence) => ({ ...payment, sequence }));
    const paying = { ...wallet, payments: new Map(payments.map((payment) => [formatHex(payment.txid), payment])) };
    const all = diffWallet(undefined, paying).puts;
    expect(restoreWallet(all)).toEqual({ ok: true, value: paying });
    const withoutSecond = all.filter(({ key }) => key !== "payment/000000001");
    expect(restoreWallet(withoutSecond)).toMatchObject({ ok: false, key: "payment/" });
    const without = (gone: string) => restoreWallet(all.filter((record) => record.key !== gone));
    expect(without("payment/000000002")).toMatchObject({ ok: false, key: "payment/" });
    expect(without("notes/000000001")).toMatchObject({ ok: false, key: "notes/" });
    // A wallet of an older app has no counts.
    expect(without("wallet-counts")).toEqual({ ok: true, value: paying });
    expect(restoreWallet(all.filter((record) => record.key === "wallet-counts"))).toMatchObject({ ok: false });
    const newer = records.map((record) => ({ ...record, bytes: Uint8Array.of(2, ...record.bytes.slice(1)) }));
    expect(restoreWallet(newer)).toMatchObject({ ok: false, reason: "record version 2" });
    expect(isNewerRecord(newer[0]!)).toBe(true);
    expect(isNewerRecord(records[0]!)).toBe(false);
    const { key } = diffWallet(wallet, paying).puts[0]!;
    expect(isNewerRecord({ key, bytes: Uint8Array.of(4) })).toBe(false);
    expect(isNewerRecord({ key, bytes: Uint8Array.of(5) })).toBe(true);
    expect(restoreWallet([])).toEqual({ ok: true, value: undefined });
  });
});

function listOf(store: ReadonlyMap<string, Uint8Array>): readonly StoredRecord[] {
  return [...store].map(([key, bytes]) => ({ key, bytes }));
}
