import { shortId } from "../../../src/core/chain/block.ts";
import type { BlockBody, ConsensusFrame } from "../../../src/core/chain/consensus-frames.ts";
import { hash32 } from "../../../src/core/crypto/tagged-hash.ts";
import type { CertifiedBlock } from "../../../src/core/machines/full-node-events.ts";
import { isZeroHash, ZERO_HASH } from "../../../src/core/values/hash.ts";
import {
  earlierBodies,
  proposalOf,
  spoil,
  thinCertificates,
  twinOf,
  voteFor,
  type CertifiedBody,
  type Cheat,
} from "./cheat-blocks.ts";
import { attackLocks } from "./lock-attack.ts";
import { withForgedPool } from "./forged-pool.ts";
import { withoutLocks, withoutLog } from "./planted-bugs.ts";
import type { FullNodeMachine } from "./node-world.ts";
import { withSignatures } from "../../support/transfer-of.ts";

/** A frame that leaves, and how much later than it should. */
export interface Outgoing {
  readonly frame: ConsensusFrame;
  readonly delayMs: number;
}

/** How a validator cheats: it runs a full node and twists what leaves it. */
export interface Behaviour {
  /** What goes to one receiver instead of a frame. */
  readonly frames?: (cheat: Cheat, to: number, frame: ConsensusFrame) => readonly Outgoing[];
  /** What a peer that fetches gets instead of final blocks. */
  readonly blocks?: (cheat: Cheat, blocks: readonly CertifiedBlock[]) => readonly CertifiedBlock[];
  /** What who joins gets instead of a frame of boundaries, ranges or a snapshot; undefined breaks the stream. */
  readonly snapshots?: (cheat: Cheat, frame: Uint8Array) => Uint8Array | undefined;
  /** What it gossips as final, every second. */
  readonly announcements?: (cheat: Cheat) => readonly CertifiedBody[];
  /** What it runs instead of the product's machine. */
  readonly machine?: (machine: FullNodeMachine) => FullNodeMachine;
}

const now = (frame: ConsensusFrame): readonly Outgoing[] => [{ frame, delayMs: 0 }];

/** Half of the others hear one thing, half another. */
function equivocate(cheat: Cheat, to: number, frame: ConsensusFrame): readonly Outgoing[] {
  if (to % 2 === 0) return now(frame);
  if (frame.type === "proposal") {
    const twin = twinOf(cheat, frame.proposal.body);
    if (twin === undefined) return now(frame);
    return now({ type: "proposal", proposal: proposalOf(cheat, frame.proposal, twin, frame.proposal.validRound) });
  }
  if (frame.type !== "vote" || frame.vote.validator !== cheat.running.state.consensus.seat) return now(frame);
  const { vote } = frame;
  const others = [...cheat.running.state.consensus.blocks.values()].map((block) => block.blockId);
  const other = isZeroHash(vote.blockId) ? others[0] : others.find((id) => id.join() !== vote.blockId.join());
  return now({ type: "vote", vote: voteFor(cheat, vote, other ?? ZERO_HASH) });
}

function reproposed(cheat: Cheat, frame: ConsensusFrame, change: (body: BlockBody) => BlockBody): readonly Outgoing[] {
  if (frame.type !== "proposal") return now(frame);
  const { proposal } = frame;
  return now({ type: "proposal", proposal: proposalOf(cheat, proposal, change(proposal.body), proposal.validRound) });
}

/** A block of an earlier round, as if two thirds had stood behind it in a round that it picks. */
function proposeOld(cheat: Cheat, _to: number, frame: ConsensusFrame): readonly Outgoing[] {
  if (frame.type !== "proposal") return now(frame);
  const { proposal } = frame;
  const old = earlierBodies(cheat, proposal.round);
  const body = old.length === 0 ? proposal.body : cheat.numbers.pick(old);
  const validRound = cheat.numbers.between(old.length === 0 ? -1 : body.header.round, proposal.round - 1);
  return now({ type: "proposal", proposal: proposalOf(cheat, proposal, body, validRound) });
}

/** Votes in the names of others and from rounds far away. */
function forge(cheat: Cheat, frame: ConsensusFrame): readonly Outgoing[] {
  if (frame.type !== "vote") return now(frame);
  const { vote } = frame;
  const seats = cheat.running.state.consensus.validators.length;
  const stolen = { ...vote, validator: cheat.numbers.between(0, seats) };
  const far = voteFor(cheat, { ...vote, round: vote.round + cheat.numbers.between(1, 1_000_000) }, vote.blockId);
  return [frame, { type: "vote", vote: stolen } as const, { type: "vote", vote: far } as const].map((each) => {
    return { frame: each, delayMs: 0 };
  });
}

