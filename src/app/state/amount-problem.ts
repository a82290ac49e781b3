import type { BalanceView } from "../../api/views.ts";
import { type Amount, type AmountParseCode, parseAmount } from "../../core/values/amount.ts";

export type AmountProblem = AmountParseCode | "amount_zero" | "insufficient_funds" | "funds_busy";

/** What is wrong with a typed amount; half of a number is no mistake while the person still types. */
export function amountProblem(
  text: string,
  balance: BalanceView | undefined,
  isFinished: boolean,
): AmountProblem | undefined {
  const parsed = parseAmount(text);
  if (!parsed.ok) {
    const mayGrow = parsed.code === "empty" || /^\s*[.,]\s*$/.test(text);
    return mayGrow && !isFinished ? undefined : parsed.code;
  }
  if (parsed.amount === 0n) return isFinished ? "amount_zero" : undefined;
  if (balance === undefined) return undefined;
  if (parsed.amount > balance.total) return "insufficient_funds";
  return parsed.amount > balance.usable ? "funds_busy" : undefined;
}

/** The amount in words worth showing: a comma may mean thousands to one person and a decimal point to us. */
export function ambiguousAmount(text: string): Amount | undefined {
  if (!text.includes(",")) return undefined;
  const parsed = parseAmount(text);
  return parsed.ok ? parsed.amount : undefined;
}
