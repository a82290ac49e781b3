import type { Brand } from "./brand.ts";

/** µSTG, 0 ≤ amount < 2^53 (EN-1). 1 STG = 1,000,000 µSTG. */
export type Amount = Brand<bigint, "Amount">;

/** Every amount and every sum of clear amounts is below this (EN-1). */
export const AMOUNT_LIMIT = 1n << 53n;
/** µSTG in one STG. */
export const MICRO_PER_STG = 1_000_000n;
const FRACTION_DIGITS = 6;

/** Brands a number of µSTG; out of range throws RangeError, so check untrusted numbers with {@link isAmount} first. */
export function amount(micro: bigint): Amount {
  if (!isAmount(micro)) throw new RangeError(`amount out of range: ${micro}`);
  return micro;
}

/** True when the number of µSTG may stand in a balance. */
export function isAmount(micro: bigint): micro is Amount {
  return micro >= 0n && micro < AMOUNT_LIMIT;
}

export type AmountParseCode = "empty" | "not_a_number" | "too_many_decimals" | "too_large";

/**
 * Parses what a person types, in STG: digits with at most one point or comma and six decimals.
 * Grouping spaces and apostrophes are dropped; a second separator is refused, since its meaning is a guess.
 */
export function parseAmount(
  text: string,
): { readonly ok: true; readonly amount: Amount } | { readonly ok: false; readonly code: AmountParseCode } {
  const digits = text.replace(/[\s'’_]/g, "");
  if (digits === "") return { ok: false, code: "empty" };
  const match = /^(\d*)(?:[.,](\d*))?$/.exec(digits);
  if (match === null || (match[1] === "" && (match[2] ?? "") === "")) return { ok: false, code: "not_a_number" };
  const fraction = match[2] ?? "";
  if (fraction.length > FRACTION_DIGITS) return { ok: false, code: "too_many_decimals" };
  // Twenty digits cannot be a legal amount; refusing early keeps BigInt from chewing on a pasted novel.
  if (match[1]!.length > 20) return { ok: false, code: "too_large" };
  const micro = BigInt(match[1]! || "0") * MICRO_PER_STG + BigInt(fraction.padEnd(FRACTION_DIGITS, "0"));
  return isAmount(micro) ? { ok: true, amount: micro } : { ok: false, code: "too_large" };
}

/** Shortest decimal text in STG with a point, no unit and no grouping: `12.5`. The inverse of {@link parseAmount}. */
export function formatAmount(value: Amount): string {
  const fraction = (value % MICRO_PER_STG).toString().padStart(FRACTION_DIGITS, "0").replace(/0+$/, "");
  const whole = (value / MICRO_PER_STG).toString();
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
