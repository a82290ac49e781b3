import { BLOCK_PAYOUTS_MAX } from "../params/limits.ts";
import type { NetworkParams } from "../params/network-params.ts";
import { MICRO_PER_STG } from "../values/amount.ts";
import { epoch, type Epoch } from "../values/height.ts";
import type { ValidatorAccount } from "./aux-records.ts";

/**
 * Whom the end of a week pays, and whole (RW-2): ascending by key, as `accounts` are. What is below 1 STG, or does not fit a
 * block (limit of 0.5), stays where it is for another week.
 */
export function dueAccounts(accounts: readonly ValidatorAccount[]): readonly ValidatorAccount[] {
  return accounts.filter(({ balance }) => balance >= MICRO_PER_STG).slice(0, BLOCK_PAYOUTS_MAX);
}

/** The first epoch after `ended` whose boundary pays (RW-2). */
export function nextPayoutEpoch({ weekEpochs }: Pick<NetworkParams, "weekEpochs">, ended: Epoch): Epoch {
  return epoch((Math.floor(ended / weekEpochs) + 1) * weekEpochs);
}
