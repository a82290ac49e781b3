import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { CurveBackend, PublicScalars } from "../../../../src/core/crypto/backend/curve-backend.ts";
import { createNobleBackend } from "../../../../src/core/crypto/backend/noble-backend.ts";
import { commit } from "../../../../src/core/crypto/commitment.ts";
import { deriveOneTimeKey } from "../../../../src/core/crypto/output-keys.ts";
import { proveRange } from "../../../../src/core/crypto/range-proof-prover.ts";
import { reduceScalar, scalarOf, type Scalar } from "../../../../src/core/crypto/scalar.ts";
import { factorList } from "../../../../src/core/crypto/scalar-vector.ts";
import { schnorrPublicKey, schnorrSign, schnorrVerify } from "../../../../src/core/crypto/schnorr.ts";
import { deriveAccount } from "../../../../src/core/wallet/keys.ts";
import { scriptedChallenges } from "../../../support/scripted-challenges.ts";
import { seededRandom } from "../../../support/test-random.ts";

const noble = createNobleBackend();
const random = seededRandom("secret scalars");
const secret = (): Scalar => reduceScalar(random.bytes(64));

/** A backend that writes down every scalar that reaches a method for public ones. */
function watched(): { readonly curve: CurveBackend; readonly seen: string[] } {
  const seen: string[] = [];
  const note = (scalars: PublicScalars): void => void seen.push(...factorList(scalars).map(formatHex));
  const curve: CurveBackend = {
    ...noble,
    msm(points, scalars) {
      note(scalars);
      return noble.msm(points, scalars);
    },
    fixedMsm(table, scalars, points, more = []) {
      note(scalars);
      note(more);
      return noble.fixedMsm(table, scalars, points, more);
    },
    fixedMsmSeries(table, scalars, series) {
      note(scalars);
      return noble.fixedMsmSeries(table, scalars, series);
    },
  };
  return { curve, seen };
}

const WORK: readonly (readonly [string, (curve: CurveBackend) => unknown])[] = [
  ["a public key", (curve) => schnorrPublicKey(curve, secret())],
  ["a signature", (curve) => schnorrSign(curve, secret(), random.bytes(32), random.bytes(32))],
  ["a commitment", (curve) => commit(curve, secret(), 5n)],
  ["the keys of an account", (curve) => deriveAccount(curve, random.bytes(32), 0)],
];

describe("secret scalars", () => {
  it.each(WORK)("[PR-9] of %s never reach a method for public ones", (_, work) => {
    const { curve, seen } = watched();
    work(curve);
    expect(seen).toEqual([]);
  });

  it.each([1, 2])("[PR-9] of a range proof of %i do not: its public scalars hang on challenges alone", (count) => {
    const challenges = Array.from({ length: 12 }, secret);
    const publicScalars = (values: readonly bigint[]): readonly string[] => {
      const { curve, seen } = watched();
      const witness = { chainId: 1000, context: random.bytes(32), values, blindings: values.map(secret) };
      proveRange(scriptedChallenges(curve, challenges).curve, witness, random);
      return seen;
    };
    const of = (value: bigint): readonly string[] => publicScalars(Array.from({ length: count }, () => value));
    const first = of(0n);
    expect(first.length).toBeGreaterThan(100);
    expect(of(2n ** 64n - 1n)).toEqual(first);
  });

  it("[PR-9] of a one-time key do not either: only the factor 1 is public there", () => {
    const { curve, seen } = watched();
    deriveOneTimeKey(curve, noble.edwardsBaseMultiplySecret(secret()), secret());
    expect(new Set(seen)).toEqual(new Set([formatHex(scalarOf(1n))]));
  });

  it("[PR-9] are told apart from those of a verifier, which are public", () => {
    const { curve, seen } = watched();
    const [key, message] = [secret(), random.bytes(32)];
    const signature = schnorrSign(noble, key, message, random.bytes(32));
    expect(schnorrVerify(curve, schnorrPublicKey(noble, key), message, signature)).toBe(true);
    expect(seen).toContain(formatHex(signature.slice(32)));
    expect(seen).not.toContain(formatHex(key));
  });
});
