import { DecodeError, tryDecode } from "../bytes/decode-error.ts";
import { Reader } from "../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { Writer } from "../bytes/writer.ts";
import type { AddressKeys } from "./address.ts";
import { isAmount, type Amount } from "./amount.ts";
import { timeMs, type TimeMs } from "./height.ts";
import {
  formatLinkText,
  LINK_CHECKSUM_SIZE,
  linkFragments,
  mentionsLink,
  openLinkBody,
  parseLinkText,
  sealLinkBody,
} from "./link-bytes.ts";
import { networkOfChainId } from "./network.ts";

/** What somebody asks to be paid (AD-8). Whoever reads it knows no more than that: the texts are the asker's own words. */
export interface PaymentRequest {
  readonly chainId: number;
  /** Of an address that this request alone has. Not fully checked: that needs the curve (AD-3). */
  readonly keys: AddressKeys;
  /** Above 0; undefined: whatever the payer likes. */
  readonly amount: Amount | undefined;
  /** A whole minute; undefined: it never ends. */
  readonly expiresMs: TimeMs | undefined;
  /** What it is for; undefined: nothing is said. */
  readonly note: string | undefined;
  /** Number of an invoice or an order. */
  readonly reference: string | undefined;
}

/** UTF-8 bytes of note and reference together: a link stays below 256 characters with them. */
export const REQUEST_TEXT_BYTES_MAX = 64;
/** Bytes of the longest request, and its characters in a link. */
export const REQUEST_BYTES_MAX = 152;
export const REQUEST_FRAGMENT_LENGTH_MAX = 203;
export const REQUEST_MINUTE_MS = 60_000;
/** Path of the page that opens a request, with the sign behind which the request stands. */
export const REQUEST_PATH = "/p#";

const VERSION = 1;
const FLAG_AMOUNT = 1;
const FLAG_EXPIRY = 2;
const FLAG_NOTE = 4;
const FLAG_REFERENCE = 8;
const FLAGS_ALL = 15;
const KEY_SIZE = 32;
/** Version, flags, chain, two keys. */
const HEAD_SIZE = 1 + 1 + 4 + 2 * KEY_SIZE;
const EXPIRY_MINUTES_MAX = 0xffff_ffff;
const TAG = "stg/request";

/** Line breaks and other controls, and marks that turn the direction of what follows: no part of a request may look like ours. */
const UNFIT = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** What a person types or pastes, as a request may carry it. */
export function cleanRequestText(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(new RegExp(UNFIT, "gu"), "")
    .trim();
}

/** UTF-8 bytes that a text takes of {@link REQUEST_TEXT_BYTES_MAX}. */
export function requestTextBytes(text: string): number {
  return encodeUtf8(text).length;
}

/** A last character of 6 bits could be one that chat apps take for punctuation; one of 2 or 4 bits is a letter or digit. */
const endsOnWholeCharacter = (bodySize: number): boolean => (bodySize + LINK_CHECKSUM_SIZE) % 3 === 0;

/** The bytes of AD-8. Throws RangeError for what is no request: times, amounts and texts are the caller's to check. */
export function encodePaymentRequest(request: PaymentRequest): Uint8Array {
  const { chainId, keys, amount, expiresMs, note, reference } = request;
  if (networkOfChainId(chainId) === undefined) throw new RangeError(`chain ${chainId} is of no network`);
  const flags =
    (amount === undefined ? 0 : FLAG_AMOUNT) |
    (expiresMs === undefined ? 0 : FLAG_EXPIRY) |
    (note === undefined ? 0 : FLAG_NOTE) |
    (reference === undefined ? 0 : FLAG_REFERENCE);
  const writer = new Writer(REQUEST_BYTES_MAX).u8(VERSION).u8(flags).u32(chainId);
  writer.fixed(keys.spendKey, KEY_SIZE).fixed(keys.viewKey, KEY_SIZE);
  if (amount !== undefined) writer.u64(amount);
  if (expiresMs !== undefined) writer.u32(expiresMs / REQUEST_MINUTE_MS);
  for (const text of [note, reference]) {
    if (text === undefined) continue;
    const bytes = encodeUtf8(text);
    writer.u8(bytes.length).bytes(bytes);
  }
  const body = writer.finish();
  const padded = endsOnWholeCharacter(body.length) ? Uint8Array.from([...body, 0]) : body;
  const bytes = sealLinkBody(TAG, padded);
  // Nobody is given what a reader would refuse.
  const read = tryDecode(decodePaymentRequest, bytes);
  if (!read.ok) throw new RangeError(read.reason);
  return bytes;
}

