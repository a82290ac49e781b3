import { formatHex } from "../bytes/hex.ts";
import { orderEvidenceItems } from "../chain/evidence.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import { VOTE_TYPE, voteMessage, type Vote } from "../chain/vote.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { BlockProposal } from "./consensus-events.ts";
import type { Turn } from "./turn.ts";

/**
 * [ST-4] kind 1: two votes of one key in one place. Each signature is checked alone: votes that verified as a batch
 * prove together that both keys signed, but only a single valid signature convicts one of them.
 */
export function reportVotes(turn: Turn, validators: ValidatorSet, left: Vote, right: Vote, from?: PeerId): void {
  const { blsKey } = validators[left.validator]!;
  const key = `votes:${formatHex(blsKey)}`;
  if (!isFirstReport(turn, key)) return;
  const isSigned = (vote: Vote): boolean => {
    const message = voteMessage(turn.deps.chainId, VOTE_TYPE[vote.type], vote.height, vote.round, vote.blockId);
    return turn.deps.bls.verify(blsKey, message, vote.signature);
  };
  // The new one first: whoever sends votes that nobody signed pays for the check with its name.
  if (!isSigned(right)) {
    if (from !== undefined) turn.emit({ type: "blame-peer", peer: from, reason: "bad_signature" });
    return;
  }
  if (!isSigned(left)) return;
  const { height, round } = left;
  const items = orderEvidenceItems(
    { blockId: left.blockId, signature: left.signature },
    { blockId: right.blockId, signature: right.signature },
  );
  markReported(turn, key);
  const voteType = VOTE_TYPE[left.type];
  turn.emit({ type: "report-evidence", evidence: { kind: "votes", height, round, voteType, blsKey, items } });
}

/** [ST-4] kind 2: two proposals of one round. Both signatures were checked on receipt. */
export function reportProposals(turn: Turn, seat: number, left: BlockProposal, right: BlockProposal): void {
  const { blsKey } = turn.state.validators[seat]!;
  const key = `proposals:${formatHex(blsKey)}`;
  if (!isFirstReport(turn, key)) return;
  const items = orderEvidenceItems(signedProposal(left), signedProposal(right));
  const { height, round } = left;
  markReported(turn, key);
  turn.emit({ type: "report-evidence", evidence: { kind: "proposals", height, round, blsKey, items } });
}

function signedProposal(proposal: BlockProposal): {
  readonly validRound: number;
  readonly blockId: BlockProposal["blockId"];
  readonly signature: Uint8Array;
} {
  const { validRound, blockId, signature } = proposal;
  return { validRound, blockId, signature };
}

/**
 * One report a key, kind and height convicts it; more would only fill memory. By key: late votes of the height before are
 * of its set, where another key may have the same seat.
 */
function isFirstReport(turn: Turn, key: string): boolean {
  return !turn.state.reported.has(key);
}

function markReported(turn: Turn, key: string): void {
  turn.patch({ reported: new Set(turn.state.reported).add(key) });
}
