import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { cleanRequestText } from "../values/payment-request.ts";

/** What somebody calls a line of the history; nobody else ever sees it. */
export interface Label {
  readonly text: string;
  /** Place in the order of naming, never changed. */
  readonly sequence: number;
}

/** Longest label in UTF-8. */
export const LABEL_BYTES_MAX = 96;

const LINE = /^(?:[0-9a-f]{64}|leaf:\d{1,13})$/;

/** Whether a line stays what it is: payments of ours by txid, and what came by the leaf of its first coin. */
export function canBeLabelled(id: string): boolean {
  return LINE.test(id);
}

/** A typed text as a label holds it: one line, cut behind the last whole character that has room. */
export function cleanLabel(text: string): string {
  const bytes = encodeUtf8(cleanRequestText(text));
  if (bytes.length <= LABEL_BYTES_MAX) return decodeUtf8(bytes);
  let end = LABEL_BYTES_MAX;
  // Bytes 10xxxxxx go on with a character that began before.
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return decodeUtf8(bytes.subarray(0, end)).trim();
}
