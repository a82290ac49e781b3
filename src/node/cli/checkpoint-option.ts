import { parseHex } from "../../core/bytes/hex.ts";
import { hash, type Hash } from "../../core/values/hash.ts";
import { height, type Height } from "../../core/values/height.ts";

/** `HEIGHT:BLOCK` as an operator gives it, the block's hash in hex; undefined if it is none. */
export function parseCheckpoint(text: string): { readonly height: Height; readonly blockId: Hash } | undefined {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text);
  if (match === null) return undefined;
  return { height: height(Number(match[1])), blockId: hash(parseHex(match[2]!.toLowerCase())) };
}
