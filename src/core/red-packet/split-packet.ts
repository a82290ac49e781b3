import { u16 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { uniformDraw } from "../crypto/uniform-draw.ts";
import { PACKET_SLOTS_MAX } from "../params/limits.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import type { PacketSplit } from "./packet-greeting.ts";

/** How a creator wants his coins divided (RP-3). */
export type SplitPlan =
  | { readonly split: "lucky"; readonly total: Amount; readonly count: number; readonly minimum: Amount }
  | { readonly split: "equal"; readonly total: Amount; readonly count: number }
  | { readonly split: "custom"; readonly amounts: readonly Amount[] };

/** What no split can do. */
export type SplitFailureCode =
  | "share_count" // none, or more than 64
  | "share_empty" // nobody is given nothing
  | "total_too_small" // less than the minimum for each
  | "total_too_large"; // 2^53 µSTG or more

/** A plan that can be carried out, and what it comes to. */
export interface SplitSum {
  readonly split: PacketSplit;
  readonly total: Amount;
  readonly count: number;
  /** μ: no share is smaller. It is in the greeting, so that everybody with the link can recompute a lucky split (9.5). */
  readonly minimum: Amount;
}

/** Whether a plan keeps to RP-3, and its sum. */
export function checkSplit(
  plan: SplitPlan,
): { readonly ok: true; readonly sum: SplitSum } | { readonly ok: false; readonly code: SplitFailureCode } {
  const count = plan.split === "custom" ? plan.amounts.length : plan.count;
  if (!Number.isInteger(count) || count < 1 || count > PACKET_SLOTS_MAX) return { ok: false, code: "share_count" };
  const total = plan.split === "custom" ? plan.amounts.reduce((sum, micro) => sum + micro, 0n) : plan.total;
  if (!isAmount(total)) return { ok: false, code: "total_too_large" };
  const smallest = plan.split === "custom" ? plan.amounts.reduce((low, each) => (each < low ? each : low)) : 1n;
  const minimum = plan.split === "lucky" ? plan.minimum : smallest;
  if (minimum < 1n) return { ok: false, code: "share_empty" };
  if (total < minimum * BigInt(count)) return { ok: false, code: "total_too_small" };
  return { ok: true, sum: { split: plan.split, total, count, minimum: amount(minimum) } };
}

/**
 * The shares of RP-3 in the order of their slots. Everything hangs on L, so that a creator cannot try splits until one
 * pleases him without making another packet, and whoever has the link computes the same. Throws RangeError for a plan
 * that {@link checkSplit} refuses.
 */
export function splitPacket(linkSecret: Uint8Array, plan: SplitPlan): readonly Amount[] {
  const checked = checkSplit(plan);
  if (!checked.ok) throw new RangeError(`cannot split: ${checked.code}`);
  return shuffleShares(linkSecret, splitInOrder(linkSecret, plan));
}

/** The shares before they are shuffled: of a lucky split the first ones vary least. */
export function splitInOrder(linkSecret: Uint8Array, plan: SplitPlan): readonly Amount[] {
  switch (plan.split) {
    case "lucky":
      return splitLucky(linkSecret, plan.total, plan.count, plan.minimum);
    case "equal": {
      const [count, each] = [BigInt(plan.count), plan.total / BigInt(plan.count)];
      return Array.from({ length: plan.count }, (_, index) =>
        amount(BigInt(index) < plan.total % count ? each + 1n : each),
      );
    }
    case "custom":
      return plan.amounts;
    default:
      return plan satisfies never;
  }
}

/** Each share is drawn evenly up to twice the mean of what is left, so that every one has the same mean. */
function splitLucky(linkSecret: Uint8Array, total: Amount, count: number, minimum: Amount): readonly Amount[] {
  const shares: Amount[] = [];
  let rest: bigint = total;
  for (let index = 0; index < count; index++) {
    const left = BigInt(count - index);
    let share = rest;
    if (left > 1n) {
      const choices = (2n * rest) / left - 2n * minimum + 1n;
      share = minimum + BigInt(uniformDraw(hash32("stg/rp/split", linkSecret, u16(index)), Number(choices)));
    }
    shares.push(amount(share));
    rest -= share;
  }
  return shares;
}

/** Fisher–Yates out of L: which place a share has says nothing of how it was made. */
function shuffleShares(linkSecret: Uint8Array, shares: readonly Amount[]): readonly Amount[] {
  const shuffled = [...shares];
  for (let index = shuffled.length - 1; index >= 1; index--) {
    const other = uniformDraw(hash32("stg/rp/shuf", linkSecret, u16(index)), index + 1);
    [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
  }
  return shuffled;
}
