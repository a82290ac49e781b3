import { describe, expect, it } from "vitest";
import { createNobleBackend } from "../../../../src/core/crypto/backend/noble-backend.ts";
import { holdsBalance, type BalanceClaim } from "../../../../src/core/crypto/balance.ts";
import { holdTogether, type ClaimBatch } from "../../../../src/core/crypto/claim-batch.ts";
import { commit } from "../../../../src/core/crypto/commitment.ts";
import { encodePoint } from "../../../../src/core/crypto/point.ts";
import { drawChallenges } from "../../../../src/core/crypto/range-proof-challenges.ts";
import { proofColumns } from "../../../../src/core/crypto/range-proof-columns.ts";
import { proveRange } from "../../../../src/core/crypto/range-proof-prover.ts";
import { encodeRangeProof, parseRangeProof, type RangeClaim } from "../../../../src/core/crypto/range-proof.ts";
import { verifyRange } from "../../../../src/core/crypto/range-proof-verifier.ts";
import {
  addScalars,
  reduceScalar,
  scalarOf,
  subtractScalars,
  ZERO_SCALAR,
  type Scalar,
} from "../../../../src/core/crypto/scalar.ts";
import { joinScalars, scalarAt, splitScalars } from "../../../../src/core/crypto/scalar-vector.ts";
import {
  schnorrPublicKey,
  schnorrSign,
  schnorrVerify,
  type SchnorrClaim,
} from "../../../../src/core/crypto/schnorr.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { u8 } from "../../../../src/core/bytes/writer.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import type { Random } from "../../../../src/core/ports/random.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

const random = seededRandom("claim batch");
const scalar = (): Scalar => reduceScalar(random.bytes(64));
const ONE = scalarOf(1n);
const MINUS_ONE = scalarOf(-1n);

function signature(index: number): SchnorrClaim {
  const secret = scalar();
  const message = hash32("test/message", u8(index));
  return {
    publicKey: schnorrPublicKey(curve, secret),
    message,
    signature: schnorrSign(curve, secret, message, random.bytes(32)),
  };
}

/** Spends a hidden 9 and a clear 4 into a hidden 12, with a fee of 1. */
function balance(): BalanceClaim {
  const [before, after] = [scalar(), scalar()];
  return {
    inputs: encodePoint(curve, commit(curve, before, 9n)),
    outputs: encodePoint(curve, commit(curve, after, 12n)),
    clear: 3n,
    gamma: subtractScalars(before, after),
  };
}

function range(index: number, count = 1): RangeClaim {
  const values = Array.from({ length: count }, (_, place) => BigInt(index + place));
  const witness = { chainId: 1000, context: hash32("test/context", u8(index)), values, blindings: values.map(scalar) };
  return { ...witness, ...proveRange(curve, witness, random) };
}

const batch: ClaimBatch = {
  signatures: [signature(0), signature(1), signature(2)],
  balances: [balance(), balance()],
  ranges: [range(0), range(1), range(2, 2)],
};

const holds = (change: Partial<ClaimBatch>, weights: Random = random): boolean =>
  holdTogether(curve, { ...batch, ...change }, weights);

/** The same signature with its s, the same balance with its gamma, or the same proof with its δ' moved. */
function moveSignature(claim: SchnorrClaim, by: Scalar): SchnorrClaim {
  const s = addScalars(claim.signature.slice(32) as Scalar, by);
  return { ...claim, signature: concatBytes(claim.signature.slice(0, 32), s) };
}
const moveGamma = (claim: BalanceClaim, by: Scalar): BalanceClaim => ({ ...claim, gamma: addScalars(claim.gamma, by) });
function moveProof(claim: RangeClaim, by: Scalar): RangeClaim {
  const parts = parseRangeProof(claim.proof, claim.commitments.length)!;
  // Its equation is taken y^{N−1}·Π e_j² times, which δ' has no part in.
  const { y, rounds } = drawChallenges(curve, proofColumns([claim])!)!;
  const most = 2 ** splitScalars(rounds).length - 1;
  const times = curve.scalars.product(
    joinScalars(...Array.from({ length: most }, () => scalarAt(y, 0)), rounds, rounds),
  );
  const moved = curve.scalars.add(parts.delta, curve.scalars.multiply(by, curve.scalars.invert(times)));
  return { ...claim, proof: encodeRangeProof({ ...parts, delta: moved }) };
}

