import type { Local, WasmCode } from "./wasm-code.ts";

/** SHA-512 (FIPS 180-4) of one block, as code. */

const BLOCK_SIZE = 128;
const ROUND_COUNT = 80;
const STATE_SIZE = 8;
const WORD_MASK = 2n ** 64n - 1n;
const PRIMES = firstPrimes(ROUND_COUNT);

/** H(0) of §5.3.5: the first 64 bits of the fractions of the square roots of the first eight primes. */
const INITIAL_HASH = PRIMES.slice(0, STATE_SIZE).map((prime) => rootFraction(prime, 2n));
/** K of §4.2.3: the same of cube roots. */
const ROUND_CONSTANTS = PRIMES.map((prime) => rootFraction(prime, 3n));

/** Stores the round constants, 640 bytes, at a place of memory. */
export function writeSha512Constants(code: WasmCode, at: number): void {
  ROUND_CONSTANTS.forEach((constant, round) => {
    const offset = 8 * round;
    code.i32(at).i64(constant).access("i64.store", offset);
  });
}

/**
 * Hashes the one block of a message in 16 words, padding included, with the round constants at a place of memory: the
 * digest is in the eight words returned, and the message is used up. Takes the same steps whatever the message is.
 */
export function writeSha512Block(code: WasmCode, message: readonly Local[], constantsAt: number): readonly Local[] {
  const state = INITIAL_HASH.map((word) => {
    const local = code.local("i64");
    code.i64(word).set(local);
    return local;
  });
  writeRounds(code, state, message, constantsAt);
  state.forEach((local, place) => code.get(local).i64(INITIAL_HASH[place]!).do("i64.add").set(local));
  return state;
}

/** Stores the state that a message of many blocks begins with, eight words, at an address. */
export function writeSha512Start(code: WasmCode, state: Local): void {
  INITIAL_HASH.forEach((word, place) =>
    code
      .get(state)
      .i64(word)
      .access("i64.store", 8 * place),
  );
}

/** Takes one block more, in 16 words that are used up, into the state at an address. The same steps whatever it is. */
export function writeSha512Step(code: WasmCode, state: Local, message: readonly Local[], constantsAt: number): void {
  const words = INITIAL_HASH.map((_, place) => {
    const local = code.local("i64");
    code
      .get(state)
      .access("i64.load", 8 * place)
      .set(local);
    return local;
  });
  writeRounds(code, words, message, constantsAt);
  words.forEach((word, place) => {
    code
      .get(state)
      .get(state)
      .access("i64.load", 8 * place)
      .get(word)
      .do("i64.add")
      .access("i64.store", 8 * place);
  });
}

/** The 64 bits on the stack in the other order of bytes; `swapped` is lost. */
export function swapBytes(code: WasmCode, swapped: Local): WasmCode {
  for (const [bits, mask] of [
    [8n, 0x00ff00ff00ff00ffn],
    [16n, 0x0000ffff0000ffffn],
  ] as const) {
    code.tee(swapped).i64(mask).do("i64.and").i64(bits).do("i64.shl");
    code.get(swapped).i64(bits).do("i64.shr_u").i64(mask).do("i64.and").do("i64.or");
  }
  return code.i64(32n).do("i64.rotr");
}

/** The 80 rounds of §6.4.2 over a state and a block. */
function writeRounds(code: WasmCode, state: readonly Local[], message: readonly Local[], constantsAt: number): void {
  const constants = code.local("i32");
  const first = code.local("i64");
  const constantsEnd = constantsAt + 8 * ROUND_COUNT;
  code.i32(constantsAt).set(constants);
  // Sixteen rounds bring every word of the state back to its place, so that nothing is moved. The words of the message
  // that the last ones leave behind are not asked for.
  code.doWhile(() => {
    message.forEach((word, round) => writeRound(code, turned(state, round), word, constants, round, first));
    message.forEach((word, place) => writeSchedule(code, word, turned(message, -place)));
    code.get(constants).i32(BLOCK_SIZE).do("i32.add").tee(constants).i32(constantsEnd).do("i32.lt_u");
  });
}

/** One round of §6.4.2, with h and d taking the new a and e. `first` is T1. */
function writeRound(
  code: WasmCode,
  state: readonly Local[],
  word: Local,
  constants: Local,
  round: number,
  first: Local,
): void {
  const [a, b, c, d, e, f, g, h] = state as [Local, Local, Local, Local, Local, Local, Local, Local];
  code
    .get(word)
    .get(constants)
    .access("i64.load", 8 * round)
    .do("i64.add");
  code.get(h).do("i64.add");
  // Ch(e, f, g)
  code.get(f).get(g).do("i64.xor").get(e).do("i64.and").get(g).do("i64.xor").do("i64.add");
  rotations(code, e, [14, 18, 41]).do("i64.add").set(first);
  code.get(d).get(first).do("i64.add").set(d);
  // Maj(a, b, c)
  code.get(a).get(b).do("i64.and").get(a).get(b).do("i64.or").get(c).do("i64.and").do("i64.or");
  code.get(first).do("i64.add");
  rotations(code, a, [28, 34, 39]).do("i64.add").set(h);
}

/** The word 16 rounds later: of the words from it on, its own, the next, and those 9 and 14 further. */
function writeSchedule(code: WasmCode, word: Local, words: readonly Local[]): void {
  const shifted = (source: Local, bits: bigint): WasmCode => code.get(source).i64(bits).do("i64.shr_u").do("i64.xor");
  code.get(word).get(words[9]!).do("i64.add");
  rotations(code, words[1]!, [1, 8]);
  shifted(words[1]!, 7n).do("i64.add");
  rotations(code, words[14]!, [19, 61]);
  shifted(words[14]!, 6n).do("i64.add").set(word);
}

/** The exclusive or of a word turned right by so many bits each. */
function rotations(code: WasmCode, word: Local, turns: readonly number[]): WasmCode {
  turns.forEach((bits, index) => {
    code.get(word).i64(BigInt(bits)).do("i64.rotr");
    if (index > 0) code.do("i64.xor");
  });
  return code;
}

/** The list with its last `steps` items brought to the front. */
function turned(list: readonly Local[], steps: number): readonly Local[] {
  return list.map((_, index) => list[(index - steps + 2 * list.length) % list.length]!);
}

function firstPrimes(count: number): readonly bigint[] {
  const primes: bigint[] = [];
  for (let candidate = 2n; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate);
  }
  return primes;
}

/** The first 64 bits behind the point of the k-th root of a number below 2^64. */
function rootFraction(value: bigint, k: bigint): bigint {
  const scaled = value << (64n * k);
  let root = 0n;
  for (let bit = 1n << 127n; bit > 0n; bit >>= 1n) if ((root + bit) ** k <= scaled) root += bit;
  return root & WORD_MASK;
}
