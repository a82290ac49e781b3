import { describe, expect, it } from "vitest";
import { formatHex } from "../../src/core/bytes/hex.ts";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import type { BlsBackend } from "../../src/core/crypto/bls-backend.ts";
import { createNobleBls } from "../../src/core/crypto/noble-bls.ts";
import { hexBytes, vectors } from "../support/protocol-vectors.ts";
import { runs } from "../support/run-counts.ts";
import { seededRandom } from "../support/test-random.ts";

const { validators, vote, beacons, pop, certificate } = vectors.bls;
const keys = validators.map(({ pk }) => hexBytes(pk));
const seeds = validators.map(({ vseed }) => hexBytes(vseed));
const message = hexBytes(vote.msg);
const signatures = vote.sigs.map(hexBytes);

/** c0 00 … : the identity in compressed form. */
const identity = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => (index === 0 ? 0xc0 : 0));

/** The same point with the other sign of y. */
function negate(encoding: Uint8Array): Uint8Array {
  const negated = encoding.slice();
  negated[0]! ^= 0x20;
  return negated;
}

/** A point of the curve outside the subgroup: x counts up until x³ + b is a square. */
function outsideSubgroup(size: 48 | 96): Uint8Array {
  const Point = size === 48 ? bls12_381.G1.Point : bls12_381.G2.Point;
  for (let x = 1; ; x++) {
    const encoding = new Uint8Array(size);
    encoding[0] = 0x80;
    encoding[size - 1] = x;
    try {
      if (!Point.fromBytes(encoding).isTorsionFree()) return encoding;
    } catch (error) {
      // Depending on its version noble refuses such points itself, and says so.
      if (error instanceof Error && /subgroup|torsion/.test(error.message)) return encoding;
    }
  }
}

/** Bytes that are no key: each of another kind. */
const BAD_KEYS: Readonly<Record<string, Uint8Array>> = {
  "no bytes": new Uint8Array(0),
  zeros: new Uint8Array(48),
  "all ones": new Uint8Array(48).fill(255),
  "the identity": identity(48),
  "the identity with a sign": identity(48).with(0, 0xe0),
  "the identity with a rest": identity(48).with(47, 1),
  "a point outside the subgroup": outsideSubgroup(48),
  "a byte too short": keys[0]!.slice(1),
  "a byte too long": new Uint8Array([...keys[0]!, 0]),
  "uncompressed form": bls12_381.G1.Point.fromBytes(keys[0]!).toBytes(false),
  "no compression flag": keys[0]!.with(0, keys[0]![0]! & 0x7f),
  "x = p": hexBytes("9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"),
};

const BAD_SIGNATURES: Readonly<Record<string, Uint8Array>> = {
  "no bytes": new Uint8Array(0),
  zeros: new Uint8Array(96),
  "all ones": new Uint8Array(96).fill(255),
  "the identity": identity(96),
  "a point outside the subgroup": outsideSubgroup(96),
  "the other sign": negate(signatures[0]!),
  "a byte too short": signatures[0]!.slice(1),
  "uncompressed form": bls12_381.G2.Point.fromBytes(signatures[0]!).toBytes(false),
};