/** Transactions with the right ids under wrong signatures, which no id covers. */
function spoilParts(frame: ConsensusFrame): readonly Outgoing[] {
  if (frame.type !== "part") return now(frame);
  const transactions = frame.part.transactions.map(({ index, transaction }) => {
    const spoilt = (signature: Uint8Array) => signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
    return { index, transaction: withSignatures(transaction, spoilt) };
  });
  return now({ type: "part", part: { ...frame.part, transactions } });
}

/** Final blocks with something false in one of them, out of order, or fewer than there are. */
function spoilBlocks({ numbers }: Cheat, blocks: readonly CertifiedBlock[]): readonly CertifiedBlock[] {
  const place = numbers.between(0, blocks.length - 1);
  const { block, certificate } = blocks[place]!;
  switch (numbers.between(0, 3)) {
    case 0:
      return blocks.with(place, { block: { ...block, header: spoil(numbers, block.header) }, certificate });
    case 1:
      return blocks.with(place, { block, certificate: { ...certificate, round: certificate.round + 1 } });
    case 2:
      return blocks.toReversed();
    default:
      return blocks.slice(0, place);
  }
}

/**
 * Tells everybody one vote of a round far away, which nobody passes on, and one node another one besides. Of nearer
 * rounds all would soon have both from each other.
 */
function whisper(cheat: Cheat, to: number, frame: ConsensusFrame): readonly Outgoing[] {
  if (frame.type !== "vote" || frame.vote.validator !== cheat.running.state.consensus.seat) return now(frame);
  const far = { ...frame.vote, round: frame.vote.round + 40 };
  const votes = [far.blockId, ...(to === WITNESS ? [hash32("test/whispered")] : [])];
  return [...now(frame), ...votes.flatMap((id) => now({ type: "vote", vote: voteFor(cheat, far, id) }))];
}

/** Who cheats keeps evidence of it to itself. */
function withoutEvidence(machine: FullNodeMachine): FullNodeMachine {
  return (...given) => {
    const [state, effects] = machine(...given);
    return [{ ...state, evidence: [] }, effects.filter(({ type }) => type !== "publish-evidence")];
  };
}

/** The only node that `whispering` validators show what they do. */
export const WITNESS = 4;

/** One byte of some frames is another one; others never come. */
function spoilSnapshots({ numbers }: Cheat, frame: Uint8Array): Uint8Array | undefined {
  if (frame.length < SHORT_FRAME_BYTES || numbers.chance(0.1)) return frame;
  if (numbers.chance(0.1)) return undefined;
  const place = numbers.between(1, frame.length - 1);
  return frame.with(place, frame[place]! ^ (1 << numbers.between(0, 7)));
}

/** Below it frames say that an answer is over, or refused. */
const SHORT_FRAME_BYTES = 16;

/** What plans draw from. */
const DRAWN = {
  silent: { frames: () => [] },
  late: {
    frames: ({ numbers }, _to, frame) => [{ frame, delayMs: numbers.between(300, 6_000) }],
  },
  equivocating: { frames: equivocate, announcements: thinCertificates },
  /** Proposes what it has itself, and tells nobody the rest of it. */
  withholding: {
    frames: (cheat, to, frame) => {
      if (frame.type === "part" || (frame.type === "proposal" && to % 3 === 0)) return [];
      return reproposed(cheat, frame, (body) => ({
        ...body,
        header: { ...body.header, txsRoot: hash32("test/withheld") },
        shortIds: [shortId(body.header.prev, hash32("test/withheld"))],
      }));
    },
  },
  "bad-blocks": {
    frames: (cheat, _to, frame) => {
      return reproposed(cheat, frame, (body) => ({ ...body, header: spoil(cheat.numbers, body.header) }));
    },
  },
  "false-claims": { machine: withForgedPool },
  "wrong-valid-round": { frames: proposeOld },
  "lock-breaking": { frames: attackLocks, machine: withoutLocks },
  forging: { frames: (cheat, _to, frame) => forge(cheat, frame), announcements: thinCertificates },
  "bad-parts": { frames: (_cheat, _to, frame) => spoilParts(frame) },
  "bad-history": { blocks: spoilBlocks, announcements: thinCertificates },
  "fake-snapshots": { snapshots: spoilSnapshots },
  "thin-certificates": { announcements: thinCertificates },
  /** Votes as if it had never voted before. */
  amnesiac: { machine: (machine) => withoutLog(withoutLocks(machine)), announcements: thinCertificates },
} as const satisfies Record<string, Behaviour>;

const BEHAVIOURS = { ...DRAWN, whispering: { frames: whisper, machine: withoutEvidence } } as const satisfies Record<
  string,
  Behaviour
>;

export type BehaviourName = keyof typeof BEHAVIOURS;

export const BEHAVIOUR_NAMES = Object.keys(DRAWN) as readonly BehaviourName[];

export function behaviourOf(name: BehaviourName): Behaviour {
  return BEHAVIOURS[name];
}
