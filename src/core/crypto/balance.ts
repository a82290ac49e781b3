import { concatBytes } from "../bytes/concat-bytes.ts";
import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend } from "./backend/curve-backend.ts";
import { commitmentGenerators } from "./commitment.ts";
import { NO_TERMS, type EquationTerms } from "./equation-terms.ts";
import { randomWeights } from "./random-weights.ts";
import { scalarOf, subtractScalars, ZERO_SCALAR, type Scalar } from "./scalar.ts";
import { joinScalars, scalarAt } from "./scalar-vector.ts";

const ONE = scalarOf(1n);
const MINUS_ONE = scalarOf(-1n);
const POINT_SIZE = 32;

/** `Σ C_in − Σ C_out + clear·H == gamma·G` (TX-4). */
export interface BalanceClaim {
  /** C of every input that has one, 32 bytes each. */
  readonly inputs: Uint8Array;
  /** C of every output that has one, 32 bytes each. */
  readonly outputs: Uint8Array;
  /** Sum of the clear amounts of the inputs, less those of the outputs and the fee. */
  readonly clear: bigint;
  readonly gamma: Scalar;
}

/** Checks one balance. Total: what is no element is just wrong. */
export function holdsBalance(curve: CurveBackend, claim: BalanceClaim): boolean {
  const inputs = curve.ristrettoDecode(claim.inputs);
  const outputs = curve.ristrettoDecode(claim.outputs);
  if (inputs === undefined || outputs === undefined) return false;
  const scalars = [subtractScalars(ZERO_SCALAR, claim.gamma), scalarOf(claim.clear)];
  const { table } = commitmentGenerators(curve);
  // Two sums with factors of one, compared by their bytes, cost far less than one sum with factors of minus one.
  const left = curve.fixedMsm(
    table,
    scalars,
    inputs,
    inputs.map(() => ONE),
  );
  const right = curve.msm(
    outputs,
    outputs.map(() => ONE),
  );
  return equalBytes(curve.ristrettoEncode([left]), curve.ristrettoEncode([right]));
}

/** Σ wᵢ·(Σ C_in − Σ C_out + clear·H − gamma·G) with a random weight each; undefined where a C is no element. */
export function balanceTerms(
  curve: CurveBackend,
  claims: readonly BalanceClaim[],
  random: Random,
): EquationTerms | undefined {
  if (claims.length === 0) return NO_TERMS;
  const points = curve.ristrettoDecode(concatBytes(...claims.flatMap(({ inputs, outputs }) => [inputs, outputs])));
  if (points === undefined) return undefined;
  const weights = randomWeights(random, claims.length);
  const negated = curve.scalars.multiply(weights, MINUS_ONE);
  const factors = claims.flatMap(({ inputs, outputs }, index) => [
    ...new Array<Scalar>(inputs.length / POINT_SIZE).fill(scalarAt(weights, index)),
    ...new Array<Scalar>(outputs.length / POINT_SIZE).fill(scalarAt(negated, index)),
  ]);
  const ofBlinding = curve.scalars.dot(negated, joinScalars(...claims.map(({ gamma }) => gamma)));
  const ofValue = curve.scalars.dot(weights, joinScalars(...claims.map(({ clear }) => scalarOf(clear))));
  return { fixed: joinScalars(ofBlinding, ofValue), points, factors: joinScalars(...factors) };
}
