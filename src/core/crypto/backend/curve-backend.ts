import type { Scalar } from "../scalar.ts";
import type { ScalarVector } from "../scalar-vector.ts";
import type { ScalarArithmetic } from "./scalar-arithmetic.ts";

declare const pointBrand: unique symbol;

/** A decoded ristretto255 element. Opaque: only the backend that made it can read it, and it never leaves its thread. */
export interface Point {
  readonly [pointBrand]: "ristretto255";
}

declare const tableBrand: unique symbol;

/** Points a backend has prepared for repeated multi-scalar multiplication. */
export interface PointTable {
  readonly [tableBrand]: "table";
  readonly size: number;
}

declare const signsBrand: unique symbol;

/** Points a backend has prepared for sums in which their signs are secret. */
export interface SignTable {
  readonly [signsBrand]: "signs";
  readonly size: number;
}

/** So many points of a {@link SignTable}, from one on, with as many signs, from one on. All three are multiples of 4. */
export interface SignRun {
  readonly sign: number;
  readonly point: number;
  readonly count: number;
}

/** Sums over a table: sum r = 0 … count − 1 is over the points at `placesᵢ + r·step`. */
export interface PointSeries {
  readonly places: readonly number[];
  readonly step: number;
  readonly count: number;
}

/** Factors of a public sum: each by itself, or all in one. */
export type PublicScalars = readonly Scalar[] | ScalarVector;

/**
 * The curve work under everything in `core/crypto`, and the hash that scans spend most on. Batch first, so that an
 * implementation may share inversions.
 * Methods ending in `Secret` take spend keys, nonces, blinding factors or one-time secrets (PR-9): a backend that can run
 * them in fixed time does, as well as `scalars` and `ristrettoEncode` of what came of them. All inputs are bytes of the stated sizes; wrong sizes are our own mistake and throw RangeError.
 */
export interface CurveBackend {
  /** Shown in settings and logs: `noble`, later the wasm builds. */
  readonly name: string;
  /** Numbers modulo ℓ, public or secret. */
  readonly scalars: ScalarArithmetic;

  /** X25519 (RFC 7748) of one 32-byte scalar, public or a view key, with n u-coordinates (32n bytes) → 32n bytes. Total (PR-4): small order gives 0^32. */
  x25519Batch(scalar: Uint8Array, uCoordinates: Uint8Array): Uint8Array;
  /**
   * The same of one 32-byte u-coordinate with a scalar that is no view key: the one-time secret of a payment (PR-9) → 32
   * bytes. Kernels take the same steps whatever both are; total as well (PR-4).
   */
  x25519Secret(scalar: Uint8Array, uCoordinate: Uint8Array): Uint8Array;
  /**
   * T = TH("stg/tags", secret, D) of 2.2 for n ephemeral keys (32n bytes) → 64n bytes: the hash of every output that is
   * scanned. A secret for each of them (32n bytes), or one that serves all (32 bytes).
   */
  tagsBatch(secrets: Uint8Array, ephemeralKeys: Uint8Array): Uint8Array;
  /**
   * SHA-512 (FIPS 180-4) of n messages of one size, one after the other, 0 to HASH_MESSAGE_MAX bytes each → 64n bytes: what
   * many transcripts hash at the same step. In fixed time for messages of that size.
   */
  sha512Batch(messages: Uint8Array, count: number): Uint8Array;

  /** Decodes n canonical ristretto255 encodings (32n bytes, RFC 9496 §4.3.1); undefined if any is not. Identity is allowed. */
  ristrettoDecode(encodings: Uint8Array): readonly Point[] | undefined;
  /** 32 bytes a point. */
  ristrettoEncode(points: readonly Point[]): Uint8Array;
  /** One-way map of 64 uniform bytes (RFC 9496 §4.3.4). */
  ristrettoFromHash(bytes: Uint8Array): Point;
  /** The generator G of ristretto255. */
  ristrettoBase(): Point;
  isIdentity(point: Point): boolean;

  /**
   * Σ sᵢ·Pᵢ for public scalars; the empty sum is the identity. Points may be secret (PR-9), as those of {@link signSums}
   * are: the time hangs on the scalars alone, and identities and equal points are no special cases. So it is of all sums.
   */
  msm(points: readonly Point[], scalars: PublicScalars): Point;
  /** Σ sᵢ·Pᵢ for secret scalars. */
  msmSecret(points: readonly Point[], scalars: readonly Scalar[]): Point;
  /** Prepares points that will be used many times, such as the generators of range proofs. */
  prepareTable(points: readonly Point[]): PointTable;
  /** Σ sᵢ·Tᵢ over the first points, as many as there are scalars, of a table plus Σ over further points; public scalars. */
  fixedMsm(table: PointTable, scalars: PublicScalars, points?: readonly Point[], more?: PublicScalars): Point;
  /** Σ sᵢ·Tᵢ of each sum of a series, all with the same public scalars, one for each place. */
  fixedMsmSeries(table: PointTable, scalars: readonly Scalar[], series: PointSeries): readonly Point[];
  /**
   * Σ sᵢ·Tᵢ for secret scalars (the prover's commitments). Where there is none it is no secret that the point does not
   * count: a zero that saves its time.
   */
  fixedMsmSecret(table: PointTable, scalars: readonly (Scalar | undefined)[]): Point;

  /** Prepares points for {@link signSums}. Their count is a multiple of 4, else it throws RangeError. */
  prepareSigns(points: readonly Point[]): SignTable;
  /**
   * For each list of runs Σ ±Tᵢ: the point counts as it is where its sign is 1, and as its negative where it is 0. The signs
   * are secret (PR-9), one a byte; the runs are public. A run that is out of bounds throws RangeError.
   */
  signSums(table: SignTable, signs: Uint8Array, sums: readonly (readonly SignRun[])[]): readonly Point[];

  /** True iff 32 bytes are a canonical Edwards point (EN-5) of the prime-order subgroup and not the identity (AD-3). */
  edwardsIsPrimeOrder(encoding: Uint8Array): boolean;
  /** u = (1+y)/(1−y) of a valid Edwards point, 32 bytes (PR-4). Throws RangeError on bytes that are no point. */
  edwardsToMontgomery(encoding: Uint8Array): Uint8Array;
  /** The class of a valid Edwards point in ristretto255. */
  edwardsToRistretto(encoding: Uint8Array): Point;
  /** s·P on edwards25519 for a valid encoding. The scalar is a view key or an address factor (AD-1), secret as well. */
  edwardsMultiplySecret(encoding: Uint8Array, scalar: Scalar): Uint8Array;
  /** s·B with a secret s, Edwards encoding. */
  edwardsBaseMultiplySecret(scalar: Scalar): Uint8Array;
}
