import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { parseHex } from "../bytes/hex.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { packetRangeContext, rangeProofSize, type RangeStatement } from "../crypto/range-proof.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import { PACKET_SLOTS_MAX } from "../params/limits.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import { hash, ZERO_HASH, type Hash } from "../values/hash.ts";
import { timeMs, type TimeMs } from "../values/height.ts";

/** Type byte of a packet (2.1). */
export const PACKET_OUTPUT_TYPE = 3;
/** Mode byte of packets and of their claims (9.2, 9.3). */
export const PACKET_MODE = { open: 0, chance: 1, ticket: 2 } as const;
/** Bits of work a chance packet may ask for (RP-1). */
export const PACKET_POW_BITS_MAX = 24;
/** Sealed greeting (9.2). */
export const PACKET_GREETING_SIZE = 160;

/** C of a value that is missing: 1·G, the base point of ristretto255 (9.2). */
const PADDING = parseHex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76");

/** Who may claim (9.1): anybody with the link, whoever wins a try, or holders of one ticket each. */
export type PacketGate =
  | { readonly mode: "open" }
  | { readonly mode: "chance"; readonly powBits: number }
  | { readonly mode: "ticket"; readonly ticketRoot: Hash };

/** One hidden share (9.2). */
export interface PacketShare {
  /** C_i. */
  readonly commitment: Uint8Array;
  /** a_enc_i, 8 bytes. */
  readonly amountEnc: Uint8Array;
}

/** Type 3: a red packet. 342 bytes and 40 more for each share. */
export interface PacketCore {
  readonly type: "packet";
  /** P_refund, ristretto255. */
  readonly refundKey: Uint8Array;
  /** D, X25519 u-coordinate; it carries no second packet (OU-12). */
  readonly ephemeralKey: Uint8Array;
  /** 2 bytes. */
  readonly viewTag: Uint8Array;
  /** Q, ristretto255: every claim is signed under it. */
  readonly packetKey: Uint8Array;
  readonly gate: PacketGate;
  /** f_claim: set aside for each share, paid to the block that draws it. */
  readonly claimFee: Amount;
  readonly expiry: TimeMs;
  /** 160 bytes. */
  readonly greeting: Uint8Array;
  /** 1 … 64. */
  readonly shares: readonly PacketShare[];
  readonly rangeProofHash: Hash;
}

/** A core with its aggregate proof, as it travels inside a transaction. */
export interface PacketOutput {
  readonly core: PacketCore;
  readonly rangeProof: Uint8Array;
}

/** Bytes of a packet's aggregate proof (RG-4). */
export function packetProofSize(core: Pick<PacketCore, "shares">): number {
  return rangeProofSize(paddedShareCount(core.shares.length));
}

/** N' of 9.2: the share count rounded up to a power of two. */
export function paddedShareCount(shareCount: number): number {
  return 2 ** Math.ceil(Math.log2(shareCount));
}

function readGate(mode: number, powBits: number, ticketRoot: Hash): PacketGate {
  // RP-1: what a mode does not use is zero, so a packet has one encoding (EN-3).
  if (mode !== PACKET_MODE.chance && powBits !== 0) throw new DecodeError(`work bits in mode ${mode}`);
  if (mode !== PACKET_MODE.ticket && !isZeroBytes(ticketRoot)) throw new DecodeError(`ticket root in mode ${mode}`);
  switch (mode) {
    case PACKET_MODE.open:
      return { mode: "open" };
    case PACKET_MODE.chance:
      if (powBits === 0 || powBits > PACKET_POW_BITS_MAX) throw new DecodeError(`${powBits} bits of work`);
      return { mode: "chance", powBits };
    case PACKET_MODE.ticket:
      return { mode: "ticket", ticketRoot };
    default:
      throw new DecodeError(`packet mode ${mode}`);
  }
}

