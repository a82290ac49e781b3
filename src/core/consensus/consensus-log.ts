import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { readVote, writeVote } from "../chain/consensus-frames.ts";
import { blockId, encodeHeader, readHeader, type Header } from "../chain/header.ts";
import type { Vote } from "../chain/vote.ts";
import { BLOCK_BYTES_MAX, BLS_SIGNATURE_SIZE, VALIDATORS_MAX } from "../params/limits.ts";
import type { BlockProposal } from "./consensus-events.ts";

/**
 * One line of a validator's log (CO-14), written before anything it speaks of is sent. It also is the record of the
 * signer guard: a vote or proposal found here was signed and may have been sent.
 */
export type LogEntry =
  | { readonly type: "vote"; readonly vote: Vote }
  | { readonly type: "proposal"; readonly proposal: BlockProposal }
  /** Two thirds of prevotes for one block, which the lock or valid value of the next line rests on. */
  | { readonly type: "polka"; readonly votes: readonly Vote[] }
  /** (lockedV, lockedR) := (header, round). */
  | { readonly type: "lock"; readonly round: number; readonly header: Header }
  /** (validV, validR) := (header, round). */
  | { readonly type: "valid"; readonly round: number; readonly header: Header }
  /** The bytes of a block this validator stands behind. The full node writes and reads it; the machine skips it. */
  | { readonly type: "block"; readonly block: Uint8Array };

const ENTRY = { vote: 1, proposal: 2, lock: 3, valid: 4, block: 5, polka: 6 } as const;

export function encodeLogEntry(entry: LogEntry): Uint8Array {
  const writer = new Writer(256).u8(ENTRY[entry.type]);
  switch (entry.type) {
    case "vote":
      writeVote(writer, entry.vote);
      break;
    case "proposal":
      writer.u32(entry.proposal.round).u32(entry.proposal.validRound + 1);
      writer.fixed(entry.proposal.signature, BLS_SIGNATURE_SIZE).bytes(encodeHeader(entry.proposal.header));
      break;
    case "polka":
      writer.u8(entry.votes.length);
      for (const vote of entry.votes) writeVote(writer, vote);
      break;
    case "lock":
    case "valid":
      writer.u32(entry.round).bytes(encodeHeader(entry.header));
      break;
    case "block":
      writer.u32(entry.block.length).bytes(entry.block);
      break;
    default:
      return entry satisfies never;
  }
  return writer.finish();
}

export function decodeLogEntry(bytes: Uint8Array): LogEntry {
  return decodeWhole(bytes, readLogEntry);
}

function readLogEntry(reader: Reader): LogEntry {
  const type = reader.u8();
  switch (type) {
    case ENTRY.vote:
      return { type: "vote", vote: readVote(reader) };
    case ENTRY.proposal: {
      const round = reader.u32();
      const validRound = reader.u32() - 1;
      const signature = reader.bytes(BLS_SIGNATURE_SIZE);
      const header = readHeader(reader);
      const proposal = { height: header.height, round, validRound, header, blockId: blockId(header), signature };
      return { type: "proposal", proposal };
    }
    case ENTRY.polka:
      return { type: "polka", votes: readPolka(reader) };
    case ENTRY.lock:
      return { type: "lock", round: reader.u32(), header: readHeader(reader) };
    case ENTRY.valid:
      return { type: "valid", round: reader.u32(), header: readHeader(reader) };
    case ENTRY.block: {
      const size = reader.u32();
      if (size > BLOCK_BYTES_MAX) throw new DecodeError(`block of ${size} bytes`);
      return { type: "block", block: reader.bytes(size) };
    }
    default:
      throw new DecodeError(`log entry ${type}`);
  }
}

function readPolka(reader: Reader): readonly Vote[] {
  const count = reader.u8();
  if (count === 0 || count > VALIDATORS_MAX) throw new DecodeError(`polka of ${count} votes`);
  return Array.from({ length: count }, () => readVote(reader));
}
