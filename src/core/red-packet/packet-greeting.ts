import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { DecodeError, tryDecode } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { Writer } from "../bytes/writer.ts";
import { aeadOpen, aeadSeal } from "../crypto/aead.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import { hash, isZeroHash, ZERO_HASH, type Hash } from "../values/hash.ts";

/** Bytes of UTF-8 in one greeting (RP-10). */
export const GREETING_TEXT_SIZE_MAX = 102;

/** How the total was split, in the order of the wire byte (RP-3). */
const SPLITS = ["lucky", "equal", "custom"] as const;
export type PacketSplit = (typeof SPLITS)[number];

/** What holders of the link read inside a packet (9.2). */
export interface PacketGreeting {
  readonly split: PacketSplit;
  /** μ: the smallest share of a lucky split. */
  readonly minimum: Amount;
  /** Picture or advertisement, a blob of 8.1 (RP-10). */
  readonly adBlobId: Hash | undefined;
  readonly text: string;
}

/** The 144 bytes that are sealed. Text that is too long is our own mistake: the screen counts bytes. */
export function encodeGreeting(greeting: PacketGreeting): Uint8Array {
  const text = encodeUtf8(greeting.text);
  if (text.length > GREETING_TEXT_SIZE_MAX) throw new RangeError(`greeting of ${text.length} bytes`);
  const writer = new Writer(144).u8(SPLITS.indexOf(greeting.split)).u64(greeting.minimum);
  writer
    .fixed(greeting.adBlobId ?? ZERO_HASH, 32)
    .u8(text.length)
    .bytes(text);
  return writer.bytes(new Uint8Array(GREETING_TEXT_SIZE_MAX - text.length)).finish();
}

/** Decodes what a stranger sealed (EN-4). */
export function decodeGreeting(bytes: Uint8Array): PacketGreeting {
  return decodeWhole(bytes, readGreeting);
}

function readGreeting(reader: Reader): PacketGreeting {
  const splitCode = reader.u8();
  const split = SPLITS[splitCode];
  if (split === undefined) throw new DecodeError(`split ${splitCode}`);
  const minimum = reader.u64();
  if (!isAmount(minimum)) throw new DecodeError("minimum of 2^53 or more");
  const blob = hash(reader.bytes(32));
  const size = reader.u8();
  if (size > GREETING_TEXT_SIZE_MAX) throw new DecodeError(`greeting of ${size} bytes`);
  const text = decodeUtf8(reader.bytes(size));
  if (!isZeroBytes(reader.bytes(GREETING_TEXT_SIZE_MAX - size))) throw new DecodeError("padding is not zero");
  return { split, minimum: amount(minimum), adBlobId: isZeroHash(blob) ? undefined : blob, text };
}

const greetingKey = (linkSecret: Uint8Array): Hash => hash32("stg/rp/g", linkSecret);

/** greeting of 9.2. One L has one packet (OU-12), so its key seals one text (PR-5). */
export function sealGreeting(linkSecret: Uint8Array, packetKey: Uint8Array, greeting: PacketGreeting): Uint8Array {
  return aeadSeal(greetingKey(linkSecret), encodeGreeting(greeting), packetKey);
}

/** The greeting inside, or undefined: another link, another packet, or a creator who sealed nonsense. */
export function openGreeting(
  linkSecret: Uint8Array,
  packetKey: Uint8Array,
  sealed: Uint8Array,
): PacketGreeting | undefined {
  const plaintext = aeadOpen(greetingKey(linkSecret), sealed, packetKey);
  if (plaintext === undefined) return undefined;
  const decoded = tryDecode(decodeGreeting, plaintext);
  return decoded.ok ? decoded.value : undefined;
}
