import { formatHex } from "../bytes/hex.ts";
import {
  splitParts,
  type ConsensusFrame,
  type PartFrame,
  type ProposalFrame,
  type WantFrame,
} from "../chain/consensus-frames.ts";
import { blockId } from "../chain/header.ts";
import { transactionId, type Transaction } from "../chain/transaction.ts";
import type { PeerId } from "../ports/network-port.ts";
import { resolveInputs, validateSignatures } from "../state/validate-spend.ts";
import { height } from "../values/height.ts";
import { fillAssembly, missingPlaces } from "./block-assembly.ts";
import { peerShowed } from "./catch-up.ts";
import { blockJudged, driveConsensus } from "./drive-consensus.ts";
import { withEntry, type FullNodeStep } from "./full-node-state.ts";
import { askForParts, holdBody, tryExecute } from "./handle-blocks.ts";

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
  const known = assemblies.get(key);
  const isKnown = known !== undefined || step.state.executed.has(key);
  if (!isKnown && holdBody(step, id, frame.body) === undefined) return;
  const { height: at, round, validRound, signature } = frame;
  const proposal = { height: at, round, validRound, header, blockId: id, signature };
  driveConsensus(step, { type: "proposal-received", now: step.now, proposal, from: peer });
  // A body that consensus took no interest in (bad signature, wrong proposer) must not stay: anybody can send those.
  const { consensus } = step.state;
  if (!isKnown && consensus.height === at && !consensus.blocks.has(key)) step.update({ assemblies });
  // Whoever passed it on first may keep the parts to itself.
  if (known !== undefined) askForParts(step, known, peer);
  // Consensus asks for a block once: a body that comes later, after a wrong one, is judged now.
  if (isKnown || before.blocks.get(key)?.validity !== "unknown") return;
  const ok = tryExecute(step, id, peer);
  if (ok !== undefined) blockJudged(step, id, ok);
}

/** Answers to one peer about one block: a want may come again after a lost stream, but not for ever. */
export const WANT_ANSWERS_MAX = 4;

function answerWant(step: FullNodeStep, peer: PeerId, want: WantFrame): void {
  const key = formatHex(want.blockId);
  const asked = `${peer} ${key}`;
  const answered = step.state.answeredWants.get(asked) ?? 0;
  const isHeld = step.state.executed.has(key) || step.state.assemblies.has(key);
  if (!isHeld || answered >= WANT_ANSWERS_MAX) return;
  step.update({ answeredWants: withEntry(step.state.answeredWants, asked, answered + 1) });
  const transactions =
    step.state.executed.get(key)?.block.transactions ?? step.state.assemblies.get(key)?.transactions ?? [];
  const found = want.indexes.flatMap((index) => {
    const transaction = transactions[index];
    return transaction === undefined ? [] : [{ index, transaction }];
  });
  for (const part of splitParts(want.height, want.blockId, found)) {
    step.emit({ type: "send-frame", to: { peer }, frame: { type: "part", part } });
  }
}

/**
 * TX-5 ahead of the block: a txid does not cover the signatures, so a stranger could put false ones in its place and
 * the block would be judged by them. An input we do not know is the block's fault, not the part's.
 */
function isSigned(step: FullNodeStep, transaction: Transaction): boolean {
  const inputs = resolveInputs(step.deps.reader, transaction.inputs, () => false);
  if (!inputs.ok) return true;
  const txid = transactionId(transaction);
  return validateSignatures(step.deps.ledger.curve, { transaction, txid }, inputs.cores).ok;
}

function receivePart(step: FullNodeStep, peer: PeerId, part: PartFrame): void {
  const key = formatHex(part.blockId);
  const assembly = step.state.assemblies.get(key);
  // Only what was asked for: every other part would make us look at the whole block again.
  if (assembly?.isSearched !== true || step.state.executed.has(key)) return;
  const filled = fillAssembly(assembly, part.transactions, (transaction) => isSigned(step, transaction));
  if (missingPlaces(filled).length === missingPlaces(assembly).length) return;
  step.update({ assemblies: withEntry(step.state.assemblies, key, filled) });
  const ok = tryExecute(step, part.blockId, peer);
  if (ok !== undefined) blockJudged(step, part.blockId, ok);
}
