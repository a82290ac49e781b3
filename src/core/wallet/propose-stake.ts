import { equalBytes } from "../bytes/compare-bytes.ts";
import { STAKE_WEIGHT } from "../chain/output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { TX_INPUTS_MAX } from "../params/limits.ts";
import { unbondFee, unitFee } from "../state/fees.ts";
import { isReleased } from "../state/leaf-state.ts";
import { isEnoughStake, stakeMin } from "../state/stakes.ts";
import { formatAddress } from "../values/address.ts";
import { amount, type Amount } from "../values/amount.ts";
import type { LeafIndex } from "../values/height.ts";
import { chooseNotes } from "./choose-notes.ts";
import { deriveAddress, type ViewAllKeys } from "./keys.ts";
import {
  refuse,
  splitChange,
  type PaymentProposal,
  type PaymentTerms,
  type ProposePaymentResult,
} from "./propose-payment.ts";
import { isAccepted, isOwnOffer, parseStakeAcceptance, STAKE_PLACE, type StakeAcceptance } from "./stake-offer.ts";
import { stateOf, type StakeNote } from "./stake-state.ts";
import { liveStakes, lockedLeaves, usableNotes, walletBalance, type WalletState } from "./wallet-state.ts";

/** What a proposal about a stake needs beside the wallet. */
export interface StakeTerms extends PaymentTerms {
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
  readonly chainId: number;
  readonly view: ViewAllKeys;
}

/** What a person asks for. */
export interface StakeRequest {
  readonly amount: Amount;
  /** As text: a validator's answer to an offer of this wallet. */
  readonly acceptance: string;
}

export type StakeFailureCode =
  | "acceptance_invalid" // no such text, or not signed by the key that it names
  | "acceptance_foreign" // to an offer of another wallet, or on another network
  | "acceptance_used" // one stake for each offer (OU-8)
  | "unknown_stake" // no live stake of this wallet
  | "already_unbonding" // ST-5
  | "not_released" // ST-5
  | "stake_busy" // a transaction of ours about it is on its way
  | "stake_unclear" // it has changed in a way that this wallet cannot follow: a restore reads it anew
  | "stake_below_fee";

export type ProposeStakeResult =
  | ProposePaymentResult
  | { readonly ok: false; readonly code: "stake_too_small"; readonly minimum: Amount }
  | { readonly ok: false; readonly code: StakeFailureCode };

/** Locks coins for a validator that has accepted (ST-1). Changes nothing until it is confirmed. */
export function proposeStake(wallet: WalletState, terms: StakeTerms, request: StakeRequest): ProposeStakeResult {
  const { params, feeMultiplier } = terms;
  if (!isEnoughStake(request.amount, params.minStake)) {
    return { ok: false, code: "stake_too_small", minimum: amount(stakeMin(params.minStake)) };
  }
  const judged = judgeAcceptance(wallet, terms, request.acceptance);
  if (!judged.ok) return judged;
  const balance = walletBalance(wallet);
  if (balance === undefined) return { ok: false, code: "not_ready" };
  const fee = (inputCount: number, changeCount: number): bigint =>
    unitFee(params, feeMultiplier, STAKE_WEIGHT + changeCount, inputCount);
  const usable = usableNotes(wallet).filter((note) => note.amount > 0n);
  const chosen = chooseNotes(usable, (inputCount) => request.amount + fee(inputCount, 1));
  if (chosen === undefined) {
    const inputCount = Math.min(Math.max(usable.length, 1), TX_INPUTS_MAX);
    return refuse(balance, request.amount + fee(inputCount, 1));
  }
  const sum = chosen.reduce((total, note) => total + note.amount, 0n);
  const ready = usable.length - chosen.length;
  const { change, paid } = splitChange(sum - request.amount, (count) => fee(chosen.length, count), ready);
  const proposal = {
    ...ownProposal(terms),
    amount: request.amount,
    fee: amount(paid),
    inputs: chosen.map((note) => note.leaf).sort((left, right) => left - right),
    change,
    usableAfter: amount(balance.usable - sum),
    totalAfter: amount(balance.total - request.amount - paid),
    stake: { act: "stake", acceptance: judged.acceptance },
  } as const;
  return { ok: true, proposal };
}

