import { GROUP_ORDER, SCALAR_SIZE, type Scalar } from "./scalar.ts";

/** Three bytes a limb: a product of a limb and of what STEPS steps make of 1, and sums of some, are exact doubles. */
const LIMB_BYTES = 3;
const LIMB = 2 ** 24;
/** Exact as well, and quicker than to divide. */
const LIMB_INVERSE = 2 ** -24;
const LIMB_COUNT = 11;
/** Steps that are taken on the lowest limbs alone, and then by all at once. */
const STEPS = 24;
const ORDER = Float64Array.from({ length: LIMB_COUNT }, (_, limb) =>
  Number((GROUP_ORDER >> BigInt(8 * LIMB_BYTES * limb)) & BigInt(LIMB - 1)),
);
/** ℓ^−1 modulo 2^24: each round doubles the bits that are right. */
const ORDER_INVERSE = [0, 1, 2, 3, 4].reduce((inverse) => Math.imul(inverse, 2 - Math.imul(ORDER[0]!, inverse)), 1);

/** What STEPS steps make of two numbers f and g, times 2^24: u·f + v·g and q·f + r·g. */
interface Steps {
  u: number;
  v: number;
  q: number;
  r: number;
  /** Minus delta, as it is after these steps. */
  eta: number;
}

/**
 * value^−1 modulo ℓ of a number that everybody may know, such as a challenge (PR-9: the time hangs on it); throws RangeError
 * for 0. By divisions in steps of the lowest bits (D. J. Bernstein, B.-Y. Yang, "Fast constant-time gcd computation and
 * modular inversion", 2019), several at once as in libsecp256k1: some 20 passes over eleven limbs, where a power takes 280
 * products one after the other.
 */
export function invertPublic(value: Scalar): Scalar {
  // At all times f is d times the value and g is e times it, modulo ℓ.
  const [f, g, d, e] = [ORDER.slice(), limbsOf(value), new Float64Array(LIMB_COUNT), new Float64Array(LIMB_COUNT)];
  e[0] = 1;
  const steps: Steps = { u: 1, v: 0, q: 0, r: 1, eta: -1 };
  while (!isZero(g)) {
    takeSteps(steps, f[0]!, g[0]!);
    apply(steps, d, e, true);
    apply(steps, f, g, false);
  }
  // ±1 unless the value was 0.
  const sign = f[LIMB_COUNT - 1]! < 0 ? -1 : 1;
  if (f[0] !== (sign === 1 ? 1 : LIMB - 1)) throw new RangeError("zero has no inverse");
  return reduced(d, sign);
}

function limbsOf(value: Scalar): Float64Array {
  const limbs = new Float64Array(LIMB_COUNT);
  for (let limb = 0, at = 0; limb < LIMB_COUNT; limb++, at += LIMB_BYTES) {
    // The last limb has two bytes.
    limbs[limb] = value[at]! | (value[at + 1]! << 8) | (limb === LIMB_COUNT - 1 ? 0 : value[at + 2]! << 16);
  }
  return limbs;
}

function isZero(limbs: Float64Array): boolean {
  for (let limb = 0; limb < LIMB_COUNT; limb++) if (limbs[limb] !== 0) return false;
  return true;
}

/** Sets the steps that are due for two numbers with these lowest limbs, of which the first is odd. */
function takeSteps(steps: Steps, lowF: number, lowG: number): void {
  // No lists of several here and below: before their last tier engines make each of them, thousands for one number.
  let u = 1;
  let v = 0;
  let q = 0;
  let r = 1;
  let f = lowF | 0;
  let g = lowG | 0;
  let eta = steps.eta;
  for (let left = STEPS; ;) {
    const bits = g | (-1 << left);
    const zeros = 31 - Math.clz32(bits & -bits);
    g >>= zeros;
    u <<= zeros;
    v <<= zeros;
    eta -= zeros;
    left -= zeros;
    if (left === 0) break;
    let mask = 15;
    if (eta < 0) {
      const oldF = f;
      const oldU = u;
      const oldV = v;
      eta = -eta;
      f = g;
      u = q;
      v = r;
      g = -oldF;
      q = -oldU;
      r = -oldV;
      mask = 63;
    }
    // So many bits of g become 0 together: as many as may before the next exchange, and as are known of −g/f.
    mask &= -1 >>> (32 - Math.min(eta + 1, left));
    const factor = Math.imul(Math.imul(f, g), Math.imul(f, f) - 2) & mask;
    g = (g + Math.imul(f, factor)) | 0;
    q = (q + Math.imul(u, factor)) | 0;
    r = (r + Math.imul(v, factor)) | 0;
  }
  steps.u = u;
  steps.v = v;
  steps.q = q;
  steps.r = r;
  steps.eta = eta;
}

