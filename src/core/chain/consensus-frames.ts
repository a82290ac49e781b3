import { DecodeError } from "../bytes/decode-error.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import {
  BLOCK_EVIDENCE_MAX,
  BLOCK_TRANSACTIONS_MAX,
  BLS_SIGNATURE_SIZE,
  TX_BYTES_MAX,
  VALIDATORS_MAX,
} from "../params/limits.ts";
import { hash, type Hash } from "../values/hash.ts";
import { height, type Height } from "../values/height.ts";
import { readBitmap, readCertificate, writeBitmap, writeCertificate, type Certificate } from "./certificate.ts";
import { encodeEvidence, readEvidence, type Evidence } from "./evidence.ts";
import { encodeHeader, readHeader, type Header } from "./header.ts";
import { decodeTransaction, encodeTransaction, type Transaction } from "./transaction.ts";
import { VOTE_TYPE, type Vote } from "./vote.ts";

/** Longest frame of protocol `vote`, type byte included (11.1). */
export const CONSENSUS_FRAME_BYTES_MAX = 192 * 1024;

export const SHORT_ID_SIZE = 8;

/** What follows the header in a proposal and in a block of gossip (CO-19, 11.1). */
export interface BlockContents {
  /** Precommits for the parent. */
  readonly lastCertificate: Certificate;
  readonly evidence: readonly Evidence[];
  /** `shortId(header.prev, txid)` in block order. */
  readonly shortIds: readonly Uint8Array[];
}

/** A block as a proposal carries it: transactions are named, not held (CO-19). */
export interface BlockBody extends BlockContents {
  readonly header: Header;
}

/** Frame 2: signed by `proposer(h, r)` over the proposal message. */
export interface ProposalFrame {
  readonly height: Height;
  readonly round: number;
  /** −1 for a new block. */
  readonly validRound: number;
  readonly signature: Uint8Array;
  readonly body: BlockBody;
}

/** Frame 3: asks for transactions by their place in the block. */
export interface WantFrame {
  readonly height: Height;
  readonly blockId: Hash;
  /** Ascending. */
  readonly indexes: readonly number[];
}

/** Frame 4: answers a part of frame 3. */
export interface PartFrame {
  readonly height: Height;
  readonly blockId: Hash;
  readonly transactions: readonly { readonly index: number; readonly transaction: Transaction }[];
}

/** Frame 5: what its sender holds of one round; bits by seat. */
export interface HaveSet {
  readonly height: Height;
  readonly round: number;
  readonly isProposalKnown: boolean;
  readonly prevotes: readonly boolean[];
  readonly precommits: readonly boolean[];
}

export type ConsensusFrame =
  | { readonly type: "vote"; readonly vote: Vote }
  | { readonly type: "proposal"; readonly proposal: ProposalFrame }
  | { readonly type: "want"; readonly want: WantFrame }
  | { readonly type: "part"; readonly part: PartFrame }
  | { readonly type: "have-set"; readonly set: HaveSet };

const FRAME = { vote: 1, proposal: 2, want: 3, part: 4, "have-set": 5 } as const;
const FLAG_PROPOSAL_KNOWN = 1;
/** Type byte, height, block id and count in front of the items of a part; index and length in front of each. */
const PART_HEAD_SIZE = 1 + 8 + 32 + 2;
const PART_ITEM_HEAD_SIZE = 2 + 4;

export function writeBlockContents(writer: Writer, contents: BlockContents): void {
  writeCertificate(writer, contents.lastCertificate);
  writer.u8(contents.evidence.length).list(contents.evidence, (out, item) => out.bytes(encodeEvidence(item)));
  writer.u16(contents.shortIds.length).list(contents.shortIds, (out, id) => out.fixed(id, SHORT_ID_SIZE));
}

export function readBlockContents(reader: Reader): BlockContents {
  return {
    lastCertificate: readCertificate(reader),
    evidence: reader.list(reader.u8(), BLOCK_EVIDENCE_MAX, readEvidence),
    shortIds: reader.list(reader.u16(), BLOCK_TRANSACTIONS_MAX, (from) => from.bytes(SHORT_ID_SIZE)),
  };
}

/** One frame of protocol `vote`: type byte and body (CO-19); its length is the transport's business. */
export function encodeConsensusFrame(frame: ConsensusFrame): Uint8Array {
  const writer = new Writer(256).u8(FRAME[frame.type]);
  switch (frame.type) {
    case "vote":
      writeVote(writer, frame.vote);
      break;
    case "proposal":
      writeProposal(writer, frame.proposal);
      break;
    case "want":
      writer.u64(frame.want.height).fixed(frame.want.blockId, 32).u16(frame.want.indexes.length);
      writer.list(frame.want.indexes, (out, index) => out.u16(index));
      break;
    case "part":
      writePart(writer, frame.part);
      break;
    case "have-set":
      writeHaveSet(writer, frame.set);
      break;
    default:
      return frame satisfies never;
  }
  return writer.finish();
}

/** Decodes exactly one frame of at most {@link CONSENSUS_FRAME_BYTES_MAX} (EN-3, EN-4). */
export function decodeConsensusFrame(bytes: Uint8Array): ConsensusFrame {
  if (bytes.length > CONSENSUS_FRAME_BYTES_MAX) throw new DecodeError(`frame of ${bytes.length} bytes`);
  const reader = new Reader(bytes);
  const frame = readFrame(reader.u8(), reader);
  reader.end();
  return frame;
}

