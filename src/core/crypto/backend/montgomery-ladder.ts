import {
  combineFloats,
  FLOAT_COUNT,
  floatsToBigint,
  multiplyFloats,
  readFloats,
  scaleFloats,
  squareFloats,
} from "./field-floats.ts";

const ELEMENT_SIZE = 32;
/** (486662 − 2) / 4 of RFC 7748. */
const A24 = 121_665;
/** Bit 254 of a clamped scalar is always set. */
const TOP_BIT = 254;
/** Lengths of the runs of ones on the way to 250: each the double of the one before, or one more. */
const ONES = [2, 3, 6, 7, 14, 15, 30, 31, 62, 124, 125, 250] as const;

/** Where each number of a workspace lies: two points, each X before Z, and what a step needs. */
const LOW = 0;
const HIGH = 2 * FLOAT_COUNT;
const U = 4 * FLOAT_COUNT;
const SUM = 5 * FLOAT_COUNT;
const DIFFERENCE = 6 * FLOAT_COUNT;
const OTHER_SUM = 7 * FLOAT_COUNT;
const OTHER_DIFFERENCE = 8 * FLOAT_COUNT;
const WORKSPACE_SIZE = 9 * FLOAT_COUNT;

/**
 * X25519 (RFC 7748) of one scalar with many u-coordinates, for the noble backend. Every bit takes the same operations;
 * beyond that nothing here runs in fixed time (PR-9). Small order gives zeros (PR-4).
 */
export function multiplyMontgomery(scalar: Uint8Array, uCoordinates: Uint8Array): Uint8Array {
  const bits = clampedBits(scalar);
  const out = new Uint8Array(uCoordinates.length);
  const work = new Float64Array(WORKSPACE_SIZE);
  for (let at = 0; at < uCoordinates.length; at += ELEMENT_SIZE) {
    readFloats(work, U, uCoordinates.subarray(at, at + ELEMENT_SIZE));
    climb(work, bits);
    invert(work, LOW + FLOAT_COUNT);
    multiplyFloats(work, LOW, work, LOW, work, LOW + FLOAT_COUNT);
    writeNumber(out, at, floatsToBigint(work, LOW));
  }
  bits.fill(0);
  work.fill(0);
  return out;
}

function clampedBits(scalar: Uint8Array): Uint8Array {
  const bits = new Uint8Array(TOP_BIT + 1);
  for (let bit = 3; bit < TOP_BIT; bit++) bits[bit] = (scalar[bit >> 3]! >> (bit & 7)) & 1;
  bits[TOP_BIT] = 1;
  return bits;
}

/** The multiple of the point u, at the lower place. Between two steps the points are always one u apart. */
function climb(work: Float64Array, bits: Uint8Array): void {
  work.fill(0, LOW, U);
  work[LOW] = 1;
  work.copyWithin(HIGH, U, U + FLOAT_COUNT);
  work[HIGH + FLOAT_COUNT] = 1;
  for (let bit = TOP_BIT; bit >= 0; bit--) {
    const point = HIGH & -bits[bit]!;
    doubleAndAdd(work, point, HIGH - point);
  }
}

/** One point becomes its double, the other one the sum of both. */
function doubleAndAdd(work: Float64Array, point: number, other: number): void {
  const z = point + FLOAT_COUNT;
  const otherZ = other + FLOAT_COUNT;
  combineFloats(work, SUM, DIFFERENCE, point, z);
  combineFloats(work, OTHER_SUM, OTHER_DIFFERENCE, other, otherZ);
  multiplyFloats(work, OTHER_DIFFERENCE, work, OTHER_DIFFERENCE, work, SUM);
  multiplyFloats(work, OTHER_SUM, work, OTHER_SUM, work, DIFFERENCE);
  combineFloats(work, other, otherZ, OTHER_DIFFERENCE, OTHER_SUM);
  squareFloats(work, other, work, other);
  squareFloats(work, otherZ, work, otherZ);
  multiplyFloats(work, otherZ, work, otherZ, work, U);
  squareFloats(work, SUM, work, SUM);
  squareFloats(work, DIFFERENCE, work, DIFFERENCE);
  multiplyFloats(work, point, work, SUM, work, DIFFERENCE);
  // AA − BB = E of RFC 7748; then AA + a24·E, and its counterpart, which nothing needs.
  combineFloats(work, OTHER_SUM, OTHER_DIFFERENCE, SUM, DIFFERENCE);
  scaleFloats(work, z, work, OTHER_DIFFERENCE, A24);
  combineFloats(work, OTHER_SUM, DIFFERENCE, SUM, z);
  multiplyFloats(work, z, work, OTHER_SUM, work, OTHER_DIFFERENCE);
}

/** z := z^(p − 2), its inverse, and 0 for 0: 2^255 − 21 is 250 bits of ones and then 01011. */
function invert(work: Float64Array, z: number): void {
  const power = SUM;
  const ones = DIFFERENCE;
  work.copyWithin(ones, z, z + FLOAT_COUNT);
  let count = 1;
  for (const next of ONES) {
    work.copyWithin(power, ones, ones + FLOAT_COUNT);
    const more = next - count === count ? ones : z;
    for (let left = next - count; left > 0; left--) squareFloats(work, power, work, power);
    multiplyFloats(work, ones, work, power, work, more);
    count = next;
  }
  for (const bit of [0, 1, 0, 1, 1]) {
    squareFloats(work, ones, work, ones);
    if (bit === 1) multiplyFloats(work, ones, work, ones, work, z);
  }
  work.copyWithin(z, ones, ones + FLOAT_COUNT);
}

function writeNumber(out: Uint8Array, at: number, value: bigint): void {
  let rest = value;
  for (let index = 0; index < ELEMENT_SIZE; index++) {
    out[at + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
