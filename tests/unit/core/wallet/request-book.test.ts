import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { amount, AMOUNT_LIMIT } from "../../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import type { OwnRequest, RequestTerms } from "../../../../src/core/wallet/own-request.ts";
import {
  hasRoomForRequest,
  REQUESTS_KEPT_MAX,
  REQUESTS_OPEN_MAX,
  requestsReceived,
} from "../../../../src/core/wallet/request-book.ts";
import { decodeOwnRequest, encodeOwnRequest } from "../../../../src/core/wallet/own-request-records.ts";
import type { StoredRecord } from "../../../../src/core/wallet/stored-record.ts";
import { stepWallet } from "../../../../src/core/wallet/step-wallet.ts";
import {
  diffWallet,
  isNewerRecord,
  isWalletRecord,
  restoreWallet,
} from "../../../../src/core/wallet/wallet-records.ts";
import { EMPTY_WALLET, type WalletState } from "../../../../src/core/wallet/wallet-state.ts";
import { ADDRESS_LOOKAHEAD } from "../../../../src/core/wallet/subaddress-table.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { anyAmount, anyTime, testNote } from "../../../support/wallet-values.ts";

const TERMS: RequestTerms = { amount: amount(10n), expiresMs: timeMs(1_000), note: "tea", reference: undefined };
const ENDLESS: RequestTerms = { ...TERMS, expiresMs: undefined };
const idOf = (number: number): string => number.toString(16).padStart(32, "0");

const make = (wallet: WalletState, number: number, terms = TERMS, now = 0): WalletState =>
  stepWallet(wallet, { type: "request-made", id: idOf(number), terms, nowMs: timeMs(now) })[0];
const cancel = (wallet: WalletState, number: number): WalletState =>
  stepWallet(wallet, { type: "request-cancelled", id: idOf(number), nowMs: timeMs(5) })[0];
const fresh = (wallet: WalletState): WalletState =>
  stepWallet(wallet, { type: "fresh-address-wanted", nowMs: timeMs(0) })[0];
const indexOf = (wallet: WalletState, number: number): number | undefined =>
  wallet.requests.get(idOf(number))?.addressIndex;

function pay(wallet: WalletState, addressIndex: number, micro: bigint, isInternal = false): WalletState {
  const leaf = wallet.notes.size + 1;
  const note = testNote(leaf, micro, { addressIndex, isInternal, height: height(leaf) });
  const block = {
    height: height((wallet.scanned?.height ?? 0) + 1),
    timeMs: timeMs(leaf),
    spent: [],
    firstLeaf: leafIndex(leaf),
    outputHashes: [],
    notes: [note],
  };
  return stepWallet(wallet, { type: "blocks-scanned", blocks: [block] })[0];
}

const opened: WalletState = { ...EMPTY_WALLET, scanned: { height: height(0), timeMs: timeMs(0) } };

const anyText = fc.string({ unit: "binary", maxLength: 16 });
const anyOwnRequest: fc.Arbitrary<OwnRequest> = fc.record({
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(formatHex),
  sequence: fc.nat(),
  addressIndex: fc.nat(),
  createdMs: anyTime,
  amount: fc.option(anyAmount, { nil: undefined }),
  expiresMs: fc.option(anyTime, { nil: undefined }),
  note: fc.option(anyText, { nil: undefined }),
  reference: fc.option(anyText, { nil: undefined }),
  cancelledMs: fc.option(anyTime, { nil: undefined }),
});

codecContract("own requests", { encode: encodeOwnRequest, decode: decodeOwnRequest, arbitrary: anyOwnRequest });

