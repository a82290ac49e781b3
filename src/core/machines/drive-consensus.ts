import { formatHex } from "../bytes/hex.ts";
import { beaconMessage } from "../chain/beacon.ts";
import { encodeBlock } from "../chain/block.ts";
import type { BlockBody, ConsensusFrame } from "../chain/consensus-frames.ts";
import type { ConsensusEffect, ConsensusEvent, ConsensusMessage } from "../consensus/consensus-events.ts";
import { encodeLogEntry } from "../consensus/consensus-log.ts";
import { commitCertificate } from "../consensus/last-commit.ts";
import { stepConsensus } from "../consensus/step-consensus.ts";
import { chooseTransactions } from "../mempool/mempool.ts";
import type { ConsensusLogEntry } from "../ports/full-node-store.ts";
import type { PeerId } from "../ports/network-port.ts";
import { blockOverhead } from "../state/block-transactions.ts";
import { buildBlock } from "../state/build-block.ts";
import { nextHeight } from "../state/ledger-tip.ts";
import type { Hash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";
import { blockBody } from "./block-assembly.ts";
import { isFetched } from "./catch-up.ts";
import { withEntry, type FullNodeStep } from "./full-node-state.ts";
import { reportEvidence } from "./gather-evidence.ts";
import { chooseEvidence } from "./hold-evidence.ts";
import { commitExecuted, tryExecute } from "./handle-blocks.ts";
import { hurryDecisive, withdrawClaims } from "./judge-blocks.ts";

/** Wrong signatures a peer may pass on while connected: far more than colluding validators can plant in a few rounds. */
export const PEER_BLAME_MAX = 256;

/** Feeds one event to consensus and carries out what it asks, until it asks for nothing more within this step. */
export function driveConsensus(step: FullNodeStep, first: ConsensusEvent): void {
  const { round } = step.state.consensus;
  const queue: ConsensusEvent[] = [first];
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
    const [consensus, effects] = stepConsensus(step.deps.consensus, step.state.consensus, event);
    step.update({ consensus });
    for (const effect of effects) {
      const answer = carryOut(step, effect);
      if (answer !== undefined) queue.push(answer);
    }
  }
  if (step.state.consensus.round !== round) forgetBlocks(step);
  hurryDecisive(step);
}

/** Starts the height after the tip. `log` holds what this validator wrote at it before a restart. */
export function startHeight(step: FullNodeStep, log: readonly ConsensusLogEntry[]): void {
  const { tip, tipCertificate, transactionsSince } = step.state;
  driveConsensus(step, {
    type: "height-started",
    now: step.now,
    height: nextHeight(tip),
    validators: tip.nextValidators,
    epochSeed: tip.epochSeed,
    parent: { blockId: tip.blockId, time: tip.header.time },
    epochStart: tip.aux.epoch.start,
    parentCommit:
      tipCertificate === undefined ? undefined : { certificate: tipCertificate, validators: tip.validators },
    transactionsSince,
    hasUndrawnClaims: tip.packets.unsettled.some(({ hasPending }) => hasPending),
    log,
  });
  forgetBlocks(step);
}

/**
 * Forgets blocks that consensus does not know, or no longer: bodies that came early may be anybody's, and a height may
 * take any number of rounds.
 */
function forgetBlocks(step: FullNodeStep): void {
  const { consensus, assemblies, executed, certified } = step.state;
  const isWanted = (key: string): boolean => consensus.blocks.has(key) || certified.has(key);
  step.update({
    assemblies: new Map(
      [...assemblies].filter(([key, { bound }]) => bound.header.height > consensus.height || isWanted(key)),
    ),
    executed: new Map([...executed].filter(([key]) => isWanted(key))),
  });
  withdrawClaims(step, ({ key, block }) => !isWanted(key) && !isFetched(step, block));
}

/** A block was judged by everything here: if its certificate came first it is final now, else consensus hears of it. */
export function blockJudged(step: FullNodeStep, id: Hash, ok: boolean): void {
  const certificate = step.state.certified.get(formatHex(id));
  if (ok && certificate !== undefined) commitExecuted(step, id, certificate);
  else driveConsensus(step, { type: "block-validated", now: step.now, blockId: id, ok });
}

