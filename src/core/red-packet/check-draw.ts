import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { beaconMessage, nextBeacon } from "../chain/beacon.ts";
import { claimHash, claimSignatures, ticketRootOf, type Claim } from "../chain/claim.ts";
import type { Header } from "../chain/header.ts";
import { outputHash } from "../chain/output.ts";
import { drawnCoin, unpaidSlots } from "../chain/packet-coins.ts";
import { drawSlots, paidAfter } from "../chain/packet-draw.ts";
import { packetRangeStatement, type PacketCore, type PacketOutput } from "../chain/packet-output.ts";
import { transactionId } from "../chain/transaction.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { merkleRoot } from "../crypto/merkle.ts";
import { verifyRange } from "../crypto/range-proof-verifier.ts";
import { schnorrVerify } from "../crypto/schnorr.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import { usedBy, type PacketState } from "../state/leaf-state.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex } from "../values/height.ts";
import { checkShares, type ShareCheck } from "./check-shares.ts";
import { isShownAfter, isShownBefore, type CompactShown, type ShownPacketState } from "./shown-packet.ts";

/** What a draw is checked from. Whoever asks has certified the headers (LC-1) and knows whose turn h + 2 was (CO-1). */
export interface DrawEvidence {
  readonly packet: PacketOutput;
  readonly packetLeaf: LeafIndex;
  /** Of the block that made the packet. */
  readonly packetHeight: Height;
  /** Of h, which took the claims, h + 1 and h + 2, which drew them. */
  readonly headers: readonly [Header, Header, Header];
  /** BLS key of the proposer of h + 2; undefined: nobody has shown the set. */
  readonly proposerKey: Uint8Array | undefined;
  /** txids of all transactions of h, in order; undefined: no node has the block any more. */
  readonly transactionIds: readonly Hash[] | undefined;
  /** After h + 1: everything that the draw begins with. */
  readonly before: ShownPacketState;
  /** After h + 2. */
  readonly after: ShownPacketState;
  /** What shows both where they have no proofs of their own. */
  readonly compact: CompactShown | undefined;
  /** out_hash of the coins that h + 2 has made out of the packet, in order. */
  readonly drawn: readonly Hash[];
  /** L, where the asker has the link, and L' where a password guards the packet and he has that as well. */
  readonly link: { readonly linkSecret: Uint8Array; readonly guardedSecret: Uint8Array | undefined } | undefined;
}

/** One thing that must hold, in the order of 9.6. */
export type DrawCheck =
  | "shares_in_range" // the aggregate proof: no share is negative (RP-1)
  | ShareCheck
  | "packet_included" // before h, with this state, under a root of h + 1
  | "claims_included" // each of them among the transactions of h
  | "claims_authorised" // signed under Q and P, and with a ticket under T (RP-5)
  | "beacon_follows" // from that of h + 1 by the proposer's signature (6.3)
  | "beacon_signed"
  | "slots_as_drawn" // RP-6: these coins, in this order, and no others
  | "state_after"; // under the root of h + 2, and what RP-6 makes of the state before

export interface DrawReport {
  /** undefined: cannot be told from what there is, as without the link. */
  readonly checks: readonly { readonly check: DrawCheck; readonly held: boolean | undefined }[];
  /** What the shares come to; undefined without the link, or where they do not open. */
  readonly total: bigint | undefined;
}

/**
 * Rechecks one draw (9.6): that the shares were fixed before the first claim, that they add up, and that the beacon of the
 * second block after the claims has assigned them. Every check is made, whatever the others say.
 */
export function checkDraw(curve: CurveBackend, bls: Pick<BlsBackend, "verify">, evidence: DrawEvidence): DrawReport {
  const shares = checkPacket(curve, evidence.headers[0].chainId, evidence.packet, evidence.link);
  return { total: shares.total, checks: [...shares.checks, ...checkAssignment(curve, bls, evidence)] };
}

/** What hangs on the packet alone: the same for all its draws. */
export function checkPacket(
  curve: CurveBackend,
  chainId: number,
  packet: PacketOutput,
  link: DrawEvidence["link"],
): DrawReport {
  const shares = checkShares(curve, packet.core, link);
  const range = { check: "shares_in_range", held: isInRange(curve, chainId, packet) } as const;
  return { total: shares.total, checks: [range, ...shares.checks] };
}

/** Who got which share, and whether it had to be so. Without `bls` nothing is said of the beacon's signature. */
export function checkAssignment(
  curve: CurveBackend,
  bls: Pick<BlsBackend, "verify"> | undefined,
  evidence: Omit<DrawEvidence, "link">,
): DrawReport["checks"] {
  const { packet, packetLeaf, packetHeight, headers, before, transactionIds, proposerKey } = evidence;
  const [taking, middle, drawing] = headers;
  const claims = claimsOf(before.state, taking.height);
  const expected = expectedDraw(packet.core, before.state, claims, drawing.beacon);
  const coins = expected?.map(({ claim, slot }) => outputHash(drawnCoin(packet.core, packetLeaf, claim, slot)));
  const isFirst = areConsecutive(headers) && packetHeight < taking.height;
  return [
    { check: "packet_included", held: isFirst && isShownBefore(evidence) },
    { check: "claims_included", held: transactionIds && areIncluded(transactionIds, taking, claims) },
    { check: "claims_authorised", held: claims.every((claim) => isAuthorised(curve, evidence, claim)) },
    { check: "beacon_follows", held: equalBytes(nextBeacon(middle.beacon, drawing.beaconSignature), drawing.beacon) },
    { check: "beacon_signed", held: bls && proposerKey && isBeaconSigned(bls, evidence, proposerKey) },
    { check: "slots_as_drawn", held: coins !== undefined && areSame(coins, evidence.drawn) },
    { check: "state_after", held: isShownAfter(evidence) && follows(evidence, expected) },
  ];
}

