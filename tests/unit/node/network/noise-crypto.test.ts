import { pureJsCrypto } from "@libp2p/noise";
import { describe, expect, it } from "vitest";
import { nodeNoiseCrypto } from "../../../../src/node/network/noise-crypto.ts";
import { seededRandom } from "../../../support/test-random.ts";

const random = seededRandom("noise crypto");
const [key, otherKey, nonce, associated] = [random.bytes(32), random.bytes(32), random.bytes(12), random.bytes(32)];
type Buffers = ReturnType<typeof pureJsCrypto.chaCha20Poly1305Encrypt>;
const bytesOf = (data: Buffers): Uint8Array => Uint8Array.from(data.subarray());

describe("what Noise encrypts with in Node.js", () => {
  it.each([0, 1, 63, 64, 65, 1_199, 1_200, 65_519])(
    "gives for %i bytes what the plain implementation gives",
    (size) => {
      const crypto = nodeNoiseCrypto();
      const plain = random.bytes(size);
      for (const own of [key, otherKey, key]) {
        for (const more of [associated, new Uint8Array()]) {
          const encrypted = bytesOf(crypto.chaCha20Poly1305Encrypt(plain, nonce, more, own));
          expect(encrypted).toEqual(bytesOf(pureJsCrypto.chaCha20Poly1305Encrypt(plain, nonce, more, own)));
          expect(bytesOf(crypto.chaCha20Poly1305Decrypt(encrypted, nonce, more, own))).toEqual(plain);
        }
      }
    },
  );

  it("refuses every changed byte, another key, another nonce, other associated data and what is too short", () => {
    const crypto = nodeNoiseCrypto();
    const encrypted = bytesOf(crypto.chaCha20Poly1305Encrypt(random.bytes(40), nonce, associated, key));
    const open = (data: Uint8Array, by = nonce, more = associated, own = key) => crypto.chaCha20Poly1305Decrypt(data, by, more, own); // prettier-ignore
    for (let at = 0; at < encrypted.length; at++) {
      expect(() => open(encrypted.map((byte, index) => (index === at ? byte ^ 1 : byte)))).toThrow();
    }
    expect(() => open(encrypted, nonce, associated, otherKey)).toThrow();
    expect(() => open(encrypted, random.bytes(12))).toThrow();
    expect(() => open(encrypted, nonce, random.bytes(32))).toThrow();
    for (let size = 0; size < encrypted.length; size++) expect(() => open(encrypted.subarray(0, size))).toThrow();
  });
});
