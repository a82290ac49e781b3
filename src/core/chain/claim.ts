import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { SCHNORR_SIGNATURE_SIZE, type SchnorrClaim } from "../crypto/schnorr.ts";
import { hash32, sha256Hash } from "../crypto/tagged-hash.ts";
import { hash, type Hash } from "../values/hash.ts";
import { height, leafIndex, type Height, type LeafIndex } from "../values/height.ts";
import { PACKET_MODE } from "./packet-output.ts";
import { TRANSACTION_KIND, TRANSACTION_VERSION } from "./transaction-kind.ts";

/** Siblings from a ticket to the root: 64 tickets at most (RP-5). */
export const TICKET_PATH_SIZE_MAX = 6;

/** A ticket and its place under the packet's ticket_root (9.3). */
export interface Ticket {
  /** Bit j is set when sibling j stands on the left; bits past the path are 0. */
  readonly index: number;
  /** T, ristretto255. */
  readonly ticketKey: Uint8Array;
  /** Siblings of RFC 6962 from the bottom up. */
  readonly path: readonly Hash[];
}

/** How the claim passes the packet's gate (9.1). */
export type ClaimGate =
  | { readonly mode: "open" }
  | { readonly mode: "chance"; readonly refHeight: Height; readonly powNonce: bigint }
  | { readonly mode: "ticket"; readonly ticket: Ticket };

/** Everything the signatures cover. */
export interface UnsignedClaim {
  readonly kind: "claim";
  readonly chainId: number;
  readonly packetLeaf: LeafIndex;
  readonly gate: ClaimGate;
  /** P of the coin that will be drawn. */
  readonly oneTimeKey: Uint8Array;
  /** D of that coin. */
  readonly ephemeralKey: Uint8Array;
  /** 2 bytes. */
  readonly viewTag: Uint8Array;
  /** 16 random bytes. */
  readonly payloadTag: Uint8Array;
  /** L under the claimer's mask: his seed alone restores the coin (9.3). */
  readonly anchorEnc: Uint8Array;
}

/** Kind 1: takes one share of a packet, without inputs and fee (RP-8). */
export interface Claim extends UnsignedClaim {
  /** τ_sig under T; undefined outside mode 2. */
  readonly ticketSignature: Uint8Array | undefined;
  /** q_sig under Q: he has the link. */
  readonly packetSignature: Uint8Array;
  /** p_sig under P: nobody else can use up this P first (RP-5). */
  readonly ownerSignature: Uint8Array;
}

/** What stands behind the kind, without the signatures. */
export function writeClaim(writer: Writer, claim: UnsignedClaim): void {
  const { gate } = claim;
  writer.u8(PACKET_MODE[gate.mode]).u40(claim.packetLeaf);
  writer.fixed(claim.oneTimeKey, 32).fixed(claim.ephemeralKey, 32).fixed(claim.viewTag, 2);
  writer.fixed(claim.payloadTag, 16).fixed(claim.anchorEnc, 16);
  writer.u64(gate.mode === "chance" ? gate.refHeight : 0).u64(gate.mode === "chance" ? gate.powNonce : 0n);
  if (gate.mode !== "ticket") return;
  const { index, ticketKey, path } = gate.ticket;
  checkPath(index, path.length, (reason) => new RangeError(reason));
  writer.u16(index).fixed(ticketKey, 32).u8(path.length);
  writer.list(path, (out, sibling) => out.fixed(sibling, 32));
}

function writeHead(writer: Writer, claim: UnsignedClaim): void {
  writer.u8(TRANSACTION_VERSION).u32(claim.chainId).u8(TRANSACTION_KIND.claim);
}

/** τ_sig in mode 2, q_sig, p_sig: in the order of 9.3. */
export function claimSignatureBytes(claim: Claim): readonly Uint8Array[] {
  const { gate, ticketSignature, packetSignature, ownerSignature } = claim;
  if ((gate.mode === "ticket") !== (ticketSignature !== undefined)) throw new RangeError("ticket without signature");
  return [...(ticketSignature === undefined ? [] : [ticketSignature]), packetSignature, ownerSignature];
}

/** A claim as it stands among transactions and in the state of its packet (BL-1). */
export function encodeClaim(claim: Claim): Uint8Array {
  const writer = new Writer(600);
  writeHead(writer, claim);
  writeClaim(writer, claim);
  return writer.list(claimSignatureBytes(claim), (out, each) => out.fixed(each, SCHNORR_SIGNATURE_SIZE)).finish();
}

