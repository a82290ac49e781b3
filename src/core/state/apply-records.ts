import type { PublicCore } from "../chain/output.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import { timeMs } from "../values/height.ts";
import type { Hash } from "../values/hash.ts";
import type { BlockContent } from "./block-content.ts";
import { applyBoundary } from "./apply-boundary.ts";
import { applyRewards } from "./apply-rewards.ts";
import { applyStakes, withoutEmptyAccounts } from "./apply-stakes.ts";
import { accountOf, type AuxRecords, type AwardRecord, type ValidatorAccount } from "./aux-records.ts";
import { awardWinner, closeWeek, endsWeek } from "./award.ts";
import { countWeek } from "./count-week.ts";
import { nextMultiplier } from "./fee-multiplier.ts";
import { awardOutput, payAccounts } from "./implicit-outputs.ts";
import { isEpochEndNext, nextEpoch, nextHeight, type LedgerTip } from "./ledger-tip.ts";
import type { Stake } from "./stakes.ts";

/** What a block does to stakes and records, and the outputs that follow from them. */
export interface RecordEffects {
  readonly stakes: readonly Stake[];
  readonly aux: AuxRecords;
  readonly validators: ValidatorSet;
  /** Outputs that the block makes by itself behind those of its transactions (BL-2). */
  readonly implicit: readonly PublicCore[];
  /** The award that was due and drawn in this block. */
  readonly award: DrawnAward | undefined;
  /** What the block adds to these counters of the header (SU-1). */
  readonly minted: bigint;
  readonly burned: bigint;
  /** The pot after the block. */
  readonly pot: bigint;
}

/** Among whom the pot of a week was drawn, and the output that pays the winner. */
export interface DrawnAward {
  readonly due: AwardRecord;
  readonly payout: PublicCore;
}

/**
 * ST-8: the order of work behind the transactions of a block. `beacon` is the block's own, `outputCount` that of the
 * outputs of its packets and its transactions.
 */
export function applyRecords(
  curve: CurveBackend,
  tip: LedgerTip,
  reader: LedgerReader,
  content: BlockContent & { readonly beacon: Hash; readonly outputCount: number },
): RecordEffects {
  const { header: parent } = tip;
  const isEpochEnd = isEpochEndNext(tip);
  const staked = applyStakes(tip, reader, content);
  const counted = countWeek(tip, staked.accounts, { ...content, isEpochEnd });
  const rewarded = applyRewards(tip, counted, content);
  const paid = { stakes: staked.stakes, accounts: rewarded.accounts };
  const bounded = isEpochEnd
    ? applyBoundary(tip, paid, content.time)
    : { ...paid, validators: tip.nextValidators, burned: 0n };
  const week = isEpochEnd ? applyWeek(curve, tip, bounded.accounts) : unpaid(bounded.accounts);
  const drawn = drawAward(curve, tip, week.accounts, { beacon: content.beacon, pot: parent.pot + rewarded.pot });
  const implicit = [...week.outputs, ...drawn.outputs];
  const nextLeaf = parent.nextLeaf + content.outputCount + implicit.length;
  const accounts = withoutEmptyAccounts(week.accounts, bounded.stakes);
  const epoch = isEpochEnd ? nextEpochRecord(tip, content.time, nextLeaf) : tip.aux.epoch;
  return {
    stakes: bounded.stakes,
    // A week has more blocks than an award waits (GE-1), so never two are due.
    aux: { accounts, epoch, award: week.award ?? drawn.waiting },
    validators: bounded.validators,
    implicit,
    award: drawn.award,
    minted: rewarded.minted,
    burned: bounded.burned,
    pot: drawn.pot,
  };
}

interface WeekEffects {
  readonly accounts: readonly ValidatorAccount[];
  readonly outputs: readonly PublicCore[];
  readonly award: AuxRecords["award"];
}

const unpaid = (accounts: readonly ValidatorAccount[]): WeekEffects => ({ accounts, outputs: [], award: undefined });

/** RW-2 and AW-2 at the end of a week; at other boundaries nothing. */
function applyWeek(curve: CurveBackend, tip: LedgerTip, accounts: readonly ValidatorAccount[]): WeekEffects {
  const { chainId, params } = tip.chain;
  const ending = nextEpoch(tip);
  if (!endsWeek(params, ending)) return unpaid(accounts);
  const paid = payAccounts(curve, chainId, ending, accounts);
  return { outputs: paid.outputs, ...closeWeek(paid.accounts, params, { epoch: ending, height: nextHeight(tip) }) };
}

/** AW-2 in the block in which an award is due. A winner without a record leaves the pot as it is. */
function drawAward(
  curve: CurveBackend,
  tip: LedgerTip,
  accounts: readonly ValidatorAccount[],
  { beacon, pot }: { readonly beacon: Hash; readonly pot: bigint },
) {
  const due = tip.aux.award;
  if (due?.dueHeight !== nextHeight(tip)) return { outputs: [], pot, waiting: due, award: undefined };
  const blsKey = due.blsKeys[awardWinner(due, beacon)]!;
  const winner = accountOf(accounts, blsKey);
  if (winner === undefined || pot === 0n) return { outputs: [], pot, waiting: undefined, award: undefined };
  const payout = awardOutput(curve, tip.chain.chainId, due.week, winner, pot);
  return { outputs: [payout], pot: 0n, waiting: undefined, award: { due, payout } };
}

/** FE-1 and the start of the next epoch. */
function nextEpochRecord(tip: LedgerTip, time: BlockContent["time"], nextLeaf: number): AuxRecords["epoch"] {
  const { multiplier, firstLeaf } = tip.aux.epoch;
  return {
    multiplier: nextMultiplier(multiplier, tip.chain.params.targetOutputsPerEpoch, nextLeaf - firstLeaf),
    previousMultiplier: multiplier,
    start: timeMs(time),
    firstLeaf: nextLeaf,
  };
}
