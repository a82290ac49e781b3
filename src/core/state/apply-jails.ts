import { formatHex } from "../bytes/hex.ts";
import type { ValidatorAccount } from "./aux-records.ts";
import { nextEpoch, type LedgerTip } from "./ledger-tip.ts";

/**
 * ST-3: keys (as hex) of the ending epoch's set that no certificate has named for dead_epochs epochs, as the parent of the
 * boundary block left it (ST-7). Two thirds of the power can leave a signature out; nobody can make one up.
 */
export function silentKeys(tip: LedgerTip): ReadonlySet<string> {
  const seats = new Set(tip.nextValidators.map(({ blsKey }) => formatHex(blsKey)));
  const ending = nextEpoch(tip);
  const silent = tip.aux.accounts.filter(
    ({ status, lastSignedEpoch }) => status === "ok" && ending - lastSignedEpoch >= tip.chain.params.deadEpochs,
  );
  return new Set(silent.map(({ blsKey }) => formatHex(blsKey)).filter((name) => seats.has(name)));
}

/** Marks them, but for those that the boundary block itself has convicted. */
export function jailAccounts(
  accounts: readonly ValidatorAccount[],
  silent: ReadonlySet<string>,
): readonly ValidatorAccount[] {
  if (silent.size === 0) return accounts;
  return accounts.map((account) =>
    account.status === "ok" && silent.has(formatHex(account.blsKey))
      ? { ...account, status: "jailed", week: { ...account.week, isFaulty: true } }
      : account,
  );
}
