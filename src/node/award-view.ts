import { equalBytes } from "../core/bytes/compare-bytes.ts";
import { isEligible } from "../core/state/award.ts";
import { nextEpoch, type LedgerTip } from "../core/state/ledger-tip.ts";
import { timeMs, type TimeMs } from "../core/values/height.ts";

/** The award to come, as RPC shows it. */
export interface AwardView {
  /** µSTG. */
  readonly pot: bigint;
  /** About when the next winner is drawn, if epochs end when they are due and nobody pays meanwhile. */
  readonly drawAt: TimeMs;
  /** BLS keys that are drawn among, or would be if the week ended now (AW-1). */
  readonly eligible: readonly Uint8Array[];
}

export function awardView(tip: LedgerTip): AwardView {
  const { aux, header, nextValidators } = tip;
  const { params } = tip.chain;
  const current = nextEpoch(tip);
  const { pot } = header;
  const { award } = aux;
  if (award !== undefined) {
    const drawAt = timeMs(header.time + (award.dueHeight - header.height) * params.emptyBlockMs);
    return { pot, drawAt, eligible: award.blsKeys };
  }
  const left = (params.weekEpochs - (current % params.weekEpochs)) % params.weekEpochs;
  const end = aux.epoch.start + (left + 1) * params.epochMs;
  const drawAt = timeMs(end + params.awardDelayBlocks * params.emptyBlockMs);
  const soFar = { ...params, weekEpochs: (current - 1) % params.weekEpochs };
  const eligible = aux.accounts
    .filter((account) => isEligible(account, soFar))
    .map(({ blsKey }) => blsKey)
    .filter((key) => nextValidators.some(({ blsKey }) => equalBytes(blsKey, key)));
  return { pot, drawAt, eligible };
}
