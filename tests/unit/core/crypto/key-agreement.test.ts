import { describe, expect, it } from "vitest";
import { clamp, isCanonicalCoordinate, x25519, X25519_BASE } from "../../../../src/core/crypto/key-agreement.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

describe("key agreement", () => {
  it.each(vectors.x25519.cases)("[OU-1] knows whether the u-coordinate $name is canonical", ({ D, canonical }) => {
    expect(isCanonicalCoordinate(hexBytes(D))).toBe(canonical);
  });

  it("[PR-4] clamps a copy, and clamping twice changes nothing", () => {
    const bytes = new Uint8Array(32).fill(255);
    const clamped = clamp(bytes);
    expect(bytes[0]).toBe(255);
    expect([clamped[0], clamped[31]]).toEqual([248, 127]);
    expect(clamp(clamped)).toEqual(clamped);
    expect(clamp(new Uint8Array(32))[31]).toBe(64);
  });

  it("[PR-4] gives both sides one secret", () => {
    const random = seededRandom("x25519");
    const [a, b] = [random.bytes(32), random.bytes(32)];
    const [publicA, publicB] = [x25519(curve, a, X25519_BASE), x25519(curve, b, X25519_BASE)];
    expect(x25519(curve, a, publicB)).toEqual(x25519(curve, b, publicA));
  });
});
