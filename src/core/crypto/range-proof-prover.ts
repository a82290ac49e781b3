import { concatBytes } from "../bytes/concat-bytes.ts";
import { u32, u64 } from "../bytes/writer.ts";
import type { Random } from "../ports/random.ts";
import type { CurveBackend, PointTable } from "./backend/curve-backend.ts";
import { commit } from "./commitment.ts";
import { encodeRangeProof, RANGE_BITS, RANGE_LIMIT, roundCount, type RangeStatement } from "./range-proof.ts";
import { rangeProofTable } from "./range-proof-generators.ts";
import { bitWeights, fixedScalars, invert, powersOf } from "./range-proof-math.ts";
import { RangeProofTranscript } from "./range-proof-transcript.ts";
import { bigintOf, GROUP_ORDER, modOrder, scalarOf, type Scalar } from "./scalar.ts";
import { hash32, hashToScalar } from "./tagged-hash.ts";

/** Values and blinding factors behind the commitments of a proof. */
export interface RangeWitness {
  readonly chainId: number;
  /** ctx of RG-3. */
  readonly context: Uint8Array;
  /** v_1 … v_m below 2^64; m a power of two. */
  readonly values: readonly bigint[];
  /** γ_1 … γ_m. */
  readonly blindings: readonly Scalar[];
}

export interface ProvenRange {
  readonly proof: Uint8Array;
  readonly commitments: readonly Uint8Array[];
}

const AUX_SIZE = 32;

/** Proves that every value is within 0 … 2^64 − 1 (chapter 3). A value that is not is our own mistake and throws. */
export function proveRange(curve: CurveBackend, witness: RangeWitness, random: Random): ProvenRange {
  const { chainId, context, values, blindings } = witness;
  if (roundCount(values.length) === undefined || blindings.length !== values.length) {
    throw new RangeError(`cannot prove ${values.length} values`);
  }
  if (values.some((value) => value < 0n || value >= RANGE_LIMIT)) throw new RangeError("value out of range");
  const commitments = values.map((value, index) => curve.ristrettoEncode([commit(curve, blindings[index]!, value)]));
  for (;;) {
    const draw = hedgedScalars(witness, random.bytes(AUX_SIZE));
    const proof = tryProve(curve, witness, { chainId, context, commitments }, draw);
    if (proof !== undefined) return { proof, commitments };
  }
}

/**
 * The prover's scalars in their order (RG-5). They hang on everything secret as well as on `aux`, so that neither a
 * bad generator nor a repeated state can give one scalar to two proofs.
 */
function hedgedScalars(witness: RangeWitness, aux: Uint8Array): () => bigint {
  const { chainId, context, values, blindings } = witness;
  const seed = hash32(
    "stg/bpp/seed",
    aux,
    u32(chainId),
    context,
    concatBytes(...blindings),
    concatBytes(...values.map(u64)),
  );
  let count = 0;
  return () => bigintOf(hashToScalar("stg/bpp/rnd", seed, u32(count++)));
}

const mod = (value: bigint): bigint => value % GROUP_ORDER;

/** One attempt; undefined if a challenge is zero (RG-2). */
function tryProve(
  curve: CurveBackend,
  witness: RangeWitness,
  statement: RangeStatement,
  draw: () => bigint,
): Uint8Array | undefined {
  const { values, blindings } = witness;
  const size = RANGE_BITS * values.length;
  const table = rangeProofTable(curve, values.length);
  const bits = values.flatMap((value) => Array.from({ length: RANGE_BITS }, (_, bit) => (value >> BigInt(bit)) & 1n));

  let alpha = draw();
  const a0 = encodeSum(
    curve,
    table,
    fixedScalars(
      alpha,
      0n,
      bits,
      bits.map((bit) => bit - 1n),
    ),
  );
  const transcript = new RangeProofTranscript(statement, a0);
  const y = transcript.y();
  const z = y === undefined ? undefined : transcript.z();
  if (y === undefined || z === undefined) return undefined;

  const powers = powersOf(y, size + 2);
  const weights = bitWeights(z, values.length);
  const a = bits.map((bit) => modOrder(bit - z));
  const b = bits.map((bit, k) => modOrder(bit - 1n + z + weights[k]! * powers[size - k]!));
  // weights[64j] is z^{2(j+1)}: the bit weight of the lowest bit of value j.
  blindings.forEach((blinding, j) => {
    alpha = mod(alpha + mod(weights[RANGE_BITS * j]! * bigintOf(blinding)) * powers[size + 1]!);
  });

  const folding = new Folding(curve, table, a, b, powers, invert(y));
  const rounds: [Uint8Array, Uint8Array][] = [];
  while (folding.length > 1) {
    const [dL, dR] = [draw(), draw()];
    const [left, right] = folding.cross(dL, dR);
    const e = transcript.round(left, right);
    if (e === undefined) return undefined;
    rounds.push([left, right]);
    const inverse = invert(e);
    folding.fold(e, inverse);
    alpha = mod(alpha + dL * mod(e * e) + dR * mod(inverse * inverse));
  }

  const [r, s, delta, eta] = [draw(), draw(), draw(), draw()];
  const [lastA, lastB] = [folding.a[0]!, folding.b[0]!];
  const a1 = folding.combine(delta, mod(y * mod(r * lastB + s * lastA)), r, s);
  const b1 = encodeSum(curve, table, fixedScalars(eta, mod(mod(r * s) * y), [], []));
  const e = transcript.last(a1, b1);
  if (e === undefined) return undefined;
  return encodeRangeProof({
    head: [a0, a1, b1],
    r: scalarOf(r + lastA * e),
    s: scalarOf(s + lastB * e),
    delta: scalarOf(eta + delta * e + mod(alpha * e) * e),
    rounds,
  });
}