/** Splits an answer to a want so that every frame stays under its limit; one transaction always fits. */
export function splitParts(blockHeight: Height, id: Hash, transactions: PartFrame["transactions"]): PartFrame[] {
  const parts: PartFrame[] = [];
  let held: PartFrame["transactions"][number][] = [];
  let size = PART_HEAD_SIZE;
  for (const item of transactions) {
    const itemSize = PART_ITEM_HEAD_SIZE + encodeTransaction(item.transaction).length;
    if (held.length > 0 && size + itemSize > CONSENSUS_FRAME_BYTES_MAX) {
      parts.push({ height: blockHeight, blockId: id, transactions: held });
      held = [];
      size = PART_HEAD_SIZE;
    }
    held.push(item);
    size += itemSize;
  }
  if (held.length > 0) parts.push({ height: blockHeight, blockId: id, transactions: held });
  return parts;
}

function readFrame(type: number, reader: Reader): ConsensusFrame {
  switch (type) {
    case FRAME.vote:
      return { type: "vote", vote: readVote(reader) };
    case FRAME.proposal:
      return { type: "proposal", proposal: readProposal(reader) };
    case FRAME.want:
      return { type: "want", want: readWant(reader) };
    case FRAME.part:
      return { type: "part", part: readPart(reader) };
    case FRAME["have-set"]:
      return { type: "have-set", set: readHaveSet(reader) };
    default:
      throw new DecodeError(`frame type ${type}`);
  }
}

export function writeVote(writer: Writer, vote: Vote): void {
  writer.u8(VOTE_TYPE[vote.type]).u64(vote.height).u32(vote.round).fixed(vote.blockId, 32);
  writer.u16(vote.validator).fixed(vote.signature, BLS_SIGNATURE_SIZE);
}

export function readVote(reader: Reader): Vote {
  const type = reader.u8();
  if (type !== VOTE_TYPE.prevote && type !== VOTE_TYPE.precommit) throw new DecodeError(`vote type ${type}`);
  const vote: Vote = {
    type: type === VOTE_TYPE.prevote ? "prevote" : "precommit",
    height: height(reader.u53()),
    round: reader.u32(),
    blockId: hash(reader.bytes(32)),
    validator: reader.u16(),
    signature: reader.bytes(BLS_SIGNATURE_SIZE),
  };
  if (vote.validator >= VALIDATORS_MAX) throw new DecodeError(`seat ${vote.validator}`);
  return vote;
}

function writeProposal(writer: Writer, proposal: ProposalFrame): void {
  writer
    .u64(proposal.height)
    .u32(proposal.round)
    .u32(proposal.validRound + 1);
  writer.fixed(proposal.signature, BLS_SIGNATURE_SIZE).bytes(encodeHeader(proposal.body.header));
  writeBlockContents(writer, proposal.body);
}

function readProposal(reader: Reader): ProposalFrame {
  return {
    height: height(reader.u53()),
    round: reader.u32(),
    validRound: reader.u32() - 1,
    signature: reader.bytes(BLS_SIGNATURE_SIZE),
    body: { header: readHeader(reader), ...readBlockContents(reader) },
  };
}

function readWant(reader: Reader): WantFrame {
  const want = {
    height: height(reader.u53()),
    blockId: hash(reader.bytes(32)),
    indexes: reader.list(reader.u16(), BLOCK_TRANSACTIONS_MAX, (from) => from.u16()),
  };
  if (want.indexes.some((index, place) => place > 0 && want.indexes[place - 1]! >= index)) {
    throw new DecodeError("indexes not ascending");
  }
  return want;
}

function writePart(writer: Writer, part: PartFrame): void {
  writer.u64(part.height).fixed(part.blockId, 32).u16(part.transactions.length);
  for (const item of part.transactions) {
    const bytes = encodeTransaction(item.transaction);
    writer.u16(item.index).u32(bytes.length).bytes(bytes);
  }
}

function readPart(reader: Reader): PartFrame {
  return {
    height: height(reader.u53()),
    blockId: hash(reader.bytes(32)),
    transactions: reader.list(reader.u16(), BLOCK_TRANSACTIONS_MAX, (from) => {
      const index = from.u16();
      const size = from.u32();
      if (size > TX_BYTES_MAX) throw new DecodeError(`transaction of ${size} bytes`);
      return { index, transaction: decodeTransaction(from.bytes(size)) };
    }),
  };
}

function writeHaveSet(writer: Writer, set: HaveSet): void {
  writer
    .u64(set.height)
    .u32(set.round)
    .u8(set.isProposalKnown ? FLAG_PROPOSAL_KNOWN : 0);
  writer.u8(set.prevotes.length);
  writeBitmap(writer, set.prevotes);
  writeBitmap(writer, set.precommits);
}

function readHaveSet(reader: Reader): HaveSet {
  const setHeight = height(reader.u53());
  const round = reader.u32();
  const flags = reader.u8();
  if ((flags & ~FLAG_PROPOSAL_KNOWN) !== 0) throw new DecodeError(`have-set flags ${flags}`);
  const count = reader.u8();
  if (count > VALIDATORS_MAX) throw new DecodeError(`have-set of ${count} seats`);
  return {
    height: setHeight,
    round,
    isProposalKnown: flags === FLAG_PROPOSAL_KNOWN,
    prevotes: readBitmap(reader, count),
    precommits: readBitmap(reader, count),
  };
}