describe("own requests", () => {
  it("[AD-9] each have an address that no other has and that is not shown otherwise", () => {
    let wallet = opened;
    const given = new Set([wallet.addressIndex]);
    for (let number = 0; number < 20; number++) {
      wallet = make(wallet, number);
      given.add(indexOf(wallet, number)!);
      wallet = fresh(wallet);
      given.add(wallet.addressIndex);
    }
    expect(given.size).toBe(1 + 40);
    expect(Math.max(...given)).toBeLessThanOrEqual(ADDRESS_LOOKAHEAD);
  });

  it("[AD-9] are paid by what comes to their address, change and other addresses left aside", () => {
    let wallet = make(make(opened, 1), 2);
    wallet = pay(wallet, indexOf(wallet, 1)!, 4n);
    wallet = pay(wallet, indexOf(wallet, 1)!, 9n);
    wallet = pay(wallet, indexOf(wallet, 2)!, 3n, true);
    wallet = pay(wallet, 0, 50n);
    expect([...requestsReceived(wallet)]).toEqual([[idOf(1), 13n]]);
    wallet = pay(wallet, indexOf(wallet, 1)!, AMOUNT_LIMIT - 1n);
    expect(requestsReceived(wallet).get(idOf(1))).toBe(AMOUNT_LIMIT - 1n);
  });

  it("[AD-9] a second tap makes no second request, and cancelling is done once", () => {
    const wallet = make(opened, 1);
    expect(make(wallet, 1)).toBe(wallet);
    const cancelled = cancel(wallet, 1);
    expect(cancelled.requests.get(idOf(1))?.cancelledMs).toBe(5);
    expect(cancel(cancelled, 1)).toBe(cancelled);
    expect(cancel(wallet, 9)).toBe(wallet);
    expect(requestsReceived(pay(cancelled, indexOf(cancelled, 1)!, 4n)).get(idOf(1))).toBe(4n);
  });

  it("[AD-9] [AD-7] hold 48 places of the look-ahead at most, and leave the rest to addresses", () => {
    let wallet = opened;
    for (let number = 0; number < REQUESTS_OPEN_MAX; number++) wallet = make(wallet, number, ENDLESS);
    expect(wallet.requests.size).toBe(REQUESTS_OPEN_MAX);
    expect(hasRoomForRequest(wallet, 0)).toBe(false);
    expect(make(wallet, 99, ENDLESS)).toBe(wallet);
    const held = new Set([...wallet.requests.values()].map(({ addressIndex }) => addressIndex));
    for (let tap = 0; tap < 200; tap++) {
      const before = wallet.addressIndex;
      wallet = fresh(wallet);
      expect(held.has(wallet.addressIndex)).toBe(false);
      expect(wallet.addressIndex).not.toBe(before);
      expect(wallet.addressIndex).toBeLessThanOrEqual(ADDRESS_LOOKAHEAD);
    }
    // A payment moves the look-ahead on, and makes room.
    const paid = pay(wallet, [...held][10]!, 10n);
    expect(hasRoomForRequest(paid, 0)).toBe(true);
  });

  it("[AD-9] an address comes again only at the end of the look-ahead, and is the newest's then", () => {
    let wallet = opened;
    for (let number = 0; number < ADDRESS_LOOKAHEAD; number++) wallet = cancel(make(wallet, number), number);
    const used = new Set([...wallet.requests.values()].map(({ addressIndex }) => addressIndex));
    expect(used.size).toBe(ADDRESS_LOOKAHEAD);
    wallet = make(wallet, 100);
    const again = indexOf(wallet, 100)!;
    expect(used.has(again)).toBe(true);
    wallet = pay(wallet, again, 10n);
    expect([...requestsReceived(wallet)]).toEqual([[idOf(100), 10n]]);
  });

  it("[AD-9] of 256 the oldest that is over makes room, never one that may still be paid", () => {
    let wallet = make(opened, 0, ENDLESS);
    for (let number = 1; number < REQUESTS_KEPT_MAX; number++) wallet = cancel(make(wallet, number), number);
    expect(wallet.requests.size).toBe(REQUESTS_KEPT_MAX);
    const next = make(wallet, 999);
    expect(next.requests.size).toBe(REQUESTS_KEPT_MAX);
    expect([next.requests.has(idOf(0)), next.requests.has(idOf(1)), next.requests.has(idOf(999))]).toEqual([
      true,
      false,
      true,
    ]);
    const store = new Map(diffWallet(undefined, wallet).puts.map(({ key, bytes }) => [key, bytes]));
    const { puts, deletes } = diffWallet(wallet, next);
    expect([puts.length, deletes]).toEqual([1, ["request/000000001"]]);
    for (const key of deletes) store.delete(key);
    for (const { key, bytes } of puts) store.set(key, bytes);
    const records: StoredRecord[] = [...store].map(([key, bytes]) => ({ key, bytes }));
    expect(restoreWallet(records)).toEqual({ ok: true, value: next });
  });

  it("are stored each by itself, a damaged one is said and a newer one is not taken for damage", () => {
    const first = make(opened, 1);
    const wallet = make(first, 2);
    const [record] = diffWallet(first, wallet).puts;
    expect(record!.key).toBe("request/000000001");
    expect(isWalletRecord(record!.key)).toBe(true);
    const all = diffWallet(undefined, wallet).puts;
    const damaged = all.map((each) => (each.key === record!.key ? { ...each, bytes: each.bytes.slice(1) } : each));
    expect(restoreWallet(damaged)).toMatchObject({ ok: false, key: "request/" });
    expect(isNewerRecord({ ...record!, bytes: Uint8Array.of(2) })).toBe(true);
    expect(isNewerRecord(record!)).toBe(false);
  });
});
