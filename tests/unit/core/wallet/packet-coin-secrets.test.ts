import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { u64 } from "../../../../src/core/bytes/writer.ts";
import { claimHash, type UnsignedClaim } from "../../../../src/core/chain/claim.ts";
import { encodeOutputCore, outputHash, type DrawnCore } from "../../../../src/core/chain/output.ts";
import { drawnCoin, refundCoin } from "../../../../src/core/chain/packet-coins.ts";
import type { PacketCore } from "../../../../src/core/chain/packet-output.ts";
import { deriveTags } from "../../../../src/core/crypto/output-keys.ts";
import { schnorrPublicKey, schnorrSign } from "../../../../src/core/crypto/schnorr.ts";
import {
  derivePacketKey,
  derivePacketSecret,
  maskShareAmount,
} from "../../../../src/core/red-packet/packet-secrets.ts";
import { deriveAddress, deriveOutputSecret } from "../../../../src/core/wallet/keys.ts";
import { matchViewTag } from "../../../../src/core/wallet/output-secrets.ts";
import {
  deriveClaimKeys,
  deriveRefundOpening,
  isOwnClaim,
  openDrawnCoin,
  openRefund,
  readDrawnCoin,
} from "../../../../src/core/wallet/packet-coin-secrets.ts";
import { amounts, claims, linkSecret, packet, packetLeaf, packetVector } from "../../../support/packet-vectors.ts";
import { hexScalar } from "../../../support/protocol-vectors.ts";
import { curve, owner, payee, smallTable } from "../../../support/wallet-vectors.ts";

const { core } = packet;
const { viewAllSecret } = owner.view;
const NO_AUX = new Uint8Array(32);
const ownerTable = smallTable(owner);
const payeeTable = smallTable(payee);
const payeeAddress = deriveAddress(curve, payee.view, 0);

/** n of P_refund: the counter whose view tag the packet shows (OU-11). */
function refundCounter(): number {
  const [n] = matchViewTag(deriveTags(viewAllSecret, core.ephemeralKey), core.viewTag);
  return n!;
}

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
  const openDrawn = (each: DrawnCore) =>
    openDrawnCoin(curve, payeeTable, payee.view.viewAllSecret, core.packetKey, each);

  it("[RP-6] the drawn coin of the vectors opens from the seed of its claimer and from no other", () => {
    expect(formatHex(encodeOutputCore(coin))).toBe(packetVector.drawn_coin_slot1.bytes);
    expect(formatHex(outputHash(coin))).toBe(packetVector.drawn_coin_slot1.out_hash);
    const opened = openDrawn(coin)!;
    expect(opened).toMatchObject({ origin: "internal", n: 0, amount: amounts[1], account: 0, addressIndex: 0 });
    const spend = deriveOutputSecret(curve, payee, 0, opened.keyOffset);
    expect(formatHex(spend)).toBe(packetVector.claims[2]!.spend_secret);
    expect(openDrawnCoin(curve, ownerTable, viewAllSecret, core.packetKey, coin)).toBeUndefined();
  });

  it("[RP-4] [OU-11] opens without the packet's core where no password guards it, and with Q from the core where one does", () => {
    const { viewAllSecret: secret } = payee.view;
    expect(openDrawnCoin(curve, payeeTable, secret, undefined, coin)).toEqual(openDrawn(coin));
    expect(readDrawnCoin(curve, secret, coin)).toMatchObject({ linkSecret, amount: amounts[1] });
    // Another Q, as a password makes it, and P under that.
    const guarded = derivePacketKey(curve, linkSecret.with(0, 7));
    const keys = deriveClaimKeys(curve, secret, claim.ephemeralKey, payeeAddress, guarded, linkSecret);
    const drawn = { ...coin, oneTimeKey: keys.oneTimeKey };
    expect(openDrawnCoin(curve, payeeTable, secret, undefined, drawn)).toBeUndefined();
    expect(openDrawnCoin(curve, payeeTable, secret, guarded, drawn)).toMatchObject({ amount: amounts[1] });
  });

  it("[OU-11] a claim is known as ours before it is drawn", () => {
    const { viewAllSecret: secret } = payee.view;
    const isOurs = (each: UnsignedClaim, link = linkSecret, key = core.packetKey): boolean =>
      isOwnClaim(curve, payeeTable, secret, key, link, each);
    for (const each of claims) expect(isOurs(each)).toBe(true);
    expect(isOurs({ ...claim, anchorEnc: new Uint8Array(16) })).toBe(false);
    expect(isOurs({ ...claim, viewTag: new Uint8Array(2) })).toBe(false);
    expect(isOurs({ ...claim, oneTimeKey: core.refundKey })).toBe(false);
    expect(isOurs(claim, linkSecret.with(0, 0))).toBe(false);
    expect(isOurs(claim, linkSecret, core.refundKey)).toBe(false);
    expect(isOwnClaim(curve, ownerTable, viewAllSecret, core.packetKey, linkSecret, claim)).toBe(false);
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
