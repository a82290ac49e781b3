import type { Amount } from "./amount.ts";

/** Are shares as equal as the smallest unit allows? Then nobody was lucky: what cannot be divided goes to some (RP-3). */
export function isEvenSplit(amounts: readonly Amount[]): boolean {
  let [least, most] = [amounts[0], amounts[0]];
  for (const each of amounts) {
    if (least === undefined || each < least) least = each;
    if (most === undefined || each > most) most = each;
  }
  return (most ?? 0n) - (least ?? 0n) <= 1n;
}
