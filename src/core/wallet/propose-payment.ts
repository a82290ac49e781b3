import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { checkAddress } from "../crypto/address-check.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { TX_INPUTS_MAX } from "../params/limits.ts";
import type { NetworkParams } from "../params/network-params.ts";
import { unitFee } from "../state/fees.ts";
import { parseAddress, type Address, type AddressKeys } from "../values/address.ts";
import { amount, AMOUNT_LIMIT, type Amount } from "../values/amount.ts";
import type { LeafIndex, TimeMs } from "../values/height.ts";
import type { NetworkName } from "../values/network.ts";
import { chooseNotes } from "./choose-notes.ts";
import type { PacketOrder } from "./packet-order.ts";
import { MEMO_SIZE_MAX } from "./payload.ts";
import type { StakeAcceptance } from "./stake-offer.ts";
import { usableNotes, walletBalance, type WalletBalance, type WalletState } from "./wallet-state.ts";

/** What a person asks for. */
export interface PaymentRequest {
  /** Address as text. */
  readonly to: string;
  readonly amount: Amount;
  /** Empty: none. */
  readonly memo: string;
}

/** What the chain says at the moment of asking. */
export interface PaymentTerms {
  readonly network: NetworkName;
  readonly params: NetworkParams;
  /** mult of TX-8 in the current epoch. */
  readonly feeMultiplier: number;
  readonly nowMs: TimeMs;
}

/** A payment chosen, not signed: everything the person should see before saying yes, and what signing needs. */
export interface PaymentProposal {
  readonly to: Address;
  /** Keys of `to`, points checked (AD-3). */
  readonly recipient: AddressKeys;
  readonly amount: Amount;
  readonly fee: Amount;
  readonly memo: string | undefined;
  /** Notes to spend, ascending. */
  readonly inputs: readonly LeafIndex[];
  /** Own outputs, one or two; a zero is padding (OU-9). */
  readonly change: readonly Amount[];
  /** Usable right after, before change is back. */
  readonly usableAfter: Amount;
  readonly totalAfter: Amount;
  readonly feeMultiplier: number;
  readonly madeMs: TimeMs;
  /** What it does with a stake, where it pays nobody; `recipient` is then our own first address. */
  readonly stake?: StakeOrder;
  /** What it does with red packets, where it pays nobody; `recipient` is then our own first address. */
  readonly packet?: PacketOrder;
}

/** What is signed for a stake beside, or instead of, coins. */
export type StakeOrder =
  { readonly act: "stake"; readonly acceptance: StakeAcceptance } | { readonly act: "unstake" | "withdraw" };

export type ProposeFailureCode =
  "insufficient_funds" | "funds_busy" | "not_ready" | "address_invalid" | "amount_zero" | "memo_too_long";

export type ProposePaymentResult =
  | { readonly ok: true; readonly proposal: PaymentProposal }
  | { readonly ok: false; readonly code: "insufficient_funds" | "funds_busy"; readonly missing: Amount }
  | { readonly ok: false; readonly code: Exclude<ProposeFailureCode, "insufficient_funds" | "funds_busy"> };

/** Below this many notes ready a payment splits its change: one note can pay once per block only (TX-10). */
export const NOTES_READY_MIN = 4;
/** Change is worth splitting from this many times the price of the extra output. */
const SPLIT_FACTOR = 100n;

/** Chooses notes, fee and change for a payment. Changes nothing; the wallet locks notes only at confirmation. */
export function proposePayment(
  curve: CurveBackend,
  wallet: WalletState,
  terms: PaymentTerms,
  request: PaymentRequest,
): ProposePaymentResult {
  const parsed = parseAddress(request.to, terms.network);
  if (!parsed.ok || !checkAddress(curve, parsed.keys).ok) return { ok: false, code: "address_invalid" };
  if (request.amount === 0n) return { ok: false, code: "amount_zero" };
  const memo = encodeUtf8(request.memo);
  if (memo.length > MEMO_SIZE_MAX) return { ok: false, code: "memo_too_long" };
  const balance = walletBalance(wallet);
  if (balance === undefined) return { ok: false, code: "not_ready" };

  const fee = (inputCount: number, outputCount: number): bigint =>
    unitFee(terms.params, terms.feeMultiplier, outputCount, inputCount);
  // Empty notes pay for nothing (OU-9), so they make no payment ready either.
  const usable = usableNotes(wallet).filter((note) => note.amount > 0n);
  const chosen = chooseNotes(usable, (inputCount) => request.amount + fee(inputCount, 2));
  if (chosen === undefined) {
    const inputCount = Math.min(Math.max(usable.length, 1), TX_INPUTS_MAX);
    return refuse(balance, request.amount + fee(inputCount, 2));
  }
  const sum = chosen.reduce((total, note) => total + note.amount, 0n);
  const ready = usable.length - chosen.length;
  const { change, paid } = splitChange(sum - request.amount, (count) => fee(chosen.length, 1 + count), ready);
  return {
    ok: true,
    proposal: {
      to: parsed.address,
      recipient: parsed.keys,
      amount: request.amount,
      fee: amount(paid),
      memo: memo.length === 0 ? undefined : decodeUtf8(memo),
      inputs: chosen.map((note) => note.leaf).sort((left, right) => left - right),
      change,
      usableAfter: amount(balance.usable - sum),
      totalAfter: amount(balance.total - request.amount - paid),
      feeMultiplier: terms.feeMultiplier,
      madeMs: terms.nowMs,
    },
  };
}

/** Change: one own output, or two when few notes are ready and the change is large against the price of one more output. */
export function splitChange(
  rest: bigint,
  feeOf: (ownCount: number) => bigint,
  ready: number,
): { readonly change: readonly Amount[]; readonly paid: bigint } {
  const single = rest - feeOf(1);
  const price = feeOf(2) - feeOf(1);
  if (ready + 1 >= NOTES_READY_MIN || single < SPLIT_FACTOR * price)
    return { change: [amount(single)], paid: feeOf(1) };
  const split = rest - feeOf(2);
  return { change: [amount(split - split / 2n), amount(split / 2n)], paid: feeOf(2) };
}

/** Why `needed` µSTG cannot be paid, and how much is missing. */
export function refuse(
  balance: WalletBalance,
  needed: bigint,
): Extract<ProposePaymentResult, { readonly missing: Amount }> {
  if (balance.total < needed)
    return { ok: false, code: "insufficient_funds", missing: missingOf(needed - balance.total) };
  // Enough in all, but change of earlier payments is still on its way, or it lies in too many small notes.
  return { ok: false, code: "funds_busy", missing: missingOf(needed - balance.usable) };
}

function missingOf(micro: bigint): Amount {
  if (micro <= 0n) return amount(1n);
  return amount(micro < AMOUNT_LIMIT ? micro : AMOUNT_LIMIT - 1n);
}
