import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amount, AMOUNT_LIMIT } from "../../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import {
  decodeShown,
  diffShown,
  encodeShown,
  SHOWN_KEY,
  type ShownWallet,
} from "../../../../src/core/wallet/shown-wallet.ts";
import { EMPTY_WALLET, type WalletState } from "../../../../src/core/wallet/wallet-state.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { testNote } from "../../../support/wallet-values.ts";

const anyAmount = fc.bigInt({ min: 0n, max: AMOUNT_LIMIT - 1n }).map(amount);
const anyShown: fc.Arbitrary<ShownWallet> = fc.record({
  balance: fc.record({ total: anyAmount, usable: anyAmount }),
  wordsSeen: fc.boolean(),
  isRestored: fc.boolean(),
});

codecContract("what was last shown of a wallet", { encode: encodeShown, decode: decodeShown, arbitrary: anyShown });

const scannedTo = (block: number): Pick<WalletState, "scanned"> => ({
  scanned: { height: height(block), timeMs: timeMs(1_000) },
});

const withCoin = (wallet: WalletState, micro: bigint): WalletState => ({
  ...wallet,
  notes: new Map([[leafIndex(7), { note: testNote(7, micro), sequence: 0, spent: undefined }]]),
});

/** What the record then says; "same" where it is not written, "gone" where it is deleted. */
function shownBy(before: WalletState | undefined, after: WalletState): bigint | "same" | "gone" {
  const { puts, deletes } = diffShown(before, after);
  if (deletes.length > 0) return "gone";
  return puts.length === 0 ? "same" : decodeShown(puts[0]!.bytes).balance.total;
}

describe("the record of what was last shown", () => {
  it("is there from the first verified block on, and says its balance", () => {
    expect(diffShown(undefined, EMPTY_WALLET)).toEqual({ puts: [], deletes: [] });
    const first = { ...EMPTY_WALLET, ...scannedTo(1) };
    expect(shownBy(EMPTY_WALLET, first)).toBe(0n);
    expect(diffShown(EMPTY_WALLET, first).puts[0]?.key).toBe(SHOWN_KEY);
    expect(shownBy(first, withCoin(first, 5n))).toBe(5n);
  });

  it("is not written again by blocks that bring nothing", () => {
    const before = withCoin({ ...EMPTY_WALLET, ...scannedTo(1) }, 5n);
    expect(shownBy(before, { ...before, ...scannedTo(2) })).toBe("same");
    expect(shownBy(before, { ...before, wordsSeen: true })).toBe(5n);
  });

  it("is gone while the balance is unknown", () => {
    const before = withCoin({ ...EMPTY_WALLET, ...scannedTo(1) }, 5n);
    expect(shownBy(before, { ...before, scanned: undefined })).toBe("gone");
  });
});
