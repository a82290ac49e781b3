import { taggedHash } from "../../src/core/crypto/tagged-hash.ts";
import { encodeUtf8 } from "../../src/core/bytes/utf8.ts";
import { u32 } from "../../src/core/bytes/writer.ts";
import type { Random } from "../../src/core/ports/random.ts";

/** All zeros: the fresh randomness of the vectors. */
export const zeroRandom: Random = { bytes: (size) => new Uint8Array(size) };

/** The same bytes for the same label, every time. */
export function seededRandom(label: string): Random {
  const seed = encodeUtf8(label);
  let counter = 0;
  return {
    bytes(size) {
      const bytes = new Uint8Array(size);
      for (let offset = 0; offset < size; offset += 64) {
        bytes.set(taggedHash("test/random", seed, u32(counter++)).subarray(0, size - offset), offset);
      }
      return bytes;
    },
  };
}
