import { formatHex, parseHex } from "../bytes/hex.ts";
import { decodeBlock } from "../chain/block.ts";
import type { Certificate } from "../chain/certificate.ts";
import type { BlockBody } from "../chain/consensus-frames.ts";
import { blockId } from "../chain/header.ts";
import { decodeLogEntry } from "../consensus/consensus-log.ts";
import type { ConsensusLogEntry } from "../ports/full-node-store.ts";
import type { PeerId, Verdict } from "../ports/network-port.ts";
import { nextHeight } from "../state/ledger-tip.ts";
import { hash } from "../values/hash.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import { blockBody, newAssembly } from "./block-assembly.ts";
import {
  continueBacklog,
  dropBacklog,
  fetchFailed,
  fetchMissing,
  isBacklogNext,
  isFetched,
  peerShowed,
  takeFetched,
} from "./catch-up.ts";
import { receiveConsensusFrame } from "./consensus-frames-received.ts";
import { blockJudged, driveConsensus, startHeight } from "./drive-consensus.ts";
import type { FullNodeEffect, FullNodeEvent, FullNodeTimer, ProofJob, ReplyId } from "./full-node-events.ts";
import { FullNodeStep, proofKey, withEntry, type FullNodeDeps, type FullNodeState } from "./full-node-state.ts";
import { evidenceVerified, receiveEvidence, restoreEvidence } from "./gather-evidence.ts";
import { commitExecuted, holdBody, isCertified, tryExecute, tryOthers } from "./handle-blocks.ts";
import { finishIntake, isAskedOnce, receiveTransaction } from "./intake-transactions.ts";
import { claimsVerified, coinsOf, hurryDecisive, rememberProofs, withdrawClaims } from "./judge-blocks.ts";
import { countSteady, noteStanding, returnFromJail } from "./return-from-jail.ts";
import { embargoOver, stemPeerFound, stemPeerLost, stemUnsent } from "./stem-transactions.ts";

/**
 * A full node: ledger, mempool, consensus and catch-up joined into one machine. Same state and event, same answer;
 * the reader among the dependencies shows the block of `state.tip`, because commits are stored before the next step.
 */
export function stepFullNode(
  deps: FullNodeDeps,
  state: FullNodeState,
  event: FullNodeEvent,
): readonly [FullNodeState, readonly FullNodeEffect[]] {
  // Nothing is judged before the log of the height to come has been read: it binds what we may sign.
  if (!state.isStarted && event.type !== "started") return [state, []];
  const step = new FullNodeStep(deps, state, event.now);
  handle(step, event);
  return [step.state, step.effects];
}

function handle(step: FullNodeStep, event: FullNodeEvent): void {
  const { now } = step;
  switch (event.type) {
    case "started":
      step.update({ isStarted: true });
      restoreBlocks(step, event.log);
      restoreEvidence(step, event.evidence ?? []);
      startHeight(step, event.log);
      noteStanding(step);
      return;
    case "peer-connected":
      driveConsensus(step, { type: "peer-connected", now, peer: event.peer });
      return;
    case "peer-disconnected":
      step.update({
        peers: withEntry(step.state.peers, event.peer, undefined),
        blame: withEntry(step.state.blame, event.peer, undefined),
      });
      stemPeerLost(step, event.peer);
      driveConsensus(step, { type: "peer-disconnected", now, peer: event.peer });
      fetchFailed(step, event.peer);
      step.update({ fetchFailures: withEntry(step.state.fetchFailures, event.peer, undefined) });
      return;
    case "status-received":
      peerShowed(step, event.peer, event.height);
      return;
    case "transaction-received":
      receiveTransaction(step, event);
      tellWaiting(step);
      return;
    case "stem-peer-found":
      stemPeerFound(step, { peer: event.peer, isDialled: event.isDialled });
      return;
    case "stem-peer-lost":
      stemPeerLost(step, event.peer);
      return;
    case "stem-unsent":
      stemUnsent(step, event.peer, event.txid);
      tellWaiting(step);
      return;
    case "proofs-verified":
      takeProofs(step, event.job, event.good);
      return;
    case "claims-verified":
      if (!evidenceVerified(step, event.job, event.rule)) takeClaims(step, event.job, event.rule);
      return;
    case "consensus-frame-received":
      receiveConsensusFrame(step, event.peer, event.frame);
      return;
    case "block-announced":
      step.emit({ type: "reply-block", reply: event.reply, verdict: takeAnnounced(step, event) });
      return;
    case "evidence-received":
      receiveEvidence(step, { evidence: event.evidence, peer: event.peer, reply: event.reply });
      return;
    case "blocks-fetched":
      takeFetched(step, event.peer, event.blocks);
      return;
    case "fetch-failed":
      fetchFailed(step, event.peer);
      return;
    case "timer-fired":
      takeTimer(step, event.timer);
      return;
    case "block-committed": {
      const { tip, waitedMs } = step.state;
      step.emit({ type: "announce-height", height: tip.header.height, waitedMs });
      noteStanding(step);
      countSteady(step);
      startHeight(step, []);
      // Messages that came early may have decided the height at once: then the reader does not show the tip yet.
      if (step.state.tip === tip) continueBacklog(step);
      if (step.state.tip === tip && returnFromJail(step)) tellWaiting(step);
      return;
    }
    default:
      return event satisfies never;
  }
}