/** The inverse of {@link encodePaymentRequest}; throws DecodeError for every other bytes. */
export function decodePaymentRequest(bytes: Uint8Array): PaymentRequest {
  if (bytes.length > REQUEST_BYTES_MAX) throw new DecodeError(`request of ${bytes.length} bytes`);
  const body = openChecksum(bytes);
  const reader = new Reader(body);
  if (reader.u8() !== VERSION) throw new DecodeError("unknown version");
  const flags = reader.u8();
  if (flags > FLAGS_ALL) throw new DecodeError(`request flags ${flags}`);
  const chainId = reader.u32();
  if (networkOfChainId(chainId) === undefined) throw new DecodeError(`chain ${chainId}`);
  const keys = { spendKey: reader.bytes(KEY_SIZE), viewKey: reader.bytes(KEY_SIZE) };
  const amount = (flags & FLAG_AMOUNT) === 0 ? undefined : readAmount(reader);
  const expiresMs = (flags & FLAG_EXPIRY) === 0 ? undefined : readExpiry(reader);
  const before = reader.offset;
  const note = (flags & FLAG_NOTE) === 0 ? undefined : readText(reader);
  const reference = (flags & FLAG_REFERENCE) === 0 ? undefined : readText(reader);
  const counts = (note === undefined ? 0 : 1) + (reference === undefined ? 0 : 1);
  if (reader.offset - before - counts > REQUEST_TEXT_BYTES_MAX) throw new DecodeError("texts too long");
  if (endsOnWholeCharacter(reader.offset) && reader.u8() !== 0) throw new DecodeError("not filled with zero");
  reader.end();
  return { chainId, keys, amount, expiresMs, note, reference };
}

const openChecksum = (bytes: Uint8Array): Uint8Array => openLinkBody(TAG, bytes, HEAD_SIZE);

function readAmount(reader: Reader): Amount {
  const value = reader.u64();
  if (value === 0n || !isAmount(value)) throw new DecodeError("no amount to ask for");
  return value;
}

function readExpiry(reader: Reader): TimeMs {
  const minutes = reader.u32();
  if (minutes === 0) throw new DecodeError("expiry at the beginning of time");
  return timeMs(minutes * REQUEST_MINUTE_MS);
}

function readText(reader: Reader): string {
  const text = decodeUtf8(reader.bytes(reader.u8()));
  if (text === "" || UNFIT.test(text) || text.trim() !== text) throw new DecodeError("unfit text");
  return text;
}

/** The whole minute at or after this time, as far as a request can say it. */
export function requestExpiry(timeOfEndMs: number): TimeMs {
  const minutes = Math.ceil(timeOfEndMs / REQUEST_MINUTE_MS);
  return timeMs(Math.min(Math.max(minutes, 1), EXPIRY_MINUTES_MAX) * REQUEST_MINUTE_MS);
}

/** What stands behind `#` in a link: base64url without padding, never with `-` or `_` at its end. */
export function formatRequestFragment(request: PaymentRequest): string {
  return formatLinkText(encodePaymentRequest(request));
}

/** Why a text is no request that this app can show. */
export type RequestParseCode =
  | "malformed" // a letter is wrong, or something is missing
  | "too_long"
  | "newer_version"; // whole, but of a layout that this app does not know

export type RequestParseResult =
  | { readonly ok: true; readonly request: PaymentRequest; readonly fragment: string }
  | { readonly ok: false; readonly code: RequestParseCode };

/** The inverse of {@link formatRequestFragment}. Whether it has ended, and whose network it is of, is the caller's to ask. */
export function parseRequestFragment(fragment: string): RequestParseResult {
  if (fragment.length > REQUEST_FRAGMENT_LENGTH_MAX) return { ok: false, code: "too_long" };
  const bytes = parseLinkText(fragment);
  const body = bytes && tryDecode(openChecksum, bytes);
  if (bytes === undefined || body?.ok !== true) return { ok: false, code: "malformed" };
  if (body.value[0]! > VERSION) return { ok: false, code: "newer_version" };
  const decoded = tryDecode(decodePaymentRequest, bytes);
  return decoded.ok ? { ok: true, request: decoded.value, fragment } : { ok: false, code: "malformed" };
}

export type RequestStatus = "open" | "part_paid" | "paid" | "expired" | "cancelled";

/** Where a request stands for the one who made it. What came counts whenever it came. */
export function requestStatus(
  request: Pick<PaymentRequest, "amount" | "expiresMs"> & { readonly received: Amount; readonly isCancelled: boolean },
  nowMs: number,
): RequestStatus {
  const { amount, received, isCancelled } = request;
  if (received > 0n && received >= (amount ?? 0n)) return "paid";
  if (isCancelled) return "cancelled";
  if (isRequestOver(request, nowMs)) return "expired";
  return received > 0n ? "part_paid" : "open";
}

/** Whether it is too late to pay it, as the one who asked says. */
export function isRequestOver({ expiresMs }: Pick<PaymentRequest, "expiresMs">, nowMs: number): boolean {
  return expiresMs !== undefined && nowMs >= expiresMs;
}

/** Whether somebody means a link to a request by this text, whole or not. */
export function isRequestLink(text: string): boolean {
  return mentionsLink(text, REQUEST_PATH);
}

/** A request by its link, also amid a message, or in lines as a mail breaks them; whose page it names does not matter. */
export function parseRequestLink(text: string): RequestParseResult {
  const [asItIs, joined] = linkFragments(text, REQUEST_PATH);
  const within = parseRequestFragment(asItIs);
  return within.ok ? within : parseRequestFragment(joined);
}