/** Claims of one block; the state names all of them, so none can be left out. */
function claimsOf(state: PacketState | undefined, height: Height): readonly Claim[] {
  return (state?.pending ?? []).filter((each) => each.height === height).map(({ claim }) => claim);
}

function areConsecutive([taking, middle, drawing]: DrawEvidence["headers"]): boolean {
  const isNext = middle.height === taking.height + 1 && drawing.height === middle.height + 1;
  return isNext && middle.chainId === taking.chainId && drawing.chainId === taking.chainId;
}

function areIncluded(txids: readonly Hash[], { txsRoot }: Header, claims: readonly Claim[]): boolean {
  const isTaken = (claim: Claim): boolean => txids.some((txid) => equalBytes(txid, transactionId(claim)));
  return equalBytes(merkleRoot(txids), txsRoot) && claims.every(isTaken);
}

function isAuthorised(
  curve: CurveBackend,
  { packet, packetLeaf, headers }: Pick<DrawEvidence, "packet" | "packetLeaf" | "headers">,
  claim: Claim,
): boolean {
  const { gate, packetKey } = packet.core;
  if (claim.packetLeaf !== packetLeaf || claim.chainId !== headers[0].chainId) return false;
  if (claim.gate.mode !== gate.mode) return false;
  if (claim.gate.mode === "ticket" && gate.mode === "ticket") {
    if (!equalBytes(ticketRootOf(claim.gate.ticket), gate.ticketRoot)) return false;
  }
  return claimSignatures(claim, packetKey).every(({ publicKey, message, signature }) => {
    return schnorrVerify(curve, publicKey, message, signature);
  });
}

function isInRange(curve: CurveBackend, chainId: number, { core, rangeProof }: PacketOutput): boolean {
  if (!equalBytes(sha256Hash(rangeProof), core.rangeProofHash)) return false;
  return verifyRange(curve, { ...packetRangeStatement(chainId, core), proof: rangeProof });
}

/** 6.3: the signature is unique, so that its maker had no choice but to give it or not. */
export function isBeaconSigned(
  bls: Pick<BlsBackend, "verify">,
  { headers: [, middle, drawing] }: Pick<DrawEvidence, "headers">,
  proposerKey: Uint8Array,
): boolean {
  const message = beaconMessage(drawing.chainId, drawing.height, middle.beacon);
  return bls.verify(proposerKey, message, drawing.beaconSignature);
}

/** A claim with the share that it gets. */
interface DrawnClaim {
  readonly claim: Claim;
  readonly slot: number;
}

/** RP-6; undefined where no rule could have led to such a state. */
function expectedDraw(
  core: PacketCore,
  state: PacketState | undefined,
  claims: readonly Claim[],
  beacon: Hash,
): readonly DrawnClaim[] | undefined {
  const unpaid = state && unpaidSlots(core, state.paidBitmap);
  if (unpaid === undefined || unpaid.length < claims.length) return undefined;
  const drawn = drawSlots(beacon, claims.map(claimHash), unpaid);
  return drawn.map(({ place, slot }) => ({ claim: claims[place]!, slot }));
}

function areSame(expected: readonly Hash[], drawn: readonly Hash[]): boolean {
  return expected.length === drawn.length && expected.every((coin, index) => equalBytes(coin, drawn[index]!));
}

/** BL-1 and RP-6, RP-7: paid slots, claims that still wait, and those that h + 2 itself has taken. */
function follows(
  { packet, headers, before, after }: Omit<DrawEvidence, "link">,
  expected: readonly DrawnClaim[] | undefined,
): boolean {
  if (before.state === undefined || expected === undefined) return false;
  const paidBitmap = paidAfter(before.state.paidBitmap, expected);
  const [, middle, drawing] = headers;
  const waiting = before.state.pending.filter(({ height }) => height !== headers[0].height);
  if (after.state === undefined) {
    const isPaid = unpaidSlots(packet.core, paidBitmap)?.length === 0;
    // RP-7: a take-back of h + 2 itself counts in the next block.
    return isPaid || (waiting.length === 0 && (before.state.isClosing || middle.time >= packet.core.expiry));
  }
  const { pending, used } = after.state;
  // RP-6: it has ended.
  if (unpaidSlots(packet.core, paidBitmap)?.length === 0) return false;
  const [kept, taken] = [pending.slice(0, waiting.length), pending.slice(waiting.length)];
  return (
    after.state.paidBitmap === paidBitmap &&
    isUsedBy(before.state.used, used, taken) &&
    (after.state.isClosing || !before.state.isClosing) &&
    taken.every(({ height }) => height === drawing.height) &&
    kept.length === waiting.length &&
    kept.every(({ height, claim }, index) => {
      const other = waiting[index]!;
      return height === other.height && equalBytes(transactionId(claim), transactionId(other.claim));
    })
  );
}

/** RP-5: P of the claims that the block has taken, with T of each, beside those that were used before. */
function isUsedBy(before: PacketState["used"], after: PacketState["used"], taken: PacketState["pending"]): boolean {
  const keys = new Set(after.map(({ oneTimeKey, ticketKey }) => formatHex(oneTimeKey) + formatHex(ticketKey)));
  const expected = [...before, ...taken.map(({ claim }) => usedBy(claim))];
  return (
    keys.size === expected.length &&
    after.length === expected.length &&
    expected.every(({ oneTimeKey, ticketKey }) => keys.has(formatHex(oneTimeKey) + formatHex(ticketKey)))
  );
}
