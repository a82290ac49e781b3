import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { u64 } from "../../../../src/core/bytes/writer.ts";
import { encodePacketOutput, type PacketCore } from "../../../../src/core/chain/packet-output.ts";
import { aeadOpen, aeadSeal } from "../../../../src/core/crypto/aead.ts";
import { deriveTags } from "../../../../src/core/crypto/output-keys.ts";
import { proveRange } from "../../../../src/core/crypto/range-proof-prover.ts";
import { hash32, sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import {
  decodeGreeting,
  encodeGreeting,
  openGreeting,
  sealGreeting,
  type PacketGreeting,
} from "../../../../src/core/red-packet/packet-greeting.ts";
import {
  buildShares,
  deriveLinkSecret,
  derivePacketKey,
  maskShareAmount,
  openShare,
  packetRangeWitness,
} from "../../../../src/core/red-packet/packet-secrets.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { matchViewTag } from "../../../../src/core/wallet/output-secrets.ts";
import { deriveRefundKeys } from "../../../../src/core/wallet/packet-coin-secrets.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { amounts, linkSecret, packet, packetVector } from "../../../support/packet-vectors.ts";
import { hexBytes } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { zeroRandom } from "../../../support/test-random.ts";
import { curve, owner, payee } from "../../../support/wallet-vectors.ts";

const { core } = packet;
const { viewAllSecret } = owner.view;
const ownerAddress = deriveAddress(curve, owner.view, 0);
const greeting: PacketGreeting = { split: "custom", minimum: amount(1n), adBlobId: undefined, text: "hello" };

const blobId = sha256Hash(linkSecret);

/** n of P_refund: the counter whose view tag the packet shows (OU-11). */
function refundCounter(): number {
  const [n] = matchViewTag(deriveTags(viewAllSecret, core.ephemeralKey), core.viewTag);
  return n!;
}

describe("secrets of a packet (9.2)", () => {
  it("[OU-12] hang on the view-all secret and D alone", () => {
    expect(formatHex(deriveLinkSecret(viewAllSecret, core.ephemeralKey))).toBe(packetVector.L);
    expect(deriveLinkSecret(payee.view.viewAllSecret, core.ephemeralKey)).not.toEqual(linkSecret);
    expect(derivePacketKey(curve, linkSecret)).toEqual(core.packetKey);
  });

  it("[RP-2] give the shares of the vectors, and open them", () => {
    expect(buildShares(curve, linkSecret, amounts)).toEqual(core.shares);
    core.shares.forEach((share, slot) => {
      expect(openShare(curve, linkSecret, slot, share)?.amount).toBe(amounts[slot]);
      expect(openShare(curve, linkSecret, slot + 1, share)).toBeUndefined();
    });
  });

  it("[EN-1] never open a share of 2^53 or more", () => {
    const amountEnc = maskShareAmount(linkSecret, 0, u64(1n << 53n));
    expect(openShare(curve, linkSecret, 0, { ...core.shares[0]!, amountEnc })).toBeUndefined();
  });

  it("[RG-3] [RP-1] make the packet of the vectors byte for byte, its proof included", () => {
    const keys = deriveRefundKeys(
      curve,
      viewAllSecret,
      core.ephemeralKey,
      ownerAddress,
      core.packetKey,
      refundCounter(),
    );
    expect(keys.oneTimeKey).toEqual(core.refundKey);
    expect(keys.viewTag).toEqual(core.viewTag);
    const { proof } = proveRange(curve, packetRangeWitness(curve, 1000, core, linkSecret, amounts), zeroRandom);
    const made: PacketCore = {
      type: "packet",
      refundKey: keys.oneTimeKey,
      ephemeralKey: hexBytes(packetVector.D),
      viewTag: keys.viewTag,
      packetKey: derivePacketKey(curve, linkSecret),
      gate: core.gate,
      claimFee: amount(10_000n),
      expiry: core.expiry,
      greeting: sealGreeting(linkSecret, core.packetKey, greeting),
      shares: buildShares(curve, linkSecret, amounts),
      rangeProofHash: sha256Hash(proof),
    };
    expect(formatHex(encodePacketOutput({ core: made, rangeProof: proof }))).toBe(packetVector.bytes);
  });
});

describe("greetings (9.2)", () => {
  const key = hash32("stg/rp/g", linkSecret);

  it("[RP-10] seal and open as in the vectors", () => {
    expect(formatHex(encodeGreeting(greeting))).toBe(packetVector.greeting_plain);
    expect(formatHex(aeadOpen(key, core.greeting, core.packetKey)!)).toBe(packetVector.greeting_plain);
    expect(sealGreeting(linkSecret, core.packetKey, greeting)).toEqual(core.greeting);
    expect(openGreeting(linkSecret, core.packetKey, core.greeting)).toEqual(greeting);
  });

  it("[RP-10] are closed to other links and other packets", () => {
    expect(openGreeting(new Uint8Array(16), core.packetKey, core.greeting)).toBeUndefined();
    expect(openGreeting(linkSecret, core.refundKey, core.greeting)).toBeUndefined();
    expect(openGreeting(linkSecret, core.packetKey, new Uint8Array(0))).toBeUndefined();
  });

  it("[RP-10] hold 102 bytes of text and a blob", () => {
    const full: PacketGreeting = { ...greeting, split: "lucky", adBlobId: blobId, text: "é".repeat(51) };
    expect(openGreeting(linkSecret, core.packetKey, sealGreeting(linkSecret, core.packetKey, full))).toEqual(full);
    expect(() => encodeGreeting({ ...full, text: `${full.text}!` })).toThrow("greeting of 103 bytes");
  });

  it("[EN-4] show nothing when their creator sealed nonsense", () => {
    const plain = hexBytes(packetVector.greeting_plain);
    const bends = [
      plain.with(0, 3),
      plain.with(8, 0xff),
      plain.with(41, 103),
      plain.with(42, 0xff),
      plain.with(143, 1),
      plain.slice(1),
    ];
    for (const bent of bends) {
      expect(openGreeting(linkSecret, core.packetKey, aeadSeal(key, bent, core.packetKey))).toBeUndefined();
    }
  });

  it(
    "[EN-3] [EN-4] throw nothing but DecodeError and have one encoding per value",
    () => {
      const samples = [greeting, { ...greeting, adBlobId: blobId, text: "a".repeat(102) }].map(encodeGreeting);
      checkDecoder(codecOf("greeting", decodeGreeting, encodeGreeting, samples), runs(10_000, 1_000_000));
    },
    runs(60_000, 36_000_000),
  );
});
