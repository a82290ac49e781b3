import {
  decodeConsensusFrame,
  encodeConsensusFrame,
  type ConsensusFrame,
} from "../../../src/core/chain/consensus-frames.ts";
import { encodeEvidence, type Evidence } from "../../../src/core/chain/evidence.ts";
import type { Transaction } from "../../../src/core/chain/transaction.ts";
import type { FullNodeEffect, FullNodeEvent, VerifyClaims } from "../../../src/core/machines/full-node-events.ts";
import { verifyClaims } from "../../../src/core/state/spend-claims.ts";
import type { TimeMs } from "../../../src/core/values/height.ts";
import { judgeEvidence } from "../../../src/wire/gossip/evidence.ts";
import { decodeStemFrame, encodeStemFrame } from "../../../src/wire/requests/stem.ts";
import { seededRandom } from "../../support/test-random.ts";
import type { CertifiedBody } from "./cheat-blocks.ts";
import { fetchBlocks } from "./fetch-blocks.ts";
import type { NodeSimulation } from "./node-simulation.ts";
import type { Running } from "./node-world.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { Traffic } from "./simulation-plan.ts";

const HURRIED_MS = 2;

const weights = seededRandom("weights");

/** Carries out what a machine asks for, as `start-full-node.ts` and its network do. */
export function performEffect(
  simulation: NodeSimulation,
  node: SimulatedNode,
  running: Running,
  effect: FullNodeEffect,
): void {
  const { now } = node;
  /** Answers this process after a while. */
  const answer = (event: (now: TimeMs) => FullNodeEvent): void => {
    const { numbers, weather } = simulation;
    simulation.at(simulation.now + numbers.between(1, weather.verdictMsMax), () => {
      if (node.running === running) node.post(event(node.now));
    });
  };
  switch (effect.type) {
    case "continue":
      running.queue.unshift({ type: "block-committed", now });
      return;
    case "send-frame":
      simulation.sendFrame(node, running, effect.to, effect.frame);
      return;
    case "verify-proofs": {
      // Proofs are tested elsewhere; here only their verdict's way back matters, and who has signed a claim.
      const { job, signed } = effect;
      const claims = signed === undefined ? [] : [{ transfer: undefined, rangeProofs: [], ...signed }];
      const isGood = verifyClaims(running.deps.ledger, claims, weights).every((rule) => rule === undefined);
      answer((at) => ({ type: "proofs-verified", now: at, job, good: job.proofs.map(() => isGood) }));
      return;
    }
    case "verify-claims":
      verifyLater(simulation, node, running, effect);
      return;
    case "hurry-claims": {
      const tell = running.verdicts.get(effect.job);
      if (tell !== undefined) simulation.at(simulation.now + HURRIED_MS, tell);
      return;
    }
    case "withdraw-claims":
      // The answer may come all the same.
      if (simulation.numbers.chance(0.5)) running.verdicts.delete(effect.job);
      return;
    case "send-stem":
      sendStem(simulation, node, effect);
      return;
    case "publish-transaction":
      publishTransaction(simulation, node, effect.transaction);
      return;
    case "publish-block":
      publishBlock(simulation, node, effect);
      return;
    case "publish-evidence":
      publishEvidence(simulation, node, effect.evidence);
      return;
    case "fetch-blocks":
      fetchBlocks(simulation, node, running, effect);
      return;
    case "drop-peer":
      dropPeer(simulation, node, effect.peer, effect.reason);
      return;
    case "arm-timer": {
      const { timer } = effect;
      simulation.at(effect.at - node.skewMs, () => {
        if (node.running === running) node.post({ type: "timer-fired", now: node.now, timer });
      });
      return;
    }
    case "unjail-sent":
      simulation.watch.returned(node);
      return;
    case "report-evidence":
      simulation.watch.accused(node, effect.evidence);
      return;
    case "report":
      simulation.watch.reported(node, effect.code);
      return;
    case "reply-transaction":
    case "pool-changed":
    case "reply-block":
    case "reply-evidence":
    case "announce-height":
    case "standing-changed":
      return;
    case "commit-block":
    case "write-log":
    case "write-evidence":
      throw new Error("a write reached the performer");
    default:
      effect satisfies never;
  }
}

