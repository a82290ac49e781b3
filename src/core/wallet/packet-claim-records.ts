import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { decodePacketCore, encodePacketCore } from "../chain/packet-output.ts";
import { TX_BYTES_MAX } from "../params/limits.ts";
import { hash } from "../values/hash.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import { LINK_SECRET_SIZE } from "../values/packet-link.ts";
import { readAmount, readHeight, readTime } from "./note.ts";
import type { ClaimedShare, ClaimRefusal, ClaimState, PacketClaim } from "./packet-claim.ts";
import type { RecordChanges, StoredRecord } from "./stored-record.ts";

const CLAIM_VERSION = 1;
const CLAIM_PREFIX = "claim/";
/** Length of a sequence number in a key, so that keys sort as numbers do. */
const KEY_DIGITS = 9;

const STATES: readonly ClaimState[] = ["made", "sent", "pending", "drawn", "empty", "expired", "refused"];
const REFUSALS: readonly (ClaimRefusal | undefined)[] = [undefined, "work_stale", "ticket_used"];

const FLAG_PASSWORD = 1;
const FLAG_REF_HEIGHT = 2;
const FLAG_TICKET = 4;
const FLAG_SHARE = 8;
const FLAG_SETTLED = 16;
const FLAG_TRANSACTION = 32;
const FLAGS_ALL = 63;

type Claims = ReadonlyMap<LeafIndex, PacketClaim>;

/** True for the keys this module owns. */
export function isClaimRecord(key: string): boolean {
  return key.startsWith(CLAIM_PREFIX);
}

/** One claim as it is stored, with the secret of its link: stores keep records encrypted. */
export function encodePacketClaim(claim: PacketClaim): Uint8Array {
  const { refHeight, ticketKey, share, settled, transaction } = claim;
  const flags =
    (claim.hasPassword ? FLAG_PASSWORD : 0) |
    (refHeight === undefined ? 0 : FLAG_REF_HEIGHT) |
    (ticketKey === undefined ? 0 : FLAG_TICKET) |
    (share === undefined ? 0 : FLAG_SHARE) |
    (settled === undefined ? 0 : FLAG_SETTLED) |
    (transaction === undefined ? 0 : FLAG_TRANSACTION);
  const writer = new Writer(4096).u8(CLAIM_VERSION).u8(flags);
  writer.u8(STATES.indexOf(claim.state)).u8(REFUSALS.indexOf(claim.refusal));
  writer.u40(claim.packetLeaf).u32(claim.sequence).u64(claim.createdMs);
  writer.fixed(claim.linkSecret, LINK_SECRET_SIZE).fixed(claim.txid, 32);
  writer.fixed(claim.oneTimeKey, 32).fixed(claim.ephemeralKey, 32);
  const core = encodePacketCore(claim.core);
  writer.u16(core.length).bytes(core);
  if (refHeight !== undefined) writer.u64(refHeight);
  if (ticketKey !== undefined) writer.fixed(ticketKey, 32);
  if (share !== undefined) writer.u40(share.leaf).u8(share.slot).u64(share.amount);
  if (settled !== undefined) writer.u64(settled.height).u64(settled.timeMs);
  if (transaction !== undefined) writer.u32(transaction.length).bytes(transaction);
  return writer.finish();
}

/** The inverse of {@link encodePacketClaim}. */
export function decodePacketClaim(bytes: Uint8Array): PacketClaim {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== CLAIM_VERSION) throw new DecodeError(`record version ${version}`);
    const flags = reader.u8();
    if (flags > FLAGS_ALL) throw new DecodeError(`claim flags ${flags}`);
    const has = (flag: number): boolean => (flags & flag) !== 0;
    const state = STATES[reader.u8()];
    if (state === undefined) throw new DecodeError("unknown state of a claim");
    const refusalCode = reader.u8();
    if (refusalCode >= REFUSALS.length) throw new DecodeError("unknown refusal");
    const head = {
      packetLeaf: leafIndex(reader.u40()),
      sequence: reader.u32(),
      createdMs: readTime(reader),
      linkSecret: reader.bytes(LINK_SECRET_SIZE),
      txid: hash(reader.bytes(32)),
      oneTimeKey: reader.bytes(32),
      ephemeralKey: reader.bytes(32),
      core: decodePacketCore(reader.bytes(reader.u16())),
    };
    return {
      ...head,
      hasPassword: has(FLAG_PASSWORD),
      refHeight: has(FLAG_REF_HEIGHT) ? readHeight(reader) : undefined,
      ticketKey: has(FLAG_TICKET) ? reader.bytes(32) : undefined,
      state,
      refusal: REFUSALS[refusalCode],
      share: has(FLAG_SHARE) ? readShare(reader) : undefined,
      settled: has(FLAG_SETTLED) ? { height: readHeight(reader), timeMs: readTime(reader) } : undefined,
      transaction: has(FLAG_TRANSACTION) ? readTransaction(reader) : undefined,
    };
  });
}

function readShare(reader: Reader): ClaimedShare {
  return { leaf: leafIndex(reader.u40()), slot: reader.u8(), amount: readAmount(reader) };
}

function readTransaction(reader: Reader): Uint8Array {
  const size = reader.u32();
  if (size > TX_BYTES_MAX) throw new DecodeError(`transaction of ${size} bytes`);
  return reader.bytes(size);
}

const keyOf = ({ sequence }: PacketClaim): string => CLAIM_PREFIX + sequence.toString().padStart(KEY_DIGITS, "0");

/** The records that differ between two states. A claim is never taken out, at most put in the place of a refused one. */
export function diffClaims(before: Claims | undefined, after: Claims): RecordChanges {
  if (before === after) return { puts: [], deletes: [] };
  const changed = [...after.values()].filter((claim) => before?.get(claim.packetLeaf) !== claim);
  return { puts: changed.map((claim) => ({ key: keyOf(claim), bytes: encodePacketClaim(claim) })), deletes: [] };
}

/** What a store holds of them, oldest first. Throws DecodeError for a damaged record, and where one is missing. */
export function readClaims(records: readonly StoredRecord[]): Claims {
  const claims = records.filter(({ key }) => isClaimRecord(key)).map(({ bytes }) => decodePacketClaim(bytes));
  claims.sort((left, right) => left.sequence - right.sequence);
  if (claims.some(({ sequence }, index) => sequence !== index)) throw new DecodeError("claims missing");
  return new Map(claims.map((claim) => [claim.packetLeaf, claim]));
}