/** Takes the steps. What is no multiple of 2^24 becomes one by multiples of ℓ, where it is asked for: from −2ℓ to ℓ. */
function apply({ u, v, q, r }: Steps, first: Float64Array, second: Float64Array, moduloOrder: boolean): void {
  const top = LIMB_COUNT - 1;
  let ordersOfFirst = 0;
  let ordersOfSecond = 0;
  if (moduloOrder) {
    const minusFirst = first[top]! < 0 ? 1 : 0;
    const minusSecond = second[top]! < 0 ? 1 : 0;
    ordersOfFirst = ordersFor(u * minusFirst + v * minusSecond, u * first[0]! + v * second[0]!);
    ordersOfSecond = ordersFor(q * minusFirst + r * minusSecond, q * first[0]! + r * second[0]!);
  }
  let carryOfFirst = 0;
  let carryOfSecond = 0;
  for (let limb = 0; limb < LIMB_COUNT; limb++) {
    const a = first[limb]!;
    const b = second[limb]!;
    const order = ORDER[limb]!;
    const sumOfFirst = carryOfFirst + u * a + v * b + ordersOfFirst * order;
    const sumOfSecond = carryOfSecond + q * a + r * b + ordersOfSecond * order;
    carryOfFirst = Math.floor(sumOfFirst * LIMB_INVERSE);
    carryOfSecond = Math.floor(sumOfSecond * LIMB_INVERSE);
    // The lowest ones are 0 and go.
    if (limb === 0) continue;
    first[limb - 1] = sumOfFirst - LIMB * carryOfFirst;
    second[limb - 1] = sumOfSecond - LIMB * carryOfSecond;
  }
  first[top] = carryOfFirst;
  second[top] = carryOfSecond;
}

/** How many ℓ, so many or up to 2^24 fewer, make a sum with this lowest limb a multiple of 2^24. */
function ordersFor(most: number, lowest: number): number {
  const low = lowest - LIMB * Math.floor(lowest * LIMB_INVERSE);
  return most - ((Math.imul(ORDER_INVERSE, low) + most) & (LIMB - 1));
}

/** A number from −2ℓ to ℓ, times 1 or −1, within 0 … ℓ − 1. */
function reduced(limbs: Float64Array, sign: number): Scalar {
  addOrders(limbs, sign, 0);
  while (limbs[LIMB_COUNT - 1]! < 0) addOrders(limbs, 1, 1);
  while (limbs[LIMB_COUNT - 1]! >= 0) addOrders(limbs, 1, -1);
  addOrders(limbs, 1, 1);
  const bytes = new Uint8Array(SCALAR_SIZE);
  for (let at = 0; at < SCALAR_SIZE; at++) {
    bytes[at] = limbs[Math.floor(at / LIMB_BYTES)]! >> (8 * (at % LIMB_BYTES));
  }
  return bytes as Scalar;
}

/** The number times 1 or −1, and so many ℓ more, with limbs from 0 to 2^24 − 1 but for the highest. */
function addOrders(limbs: Float64Array, sign: number, orders: number): void {
  let carry = 0;
  for (let limb = 0; limb < LIMB_COUNT; limb++) {
    const sum = sign * limbs[limb]! + orders * ORDER[limb]! + carry;
    carry = Math.floor(sum * LIMB_INVERSE);
    limbs[limb] = limb < LIMB_COUNT - 1 ? sum - LIMB * carry : sum;
  }
}
