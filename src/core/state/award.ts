import { u64 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { uniformDraw } from "../crypto/uniform-draw.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { Hash } from "../values/hash.ts";
import { height, type Epoch, type Height } from "../values/height.ts";
import { ZERO_WEEK, type AwardRecord, type ValidatorAccount } from "./aux-records.ts";

/** Share of the week's epochs that a key must have been in the set for (AW-1), in hundredths. */
const EPOCHS_PERCENT = 95;
/** Missed proposals that harm nobody, and their share of those assigned, in hundredths (AW-1). */
const MISSED_FREE = 2;
const MISSED_PERCENT = 5;

type WeekParams = Pick<NetworkParams, "weekEpochs" | "awardSignBp">;

/** AW-1: has the key served the week? One that is jailed or barred has not. */
export function isEligible({ status, week }: ValidatorAccount, params: WeekParams): boolean {
  return (
    status === "ok" &&
    !week.isFaulty &&
    100 * week.epochs >= EPOCHS_PERCENT * params.weekEpochs &&
    10_000 * week.signed >= params.awardSignBp * week.blocks &&
    100 * week.missed <= Math.max(100 * MISSED_FREE, MISSED_PERCENT * week.assigned)
  );
}

/** Does this epoch end a week (RW-2)? */
export function endsWeek(params: Pick<NetworkParams, "weekEpochs">, ending: Epoch): boolean {
  return ending % params.weekEpochs === 0;
}

/** AW-2: the list of the week that the block at this height ends, and counters for the next one. Nobody: no award. */
export function closeWeek(
  accounts: readonly ValidatorAccount[],
  params: WeekParams & Pick<NetworkParams, "awardDelayBlocks">,
  end: { readonly epoch: Epoch; readonly height: Height },
): { readonly accounts: readonly ValidatorAccount[]; readonly award: AwardRecord | undefined } {
  const blsKeys = accounts.filter((account) => isEligible(account, params)).map(({ blsKey }) => blsKey);
  const award = {
    week: BigInt(Math.floor(end.epoch / params.weekEpochs)),
    dueHeight: height(end.height + params.awardDelayBlocks),
    blsKeys,
  };
  return {
    accounts: accounts.map((account) => ({ ...account, week: ZERO_WEEK })),
    award: blsKeys.length === 0 ? undefined : award,
  };
}

/** AW-2: the place of the winner in the list, by the beacon of the block in which the award is due. */
export function awardWinner(award: Pick<AwardRecord, "week" | "blsKeys">, beacon: Hash): number {
  return uniformDraw(hash32("stg/award", u64(award.week), beacon), award.blsKeys.length);
}