function carryOut(step: FullNodeStep, effect: ConsensusEffect): ConsensusEvent | undefined {
  switch (effect.type) {
    case "write-log":
      step.emit({ type: "write-log", height: effect.height, entry: effect.entry });
      return undefined;
    case "store-block": {
      const executed = step.state.executed.get(formatHex(effect.blockId));
      if (executed === undefined) throw new Error("asked to keep a block that was not executed");
      const entry = encodeLogEntry({ type: "block", block: encodeBlock(executed.block) });
      step.emit({ type: "write-log", height: effect.height, entry });
      return undefined;
    }
    case "send": {
      const frame = frameOf(step, effect.message);
      if (frame !== undefined)
        step.emit({ type: "send-frame", to: effect.to === "all" ? "all" : { peer: effect.to }, frame });
      return undefined;
    }
    case "arm-timer":
      step.emit({ type: "arm-timer", timer: { kind: "consensus", timer: effect.timer }, at: effect.at });
      return undefined;
    case "validate-block": {
      const ok = tryExecute(step, effect.blockId, effect.from);
      return ok === undefined ? undefined : { type: "block-validated", now: step.now, blockId: effect.blockId, ok };
    }
    case "build-block":
      return build(step, effect.round, effect.at);
    case "decide":
      commitExecuted(step, effect.blockId, effect.certificate);
      return undefined;
    case "report-evidence":
      reportEvidence(step, effect.evidence);
      return undefined;
    case "blame-peer":
      blamePeer(step, effect.peer, effect.reason);
      return undefined;
    default:
      return effect satisfies never;
  }
}

/** One wrong signature may be somebody else's, passed on in good faith; a stream of them is the peer's own doing. */
function blamePeer(step: FullNodeStep, peer: PeerId, reason: string): void {
  const count = (step.state.blame.get(peer) ?? 0) + 1;
  step.update({ blame: withEntry(step.state.blame, peer, count) });
  if (count >= PEER_BLAME_MAX) step.emit({ type: "drop-peer", peer, reason });
}

/** A new block of ours. A draft that cannot be built is a broken invariant: every input to it was judged before. */
function build(step: FullNodeStep, round: number, at: TimeMs): ConsensusEvent | undefined {
  const { tip, consensus, mempool } = step.state;
  const { signer, bls } = step.deps.consensus;
  if (signer === undefined || consensus.seat === undefined) return undefined;
  const lastCertificate = commitCertificate(bls, consensus.lastCommit);
  const evidence = chooseEvidence(step.state.evidence);
  const built = buildBlock(step.ledgerDeps(), tip, step.deps.reader, {
    time: at,
    round,
    proposer: consensus.seat,
    beaconSignature: signer.sign(beaconMessage(tip.chain.chainId, nextHeight(tip), tip.header.beacon)),
    lastCertificate,
    evidence,
    // Whatever the mempool holds was verified when it came in, however long ago.
    transactions: chooseTransactions(mempool, tip, step.deps.reader, blockOverhead(lastCertificate, evidence)),
  });
  if (!built.ok) throw new Error(`cannot build a block: ${built.rule}`);
  const { block, outcome } = built;
  const id = outcome.tip.blockId;
  step.update({ executed: withEntry(step.state.executed, formatHex(id), { block, outcome }) });
  return { type: "block-built", now: step.now, round, header: block.header, blockId: id };
}

function frameOf(step: FullNodeStep, message: ConsensusMessage): ConsensusFrame | undefined {
  if (message.type !== "proposal") return message;
  const { height, round, validRound, signature, blockId } = message.proposal;
  const body = bodyOf(step, blockId);
  // After a restart the log names blocks whose bytes were never asked for; without a body there is nothing to propose.
  if (body === undefined) return undefined;
  return { type: "proposal", proposal: { height, round, validRound, signature, body } };
}

/** Only of a verified block: nobody passes on short ids that he has not seen to be right, nor signatures (CO-19). */
function bodyOf(step: FullNodeStep, id: Hash): BlockBody | undefined {
  const key = formatHex(id);
  const block = step.state.executed.get(key)?.block ?? step.state.assemblies.get(key)?.whole;
  return block === undefined ? undefined : blockBody(block);
}
