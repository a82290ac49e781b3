import { formatHex } from "../bytes/hex.ts";
import { amount } from "../values/amount.ts";
import { NO_INCLUDER, type ValidatorAccount } from "./aux-records.ts";
import type { StakesAndAccounts } from "./apply-stakes.ts";
import { slashAmounts } from "./slash-amounts.ts";

/**
 * ST-4 at a boundary: takes from every live stake of the keys that a slash was due to after the parent (ST-7), gives the
 * includer of the evidence his part, and removes the keys for ever. The part of an includer without a record is burned.
 */
export function applySlashes(
  parent: readonly ValidatorAccount[],
  { stakes, accounts }: StakesAndAccounts,
  slashBp: number,
): StakesAndAccounts & { readonly burned: bigint } {
  const due = new Map(
    parent
      .filter(({ status }) => status === "slash-due")
      .map(({ blsKey, includer }) => [formatHex(blsKey), formatHex(includer)]),
  );
  if (due.size === 0) return { stakes, accounts, burned: 0n };
  const known = new Set(accounts.map(({ blsKey }) => formatHex(blsKey)));
  const parts = new Map<string, bigint>();
  let burned = 0n;
  const left = stakes.map((stake) => {
    const includer = due.get(formatHex(stake.blsKey));
    if (includer === undefined) return stake;
    const taken = slashAmounts(stake.state.amount, slashBp);
    burned += taken.burned;
    if (known.has(includer)) parts.set(includer, (parts.get(includer) ?? 0n) + taken.includer);
    else burned += taken.includer;
    return { ...stake, state: { ...stake.state, amount: amount(stake.state.amount - taken.slashed) } };
  });
  const marked = accounts.map((account): ValidatorAccount => {
    const name = formatHex(account.blsKey);
    const balance = amount(account.balance + (parts.get(name) ?? 0n));
    if (!due.has(name)) return { ...account, balance };
    return { ...account, balance, status: "removed", includer: NO_INCLUDER, week: { ...account.week, isFaulty: true } };
  });
  return { stakes: left, accounts: marked, burned };
}
