import { equalBytes } from "../bytes/compare-bytes.ts";
import { tryDecode } from "../bytes/decode-error.ts";
import {
  claimHash,
  claimSignatures,
  decodeClaim,
  encodeClaim,
  ticketRootOf,
  type ClaimGate,
  type UnsignedClaim,
} from "../chain/claim.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import { transactionId } from "../chain/transaction.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { createNobleBackend } from "../crypto/backend/noble-backend.ts";
import { meetsPacketWork } from "../crypto/packet-work.ts";
import { X25519_BASE } from "../crypto/key-agreement.ts";
import type { Scalar } from "../crypto/scalar.ts";
import { schnorrSign, schnorrVerify } from "../crypto/schnorr.ts";
import type { Random } from "../ports/random.ts";
import { derivePacketKey, derivePacketSecret } from "../red-packet/packet-secrets.ts";
import type { Hash } from "../values/hash.ts";
import type { LeafIndex } from "../values/height.ts";
import { deriveAddress, deriveOutputSecret, type AccountKeys } from "./keys.ts";
import { deriveClaimKeys, isOwnClaim } from "./packet-coin-secrets.ts";
import { SubaddressTable } from "./subaddress-table.ts";

const EPHEMERAL_SECRET_SIZE = 32;
const PAYLOAD_TAG_SIZE = 16;
const AUX_SIZE = 32;
/** Shares come to the first address: nobody is told of it. */
const ADDRESS_INDEX = 0;

/** The packet that a link leads to, and what opens it. Plain data, for a worker. */
export interface ClaimTarget {
  readonly chainId: number;
  readonly packetLeaf: LeafIndex;
  readonly core: PacketCore;
  /** L. */
  readonly linkSecret: Uint8Array;
  /** L' where a password guards the packet (RP-4). */
  readonly guardedSecret: Uint8Array | undefined;
}

/** Keys of the coin that a claim asks for, made before it: the work of a chance packet is for them alone (9.3). */
export type ClaimSeat = Pick<UnsignedClaim, "oneTimeKey" | "ephemeralKey" | "viewTag" | "payloadTag" | "anchorEnc">;

/** What lets the claim through the gate: work that was done for its seat, or a ticket with its secret t. */
export type ClaimPass =
  | Extract<ClaimGate, { readonly mode: "open" }>
  /** `blockId`: of the block at `refHeight`, which the work is for. */
  | (Extract<ClaimGate, { readonly mode: "chance" }> & { readonly blockId: Hash })
  | (Extract<ClaimGate, { readonly mode: "ticket" }> & { readonly ticketSecret: Scalar });

/** A signed claim, judged by every rule that needs no ledger, its work or its ticket included. */
export interface BuiltClaim {
  readonly bytes: Uint8Array;
  readonly txid: Hash;
}

export type BuildClaimResult =
  | { readonly ok: true; readonly claim: BuiltClaim }
  | {
      readonly ok: false;
      readonly code:
        | "wrong_password" // or a link of another packet
        | "wrong_gate" // another mode than that of the packet
        | "check_failed"; // the arithmetic came out wrong: nothing may be sent
    };

/** Whether this link, with its password where it has one, can claim from the packet: q·G = Q (9.2). */
export function opensPacket(curve: CurveBackend, { core, linkSecret, guardedSecret }: ClaimTarget): boolean {
  return equalBytes(derivePacketKey(curve, guardedSecret ?? linkSecret), core.packetKey);
}

/** A seat under a D of its own, which no other output has (OU-8): one that was not used is thrown away. */
export function makeClaimSeat(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  { core, linkSecret }: Pick<ClaimTarget, "core" | "linkSecret">,
): ClaimSeat {
  const ephemeralKey = curve.x25519Secret(random.bytes(EPHEMERAL_SECRET_SIZE), X25519_BASE);
  const home = deriveAddress(curve, keys.view, ADDRESS_INDEX);
  const { viewAllSecret } = keys.view;
  const own = deriveClaimKeys(curve, viewAllSecret, ephemeralKey, home, core.packetKey, linkSecret);
  return {
    oneTimeKey: own.oneTimeKey,
    ephemeralKey,
    viewTag: own.viewTag,
    payloadTag: random.bytes(PAYLOAD_TAG_SIZE),
    anchorEnc: own.anchorEnc,
  };
}

