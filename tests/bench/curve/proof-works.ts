import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { KernelSource } from "../../../src/core/crypto/backend/open-backend.ts";
import { proveRange, type RangeWitness } from "../../../src/core/crypto/range-proof-prover.ts";
import type { RangeClaim } from "../../../src/core/crypto/range-proof.ts";
import { verifyRange, verifyRangeBatch } from "../../../src/core/crypto/range-proof-verifier.ts";
import { reduceScalar } from "../../../src/core/crypto/scalar.ts";
import {
  schnorrPublicKey,
  schnorrSign,
  schnorrVerifyBatch,
  type SchnorrClaim,
} from "../../../src/core/crypto/schnorr.ts";
import type { Random } from "../../../src/core/ports/random.ts";
import { seededRandom } from "../../support/test-random.ts";
import type { Work } from "../support/work.ts";
import { fastestOf, openCurves } from "./open-curves.ts";

export const BATCH_PROOFS = 32;
export const BATCH_SIGNATURES = 64;
const CHAIN_ID = 1_000;

/** Range proofs of one value and Schnorr signatures, as `OPERATION BACKEND`, by every backend. */
export async function openProofWorks(source: KernelSource): Promise<ReadonlyMap<string, Work>> {
  const random = seededRandom("bench proofs");
  const curves = await openCurves(source);
  const maker = fastestOf(curves);
  const witnesses = Array.from({ length: BATCH_PROOFS }, (): RangeWitness => {
    return {
      chainId: CHAIN_ID,
      context: random.bytes(32),
      values: [1_000n],
      blindings: [reduceScalar(random.bytes(64))],
    };
  });
  const claims = witnesses.map((witness): RangeClaim => ({ ...witness, ...proveRange(maker, witness, random) }));
  const signatures = Array.from({ length: BATCH_SIGNATURES }, () => signed(maker, random));
  const works = new Map<string, Work>();
  for (const [name, curve] of curves) {
    works.set(`prove ${name}`, { units: 1, go: () => void proveRange(curve, witnesses[0]!, random) });
    works.set(`verify ${name}`, { units: 1, go: () => holds(verifyRange(curve, claims[0]!)) });
    works.set(`batch ${name}`, { units: BATCH_PROOFS, go: () => holds(verifyRangeBatch(curve, claims, random).ok) });
    works.set(`schnorr ${name}`, {
      units: BATCH_SIGNATURES,
      go: () => holds(schnorrVerifyBatch(curve, signatures, random).ok),
    });
  }
  return works;
}

function signed(curve: CurveBackend, random: Random): SchnorrClaim {
  const secret = reduceScalar(random.bytes(64));
  const message = random.bytes(32);
  const signature = schnorrSign(curve, secret, message, random.bytes(32));
  return { publicKey: schnorrPublicKey(curve, secret), message, signature };
}

function holds(isGood: boolean): undefined {
  if (!isGood) throw new Error("a good proof was refused");
}
