import { formatHex } from "../bytes/hex.ts";
import { BOUNDARY_STAKES_MAX } from "../params/limits.ts";
import { amount } from "../values/amount.ts";
import { NO_INCLUDER, type ValidatorAccount } from "./aux-records.ts";
import type { StakesAndAccounts } from "./apply-stakes.ts";
import { slashAmounts } from "./slash-amounts.ts";
import type { Stake } from "./stakes.ts";

/** What a boundary's slashes leave behind. */
export interface SlashEffects extends StakesAndAccounts {
  /** In µSTG (SU-1). */
  readonly burned: bigint;
  /** Stakes that were taken from. */
  readonly count: number;
}

/**
 * ST-4 at a boundary: takes from every live stake of the keys that a slash was due to after the parent (ST-7), gives the
 * includer of the evidence his part, and removes the keys for ever. The part of an includer without a record is burned.
 * ST-9: keys that do not fit into the boundary stay as they are, with a slash due, for the next.
 */
export function applySlashes(
  parent: readonly ValidatorAccount[],
  { stakes, accounts }: StakesAndAccounts,
  slashBp: number,
): SlashEffects {
  const { includers, count } = slashesThatFit(parent, stakes);
  if (includers.size === 0) return { stakes, accounts, burned: 0n, count };
  const known = new Set(accounts.map(({ blsKey }) => formatHex(blsKey)));
  const parts = new Map<string, bigint>();
  let burned = 0n;
  const left = stakes.map((stake) => {
    const includer = includers.get(formatHex(stake.blsKey));
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
    if (!includers.has(name)) return { ...account, balance };
    return { ...account, balance, status: "removed", includer: NO_INCLUDER, week: { ...account.week, isFaulty: true } };
  });
  return { stakes: left, accounts: marked, burned, count };
}

/**
 * Keys as hex with whoever included the evidence, and how many stakes they have together: by key ascending, each whole,
 * up to the first that does not fit. The first one always does (KEY_STAKES_MAX).
 */
function slashesThatFit(
  parent: readonly ValidatorAccount[],
  stakes: readonly Stake[],
): { readonly includers: ReadonlyMap<string, string>; readonly count: number } {
  const counts = new Map<string, number>();
  for (const { blsKey, status } of parent) if (status === "slash-due") counts.set(formatHex(blsKey), 0);
  const includers = new Map<string, string>();
  let count = 0;
  if (counts.size === 0) return { includers, count };
  for (const { blsKey } of stakes) {
    const name = formatHex(blsKey);
    const before = counts.get(name);
    if (before !== undefined) counts.set(name, before + 1);
  }
  for (const { blsKey, includer } of parent) {
    const name = formatHex(blsKey);
    const own = counts.get(name);
    if (own === undefined) continue;
    if (count + own > BOUNDARY_STAKES_MAX) break;
    includers.set(name, formatHex(includer));
    count += own;
  }
  return { includers, count };
}
