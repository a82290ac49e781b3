import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { u64 } from "../../../../src/core/bytes/writer.ts";
import { claimHash, type UnsignedClaim } from "../../../../src/core/chain/claim.ts";
import { encodeOutputCore, outputHash, type DrawnCore } from "../../../../src/core/chain/output.ts";
import { drawnCoin, refundCoin } from "../../../../src/core/chain/packet-coins.ts";
import { encodePacketOutput, type PacketCore } from "../../../../src/core/chain/packet-output.ts";
import { aeadOpen, aeadSeal } from "../../../../src/core/crypto/aead.ts";
import { deriveTags } from "../../../../src/core/crypto/output-keys.ts";
import { proveRange } from "../../../../src/core/crypto/range-proof-prover.ts";
import { schnorrPublicKey, schnorrSign } from "../../../../src/core/crypto/schnorr.ts";
import { hash32, sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import {
  deriveClaimKeys,
  deriveRefundKeys,
  deriveRefundOpening,
  openDrawnCoin,
  openRefund,
} from "../../../../src/core/red-packet/packet-coin-secrets.ts";
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
  derivePacketSecret,
  maskShareAmount,
  openShare,
  packetRangeWitness,
} from "../../../../src/core/red-packet/packet-secrets.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { deriveAddress, deriveOutputSecret } from "../../../../src/core/wallet/keys.ts";
import { matchViewTag } from "../../../../src/core/wallet/output-secrets.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { amounts, claims, linkSecret, packet, packetLeaf, packetVector } from "../../../support/packet-vectors.ts";
import { hexBytes, hexScalar } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { zeroRandom } from "../../../support/test-random.ts";
import { curve, owner, payee, smallTable } from "../../../support/wallet-vectors.ts";

const { core } = packet;
const { viewAllSecret } = owner.view;
const NO_AUX = new Uint8Array(32);
const ownerTable = smallTable(owner);
const payeeTable = smallTable(payee);
const ownerAddress = deriveAddress(curve, owner.view, 0);
const payeeAddress = deriveAddress(curve, payee.view, 0);
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

describe("claims (9.3)", () => {
  it.each(packetVector.claims.map((each, index) => ({ ...each, index })))(
    "[OU-11] [RP-5] of mode $mode: keys, spend secret and signatures of the vectors",
    ({ index, P, spend_secret: spendSecret }) => {
      const claim = claims[index]!;
      const { viewAllSecret: secret } = payee.view;
      const keys = deriveClaimKeys(curve, secret, claim.ephemeralKey, payeeAddress, core.packetKey, linkSecret);
      expect(formatHex(keys.oneTimeKey)).toBe(P);
      expect(keys.viewTag).toEqual(claim.viewTag);
      expect(keys.anchorEnc).toEqual(claim.anchorEnc);
      const spend = deriveOutputSecret(curve, payee, 0, keys.keyOffset);
      expect(formatHex(spend)).toBe(spendSecret);
      expect(formatHex(schnorrPublicKey(curve, spend))).toBe(P);
      const mc = claimHash(claim);
      expect(schnorrSign(curve, derivePacketSecret(curve, linkSecret), mc, NO_AUX)).toEqual(claim.packetSignature);
      expect(schnorrSign(curve, spend, mc, NO_AUX)).toEqual(claim.ownerSignature);
    },
  );
});

describe("coins out of a packet", () => {
  const claim: UnsignedClaim = claims[2]!;
  const coin = drawnCoin(core, packetLeaf, claim, 1);
  const openDrawn = (each: DrawnCore) => openDrawnCoin(curve, payeeTable, payee.view.viewAllSecret, core, each);

  it("[RP-6] the drawn coin of the vectors opens from the seed of its claimer and from no other", () => {
    expect(formatHex(encodeOutputCore(coin))).toBe(packetVector.drawn_coin_slot1.bytes);
    expect(formatHex(outputHash(coin))).toBe(packetVector.drawn_coin_slot1.out_hash);
    const opened = openDrawn(coin)!;
    expect(opened).toMatchObject({ origin: "internal", n: 0, amount: amounts[1], account: 0, addressIndex: 0 });
    const spend = deriveOutputSecret(curve, payee, 0, opened.keyOffset);
    expect(formatHex(spend)).toBe(packetVector.claims[2]!.spend_secret);
    expect(openDrawnCoin(curve, ownerTable, viewAllSecret, core, coin)).toBeUndefined();
  });

  it("[RP-6] [OU-10] a drawn coin with anything changed is not ours", () => {
    const bent: readonly DrawnCore[] = [
      { ...coin, slot: 0 },
      { ...coin, slot: 255 },
      { ...coin, commitment: core.shares[0]!.commitment },
      { ...coin, amountEnc: core.shares[0]!.amountEnc },
      { ...coin, anchorEnc: new Uint8Array(16) },
      { ...coin, ephemeralKey: core.ephemeralKey },
      { ...coin, oneTimeKey: core.refundKey },
      { ...coin, oneTimeKey: new Uint8Array(32).fill(0xff) },
    ];
    for (const each of bent) expect(openDrawn(each)).toBeUndefined();
  });

  const refund = refundCoin(curve, core, packetLeaf, 2n);
  const { refund_after_slot1: expected } = packetVector;
  const open = (each: DrawnCore, from: PacketCore = core) =>
    openRefund(curve, ownerTable, viewAllSecret, from, each, refundCounter());

  it("[RP-7] [OU-11] the refund of the vectors opens from the creator's seed", () => {
    expect(formatHex(encodeOutputCore(refund))).toBe(expected.bytes);
    expect(formatHex(outputHash(refund))).toBe(expected.out_hash);
    const opened = open(refund)!;
    expect(opened).toMatchObject({ amount: BigInt(expected.amount), blinding: hexScalar(expected.z), addressIndex: 0 });
    const spend = deriveOutputSecret(curve, owner, 0, opened.keyOffset);
    expect(formatHex(spend)).toBe(expected.spend_secret);
    expect(schnorrPublicKey(curve, spend)).toEqual(core.refundKey);
  });

  it("[RP-7] shares paid and refund make up the packet, for every set of paid shares", () => {
    const whole = deriveRefundOpening(curve, linkSecret, core, 0n)!.amount;
    expect(whole).toBe(10_000_013n + 30_000n);
    for (let paid = 0n; paid < 7n; paid++) {
      const opened = open(refundCoin(curve, core, packetLeaf, paid))!;
      const drawn = amounts.map((micro, slot) => (((paid >> BigInt(slot)) & 1n) === 1n ? micro + 10_000n : 0n));
      expect(opened.amount + drawn.reduce((sum, micro) => sum + micro)).toBe(whole);
    }
  });

  it("[RP-7] [OU-10] a refund with anything changed is not ours", () => {
    const bent: readonly DrawnCore[] = [
      { ...refund, slot: 1 },
      { ...refund, amountEnc: u64(1n) },
      { ...refund, amountEnc: u64(8n) },
      { ...refund, amountEnc: u64((1n << 64n) - 1n) },
      { ...refund, commitment: coin.commitment },
      { ...refund, oneTimeKey: coin.oneTimeKey },
    ];
    for (const each of bent) expect(open(each)).toBeUndefined();
    expect(open(refund, { ...core, packetKey: core.refundKey })).toBeUndefined();
    const wide = maskShareAmount(linkSecret, 0, u64((1n << 64n) - 1n));
    const shares = [{ ...core.shares[0]!, amountEnc: wide }, ...core.shares.slice(1)];
    expect(open(refund, { ...core, shares })).toBeUndefined();
  });
});
