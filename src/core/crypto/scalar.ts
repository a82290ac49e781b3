import type { Brand } from "../values/brand.ts";

/** A number modulo ℓ as 32 little-endian bytes, value < ℓ (EN-5). */
export type Scalar = Brand<Uint8Array, "Scalar">;

/** ℓ, the prime order of ristretto255 (protocol 0.2). */
export const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
export const SCALAR_SIZE = 32;

/** Little-endian number of any size. */
export function bigintOf(bytes: Uint8Array): bigint {
  // Words of 64 bits: range proofs convert hundreds of scalars, and a digit at a time is ten times slower.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  let end = bytes.length;
  for (; end % 8 !== 0; end--) value = (value << 8n) | BigInt(bytes[end - 1]!);
  for (; end > 0; end -= 8) value = (value << 64n) | view.getBigUint64(end - 8, true);
  return value;
}

/** n modulo ℓ, never negative. */
export function modOrder(value: bigint): bigint {
  if (value >= 0n && value < GROUP_ORDER) return value;
  const rest = value % GROUP_ORDER;
  return rest < 0n ? rest + GROUP_ORDER : rest;
}

/** The scalar of a number, reduced modulo ℓ. */
export function scalarOf(value: bigint): Scalar {
  const bytes = new Uint8Array(SCALAR_SIZE);
  const view = new DataView(bytes.buffer);
  let rest = modOrder(value);
  for (let offset = 0; offset < SCALAR_SIZE; offset += 8) {
    // It takes the low 64 bits by itself.
    view.setBigUint64(offset, rest, true);
    rest >>= 64n;
  }
  return bytes as Scalar;
}

/** Bytes of any size, read little-endian and reduced modulo ℓ. */
export function reduceScalar(bytes: Uint8Array): Scalar {
  return scalarOf(bigintOf(bytes));
}

/** Brands 32 bytes below ℓ; undefined for anything else (EN-5). */
export function parseScalar(bytes: Uint8Array): Scalar | undefined {
  if (bytes.length !== SCALAR_SIZE) return undefined;
  // Nearly all of them are below 2^252, as their highest byte tells.
  return bytes[SCALAR_SIZE - 1]! < 16 || bigintOf(bytes) < GROUP_ORDER ? (bytes as Scalar) : undefined;
}

export const ZERO_SCALAR: Scalar = scalarOf(0n);

export const addScalars = (left: Scalar, right: Scalar): Scalar => scalarOf(bigintOf(left) + bigintOf(right));
export const subtractScalars = (left: Scalar, right: Scalar): Scalar => scalarOf(bigintOf(left) - bigintOf(right));
