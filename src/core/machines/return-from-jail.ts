import { formatHex } from "../bytes/hex.ts";
import { signUnjail } from "../chain/sign-unjail.ts";
import { CLOCK_TOLERANCE_MS } from "../consensus/receive-proposal.ts";
import { judgeTransaction } from "../mempool/admit-transaction.ts";
import { isConflicting } from "../mempool/mempool.ts";
import { keyStanding } from "../state/key-standing.ts";
import { nextEpoch, nextHeight } from "../state/ledger-tip.ts";
import type { TimeMs } from "../values/height.ts";
import type { FullNodeState, FullNodeStep } from "./full-node-state.ts";
import { enterStem } from "./stem-transactions.ts";

/** A block may be this many empty_block_ms old when a node that follows the chain has stored it. */
export const BLOCKS_MISSED_MAX = 5;
/** So many in a row are on time before a validator says that it is back: with a seat it has to keep up. */
export const STEADY_BLOCKS = 3;

/** Says where the own key stands as soon as that is another place than it was. */
export function noteStanding(step: FullNodeStep): void {
  const { signer } = step.deps.consensus;
  if (signer === undefined) return;
  const { tip } = step.state;
  const standing = keyStanding(tip.aux, tip.nextValidators, signer.publicKey);
  if (standing === step.state.standing) return;
  step.update({ standing });
  step.emit({ type: "standing-changed", standing });
}

/** Counts the final blocks in a row that were stored on time, by the clock of this machine. */
export function countSteady(step: FullNodeStep): void {
  const { steadyBlocks } = step.state;
  step.update({ steadyBlocks: isOnTime(step.state, step.now) ? Math.min(steadyBlocks + 1, STEADY_BLOCKS) : 0 });
}

/** Neither old, as blocks are that are fetched, nor ahead of a clock that is wrong (CO-2). */
function isOnTime({ tip }: FullNodeState, now: TimeMs): boolean {
  const { header, chain } = tip;
  const isLate = now > header.time + BLOCKS_MISSED_MAX * chain.params.emptyBlockMs;
  return !isLate && header.time <= now + CLOCK_TOLERANCE_MS;
}

/**
 * ST-3: a jailed validator that follows the chain again, and may sign its next block, says so. Once in an epoch at most,
 * for the rules take no second one; what waits in a pool is not sent again. True if it was sent now.
 */
export function returnFromJail(step: FullNodeStep): boolean {
  const { signer } = step.deps.consensus;
  const { tip, standing, steadyBlocks, mempool, packetReads, stemPool } = step.state;
  if (!step.deps.unjails || signer === undefined || standing !== "jailed") return false;
  if (steadyBlocks < STEADY_BLOCKS) return false;
  // With a seat it would be as silent as before (CO-14).
  if (signer.signsFrom !== undefined && signer.signsFrom > nextHeight(tip)) return false;
  const epoch = nextEpoch(tip);
  const places = [formatHex(signer.publicKey)];
  if (isConflicting(mempool, places) || isConflicting(stemPool.held, places)) return false;
  const transaction = signUnjail(signer, tip.chain.chainId, epoch);
  const { ledger, reader } = step.deps;
  const judged = judgeTransaction(ledger, mempool, tip, reader, transaction, step.now, packetReads);
  // It may have come back in this very epoch; or a pool has no room, and has it after one of the next blocks.
  if (judged.verdict !== "accept" || !enterStem(step, judged.candidate.entry, undefined).ok) return false;
  step.emit({ type: "unjail-sent", epoch });
  return true;
}
