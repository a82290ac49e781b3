import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bigintOf,
  GROUP_ORDER,
  modOrder,
  parseScalar,
  reduceScalar,
  scalarOf,
} from "../../../../src/core/crypto/scalar.ts";
import { runs } from "../../../support/run-counts.ts";

const bytesOf = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));

describe("scalars", () => {
  it("[EN-5] accepts numbers below ℓ only", () => {
    expect(parseScalar(bytesOf(GROUP_ORDER - 1n))).toBeDefined();
    expect(parseScalar(bytesOf(GROUP_ORDER))).toBeUndefined();
    expect(parseScalar(bytesOf(2n ** 256n - 1n))).toBeUndefined();
    expect(parseScalar(new Uint8Array(31))).toBeUndefined();
    expect(parseScalar(new Uint8Array(33))).toBeUndefined();
  });

  it("[EN-5] has one encoding per number", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 70 }), (bytes) => {
        let value = 0n;
        for (const byte of [...bytes].reverse()) value = (value << 8n) | BigInt(byte);
        expect(bigintOf(bytes)).toBe(value);
        expect(bigintOf(reduceScalar(bytes))).toBe(value % GROUP_ORDER);
        expect(scalarOf(-value)).toEqual(bytesOf(modOrder(-value)));
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });
});
