import { isAmount, type Amount } from "../values/amount.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import type { Reader } from "../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import type { Writer } from "../bytes/writer.ts";
import { decodePacketCore, encodePacketCore, type PacketCore } from "../chain/packet-output.ts";
import { ANCHOR_SIZE } from "../crypto/output-keys.ts";
import { parseScalar, type Scalar } from "../crypto/scalar.ts";
import { BLS_KEY_SIZE } from "../params/limits.ts";
import { hash, type Hash } from "../values/hash.ts";
import { height, leafIndex, timeMs, type Height, type LeafIndex, type TimeMs } from "../values/height.ts";
import { LINK_SECRET_SIZE } from "../values/packet-link.ts";

/** What makes a note a stake: it is no coin until it is released (ST-5). */
export interface NoteStake {
  /** Of the validator that it counts for, 48 bytes. */
  readonly blsKey: Uint8Array;
  /** unknown: the chain says that it has changed, in a way that no rule we know explains. */
  readonly status: "bonded" | "unbonding" | "unknown";
  /** From when on it can be withdrawn; 0: not fixed yet. */
  readonly release: TimeMs;
}

/** What makes a note part of red packets (chapter 9). */
export type PacketMark =
  /** A coin that whoever has its link can take: no coin of ours before it is swept. `isOwn`: we made it. */
  | { readonly type: "gift"; readonly linkSecret: Uint8Array; readonly isOwn: boolean }
  /** A packet of ours; `amount` is what it held when it was made, shares and claim fees together. */
  | { readonly type: "packet"; readonly core: PacketCore; readonly hasPassword: boolean }
  /** A coin that was drawn for us, with the L that it brings back: its link (9.3). */
  | { readonly type: "share"; readonly packetLeaf: LeafIndex; readonly slot: number; readonly linkSecret: Uint8Array }
  /** What came back of a packet of ours. */
  | { readonly type: "refund"; readonly packetLeaf: LeafIndex };

/** An output our keys can open. Plain data: it crosses worker ports as it is. */
export interface Note {
  readonly leaf: LeafIndex;
  /** Block that made it, and its time, or one later than it where `isTimeBound` says so. */
  readonly height: Height;
  readonly timeMs: TimeMs;
  /** Found by a restore, which reads states and no old headers: it came at `timeMs` or before. */
  readonly isTimeBound?: boolean;
  readonly amount: Amount;
  /** z; zero where the amount is public (type 1). */
  readonly blinding: Scalar;
  /** P. */
  readonly oneTimeKey: Uint8Array;
  /** k_o; with the spend secret it gives the one-time secret (AD-5), so it is as private as the wallet. */
  readonly keyOffset: Scalar;
  readonly account: number;
  /** j of the subaddress it was paid to. */
  readonly addressIndex: number;
  /** Change and self-sends: made with s_vb (OU-5). */
  readonly isInternal: boolean;
  /** D. */
  readonly ephemeralKey: Uint8Array;
  /** n under (secret, D); a pair is never used again (OU-8). */
  readonly counter: number;
  readonly memo: string | undefined;
  readonly outputHash: Hash;
  /** Locked for a validator; `amount` is then what is left of it. */
  readonly stake?: NoteStake;
  /** Of a public output (PU-1), where it is in clear: by it the ledger says what it pays for. 16 bytes. */
  readonly anchor?: Uint8Array;
  readonly packet?: PacketMark;
}

/** A coin that a payment may take: neither locked in a stake nor meant for others. */
export function isCoinNote({ stake, packet }: Note): boolean {
  return stake === undefined && packet?.type !== "gift" && packet?.type !== "packet";
}

/** When and by what a note was spent. */
export interface NoteSpent {
  readonly height: Height;
  readonly timeMs: TimeMs;
  /** The own payment that did it; undefined if another device with the same words did. */
  readonly txid: Hash | undefined;
}

/** A note and what became of it. */
export interface KeptNote {
  /** Place in the order of finding: where it is packed on disk, never changed. */
  readonly sequence: number;
  readonly note: Note;
  readonly spent: NoteSpent | undefined;
}

const FLAG_INTERNAL = 1;
const FLAG_MEMO = 2;
const FLAG_SPENT = 4;
const FLAG_SPENT_BY_US = 8;
const FLAG_TIME_BOUND = 16;
const FLAG_STAKE = 32;
const FLAG_ANCHOR = 64;
const FLAG_PACKET = 128;
const FLAGS_ALL = 2 * FLAG_PACKET - 1;

const STAKE_STATUSES: readonly NoteStake["status"][] = ["bonded", "unbonding", "unknown"];

function noteFlags(kept: KeptNote): number {
  let flags = kept.note.isInternal ? FLAG_INTERNAL : 0;
  if (kept.note.memo !== undefined) flags |= FLAG_MEMO;
  if (kept.note.isTimeBound === true) flags |= FLAG_TIME_BOUND;
  if (kept.note.stake !== undefined) flags |= FLAG_STAKE;
  if (kept.note.anchor !== undefined) flags |= FLAG_ANCHOR;
  if (kept.note.packet !== undefined) flags |= FLAG_PACKET;
  if (kept.spent !== undefined) flags |= FLAG_SPENT;
  if (kept.spent?.txid !== undefined) flags |= FLAG_SPENT_BY_US;
  return flags;
}

