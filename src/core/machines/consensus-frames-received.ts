import { formatHex } from "../bytes/hex.ts";
import {
  splitParts,
  type ConsensusFrame,
  type PartFrame,
  type ProposalFrame,
  type WantFrame,
} from "../chain/consensus-frames.ts";
import { blockId } from "../chain/header.ts";
import type { PeerId } from "../ports/network-port.ts";
import { height } from "../values/height.ts";
import { fillVersion, missingPlaces, versionOf } from "./block-assembly.ts";
import { peerShowed } from "./catch-up.ts";
import { blockJudged, driveConsensus } from "./drive-consensus.ts";
import { withEntry, type FullNodeStep } from "./full-node-state.ts";
import { holdBody, tryExecute } from "./handle-blocks.ts";

/** One frame of protocol `vote` (CO-19). Signatures are the consensus machine's to check. */
export function receiveConsensusFrame(step: FullNodeStep, peer: PeerId, frame: ConsensusFrame): void {
  switch (frame.type) {
    case "vote":
      showHeight(step, peer, frame.vote.height);
      driveConsensus(step, { type: "vote-received", now: step.now, vote: frame.vote, from: peer });
      return;
    case "proposal":
      showHeight(step, peer, frame.proposal.height);
      receiveProposal(step, peer, frame.proposal);
      return;
    case "want":
      answerWant(step, peer, frame.want);
      return;
    case "part":
      receivePart(step, peer, frame.part);
      return;
    case "have-set":
      showHeight(step, peer, frame.set.height);
      driveConsensus(step, { type: "have-set-received", now: step.now, set: frame.set, from: peer });
      return;
    default:
      return frame satisfies never;
  }
}

/** Who votes at a height holds the block below it. A lie costs one fetch that fails. */
function showHeight(step: FullNodeStep, peer: PeerId, voted: number): void {
  if (voted > 0) peerShowed(step, peer, height(voted - 1));
}

function receiveProposal(step: FullNodeStep, peer: PeerId, frame: ProposalFrame): void {
  const { header } = frame.body;
  const id = blockId(header);
  const key = formatHex(id);
  if (header.height !== frame.height) return;
  const { assemblies, consensus: before } = step.state;
  const held = assemblies.get(key);
  // What others say that it holds no longer matters. While it is being judged it does: that may come out as forged.
  const isWhole = step.state.executed.has(key) || held?.whole !== undefined;
  if (!isWhole && holdBody(step, id, frame.body, peer) === undefined) return;
  const { height: at, round, validRound, signature } = frame;
  const proposal = { height: at, round, validRound, header, blockId: id, signature };
  driveConsensus(step, { type: "proposal-received", now: step.now, proposal, from: peer });
  if (isWhole) return;
  // A body that consensus took no interest in (bad signature, wrong proposer) must not stay: anybody can send those.
  const { consensus } = step.state;
  if (held === undefined && consensus.height === at && !consensus.blocks.has(key)) step.update({ assemblies });
  // Consensus asks for a block once: what another peer says of it is judged now.
  if (before.blocks.get(key)?.validity !== "unknown") return;
  const ok = tryExecute(step, id, peer);
  if (ok !== undefined) blockJudged(step, id, ok);
}

/** Answers to one peer about one block: a want may come again after a lost stream, but not for ever. */
export const WANT_ANSWERS_MAX = 4;

/** Of a verified block alone: whoever passes on parts that he has not verified would answer for another's signatures. */
function answerWant(step: FullNodeStep, peer: PeerId, want: WantFrame): void {
  const key = formatHex(want.blockId);
  const asked = `${peer} ${key}`;
  const answered = step.state.answeredWants.get(asked) ?? 0;
  const block = step.state.executed.get(key)?.block ?? step.state.assemblies.get(key)?.whole;
  if (block === undefined || answered >= WANT_ANSWERS_MAX) return;
  step.update({ answeredWants: withEntry(step.state.answeredWants, asked, answered + 1) });
  const found = want.indexes.flatMap((index) => {
    const transaction = block.transactions[index];
    return transaction === undefined ? [] : [{ index, transaction }];
  });
  for (const part of splitParts(want.height, want.blockId, found)) {
    step.emit({ type: "send-frame", to: { peer }, frame: { type: "part", part } });
  }
}

function receivePart(step: FullNodeStep, peer: PeerId, part: PartFrame): void {
  const key = formatHex(part.blockId);
  const assembly = step.state.assemblies.get(key);
  const version = assembly === undefined ? undefined : versionOf(assembly, peer);
  // Only what was asked for: every other part would make us look at the whole block again.
  if (assembly === undefined || version === undefined || version.filledFrom === "nowhere") return;
  if (step.state.executed.has(key)) return;
  const filled = fillVersion(assembly, version, part.transactions);
  const missing = missingPlaces(version);
  if (missingPlaces(versionOf(filled, peer)!).length === missing.length) return;
  step.update({ assemblies: withEntry(step.state.assemblies, key, filled) });
  // An answer comes in several frames, places ascending: only where its last one came is there anything to ask again.
  const isLastPart = (part.transactions.at(-1)?.index ?? 0) >= missing.at(-1)!;
  const ok = tryExecute(step, part.blockId, isLastPart ? peer : undefined);
  if (ok !== undefined) blockJudged(step, part.blockId, ok);
}