/**
 * Signs a claim (9.3). The bytes are what is stored before they are sent, and sent again unchanged: another claim for the
 * same link would be another P, hence a second share of an open packet.
 */
export function buildClaim(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  target: ClaimTarget,
  seat: ClaimSeat,
  pass: ClaimPass,
): BuildClaimResult {
  const { chainId, packetLeaf, core, linkSecret, guardedSecret } = target;
  if (pass.mode !== core.gate.mode) return { ok: false, code: "wrong_gate" };
  if (!opensPacket(curve, target)) return { ok: false, code: "wrong_password" };
  const home = deriveAddress(curve, keys.view, ADDRESS_INDEX);
  const { viewAllSecret } = keys.view;
  const own = deriveClaimKeys(curve, viewAllSecret, seat.ephemeralKey, home, core.packetKey, linkSecret);
  const gate = gateOf(pass);
  const unsigned: UnsignedClaim = { kind: "claim", chainId, packetLeaf, gate, ...seat };
  const message = claimHash(unsigned);
  const sign = (secret: Scalar): Uint8Array => schnorrSign(curve, secret, message, random.bytes(AUX_SIZE));
  const claim = {
    ...unsigned,
    ticketSignature: pass.mode === "ticket" ? sign(pass.ticketSecret) : undefined,
    packetSignature: sign(derivePacketSecret(curve, guardedSecret ?? linkSecret)),
    ownerSignature: sign(deriveOutputSecret(curve, keys, ADDRESS_INDEX, own.keyOffset)),
  };
  const built = { bytes: encodeClaim(claim), txid: transactionId(unsigned) };
  return meetsGate(target, claim, pass) && isFit(keys, target, built)
    ? { ok: true, claim: built }
    : { ok: false, code: "check_failed" };
}

function gateOf(pass: ClaimPass): ClaimGate {
  switch (pass.mode) {
    case "open":
      return { mode: "open" };
    case "chance":
      return { mode: "chance", refHeight: pass.refHeight, powNonce: pass.powNonce };
    case "ticket":
      return { mode: "ticket", ticket: pass.ticket };
    default:
      return pass satisfies never;
  }
}

/** RP-5: work for another seat, or a ticket of another list, is refused by every node for ever. */
function meetsGate({ core, packetLeaf }: ClaimTarget, { oneTimeKey }: UnsignedClaim, pass: ClaimPass): boolean {
  const { gate, packetKey } = core;
  if (pass.mode === "chance" && gate.mode === "chance") {
    const { blockId, powNonce: nonce } = pass;
    return meetsPacketWork({ packetLeaf, blockId, oneTimeKey, nonce }, packetKey, gate.powBits);
  }
  if (pass.mode !== "ticket" || gate.mode !== "ticket") return pass.mode === gate.mode;
  return equalBytes(ticketRootOf(pass.ticket), gate.ticketRoot);
}

/** Judged by the reference from the bytes alone: signatures, and that whatever share it gets will be found again. */
function isFit(keys: AccountKeys, target: ClaimTarget, built: BuiltClaim): boolean {
  const curve = createNobleBackend();
  const decoded = tryDecode(decodeClaim, built.bytes);
  if (!decoded.ok || !equalBytes(transactionId(decoded.value), built.txid)) return false;
  const isSigned = claimSignatures(decoded.value, target.core.packetKey).every(({ publicKey, message, signature }) =>
    schnorrVerify(curve, publicKey, message, signature),
  );
  const addresses = new SubaddressTable(curve);
  addresses.extend(keys.account, keys.view, 1);
  const { viewAllSecret } = keys.view;
  return (
    isSigned && isOwnClaim(curve, addresses, viewAllSecret, target.core.packetKey, target.linkSecret, decoded.value)
  );
}