/** Writes one note as it is stored; the sequence number follows from its place. */
export function writeNote(writer: Writer, kept: KeptNote): void {
  const { note, spent } = kept;
  writer.u8(noteFlags(kept)).u40(note.leaf).u64(note.height).u64(note.timeMs).u64(note.amount);
  writer.fixed(note.blinding, 32).fixed(note.oneTimeKey, 32).fixed(note.keyOffset, 32);
  writer.u32(note.account).u32(note.addressIndex).fixed(note.ephemeralKey, 32).u8(note.counter);
  writer.fixed(note.outputHash, 32);
  if (note.memo !== undefined) {
    const memo = encodeUtf8(note.memo);
    writer.u16(memo.length).bytes(memo);
  }
  if (note.stake !== undefined) {
    const { blsKey, status, release } = note.stake;
    writer.fixed(blsKey, BLS_KEY_SIZE).u8(STAKE_STATUSES.indexOf(status)).u64(release);
  }
  if (note.anchor !== undefined) writer.fixed(note.anchor, ANCHOR_SIZE);
  if (note.packet !== undefined) writePacketMark(writer, note.packet);
  if (spent === undefined) return;
  writer.u64(spent.height).u64(spent.timeMs);
  if (spent.txid !== undefined) writer.fixed(spent.txid, 32);
}

/** The inverse of {@link writeNote}. */
export function readNote(reader: Reader, sequence: number): KeptNote {
  const flags = reader.u8();
  if ((flags & ~FLAGS_ALL) !== 0) throw new DecodeError(`note flags ${flags}`);
  if ((flags & FLAG_SPENT_BY_US) !== 0 && (flags & FLAG_SPENT) === 0) throw new DecodeError("spender without a spend");
  const head = {
    leaf: leafIndex(reader.u40()),
    height: readHeight(reader),
    timeMs: readTime(reader),
    amount: readAmount(reader),
    blinding: readScalar(reader),
    oneTimeKey: reader.bytes(32),
    keyOffset: readScalar(reader),
    account: reader.u32(),
    addressIndex: reader.u32(),
    isInternal: (flags & FLAG_INTERNAL) !== 0,
    ephemeralKey: reader.bytes(32),
    counter: reader.u8(),
    outputHash: hash(reader.bytes(32)),
  };
  const memo = (flags & FLAG_MEMO) === 0 ? undefined : decodeUtf8(reader.bytes(reader.u16()));
  const stake = (flags & FLAG_STAKE) === 0 ? undefined : readStake(reader);
  const anchor = (flags & FLAG_ANCHOR) === 0 ? undefined : reader.bytes(ANCHOR_SIZE);
  const packet = (flags & FLAG_PACKET) === 0 ? undefined : readPacketMark(reader);
  const spent =
    (flags & FLAG_SPENT) === 0
      ? undefined
      : {
          height: readHeight(reader),
          timeMs: readTime(reader),
          txid: (flags & FLAG_SPENT_BY_US) === 0 ? undefined : hash(reader.bytes(32)),
        };
  const isTimeBound = (flags & FLAG_TIME_BOUND) !== 0;
  const marks = {
    ...(isTimeBound ? { isTimeBound } : {}),
    ...(stake === undefined ? {} : { stake }),
    ...(anchor === undefined ? {} : { anchor }),
    ...(packet === undefined ? {} : { packet }),
  };
  return { sequence, note: { ...head, memo, ...marks }, spent };
}

const MARK = { gift: 0, packet: 1, share: 2, refund: 3 } as const;

function writePacketMark(writer: Writer, mark: PacketMark): void {
  writer.u8(MARK[mark.type]);
  switch (mark.type) {
    case "gift":
      writer.fixed(mark.linkSecret, LINK_SECRET_SIZE).u8(mark.isOwn ? 1 : 0);
      return;
    case "packet": {
      const core = encodePacketCore(mark.core);
      writer
        .u8(mark.hasPassword ? 1 : 0)
        .u16(core.length)
        .bytes(core);
      return;
    }
    case "share":
      writer.u40(mark.packetLeaf).u8(mark.slot).fixed(mark.linkSecret, LINK_SECRET_SIZE);
      return;
    case "refund":
      writer.u40(mark.packetLeaf);
      return;
    default:
      return mark satisfies never;
  }
}

function readPacketMark(reader: Reader): PacketMark {
  const type = reader.u8();
  switch (type) {
    case MARK.gift:
      return { type: "gift", linkSecret: reader.bytes(LINK_SECRET_SIZE), isOwn: readFlag(reader) };
    case MARK.packet:
      return { type: "packet", hasPassword: readFlag(reader), core: decodePacketCore(reader.bytes(reader.u16())) };
    case MARK.share:
      return {
        type: "share",
        packetLeaf: leafIndex(reader.u40()),
        slot: reader.u8(),
        linkSecret: reader.bytes(LINK_SECRET_SIZE),
      };
    case MARK.refund:
      return { type: "refund", packetLeaf: leafIndex(reader.u40()) };
    default:
      throw new DecodeError(`packet mark ${type}`);
  }
}

function readFlag(reader: Reader): boolean {
  const flag = reader.u8();
  if (flag > 1) throw new DecodeError("flag that is neither 0 nor 1");
  return flag === 1;
}

function readStake(reader: Reader): NoteStake {
  const blsKey = reader.bytes(BLS_KEY_SIZE);
  const status = STAKE_STATUSES[reader.u8()];
  if (status === undefined) throw new DecodeError("unknown status of a stake");
  return { blsKey, status, release: readTime(reader) };
}

/** Heights, times and amounts of stored records; out of range is a damaged record, not a defect (EN-4). */
export function readHeight(reader: Reader): Height {
  return height(reader.u53());
}

export function readTime(reader: Reader): TimeMs {
  return timeMs(reader.u53());
}

export function readAmount(reader: Reader): Amount {
  const value = reader.u64();
  if (!isAmount(value)) throw new DecodeError("amount of 2^53 or more");
  return value;
}

function readScalar(reader: Reader): Scalar {
  const scalar = parseScalar(reader.bytes(32));
  if (scalar === undefined) throw new DecodeError("scalar not below the group order");
  return scalar;
}
