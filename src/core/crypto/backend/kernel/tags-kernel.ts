import { swapBytes, writeSha512Block, writeSha512Constants } from "./sha512-code.ts";
import { CONSTANTS_AT, KEYS_AT, SECRETS_AT, TAGS_AT, TAGS_END } from "./tags-layout.ts";
import type { Local, WasmCode, WasmModule } from "./wasm-code.ts";

/** Bytes of u8(8) ‖ "stg/tags" ‖ u32 32 ‖ secret ‖ u32 32 ‖ D, all of one block (2.2, PR-1). */
const MESSAGE_SIZE = 81;
const WORD_COUNT = 16;

/**
 * Adds the tags T = TH("stg/tags", secret, D) of 2.2, and gives the bytes of memory it works in. The module then exports
 * `tags(count, step)`, which hashes the first `count` inputs of `tags-layout.ts`, 1 to BATCH_TAGS, with secrets `step`
 * bytes apart: 32, or 0 where one serves all. Takes the same steps whatever the secrets are (PR-9).
 */
export function addTags(module: WasmModule): number {
  module.add(["i32", "i32"], writeBatch, "tags");
  return TAGS_END;
}

/** (count, step) */
function writeBatch(code: WasmCode): void {
  const [count, step] = code.params as [Local, Local];
  const [secret, key, tags] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const words = Array.from({ length: WORD_COUNT }, () => code.local("i64"));
  const swapped = code.local("i64");

  writeSha512Constants(code, CONSTANTS_AT);
  code.doWhile(() => {
    writeMessage(code, words, secret, key, swapped);
    writeSha512Block(code, words, CONSTANTS_AT).forEach((word, place) => {
      code.get(tags).get(word);
      swapBytes(code, swapped).access("i64.store", TAGS_AT + 8 * place);
    });
    code.get(secret).get(step).do("i32.add").set(secret);
    code.get(key).i32(32).do("i32.add").set(key);
    code.get(tags).i32(64).do("i32.add").set(tags);
    code.get(count).i32(1).do("i32.sub").tee(count);
  });
}

/** The message as words, most significant byte first; secret and key lie askew in them, at bytes 13 and 49. */
function writeMessage(code: WasmCode, words: readonly Local[], secret: Local, key: Local, swapped: Local): void {
  const word = (place: number): Local => words[place]!;
  const readSecret = (at: number): WasmCode => swapBytes(code.get(secret).access("i64.load", SECRETS_AT + at), swapped);
  const readKey = (at: number): WasmCode => swapBytes(code.get(key).access("i64.load", KEYS_AT + at), swapped);

  // 8, "stg/tag"; then "s" and the size of the secret, then that of the key, each least significant byte first.
  code.i64(0x08_73_74_67_2f_74_61_67n).set(word(0));
  readSecret(0).i64(40n).do("i64.shr_u").i64(0x73_20_00_00_00_00_00_00n).do("i64.or").set(word(1));
  for (const place of [2, 3, 4]) readSecret(8 * place - 13).set(word(place));
  readSecret(24).i64(24n).do("i64.shl").i64(0x20_00_00n).do("i64.or").set(word(5));
  readKey(0).i64(8n).do("i64.shr_u").set(word(6));
  for (const place of [7, 8, 9]) readKey(8 * place - 49).set(word(place));
  // The padding behind the last byte of the key: a one, zeros, and the size in bits.
  readKey(24).i64(56n).do("i64.shl").i64(0x80_00_00_00_00_00_00n).do("i64.or").set(word(10));
  for (const place of [11, 12, 13, 14]) code.i64(0n).set(word(place));
  code.i64(BigInt(8 * MESSAGE_SIZE)).set(word(15));
}
