import { formatHex } from "../bytes/hex.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";
import type { KeptNote } from "./note.ts";
import type { Payment } from "./payment.ts";
import { followStake, isStakeNote, type StakeChange, type StakeNote } from "./stake-state.ts";
import type { WalletState } from "./wallet-state.ts";

interface Place {
  readonly height: Height;
  readonly timeMs: TimeMs;
}

/** What a block did to stakes of ours, and the unbonds of ours that are decided by it. */
export function changeStakes(
  wallet: WalletState,
  changes: readonly StakeChange[],
  at: Place,
): { readonly wallet: WalletState; readonly settled: readonly Payment[] } {
  let next = wallet;
  const settled: Payment[] = [];
  for (const change of changes) {
    const kept = next.notes.get(change.leaf);
    if (kept === undefined || !isStakeNote(kept.note)) continue;
    const fees = [...change.fees, ...unbondsOf(next, change.leaf).map(({ fee }) => fee)];
    const changed = replaceStake(next, kept.note, followStake(kept.note, { ...change, fees }), at);
    next = changed.wallet;
    settled.push(...changed.settled);
  }
  return { wallet: next, settled };
}

/** Those that are not final: of ours we know the fee, whatever the multipliers are. */
function unbondsOf({ payments }: WalletState, leaf: LeafIndex): readonly Payment[] {
  return [...payments.values()].filter(({ act, state, inputs }) => {
    return act === "unstake" && state !== "final" && inputs[0] === leaf;
  });
}

/**
 * A stake in another state. An unbond has no end of time, so that also one given up counts if it turns out to be the one;
 * of several for a stake only one can.
 */
export function replaceStake(
  wallet: WalletState,
  before: StakeNote,
  after: StakeNote,
  at: Place,
): { readonly wallet: WalletState; readonly settled: readonly Payment[] } {
  const notes = new Map<LeafIndex, KeptNote>(wallet.notes);
  notes.set(before.leaf, { ...notes.get(before.leaf)!, note: after });
  if (before.stake.status !== "bonded" || after.stake.status !== "unbonding") {
    return { wallet: { ...wallet, notes }, settled: [] };
  }
  const unbonds = unbondsOf(wallet, before.leaf);
  const done = unbonds.find(({ fee }) => before.amount - fee === after.amount);
  const settled = unbonds
    .filter((payment) => payment === done || payment.state !== "failed")
    .map((payment): Payment => {
      const settling = { settled: at, transaction: undefined };
      if (payment === done) return { ...payment, ...settling, state: "final", failure: undefined };
      return { ...payment, ...settling, state: "failed", failure: "conflict" };
    });
  const payments = new Map(wallet.payments);
  for (const payment of settled) payments.set(formatHex(payment.txid), payment);
  return { wallet: { ...wallet, notes, payments }, settled };
}