/** Reads one claim; its size follows from its mode and path, so claims may stand in a row, as in the state of a packet. */
export function readClaim(reader: Reader): Claim {
  const version = reader.u8();
  if (version !== TRANSACTION_VERSION) throw new DecodeError(`transaction version ${version}`);
  const chainId = reader.u32();
  const kind = reader.u8();
  if (kind !== TRANSACTION_KIND.claim) throw new DecodeError(`transaction kind ${kind}`);
  return readClaimBody(reader, chainId);
}

/** What stands behind the kind. */
export function readClaimBody(reader: Reader, chainId: number): Claim {
  const mode = reader.u8();
  const packetLeaf = leafIndex(reader.u40());
  const keys = { oneTimeKey: reader.bytes(32), ephemeralKey: reader.bytes(32), viewTag: reader.bytes(2) };
  const tags = { payloadTag: reader.bytes(16), anchorEnc: reader.bytes(16) };
  const gate = readGate(reader, mode);
  const ticketSignature = gate.mode === "ticket" ? reader.bytes(SCHNORR_SIGNATURE_SIZE) : undefined;
  const packetSignature = reader.bytes(SCHNORR_SIGNATURE_SIZE);
  const ownerSignature = reader.bytes(SCHNORR_SIGNATURE_SIZE);
  const signatures = { ticketSignature, packetSignature, ownerSignature };
  return { kind: "claim", chainId, packetLeaf, gate, ...keys, ...tags, ...signatures };
}

export function decodeClaim(bytes: Uint8Array): Claim {
  return decodeWhole(bytes, readClaim);
}

function readGate(reader: Reader, mode: number): ClaimGate {
  const refHeight = height(reader.u53());
  const powNonce = reader.u64();
  if (mode === PACKET_MODE.chance) return { mode: "chance", refHeight, powNonce };
  // RP-5: the two fields belong to mode 1.
  if (refHeight !== 0 || powNonce !== 0n) throw new DecodeError(`work in mode ${mode}`);
  if (mode === PACKET_MODE.open) return { mode: "open" };
  if (mode !== PACKET_MODE.ticket) throw new DecodeError(`claim mode ${mode}`);
  const [index, ticketKey, size] = [reader.u16(), reader.bytes(32), reader.u8()];
  checkPath(index, size, (reason) => new DecodeError(reason));
  const path = reader.list(size, TICKET_PATH_SIZE_MAX, (from) => hash(from.bytes(32)));
  return { mode: "ticket", ticket: { index, ticketKey, path } };
}

/** k ≤ 6, and no bit of idx past the path (9.3), hence idx < 64. */
function checkPath(index: number, size: number, fault: (reason: string) => Error): void {
  if (size > TICKET_PATH_SIZE_MAX) throw fault(`path of ${size}, at most ${TICKET_PATH_SIZE_MAX}`);
  if (index >= 2 ** size) throw fault(`ticket ${index} under a path of ${size}`);
}

/** mc: what all signatures of a claim sign, and what the draw orders claims by (9.3, RP-6). */
export function claimHash(claim: UnsignedClaim): Hash {
  const known = claimHashes.get(claim) ?? hashUnsigned(claim);
  claimHashes.set(claim, known);
  return known;
}

const claimHashes = new WeakMap<UnsignedClaim, Hash>();

function hashUnsigned(claim: UnsignedClaim): Hash {
  const writer = new Writer(400);
  writeHead(writer, claim);
  writeClaim(writer, claim);
  return hash32("stg/claim", writer.finish());
}

/** The signatures of a claim with what each must verify against (9.3); Q comes from the packet. */
export function claimSignatures(claim: Claim, packetKey: Uint8Array): readonly SchnorrClaim[] {
  const message = claimHash(claim);
  const signatures = [
    { publicKey: packetKey, message, signature: claim.packetSignature },
    { publicKey: claim.oneTimeKey, message, signature: claim.ownerSignature },
  ];
  const { gate, ticketSignature } = claim;
  if (gate.mode !== "ticket" || ticketSignature === undefined) return signatures;
  return [...signatures, { publicKey: gate.ticket.ticketKey, message, signature: ticketSignature }];
}

/** The root this ticket belongs to; a valid claim gives the packet's ticket_root (RP-5). */
export function ticketRootOf(ticket: Ticket): Hash {
  // RFC 6962 (PR-6): 0 in front of a leaf, 1 in front of a node.
  let root = sha256Hash(Uint8Array.of(0), ticket.ticketKey);
  ticket.path.forEach((sibling, level) => {
    const isLeft = ((ticket.index >> level) & 1) === 1;
    root = isLeft ? sha256Hash(Uint8Array.of(1), sibling, root) : sha256Hash(Uint8Array.of(1), root, sibling);
  });
  return root;
}
