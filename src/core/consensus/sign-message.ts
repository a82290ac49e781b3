import { equalBytes } from "../bytes/compare-bytes.ts";
import { proposalMessage, VOTE_TYPE, voteMessage, type Vote, type VoteType } from "../chain/vote.ts";
import type { Hash } from "../values/hash.ts";
import type { BlockProposal, ConsensusMessage } from "./consensus-events.ts";
import { encodeLogEntry, type LogEntry } from "./consensus-log.ts";
import type { KnownBlock, RoundValue } from "./consensus-state.ts";
import { holdVerifiedVote, recordSigned } from "./hold-votes.ts";
import type { SignedType } from "./signer-guard.ts";
import type { Turn } from "./turn.ts";

/** Signs, logs and sends a vote of the current round; nothing happens without a seat, or where the guard refuses. */
export function castVote(turn: Turn, type: VoteType, blockId: Hash): void {
  const { height, round, seat } = turn.state;
  const message = voteMessage(turn.deps.chainId, VOTE_TYPE[type], height, round, blockId);
  const signature = sign(turn, type, message);
  if (signature === undefined || seat === undefined) return;
  const vote: Vote = { type, height, round, blockId, validator: seat, signature };
  writeLog(turn, { type: "vote", vote });
  turn.emit({ type: "send", message: { type: "vote", vote }, to: "all" });
  holdVerifiedVote(turn, vote);
}

/** Signs, logs and sends a proposal of the current round; its block is kept for a restart. */
export function castProposal(turn: Turn, block: KnownBlock, validRound: number): void {
  const { height, round } = turn.state;
  const { blockId, header } = block;
  const message = proposalMessage(turn.deps.chainId, height, round, validRound, blockId);
  const signature = sign(turn, "proposal", message);
  if (signature === undefined) return;
  const proposal: BlockProposal = { height, round, validRound, header, blockId, signature };
  storeBlock(turn, block);
  writeLog(turn, { type: "proposal", proposal });
  const { proposals } = turn.round(round);
  turn.patchRound(round, { proposals: [...proposals, { proposal, verdict: "acceptable" }] });
  turn.emit({ type: "send", message: { type: "proposal", proposal }, to: "all" });
}

/**
 * Sets validV/R, and lockedV/R too where `isLocked`, on disk first, with the prevotes they rest on: of a round that is
 * over nobody may be left to ask for those, and a lock that others cannot check holds this validator back for long.
 */
export function rememberPolka(turn: Turn, block: KnownBlock, isLocked: boolean): void {
  const { blockId, header } = block;
  const { round } = turn.state;
  const value: RoundValue = { round, blockId };
  const votes = turn
    .round(round)
    .prevotes.verified.flatMap((of) => of.filter((vote) => equalBytes(vote.blockId, blockId)));
  storeBlock(turn, block);
  writeLog(turn, { type: "polka", votes });
  if (isLocked) writeLog(turn, { type: "lock", round, header });
  writeLog(turn, { type: "valid", round, header });
  turn.patch(isLocked ? { locked: value, valid: value } : { valid: value });
}

/** [CO-19] Sends this node's own messages of a round again, byte for byte: after a restart. */
export function resendRound(turn: Turn, round: number): void {
  const { seat } = turn.state;
  if (seat === undefined) return;
  const held = turn.round(round);
  const own = [...held.prevotes.verified[seat]!, ...held.precommits.verified[seat]!];
  const isOwnTurn = turn.proposerOf(round) === seat;
  const messages: ConsensusMessage[] = [
    ...(isOwnTurn
      ? held.proposals.slice(0, 1).map((item) => ({ type: "proposal", proposal: item.proposal }) as const)
      : []),
    ...own.map((vote) => ({ type: "vote", vote }) as const),
  ];
  for (const message of messages) turn.emit({ type: "send", message, to: "all" });
}

function sign(turn: Turn, type: SignedType, message: Hash): Uint8Array | undefined {
  const { signer } = turn.deps;
  if (signer === undefined || turn.state.seat === undefined) return undefined;
  return recordSigned(turn, type, turn.state.round, message) ? signer.sign(message) : undefined;
}

function writeLog(turn: Turn, entry: LogEntry): void {
  if (turn.state.seat === undefined) return;
  turn.emit({ type: "write-log", height: turn.state.height, entry: encodeLogEntry(entry) });
}

function storeBlock(turn: Turn, block: KnownBlock): void {
  const held = turn.block(block.blockId) ?? block;
  if (held.isStored || turn.state.seat === undefined) return;
  turn.emit({ type: "store-block", height: turn.state.height, blockId: block.blockId });
  turn.patchBlock({ ...held, isStored: true });
}