describe("claims of several kinds in one batch", () => {
  it("[PR-3] [RG-6] [TX-4] hold together where each holds, whatever kinds there are", () => {
    expect(holds({})).toBe(true);
    for (const kind of ["signatures", "balances", "ranges"] as const) expect(holds({ [kind]: [] }), kind).toBe(true);
    expect(holdTogether(curve, { signatures: [], balances: [], ranges: [] }, random)).toBe(true);
    expect(holdTogether(createNobleBackend(), batch, random)).toBe(true);
  });

  it("[PR-3] [RG-6] [TX-4] one wrong claim of any kind is seen", () => {
    const { signatures, balances, ranges } = batch;
    expect(holds({ signatures: signatures.with(1, moveSignature(signatures[1]!, ONE)) })).toBe(false);
    expect(holds({ signatures: signatures.with(1, { ...signatures[1]!, message: signatures[0]!.message }) })).toBe(
      false,
    );
    expect(holds({ balances: balances.with(1, moveGamma(balances[1]!, ONE)) })).toBe(false);
    expect(holds({ balances: balances.with(1, { ...balances[1]!, clear: 4n }) })).toBe(false);
    expect(holds({ ranges: ranges.with(1, moveProof(ranges[1]!, ONE)) })).toBe(false);
    expect(holds({ ranges: ranges.with(2, { ...ranges[2]!, chainId: 1 }) })).toBe(false);
  });

  it("[PR-3] [EN-5] malformed claims are wrong, and throw nothing", () => {
    const { signatures, balances, ranges } = batch;
    const bad = new Uint8Array(32).fill(255);
    expect(holds({ signatures: signatures.with(0, { ...signatures[0]!, publicKey: bad }) })).toBe(false);
    expect(holds({ signatures: signatures.with(0, { ...signatures[0]!, signature: bad }) })).toBe(false);
    expect(holds({ balances: balances.with(0, { ...balances[0]!, inputs: bad }) })).toBe(false);
    expect(holds({ ranges: ranges.with(0, { ...ranges[0]!, proof: bad }) })).toBe(false);
    expect(holds({ ranges: ranges.with(0, { ...ranges[0]!, commitments: [new Uint8Array(32)] }) })).toBe(false);
  });

  /** Pairs of wrong claims whose errors add up to nothing, within a kind and across kinds. */
  const cancelling: readonly (readonly [string, Partial<ClaimBatch>])[] = [
    ["two signatures", { signatures: [moveSignature(signature(3), ONE), moveSignature(signature(4), MINUS_ONE)] }],
    ["two balances", { balances: [moveGamma(balance(), ONE), moveGamma(balance(), MINUS_ONE)] }],
    [
      "two amounts",
      {
        balances: [
          { ...balance(), clear: 4n },
          { ...balance(), clear: 2n },
        ],
      },
    ],
    ["two proofs", { ranges: [moveProof(range(3), ONE), moveProof(range(4), MINUS_ONE)] }],
    [
      "a signature and a balance",
      { signatures: [moveSignature(signature(5), ONE)], balances: [moveGamma(balance(), ONE)] },
    ],
    ["a proof and a balance", { ranges: [moveProof(range(5), ONE)], balances: [moveGamma(balance(), MINUS_ONE)] }],
  ];

  it.each(cancelling)("[PR-3] [RG-6] errors of %s that cancel under equal weights are seen", (name, change) => {
    for (let draw = 0; draw < 4; draw++) expect(holds(change), name).toBe(false);
    const equal: Random = { bytes: (size) => Uint8Array.from({ length: size }, (_, index) => (index === 0 ? 1 : 0)) };
    // Or the pair would not be one.
    expect(holds(change, equal), name).toBe(true);
  });

  it("[PR-3] the same wrong claim any number of times stays wrong", () => {
    const [wrong, unbalanced] = [moveSignature(signature(6), ONE), moveGamma(balance(), ONE)];
    for (let count = 1; count <= 4; count++) {
      expect(holds({ signatures: new Array<SchnorrClaim>(count).fill(wrong) })).toBe(false);
      expect(holds({ balances: new Array<BalanceClaim>(count).fill(unbalanced) })).toBe(false);
    }
  });

  it("[PR-3] [TX-4] says of the identity what a single check says", () => {
    const identity = new Uint8Array(32);
    const message = hash32("test/message", u8(7));
    // s·G = R for the key 0: everybody can sign under it, which is why no output may have it (OU-1).
    const nonce = scalar();
    const zeroKey = { publicKey: identity, message, signature: concatBytes(schnorrPublicKey(curve, nonce), nonce) };
    const zeroNonce = { ...signature(8), signature: concatBytes(identity, ZERO_SCALAR) };
    for (const claim of [zeroKey, zeroNonce]) {
      const single = schnorrVerify(curve, claim.publicKey, claim.message, claim.signature);
      expect(holds({ signatures: [claim] })).toBe(single);
    }
    const empty = { inputs: new Uint8Array(), outputs: new Uint8Array(), clear: 0n, gamma: ZERO_SCALAR };
    for (const claim of [empty, { ...empty, inputs: identity }, { ...empty, clear: 1n }, { ...empty, gamma: ONE }]) {
      expect(holds({ balances: [claim] })).toBe(holdsBalance(curve, claim));
    }
    for (const claim of batch.ranges) expect(verifyRange(curve, claim)).toBe(true);
  });
});