/** Asks for a stake back (ST-5); it stays locked until its power has left the set and unbonding_ms are over. */
export function proposeUnstake(wallet: WalletState, terms: StakeTerms, leaf: LeafIndex): ProposeStakeResult {
  const found = freeStake(wallet, leaf);
  if (!found.ok) return found;
  const { stake } = found;
  if (stake.stake.status === "unbonding") return { ok: false, code: "already_unbonding" };
  const balance = walletBalance(wallet);
  if (balance === undefined) return { ok: false, code: "not_ready" };
  const fee = unbondFee(terms.params, terms.feeMultiplier);
  if (stake.amount < fee) return { ok: false, code: "stake_below_fee" };
  const proposal = {
    ...ownProposal(terms),
    // Nothing is paid: the fee is taken from the stake.
    amount: amount(0n),
    fee: amount(fee),
    inputs: [leaf],
    change: [],
    usableAfter: balance.usable,
    totalAfter: balance.total,
    stake: { act: "unstake" },
  } as const;
  return { ok: true, proposal };
}

/** Turns a released stake into two coins of ours. */
export function proposeWithdrawal(wallet: WalletState, terms: StakeTerms, leaf: LeafIndex): ProposeStakeResult {
  const found = freeStake(wallet, leaf);
  if (!found.ok) return found;
  const { stake } = found;
  const balance = walletBalance(wallet);
  if (balance === undefined || wallet.scanned === undefined) return { ok: false, code: "not_ready" };
  if (!isReleased(stateOf(stake)!, wallet.scanned.timeMs)) return { ok: false, code: "not_released" };
  const fee = unitFee(terms.params, terms.feeMultiplier, 2, 1);
  if (stake.amount < fee) return { ok: false, code: "stake_below_fee" };
  const rest = stake.amount - fee;
  const proposal = {
    ...ownProposal(terms),
    amount: amount(rest),
    fee: amount(fee),
    inputs: [leaf],
    change: [amount(rest - rest / 2n), amount(rest / 2n)],
    usableAfter: balance.usable,
    totalAfter: amount(balance.total + rest),
    stake: { act: "withdraw" },
  } as const;
  return { ok: true, proposal };
}

function judgeAcceptance(
  wallet: WalletState,
  { curve, bls, chainId, view }: StakeTerms,
  text: string,
):
  | { readonly ok: true; readonly acceptance: StakeAcceptance }
  | { readonly ok: false; readonly code: StakeFailureCode } {
  const acceptance = parseStakeAcceptance(text);
  if (acceptance === undefined) return { ok: false, code: "acceptance_invalid" };
  if (acceptance.chainId !== chainId || !isOwnOffer(curve, view, acceptance)) {
    return { ok: false, code: "acceptance_foreign" };
  }
  if (!isAccepted(bls, acceptance)) return { ok: false, code: "acceptance_invalid" };
  return isUsedKey(wallet, acceptance.ephemeralKey) ? { ok: false, code: "acceptance_used" } : { ok: true, acceptance };
}

/** OU-8: also of a stake that never became final, since somebody may have seen it. */
function isUsedKey({ notes, payments }: WalletState, ephemeralKey: Uint8Array): boolean {
  const isBuilt = [...payments.values()].some(({ act, anchorSource }) => {
    return act === "stake" && equalBytes(anchorSource, ephemeralKey);
  });
  return isBuilt || [...notes.values()].some(({ note }) => equalBytes(note.ephemeralKey, ephemeralKey));
}

/** A stake that is known well and that nothing of ours is about to change. */
function freeStake(
  wallet: WalletState,
  leaf: LeafIndex,
):
  | { readonly ok: true; readonly stake: StakeNote }
  | { readonly ok: false; readonly code: "unknown_stake" | "stake_busy" | "stake_unclear" } {
  const stake = liveStakes(wallet).find((each) => each.leaf === leaf);
  if (stake === undefined) return { ok: false, code: "unknown_stake" };
  if (lockedLeaves(wallet).has(leaf)) return { ok: false, code: "stake_busy" };
  return stake.stake.status === "unknown" ? { ok: false, code: "stake_unclear" } : { ok: true, stake };
}

function ownProposal({
  curve,
  view,
  network,
  feeMultiplier,
  nowMs,
}: StakeTerms): Pick<PaymentProposal, "to" | "recipient" | "memo" | "feeMultiplier" | "madeMs"> {
  const recipient = deriveAddress(curve, view, STAKE_PLACE.addressIndex);
  return { to: formatAddress(recipient, network), recipient, memo: undefined, feeMultiplier, madeMs: nowMs };
}
