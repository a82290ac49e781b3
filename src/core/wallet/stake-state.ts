import { equalBytes } from "../bytes/compare-bytes.ts";
import type { NetworkParams } from "../params/network-params.ts";
import { FEE_FACTORS, unbondFee } from "../state/fees.ts";
import { stakeStateHash, type StakeState } from "../state/leaf-state.ts";
import { slashAmounts } from "../state/slash-amounts.ts";
import { amount, type Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import { timeMs, type LeafIndex, type TimeMs } from "../values/height.ts";
import type { Note, NoteStake } from "./note.ts";

/** A note that is a stake. */
export type StakeNote = Note & { readonly stake: NoteStake };

export function isStakeNote(note: Note): note is StakeNote {
  return note.stake !== undefined;
}

/**
 * What the compact data of a block says of one leaf: a hash of its new state (BL-1). The rest is what that block allows
 * the state to become, so that whoever knows the state before finds the one that the hash is of.
 */
export interface StakeChange {
  readonly leaf: LeafIndex;
  readonly state: Hash;
  /** Of the block. */
  readonly timeMs: TimeMs;
  /** What a stake that this block releases says (ST-5). */
  readonly release: TimeMs;
  readonly slashBp: number;
  /** What an unbond may have paid in it (TX-8). */
  readonly fees: readonly Amount[];
}

/** Fees that an unbond may pay: each factor, by the multiplier of this or of the previous epoch (TX-8). */
export const UNBOND_FEES_MAX = 2 * FEE_FACTORS.length;

/** What a block can do to stakes, by the multipliers that count in it. */
export function changeTerms(
  params: NetworkParams,
  multipliers: readonly number[],
  blockTime: TimeMs,
): Omit<StakeChange, "leaf" | "state"> {
  const units = [...new Set(multipliers)].map((multiplier) => unbondFee(params, multiplier));
  return {
    timeMs: blockTime,
    release: timeMs(blockTime + params.unbondingMs),
    slashBp: params.slashBp,
    fees: units.flatMap((unit) => FEE_FACTORS.map((factor) => amount(BigInt(factor) * unit))),
  };
}

/** The note after the block; `unknown` where nothing that the block allows has this hash. */
export function followStake(note: StakeNote, change: StakeChange): StakeNote {
  const before = stateOf(note);
  const after = before && possibleStates(before, change).find((state) => isStateOf(state, change.state));
  return after === undefined ? { ...note, stake: { ...note.stake, status: "unknown" } } : withState(note, after);
}

/** The note with a state that the tree has shown (BL-15). */
export function withState(note: StakeNote, state: StakeState): StakeNote {
  const status = state.isUnbonding ? "unbonding" : "bonded";
  return { ...note, amount: state.amount, stake: { ...note.stake, status, release: state.release } };
}

/** undefined: nobody here knows it. */
export function stateOf({ amount: worth, stake }: StakeNote): StakeState | undefined {
  if (stake.status === "unknown") return undefined;
  return { isUnbonding: stake.status === "unbonding", amount: worth, release: stake.release };
}

const isStateOf = (state: StakeState, hash: Hash): boolean => equalBytes(stakeStateHash(state), hash);

/** Transactions, then slashes, then releases (ST-8); each may or may not have happened. */
function possibleStates(before: StakeState, { fees, slashBp, release }: StakeChange): readonly StakeState[] {
  const unbonded = before.isUnbonding ? [] : fees.flatMap((fee) => unbondedState(before, fee) ?? []);
  const bonded = [before, ...unbonded];
  const slashed = bonded.map((state) => {
    return { ...state, amount: amount(state.amount - slashAmounts(state.amount, slashBp).slashed) };
  });
  const all = [...bonded, ...slashed];
  const released = all.filter((state) => state.isUnbonding && state.release === 0);
  return [...all, ...released.map((state) => ({ ...state, release }))];
}

/** ST-5: the fee is taken from the stake; undefined where it is not worth so much. */
function unbondedState(before: StakeState, fee: Amount): StakeState | undefined {
  if (before.amount < fee) return undefined;
  return { isUnbonding: true, amount: amount(before.amount - fee), release: timeMs(0) };
}
