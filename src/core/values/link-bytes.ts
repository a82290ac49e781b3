import { sha512 } from "@noble/hashes/sha2.js";
import { base64urlnopad } from "@scure/base";
import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { Writer } from "../bytes/writer.ts";

/** What stands behind the `#` of our links: base64url without padding of bytes that end with a check of 4 bytes. */

export const LINK_CHECKSUM_SIZE = 4;

/** H32(tag, body)[0..4) of PR-1; the page has no other use for the hashes of core/crypto. */
function linkChecksum(tag: string, body: Uint8Array): Uint8Array {
  const name = encodeUtf8(tag);
  const message = new Writer().u8(name.length).bytes(name).u32(body.length).bytes(body);
  return sha512(message.finish()).slice(0, LINK_CHECKSUM_SIZE);
}

/** A body with its check behind it. */
export function sealLinkBody(tag: string, body: Uint8Array): Uint8Array {
  return Uint8Array.from([...body, ...linkChecksum(tag, body)]);
}

/** The inverse of {@link sealLinkBody}; throws DecodeError where the check is another, or less than `sizeMin` bytes stand before it. */
export function openLinkBody(tag: string, bytes: Uint8Array, sizeMin: number): Uint8Array {
  if (bytes.length < sizeMin + LINK_CHECKSUM_SIZE) throw new DecodeError("too short for a link");
  const body = bytes.subarray(0, -LINK_CHECKSUM_SIZE);
  if (!equalBytes(linkChecksum(tag, body), bytes.subarray(-LINK_CHECKSUM_SIZE)))
    throw new DecodeError("wrong checksum");
  return body;
}

export function formatLinkText(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/** The inverse of {@link formatLinkText}; undefined for whatever it would not have written. */
export function parseLinkText(text: string): Uint8Array | undefined {
  // The library says by an exception that a letter, the length or the last bits are wrong.
  try {
    return base64urlnopad.decode(text);
  } catch {
    return undefined;
  }
}

/** Whether somebody means a link to this page by a text, whole or not. `path` ends with `#`. */
export function mentionsLink(text: string, path: string): boolean {
  return text.replace(/\s/g, "").includes(path);
}

/** What may stand behind the `#` of the last such link of a text: as it is, and as it is where a mail has broken the line. */
export function linkFragments(text: string, path: string): readonly [string, string] {
  return [fragmentOf(text, path), fragmentOf(text.replace(/\s/g, ""), path)];
}

function fragmentOf(text: string, path: string): string {
  const place = text.lastIndexOf(path);
  return place < 0 ? "" : (/^[\w-]*/.exec(text.slice(place + path.length))?.[0] ?? "");
}
