import { x25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../../src/core/bytes/concat-bytes.ts";
import { formatHex } from "../../../../../src/core/bytes/hex.ts";
import { multiplyMontgomery } from "../../../../../src/core/crypto/backend/montgomery-ladder.ts";
import { FIELD_ORDER } from "../../../../../src/core/crypto/backend/field-limbs.ts";
import { runs } from "../../../../support/run-counts.ts";

const bytesOf = (value: bigint): Uint8Array => {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
};
/** noble throws where the result is zero. */
const byNoble = (scalar: Uint8Array, u: Uint8Array): Uint8Array => {
  try {
    return x25519.getSharedSecret(scalar, u);
  } catch {
    return new Uint8Array(32);
  }
};

describe("the ladder of key agreements", () => {
  it("[PR-4] gives what noble gives, small order and coordinates above p included", () => {
    const any = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const edge = fc
      .oneof(fc.bigInt(0n, 20n), fc.bigInt(FIELD_ORDER - 20n, FIELD_ORDER + 18n))
      .chain((value) => fc.constantFrom(bytesOf(value), bytesOf(value + 2n ** 255n)));
    fc.assert(
      fc.property(any, fc.array(fc.oneof(any, edge), { maxLength: 3 }), (scalar, us) => {
        const expected = us.map((u) => byNoble(scalar, u));
        expect(formatHex(multiplyMontgomery(scalar, concatBytes(...us)))).toBe(formatHex(concatBytes(...expected)));
      }),
      { numRuns: runs(500, 20_000) },
    );
  });

  it("[PR-4] repeats the iterated vector of RFC 7748", () => {
    let [k, u] = [bytesOf(9n), bytesOf(9n)];
    for (let count = 0; count < 1_000; count++) [k, u] = [multiplyMontgomery(k, u), k];
    expect(formatHex(k)).toBe("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
  });
});
