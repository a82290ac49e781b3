import { outputHash } from "../chain/output.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { X25519_BASE } from "../crypto/key-agreement.ts";
import { guardedLinkSecret } from "../crypto/packet-password.ts";
import { proveRange } from "../crypto/range-proof-prover.ts";
import { ZERO_SCALAR, type Scalar } from "../crypto/scalar.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import type { Random } from "../ports/random.ts";
import { deriveGiftLinkSecret } from "../red-packet/gift-secrets.ts";
import { sealGreeting } from "../red-packet/packet-greeting.ts";
import {
  buildShares,
  deriveLinkSecret,
  derivePacketKey,
  deriveShareBlinding,
  packetRangeWitness,
} from "../red-packet/packet-secrets.ts";
import { checkSplit, splitPacket } from "../red-packet/split-packet.ts";
import { buildChange, finishCoin, type BuiltOutput } from "./build-outputs.ts";
import type { BuildPaymentJob } from "./built-payment.ts";
import { buildGiftCoin } from "./gift-note.ts";
import { deriveAddress, type AccountKeys } from "./keys.ts";
import { deriveRefundKeys } from "./packet-coin-secrets.ts";
import type { NewPacket } from "./packet-order.ts";
import { buildEmptyPayload } from "./payload.ts";

const EPHEMERAL_SECRET_SIZE = 32;
/** n of P_refund among our outputs under the packet's D; change comes after it. */
export const PACKET_COUNTER = 0;

/** Outputs under one D, which is remembered so that nothing else is ever built under it (OU-8). */
export interface BuiltGroup {
  readonly outputs: readonly BuiltOutput[];
  readonly ephemeralKey: Uint8Array;
}

/** D of outputs that are for nobody but us and holders of a link (OU-6). */
export function makeEphemeralKey(curve: CurveBackend, random: Random): Uint8Array {
  return curve.x25519Secret(random.bytes(EPHEMERAL_SECRET_SIZE), X25519_BASE);
}

/** A gift beside our change (9.1): no different from a payment, to whoever has not the link. */
export function buildGift(curve: CurveBackend, random: Random, keys: AccountKeys, job: BuildPaymentJob): BuiltGroup {
  // Its L hangs on D: each gift has one of its own, also after a restore and where two devices have one seed.
  const ephemeralKey = makeEphemeralKey(curve, random);
  const linkSecret = deriveGiftLinkSecret(keys.view.viewAllSecret, ephemeralKey);
  const coin = buildGiftCoin(curve, linkSecret, ephemeralKey, job.proposal.amount);
  const owner = { isOwn: false, counter: 0 };
  const gift = finishCoin(curve, random, job.chainId, coin, buildEmptyPayload(random), owner);
  return { outputs: [gift, ...buildChange(curve, random, keys, job, { ephemeralKey }, 0)], ephemeralKey };
}

/** A packet with its aggregate proof beside our change (9.2). Everything secret in it hangs on s_vb and D. */
export function buildPacket(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  job: BuildPaymentJob,
  order: NewPacket,
): BuiltGroup {
  const { ephemeralKey, plan, password } = order;
  const { viewAllSecret } = keys.view;
  const checked = checkSplit(plan);
  if (!checked.ok) throw new RangeError(`cannot split: ${checked.code}`);
  const { split, minimum, total } = checked.sum;
  const linkSecret = deriveLinkSecret(viewAllSecret, ephemeralKey);
  const amounts = splitPacket(linkSecret, plan);
  const keySecret = password === undefined ? linkSecret : guardedLinkSecret(password, linkSecret);
  const packetKey = derivePacketKey(curve, keySecret);
  const home = deriveAddress(curve, keys.view, 0);
  const refund = deriveRefundKeys(curve, viewAllSecret, ephemeralKey, home, packetKey, PACKET_COUNTER);
  const bound = { packetKey, refundKey: refund.oneTimeKey, ephemeralKey };
  const { proof } = proveRange(curve, packetRangeWitness(curve, job.chainId, bound, linkSecret, amounts), random);
  const { text, adBlobId } = order;
  const core: PacketCore = {
    type: "packet",
    ...bound,
    viewTag: refund.viewTag,
    gate: order.gate,
    claimFee: order.claimFee,
    expiry: order.expiry,
    greeting: sealGreeting(linkSecret, packetKey, { split, minimum, adBlobId, text }),
    shares: buildShares(curve, linkSecret, amounts),
    rangeProofHash: sha256Hash(proof),
  };
  const packet: BuiltOutput = {
    output: { core, rangeProof: proof },
    hash: outputHash(core),
    blinding: amounts.reduce<Scalar>(
      (sum, _, slot) => curve.scalars.add(sum, deriveShareBlinding(curve, linkSecret, slot)),
      ZERO_SCALAR,
    ),
    amount: total,
    isOwn: false,
    counter: PACKET_COUNTER,
  };
  return { outputs: [packet, ...buildChange(curve, random, keys, job, order, PACKET_COUNTER + 1)], ephemeralKey };
}
