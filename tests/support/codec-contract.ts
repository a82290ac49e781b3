import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import { DecodeError } from "../../src/core/bytes/decode-error.ts";
import { runs } from "./run-counts.ts";

/** A codec whose decoder takes exactly one message. */
export interface Codec<T> {
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T;
  readonly arbitrary: fc.Arbitrary<T>;
}

/** Small deterministic generator (mulberry32): the same hostile bytes in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A valid message bent a little, or noise: what a peer may send. */
function hostileBytes(valid: readonly Uint8Array[], next: (below: number) => number): Uint8Array {
  const base = valid[next(valid.length)]!;
  switch (next(5)) {
    case 0:
      return Uint8Array.from({ length: next(300) }, () => next(256));
    case 1:
      return base.slice(0, next(base.length + 1));
    case 2:
      return Uint8Array.from([...base, ...Array.from({ length: 1 + next(40) }, () => next(256))]);
    default: {
      const bent = base.slice();
      for (let edits = 1 + next(4); edits > 0; edits--) {
        // Most of what decides stands in the first bytes.
        const place = next(2) === 0 ? next(Math.min(bent.length, 60)) : next(bent.length);
        bent[place] = next(3) === 0 ? 0xff : next(256);
      }
      return bent;
    }
  }
}

/** [EN-3], [EN-4]: one encoding per value, and no bytes that bring a decoder to anything but a value or DecodeError. */
export function codecContract<T>(name: string, codec: Codec<T>): void {
  describe(`codec of ${name}`, () => {
    it("[EN-3] gives back what was written, and refuses a byte less and a byte more", () => {
      fc.assert(
        fc.property(codec.arbitrary, (value) => {
          const bytes = codec.encode(value);
          expect(codec.decode(bytes)).toEqual(value);
          expect(() => codec.decode(bytes.subarray(0, -1))).toThrow(DecodeError);
          expect(() => codec.decode(Uint8Array.from([...bytes, 0]))).toThrow(DecodeError);
        }),
        { numRuns: runs(50, 1_000), seed: 7 },
      );
    });

    it("[EN-4] is total: hostile bytes give a value with these very bytes, or DecodeError", () => {
      const valid = fc.sample(codec.arbitrary, { numRuns: 30, seed: 11 }).map(codec.encode);
      const next = generator(13);
      const faults: string[] = [];
      const cases = runs(10_000, 1_000_000);
      for (let index = 0; index < cases; index++) {
        const bytes = hostileBytes(valid, next);
        try {
          const again = codec.encode(codec.decode(bytes));
          if (!equalBytes(again, bytes)) faults.push(`case ${index}: written back as other bytes`);
        } catch (error) {
          if (!(error instanceof DecodeError)) faults.push(`case ${index}: ${String(error)}`);
        }
      }
      expect(faults.slice(0, 3)).toEqual([]);
    });
  });
}