function takeTimer(step: FullNodeStep, timer: FullNodeTimer): void {
  switch (timer.kind) {
    case "catch-up":
      fetchMissing(step);
      return;
    case "embargo":
      embargoOver(step, timer.txid, timer.at);
      tellWaiting(step);
      return;
    case "consensus":
      driveConsensus(step, { type: "timer-fired", now: step.now, timer: timer.timer });
      return;
    default:
      return timer satisfies never;
  }
}

/** Blocks this validator stood behind before a restart. It verified their proofs then, or it would not have. */
function restoreBlocks(step: FullNodeStep, log: readonly ConsensusLogEntry[]): void {
  for (const bytes of log) {
    const entry = decodeLogEntry(bytes);
    if (entry.type !== "block") continue;
    const block = decodeBlock(entry.block);
    const id = blockId(block.header);
    rememberProofs(step, coinsOf(block).map(proofKey));
    const assembly = { ...newAssembly(id, blockBody(block)), whole: block };
    step.update({ assemblies: withEntry(step.state.assemblies, formatHex(id), assembly) });
  }
}

function takeProofs(step: FullNodeStep, job: ProofJob, good: readonly boolean[]): void {
  rememberProofs(
    step,
    job.proofs.filter((key, index) => good[index] === true && !isAskedOnce(key)),
  );
  const areGood = job.proofs.every((_, index) => good[index] === true);
  finishIntake(step, job, areGood);
  tellWaiting(step);
}

/** The verdict on a block's claims: whoever waits for the block goes on with it. */
function takeClaims(step: FullNodeStep, job: number, rule: RuleNumber | undefined): void {
  const judged = claimsVerified(step, job, rule);
  if (judged === undefined) return;
  const { key, block, verdict } = judged;
  const id = hash(parseHex(key));
  const isLie = verdict !== "valid" && isFetched(step, block);
  if (isLie) dropBacklog(step);
  // Whether the fetched block is invalid or only forged, nobody is told that the one voted on is.
  const ok = verdict === "forged" ? tryOthers(step, id) : isLie ? undefined : verdict === "valid";
  const { tip } = step.state;
  if (ok === true && isBacklogNext(step, key)) continueBacklog(step);
  if (ok !== undefined && step.state.tip === tip) blockJudged(step, id, ok);
}

/** CO-15: consensus hears of the first transaction that waits. */
function tellWaiting(step: FullNodeStep): void {
  if (step.state.transactionsSince === step.now) driveConsensus(step, { type: "transactions-waiting", now: step.now });
}

/** Judges a gossiped block (CO-3) and makes it final if everything for it is here; otherwise it is fetched whole. */
function takeAnnounced(
  step: FullNodeStep,
  announced: {
    readonly peer: PeerId;
    readonly body: BlockBody;
    readonly certificate: Certificate;
    readonly reply: ReplyId;
  },
): Verdict {
  const { header } = announced.body;
  const next = nextHeight(step.state.tip);
  if (header.height < next) return { verdict: "ignore", reason: "already_known" };
  if (header.height > next) {
    peerShowed(step, announced.peer, header.height);
    return { verdict: "ignore", reason: "too_far" };
  }
  const id = blockId(header);
  if (!isCertified(step, id, announced.certificate)) return { verdict: "reject", reason: "CO-3" };
  const key = formatHex(id);
  // Whoever has the certificate can put any number of false short ids behind it: one search, then blocks are fetched.
  if (step.state.certified.has(key)) return { verdict: "ignore", reason: "already_known" };
  if (holdBody(step, id, announced.body, undefined) === undefined) return { verdict: "reject", reason: "CO-3" };
  step.update({ certified: withEntry(step.state.certified, key, announced.certificate) });
  withdrawClaims(step, (waiting) => waiting.key !== key);
  hurryDecisive(step);
  if (tryExecute(step, id, undefined) === true) commitExecuted(step, id, announced.certificate);
  else peerShowed(step, announced.peer, header.height);
  return { verdict: "accept" };
}
