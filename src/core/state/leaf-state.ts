import { compareBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { u64, u8, Writer } from "../bytes/writer.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { encodeClaim, readClaim, type Claim } from "../chain/claim.ts";
import type { OutputCore } from "../chain/output.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { PACKET_SLOTS_MAX } from "../params/limits.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import { ZERO_HASH, type Hash } from "../values/hash.ts";
import { height, timeMs, type Height, type TimeMs } from "../values/height.ts";

/** State of a live stake (BL-1). */
export interface StakeState {
  /** 1 once its owner has unbonded it (ST-5). */
  readonly isUnbonding: boolean;
  /** What is left after slashes. */
  readonly amount: Amount;
  /** From then on an ordinary input; 0 = not fixed yet. */
  readonly release: TimeMs;
}

/** One claim already made from a packet; the ticket key is 0^32 outside mode 2 (BL-1). */
export interface UsedClaim {
  readonly oneTimeKey: Uint8Array;
  readonly ticketKey: Uint8Array;
}

/** What a claim uses up of its packet (RP-5). */
export function usedBy({ gate, oneTimeKey }: Claim): UsedClaim {
  return { oneTimeKey, ticketKey: gate.mode === "ticket" ? gate.ticket.ticketKey : ZERO_HASH };
}

/** A claim that waits for its draw (RP-6). */
export interface PendingClaim {
  /** Of the block that took it. */
  readonly height: Height;
  readonly claim: Claim;
}

/** State of an open packet (BL-1). */
export interface PacketState {
  readonly paidBitmap: bigint;
  readonly isClosing: boolean;
  /** Ascending. */
  readonly used: readonly UsedClaim[];
  /** Claims not drawn yet, in block order. */
  readonly pending: readonly PendingClaim[];
}

/** Of a packet that has just been made. */
export const NEW_PACKET: PacketState = { paidBitmap: 0n, isClosing: false, used: [], pending: [] };

export function writeStakeState(writer: Writer, state: StakeState): void {
  writer
    .u8(state.isUnbonding ? 1 : 0)
    .u64(state.amount)
    .u64(state.release);
}

export function readStakeState(reader: Reader): StakeState {
  const status = reader.u8();
  if (status > 1) throw new DecodeError(`stake status ${status}`);
  const micro = reader.u64();
  if (!isAmount(micro)) throw new DecodeError("stake of 2^53 or more");
  return { isUnbonding: status === 1, amount: amount(micro), release: timeMs(reader.u53()) };
}

/** ST-5: may it be spent in a block whose parent has this time? */
export function isReleased({ release }: StakeState, parentTime: TimeMs): boolean {
  return release > 0 && parentTime >= release;
}

/** State fields of type 2: `status1 amount_now8 release8`. */
export function encodeStakeState(state: StakeState): Uint8Array {
  const writer = new Writer(STAKE_STATE_SIZE);
  writeStakeState(writer, state);
  return writer.finish();
}

export function decodeStakeState(bytes: Uint8Array): StakeState {
  return decodeWhole(bytes, readStakeState);
}

/** State fields of a fresh output (BL-1). */
export function initialState(core: OutputCore): Uint8Array {
  if (core.type === "packet") return encodePacketState(NEW_PACKET);
  if (core.type !== "stake") return new Uint8Array();
  return encodeStakeState({ isUnbonding: false, amount: core.amount, release: timeMs(0) });
}

/** state32 of type 2. */
export function stakeStateHash(state: StakeState): Hash {
  return hash32("stg/lstate", u8(state.isUnbonding ? 1 : 0), u64(state.amount), u64(state.release));
}

/** state32 of type 3. */
export function packetStateHash(state: PacketState): Hash {
  const used = concatBytes(...state.used.map((claim) => concatBytes(claim.oneTimeKey, claim.ticketKey)));
  const pending = concatBytes(...state.pending.map((each) => concatBytes(u64(each.height), encodeClaim(each.claim))));
  return hash32("stg/lstate", u64(state.paidBitmap), u8(state.isClosing ? 1 : 0), used, pending);
}

/** State fields of type 3: `paid_bitmap8 closing1 n_used1 {P32 T32} n_pending1 {height8 claim}`. */
export function encodePacketState(state: PacketState): Uint8Array {
  const writer = new Writer(256)
    .u64(state.paidBitmap)
    .u8(state.isClosing ? 1 : 0)
    .u8(state.used.length);
  writer.list(state.used, (out, claim) => out.fixed(claim.oneTimeKey, 32).fixed(claim.ticketKey, 32));
  writer.u8(state.pending.length);
  return writer.list(state.pending, (out, each) => out.u64(each.height).bytes(encodeClaim(each.claim))).finish();
}

export function decodePacketState(bytes: Uint8Array): PacketState {
  return decodeWhole(bytes, readPacketState);
}

function readPacketState(reader: Reader): PacketState {
  const paidBitmap = reader.u64();
  const closing = reader.u8();
  if (closing > 1) throw new DecodeError("closing flag");
  const used = reader.list(reader.u8(), PACKET_SLOTS_MAX, (from) => ({
    oneTimeKey: from.bytes(32),
    ticketKey: from.bytes(32),
  }));
  for (let index = 1; index < used.length; index++) {
    const order = compareUsed(used[index - 1]!, used[index]!);
    if (order >= 0) throw new DecodeError("used claims not ascending");
  }
  const pending = reader.list(reader.u8(), PACKET_SLOTS_MAX, (from) => ({
    height: height(from.u53()),
    claim: readClaim(from),
  }));
  return { paidBitmap, isClosing: closing === 1, used, pending };
}

/** Bytes of a stake's state fields. */
const STAKE_STATE_SIZE = 17;

/** Reads the state fields of a live output behind its core (BL-6): their size follows from the type, and from what a packet holds. */
export function readStateFields(reader: Reader, type: OutputCore["type"]): Uint8Array {
  if (type === "packet") return encodePacketState(readPacketState(reader));
  return reader.bytes(type === "stake" ? STAKE_STATE_SIZE : 0);
}

/** The order of used claims (BL-1). */
export function compareUsed(left: UsedClaim, right: UsedClaim): number {
  return compareBytes(left.oneTimeKey, right.oneTimeKey) || compareBytes(left.ticketKey, right.ticketKey);
}

/** state32 of a live leaf from its kept state fields (BL-1). */
export function stateHashOf(type: OutputCore["type"], stateFields: Uint8Array): Hash {
  if (type === "packet") return packetStateHash(decodePacketState(stateFields));
  return type === "stake" ? stakeStateHash(decodeStakeState(stateFields)) : ZERO_HASH;
}