/** What every BLS backend must do (PR-7), whatever it is made of. */
export function blsBackendContract(name: string, open: () => BlsBackend): void {
  describe(`bls backend ${name}`, () => {
    const bls = open();

    it("[PR-7] derives the keys of the vectors", () => {
      expect(seeds.map((seed) => formatHex(bls.publicKey(seed)))).toEqual(validators.map(({ pk }) => pk));
      expect(keys.every((key) => bls.isPublicKey(key))).toBe(true);
    });

    it("[PR-7] signs and verifies the votes and beacons of the vectors", () => {
      seeds.forEach((seed, index) => {
        expect(formatHex(bls.sign(seed, message))).toBe(vote.sigs[index]);
        expect(bls.verify(keys[index]!, message, signatures[index]!)).toBe(true);
      });
      for (const { msg, sig } of beacons) {
        expect(keys.filter((key) => bls.verify(key, hexBytes(msg), hexBytes(sig)))).toHaveLength(1);
      }
    });

    it("[PR-7] aggregates the certificate of the vectors", () => {
      const chosen = certificate.signers.map((signer) => signatures[signer]!);
      const sum = bls.aggregate(chosen);
      expect(formatHex(sum!)).toBe(certificate.bytes.slice(-192));
      const signers = certificate.signers.map((signer) => keys[signer]!);
      expect(bls.verifyAggregate(signers, message, sum!)).toBe(true);
      expect(bls.verifyAggregate(signers.toReversed(), message, sum!)).toBe(true);
      expect(bls.verifyAggregate(signers.slice(1), message, sum!)).toBe(false);
      expect(bls.verifyAggregate(keys, message, sum!)).toBe(false);
      expect(bls.verifyAggregate([...signers, signers[0]!], message, sum!)).toBe(false);
      expect(bls.verifyAggregate([], message, sum!)).toBe(false);
    });

    it("[ST-1] proves possession as in the vector, in a domain of its own", () => {
      const [key, text, proof] = [keys[0]!, hexBytes(pop.msg), hexBytes(pop.sig)];
      expect(formatHex(bls.prove(seeds[0]!, text))).toBe(pop.sig);
      expect(bls.verifyPossession(key, text, proof)).toBe(true);
      expect(bls.verifyPossession(keys[1]!, text, proof)).toBe(false);
      expect(bls.verifyPossession(key, text.with(50, 1), proof)).toBe(false);
      expect(bls.verify(key, text, proof)).toBe(false);
      expect(bls.verifyPossession(key, text, bls.sign(seeds[0]!, text))).toBe(false);
    });

    it("[ST-1] shows why possession is proven: a rogue key passes without it, and cannot get a proof", () => {
      // rogue = own − victim, so that rogue + victim = own: the sum of keys is one that the attacker controls.
      const { G1 } = bls12_381;
      const rogue = G1.Point.fromBytes(keys[1]!).subtract(G1.Point.fromBytes(keys[0]!)).toBytes();
      expect(bls.verifyAggregate([keys[0]!, rogue], message, signatures[1]!)).toBe(true);
      expect(bls.verifyPossession(rogue, message, bls.prove(seeds[1]!, message))).toBe(false);
    });

    it("[PR-7] never takes keys or signatures that cancel each other", () => {
      const opposite = negate(keys[0]!);
      expect(bls.isPublicKey(opposite)).toBe(true);
      for (const signature of [identity(96), signatures[0]!]) {
        expect(bls.verifyAggregate([keys[0]!, opposite], message, signature)).toBe(false);
      }
      expect(bls.aggregate([signatures[0]!, negate(signatures[0]!)])).toBeUndefined();
    });

    it.each(Object.entries(BAD_KEYS))("[PR-7] refuses %s for a key", (_, bad) => {
      expect(bls.isPublicKey(bad)).toBe(false);
      expect(bls.verify(bad, message, signatures[0]!)).toBe(false);
      expect(bls.verify(bad, message, identity(96))).toBe(false);
      expect(bls.verifyAggregate([keys[0]!, bad], message, signatures[0]!)).toBe(false);
      expect(bls.verifyPossession(bad, message, signatures[0]!)).toBe(false);
    });

    it.each(Object.entries(BAD_SIGNATURES))("[PR-7] refuses %s for a signature", (kind, bad) => {
      expect(bls.verify(keys[0]!, message, bad)).toBe(false);
      expect(bls.verifyAggregate([keys[0]!], message, bad)).toBe(false);
      expect(bls.verifyPossession(keys[0]!, message, bad)).toBe(false);
      // The other sign is a good point, only not this signature.
      if (kind !== "the other sign") expect(bls.aggregate([signatures[1]!, bad])).toBeUndefined();
    });

    it("[PR-7] aggregates nothing out of nothing, and one signature to itself", () => {
      expect(bls.aggregate([])).toBeUndefined();
      expect(bls.aggregate([signatures[0]!])).toEqual(signatures[0]);
    });

    it("[EN-4] answers to garbage instead of throwing", () => {
      const random = seededRandom(`bls garbage ${name}`);
      for (let round = 0; round < runs(40, 10_000); round++) {
        const [key, signature] = [random.bytes(48), random.bytes(96)];
        key[0]! |= 0x80;
        signature[0]! |= 0x80;
        expect(bls.verify(key, message, signature)).toBe(false);
        expect(bls.verify(keys[0]!, message, signature)).toBe(false);
        expect(bls.aggregate([signature])).toBeUndefined();
      }
    });

    it("agrees with the reference on random seeds and messages", () => {
      const reference = createNobleBls();
      const random = seededRandom(`bls random ${name}`);
      for (let round = 0; round < runs(3, 100); round++) {
        const [seed, text] = [random.bytes(32), random.bytes(round * 17)];
        const signature = bls.sign(seed, text);
        expect(signature).toEqual(reference.sign(seed, text));
        expect(reference.verify(bls.publicKey(seed), text, signature)).toBe(true);
      }
    });
  });
}
