import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Hash } from "../values/hash.ts";
import { height, type Height } from "../values/height.ts";
import { decodeWords, encodeWords, type WordCodeFault } from "../values/word-code.ts";

export const CHECKPOINT_WORD_COUNT = 12;
/** What 12 words hold of a block id. */
const ID_START_SIZE = 16;
/** Digits of the largest height. */
const HEIGHT_DIGITS_MAX = 16;
/** A checkpoint's text with room for careless spacing. */
export const CHECKPOINT_TEXT_MAX = 1_024;

/** A checkpoint as a person passes it on: a height and how its block id begins (LC-4). */
export interface CheckpointName {
  readonly height: Height;
  /** The first 128 bits. */
  readonly idStart: Uint8Array;
}

export type CheckpointTextFault = WordCodeFault | "no_height" | "too_long";

/** Height in digits and the first 128 bits of the block id as 12 words: to be read out, typed, or shown as a QR code. */
export function formatCheckpoint({ height: at, blockId }: { readonly height: Height; readonly blockId: Hash }): {
  readonly words: string;
  readonly text: string;
} {
  const words = encodeWords(blockId.subarray(0, ID_START_SIZE));
  return { words, text: `${at} ${words}` };
}

/** Parses what a person types or scans: any spacing, any case. `unknown_word` says at which word (from 0) to look. */
export function parseCheckpoint(
  text: string,
):
  | { readonly ok: true; readonly name: CheckpointName }
  | { readonly ok: false; readonly code: CheckpointTextFault; readonly index?: number } {
  if (text.length > CHECKPOINT_TEXT_MAX) return { ok: false, code: "too_long" };
  const trimmed = text.trim();
  if (trimmed === "") return { ok: false, code: "empty" };
  const digits = /^(0|[1-9][0-9]*)(?=\s|$)/.exec(trimmed)?.[0];
  if (digits === undefined || digits.length > HEIGHT_DIGITS_MAX || !Number.isSafeInteger(Number(digits))) {
    return { ok: false, code: "no_height" };
  }
  const decoded = decodeWords(trimmed.slice(digits.length), CHECKPOINT_WORD_COUNT);
  if (!decoded.ok) return decoded.code === "empty" ? { ok: false, code: "bad_count" } : decoded;
  return { ok: true, name: { height: height(Number(digits)), idStart: decoded.bytes } };
}

/** Whether a block is the one that somebody named. */
export function isNamed(name: CheckpointName, at: number, blockId: Hash): boolean {
  return at === name.height && equalBytes(blockId.subarray(0, ID_START_SIZE), name.idStart);
}