/** A verdict on a block comes late, and a second time where it was hurried. */
function verifyLater(simulation: NodeSimulation, node: SimulatedNode, running: Running, asked: VerifyClaims): void {
  const { numbers, weather } = simulation;
  const { job } = asked;
  const claims = asked.claims.map((claim) => ({ ...claim, rangeProofs: [] }));
  const rule = verifyClaims(running.deps.ledger, claims, weights).find((broken) => broken !== undefined);
  running.verdicts.set(job, () => {
    if (node.running === running) node.post({ type: "claims-verified", now: node.now, job, rule });
  });
  simulation.at(simulation.now + numbers.between(1, weather.verdictMsMax), () => running.verdicts.get(job)?.());
}

/** What kind of traffic a frame is. */
export function trafficOf(frame: ConsensusFrame): Traffic {
  switch (frame.type) {
    case "vote":
      return frame.vote.type;
    case "want":
    case "part":
      return "parts";
    case "proposal":
    case "have-set":
      return frame.type;
    default:
      return frame satisfies never;
  }
}

/** Through the codec, so that what arrives is what the wire can carry. */
export function deliverFrame(
  simulation: NodeSimulation,
  from: SimulatedNode,
  to: SimulatedNode,
  frame: ConsensusFrame,
): void {
  const bytes = encodeConsensusFrame(frame);
  simulation.deliver(from, to, trafficOf(frame), (now) => {
    return { type: "consensus-frame-received", now, peer: from.name, frame: decodeConsensusFrame(bytes) };
  });
}

export function publishBlock(simulation: NodeSimulation, from: SimulatedNode, block: CertifiedBody): void {
  const { body, certificate } = block;
  for (const to of simulation.others(from)) {
    simulation.deliver(from, to, "gossip-block", (now) => {
      return { type: "block-announced", now, peer: from.name, body, certificate, reply: -1 };
    });
  }
}

/** Through the first judge, so that what arrives is what the wire can carry. */
function publishEvidence(simulation: NodeSimulation, from: SimulatedNode, evidence: Evidence): void {
  const bytes = encodeEvidence(evidence);
  for (const to of simulation.others(from)) {
    simulation.deliver(from, to, "gossip-block", (now) => {
      const judged = judgeEvidence(bytes, { isKnown: () => false });
      if (judged.verdict !== "accept") throw new Error(`evidence refused: ${judged.reason}`);
      return { type: "evidence-received", now, peer: from.name, evidence: judged.value, reply: -1 };
    });
  }
}

function dropPeer(simulation: NodeSimulation, node: SimulatedNode, peer: string, reason: string): void {
  const other = simulation.nodeOf(peer);
  simulation.watch.dropped(node, other, reason);
  simulation.links.drop(node, other);
}

function publishTransaction(simulation: NodeSimulation, from: SimulatedNode, transaction: Transaction): void {
  for (const to of simulation.others(from)) {
    simulation.deliver(from, to, "gossip-transaction", (now) => {
      return { type: "transaction-received", now, transaction, reply: -1, source: "gossip" };
    });
  }
}

function sendStem(
  simulation: NodeSimulation,
  from: SimulatedNode,
  { peer, txid, transaction }: Extract<FullNodeEffect, { type: "send-stem" }>,
): void {
  const to = simulation.nodeOf(peer);
  if (to.running === undefined || simulation.network.isApart(from.number, to.number)) {
    const { running } = from;
    simulation.at(simulation.now, () => {
      if (from.running === running) from.post({ type: "stem-unsent", now: from.now, peer, txid });
    });
    return;
  }
  const frame = encodeStemFrame(transaction);
  const source = { peer: from.name };
  simulation.deliver(from, to, "stem", (now) => {
    return { type: "transaction-received", now, transaction: decodeStemFrame(frame), reply: -1, source };
  });
}