function encodeSum(curve: CurveBackend, table: PointTable, scalars: readonly Scalar[]): Uint8Array {
  return curve.ristrettoEncode([curve.fixedMsmSecret(table, scalars)]);
}

/**
 * The vectors of the inner product argument while they are halved. The folded generators are never computed: what is
 * kept is the factor of each original generator in them, so that every L and R is one sum over the fixed table.
 */
class Folding {
  a: bigint[];
  b: bigint[];
  readonly #curve: CurveBackend;
  readonly #table: PointTable;
  readonly #powers: readonly bigint[];
  readonly #inversePowers: readonly bigint[];
  /** Factor of G_k and H_k in the folded generator numbered k modulo the current length. */
  readonly #lefts: bigint[];
  readonly #rights: bigint[];

  constructor(
    curve: CurveBackend,
    table: PointTable,
    a: bigint[],
    b: bigint[],
    powers: readonly bigint[],
    inverseY: bigint,
  ) {
    this.#curve = curve;
    this.#table = table;
    this.a = a;
    this.b = b;
    this.#powers = powers;
    this.#inversePowers = powersOf(inverseY, a.length);
    this.#lefts = a.map(() => 1n);
    this.#rights = a.map(() => 1n);
  }

  get length(): number {
    return this.a.length;
  }

  /** L and R of this round. */
  cross(dL: bigint, dR: bigint): [Uint8Array, Uint8Array] {
    const { a, b } = this;
    const half = a.length / 2;
    const powers = this.#powers;
    const [up, down] = [powers[half]!, this.#inversePowers[half]!];
    let [cL, cR] = [0n, 0n];
    for (let i = 0; i < half; i++) {
      cL = mod(cL + mod(a[i]! * powers[i + 1]!) * b[half + i]!);
      cR = mod(cR + mod(a[half + i]! * powers[i + 1 + half]!) * b[i]!);
    }
    const empty = (): bigint[] => this.#lefts.map(() => 0n);
    const [leftG, leftH, rightG, rightH] = [empty(), empty(), empty(), empty()];
    for (let k = 0; k < leftG.length; k++) {
      const i = k % a.length;
      if (i < half) {
        leftH[k] = mod(this.#rights[k]! * b[half + i]!);
        rightG[k] = mod(this.#lefts[k]! * mod(up * a[half + i]!));
      } else {
        leftG[k] = mod(this.#lefts[k]! * mod(down * a[i - half]!));
        rightH[k] = mod(this.#rights[k]! * b[i - half]!);
      }
    }
    return [
      encodeSum(this.#curve, this.#table, fixedScalars(dL, cL, leftG, leftH)),
      encodeSum(this.#curve, this.#table, fixedScalars(dR, cR, rightG, rightH)),
    ];
  }

  /** Halves everything with the challenge of this round. */
  fold(e: bigint, inverse: bigint): void {
    const { a, b } = this;
    const half = a.length / 2;
    const upInverse = mod(this.#powers[half]! * inverse);
    const downE = mod(this.#inversePowers[half]! * e);
    for (let k = 0; k < this.#lefts.length; k++) {
      const isLow = k % a.length < half;
      this.#lefts[k] = mod(this.#lefts[k]! * (isLow ? inverse : downE));
      this.#rights[k] = mod(this.#rights[k]! * (isLow ? e : inverse));
    }
    this.a = a.slice(0, half).map((value, i) => mod(e * value + upInverse * a[half + i]!));
    this.b = b.slice(0, half).map((value, i) => mod(inverse * value + e * b[half + i]!));
  }

  /** blinding·G + value·H + r·G* + s·H* with the generators folded down to one. */
  combine(blinding: bigint, value: bigint, r: bigint, s: bigint): Uint8Array {
    const lefts = this.#lefts.map((factor) => mod(r * factor));
    const rights = this.#rights.map((factor) => mod(s * factor));
    return encodeSum(this.#curve, this.#table, fixedScalars(blinding, value, lefts, rights));
  }
}
