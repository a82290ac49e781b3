import { HASH_BLOCK_SIZE, HASH_CONSTANTS_AT, HASH_END } from "./hash-layout.ts";
import { addresses, advance, repeat } from "./loop-code.ts";
import { swapBytes, writeSha512Constants, writeSha512Start, writeSha512Step } from "./sha512-code.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

const WORD_COUNT = HASH_BLOCK_SIZE / 8;
const DIGEST_WORDS = 8;

/**
 * Adds SHA-512 of any messages of equal size, and gives the bytes of memory it works in. The module then exports
 * `sha512(count, blocks, messages, digests)`, over addresses, and counts from 1 on: messages are padded to so many blocks
 * each (FIPS 180-4 §5.1.2), which is the caller's to do, and digests are 64 bytes. Takes the same steps whatever the
 * messages are (PR-9).
 */
export function addHashes(module: WasmModule): number {
  module.add(addresses(4), writeHashes, "sha512");
  return HASH_END;
}

function writeHashes(code: WasmCode): void {
  const [count, blocks, message, digest] = code.params as [Local, Local, Local, Local];
  const left = code.local("i32");
  const swapped = code.local("i64");
  const words = Array.from({ length: WORD_COUNT }, () => code.local("i64"));
  writeSha512Constants(code, HASH_CONSTANTS_AT);
  repeat(code, count, () => {
    writeSha512Start(code, digest);
    code.get(blocks).set(left);
    repeat(code, left, () => {
      words.forEach((word, place) => swapBytes(code.get(message).access("i64.load", 8 * place), swapped).set(word));
      writeSha512Step(code, digest, words, HASH_CONSTANTS_AT);
      advance(code, message, HASH_BLOCK_SIZE);
    });
    for (let at = 0; at < 8 * DIGEST_WORDS; at += 8) {
      code.get(digest);
      swapBytes(code.get(digest).access("i64.load", at), swapped).access("i64.store", at);
    }
    advance(code, digest, 8 * DIGEST_WORDS);
  });
}
