import { DecodeError } from "../core/bytes/decode-error.ts";
import type { Reader } from "../core/bytes/reader.ts";
import { height, type Height } from "../core/values/height.ts";

/** A height as every request writes it: u64 below 2^53 − 1. */
export function readHeight(reader: Reader): Height {
  const value = reader.u53();
  if (value >= Number.MAX_SAFE_INTEGER) throw new DecodeError("height out of range");
  return height(value);
}
