import { describe, expect, it } from "vitest";
import { aeadOpen, aeadSeal } from "../../../../src/core/crypto/aead.ts";
import { seededRandom } from "../../../support/test-random.ts";

const random = seededRandom("aead");

describe("aead", () => {
  it("[PR-5] opens what it sealed, and nothing changed by a bit", () => {
    const [key, text, data] = [random.bytes(32), random.bytes(40), random.bytes(64)];
    const sealed = aeadSeal(key, text, data);
    expect(sealed).toHaveLength(56);
    expect(aeadOpen(key, sealed, data)).toEqual(text);
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const changed = sealed.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(aeadOpen(key, changed, data)).toBeUndefined();
    }
    expect(aeadOpen(key, sealed, random.bytes(64))).toBeUndefined();
    expect(aeadOpen(random.bytes(32), sealed, data)).toBeUndefined();
  });

  it("[PR-5] answers undefined to texts too short to hold a tag", () => {
    for (let size = 0; size < 17; size++) expect(aeadOpen(new Uint8Array(32), new Uint8Array(size))).toBeUndefined();
  });
});