/** Everything in front of the proof. Points and the rules that need a block are checked elsewhere (RP-1). */
function readBody(reader: Reader): Omit<PacketCore, "rangeProofHash"> {
  const keys = { refundKey: reader.bytes(32), ephemeralKey: reader.bytes(32), viewTag: reader.bytes(2) };
  const packetKey = reader.bytes(32);
  const shareCount = reader.u8();
  if (shareCount === 0) throw new DecodeError("packet without shares");
  if (shareCount > PACKET_SLOTS_MAX) throw new DecodeError(`${shareCount} shares, at most ${PACKET_SLOTS_MAX}`);
  const [mode, powBits, claimFee] = [reader.u8(), reader.u8(), reader.u64()];
  // EN-1 also bounds the sum n·f_claim, which RP-2 puts into the balance.
  if (!isAmount(claimFee * BigInt(shareCount))) throw new DecodeError("claim fees of 2^53 or more");
  const expiry = timeMs(reader.u53());
  const gate = readGate(mode, powBits, hash(reader.bytes(32)));
  const greeting = reader.bytes(PACKET_GREETING_SIZE);
  const commitments = reader.list(shareCount, PACKET_SLOTS_MAX, (from) => from.bytes(32));
  const shares = commitments.map((commitment) => ({ commitment, amountEnc: reader.bytes(8) }));
  return { type: "packet", ...keys, packetKey, gate, claimFee: amount(claimFee), expiry, greeting, shares };
}

function writeBody(writer: Writer, core: PacketCore): void {
  const { gate, shares } = core;
  if (shares.length === 0 || shares.length > PACKET_SLOTS_MAX) throw new RangeError(`${shares.length} shares`);
  writer.u8(PACKET_OUTPUT_TYPE).fixed(core.refundKey, 32).fixed(core.ephemeralKey, 32).fixed(core.viewTag, 2);
  writer.fixed(core.packetKey, 32).u8(shares.length).u8(PACKET_MODE[gate.mode]);
  writer
    .u8(gate.mode === "chance" ? gate.powBits : 0)
    .u64(core.claimFee)
    .u64(core.expiry);
  writer.fixed(gate.mode === "ticket" ? gate.ticketRoot : ZERO_HASH, 32).fixed(core.greeting, PACKET_GREETING_SIZE);
  writer.list(shares, (out, share) => out.fixed(share.commitment, 32));
  writer.list(shares, (out, share) => out.fixed(share.amountEnc, 8));
}

function readType(reader: Reader): void {
  const type = reader.u8();
  if (type !== PACKET_OUTPUT_TYPE) throw new DecodeError(`output type ${type}`);
}

/** Reads the full form behind its type byte; the size of the proof follows from the number of shares (RG-4). */
export function readPacketOutput(reader: Reader): PacketOutput {
  const body = readBody(reader);
  const rangeProof = reader.bytes(rangeProofSize(paddedShareCount(body.shares.length)));
  return { core: { ...body, rangeProofHash: sha256Hash(rangeProof) }, rangeProof };
}

export function decodePacketOutput(bytes: Uint8Array): PacketOutput {
  return decodeWhole(bytes, (reader) => {
    readType(reader);
    return readPacketOutput(reader);
  });
}

export function encodePacketOutput(output: PacketOutput): Uint8Array {
  const { core, rangeProof } = output;
  const writer = new Writer(1200);
  writeBody(writer, core);
  return writer.fixed(rangeProof, packetProofSize(core)).finish();
}

/** Reads the core behind its type byte: the full form with the proof replaced by its SHA-256 (9.2). */
export function readPacketCore(reader: Reader): PacketCore {
  return { ...readBody(reader), rangeProofHash: hash(reader.bytes(32)) };
}

export function decodePacketCore(bytes: Uint8Array): PacketCore {
  return decodeWhole(bytes, (reader) => {
    readType(reader);
    return readPacketCore(reader);
  });
}

export function encodePacketCore(core: PacketCore): Uint8Array {
  const writer = new Writer(600);
  writePacketCore(writer, core);
  return writer.finish();
}

export function writePacketCore(writer: Writer, core: PacketCore): void {
  writeBody(writer, core);
  writer.fixed(core.rangeProofHash, 32);
}

/** What the aggregate proves (RG-3): m = N' values, the missing ones being 1·G, which everybody can open (9.2). */
export function packetRangeStatement(chainId: number, core: PacketCore): RangeStatement {
  const { shares } = core;
  const missing = paddedShareCount(shares.length) - shares.length;
  return {
    chainId,
    context: packetRangeContext(core.packetKey, core.refundKey, core.ephemeralKey),
    commitments: [...shares.map((share) => share.commitment), ...Array.from({ length: missing }, () => PADDING)],
  };
}

/** Weight of a packet in fee and block limits (TX-8): itself and one output a share. */
export function packetWeight(core: PacketCore): number {
  return 1 + core.shares.length;
}
