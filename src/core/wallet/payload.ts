import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { DecodeError, tryDecode } from "../bytes/decode-error.ts";
import { Reader } from "../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { u64, Writer } from "../bytes/writer.ts";
import { aeadOpen, aeadSeal } from "../crypto/aead.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import {
  ANCHOR_SIZE,
  deriveContext,
  deriveTags,
  payloadTagOf,
  PAYLOADS_PER_RECIPIENT_MAX,
} from "../crypto/output-keys.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import type { Random } from "../ports/random.ts";
import { isEphemeralKeyOf } from "./output-secrets.ts";
import type { SubaddressTable } from "./subaddress-table.ts";

/** AEAD ciphertext inside an output (2.1). */
export const PAYLOAD_SIZE = 512;
const PLAINTEXT_SIZE = 496;
const BODY_SIZE_MAX = 482;
const MESSAGE_ID_SIZE = 8;
/** anchor16 ‖ u64 a ‖ S_j32 in front of every mode-U body (MS-1). */
const PREFIX_SIZE = 56;
/** Content of one mode-U part. */
export const MEMO_SIZE_MAX = BODY_SIZE_MAX - PREFIX_SIZE;
const PAYLOAD_TAG_SIZE = 16;
const FLAG_EXPIRES = 1;
/** Payload types of MS-5. */
export const PAYLOAD_TYPE_TEXT = 1;

/** One decrypted part (8.1). */
export interface PayloadPart {
  readonly type: number;
  readonly flags: number;
  readonly part: number;
  readonly of: number;
  readonly messageId: Uint8Array;
  readonly body: Uint8Array;
}

export function encodePayloadPart(part: PayloadPart): Uint8Array {
  if (part.body.length > BODY_SIZE_MAX) throw new RangeError(`body of ${part.body.length} bytes`);
  const writer = new Writer(PLAINTEXT_SIZE).u8(part.type).u8(part.flags).u8(part.part).u8(part.of);
  writer.fixed(part.messageId, MESSAGE_ID_SIZE).u16(part.body.length).bytes(part.body);
  return writer.bytes(new Uint8Array(BODY_SIZE_MAX - part.body.length)).finish();
}

/** Decodes what a stranger encrypted (EN-4). The type may be one we do not know; the caller ignores those. */
export function decodePayloadPart(bytes: Uint8Array): PayloadPart {
  const reader = new Reader(bytes);
  const [type, flags, part, of] = [reader.u8(), reader.u8(), reader.u8(), reader.u8()];
  const messageId = reader.bytes(MESSAGE_ID_SIZE);
  const size = reader.u16();
  if (size > BODY_SIZE_MAX) throw new DecodeError(`body of ${size} bytes`);
  const body = reader.bytes(size);
  if (!isZeroBytes(reader.bytes(BODY_SIZE_MAX - size))) throw new DecodeError("padding is not zero");
  reader.end();
  if (part >= of) throw new DecodeError(`part ${part} of ${of}`);
  const allowedFlags = type === PAYLOAD_TYPE_TEXT ? FLAG_EXPIRES : 0;
  if ((flags & ~allowedFlags) !== 0) throw new DecodeError(`flags ${flags}`);
  return { type, flags, part, of, messageId, body };
}

/** Where a mode-U payload rides: the output it is bound to, and the payment whose D the recipient checks. */
export interface PayloadCarrier {
  readonly oneTimeKey: Uint8Array;
  readonly commitment: Uint8Array;
  readonly ephemeralKey: Uint8Array;
}

/** ss of the recipient under this D and the inputs of its d (2.2). */
export interface PayloadRecipient {
  readonly sharedSecret: Uint8Array;
  readonly anchor: Uint8Array;
  /** 0 if D serves only the message. */
  readonly amount: bigint;
  readonly spendKey: Uint8Array;
}

/** Text for the payee, with the time (ms) after which it is of no use, if any. */
export interface Memo {
  readonly text: string;
  readonly expiresAt?: number;
}

export interface SealedPayload {
  readonly payloadTag: Uint8Array;
  readonly payload: Uint8Array;
}

/** The np-th payload of this recipient under this D (MS-1); the key serves this one time. */
export function sealPayload(
  carrier: PayloadCarrier,
  sharedSecret: Uint8Array,
  np: number,
  part: PayloadPart,
): SealedPayload {
  if (!Number.isInteger(np) || np < 0 || np >= PAYLOADS_PER_RECIPIENT_MAX) throw new RangeError(`payload number ${np}`);
  const key = derivePayloadKey(sharedSecret, carrier.ephemeralKey, np);
  const payload = aeadSeal(key, encodePayloadPart(part), concatBytes(carrier.oneTimeKey, carrier.commitment));
  return { payloadTag: payloadTagOf(deriveTags(sharedSecret, carrier.ephemeralKey), np), payload };
}

/** The part inside, or undefined for anything that is not one. */
export function openPayload(
  carrier: PayloadCarrier,
  sharedSecret: Uint8Array,
  np: number,
  payload: Uint8Array,
): PayloadPart | undefined {
  const key = derivePayloadKey(sharedSecret, carrier.ephemeralKey, np);
  const plaintext = aeadOpen(key, payload, concatBytes(carrier.oneTimeKey, carrier.commitment));
  if (plaintext === undefined || plaintext.length !== PLAINTEXT_SIZE) return undefined;
  const decoded = tryDecode(decodePayloadPart, plaintext);
  return decoded.ok ? decoded.value : undefined;
}

function derivePayloadKey(sharedSecret: Uint8Array, ephemeralKey: Uint8Array, np: number): Uint8Array {
  return hash32("stg/pl", deriveContext(sharedSecret, ephemeralKey, np));
}

/** A memo as one mode-U payload. Text of more than {@link MEMO_SIZE_MAX} bytes is refused before it comes here. */
export function buildMemo(
  carrier: PayloadCarrier,
  recipient: PayloadRecipient,
  np: number,
  messageId: Uint8Array,
  memo: Memo,
): SealedPayload {
  const { anchor, amount, spendKey, sharedSecret } = recipient;
  const expiry = memo.expiresAt === undefined ? new Uint8Array(0) : u64(memo.expiresAt);
  const body = concatBytes(anchor, u64(amount), spendKey, encodeUtf8(memo.text), expiry);
  const flags = memo.expiresAt === undefined ? 0 : FLAG_EXPIRES;
  return sealPayload(carrier, sharedSecret, np, { type: PAYLOAD_TYPE_TEXT, flags, part: 0, of: 1, messageId, body });
}

/**
 * The memo of a payload found by its tag, or undefined: not sealed for us, of another type, in several parts, or under
 * a D that its own anchor and address do not give (a Janus message), all dropped alike (MS-1, OU-10).
 */
export function openMemo(
  curve: CurveBackend,
  addresses: SubaddressTable,
  carrier: PayloadCarrier,
  sharedSecret: Uint8Array,
  np: number,
  payload: Uint8Array,
): Memo | undefined {
  const part = openPayload(carrier, sharedSecret, np, payload);
  if (part?.type !== PAYLOAD_TYPE_TEXT || part.of !== 1) return undefined;
  const decoded = tryDecode((body) => readMemo(body, part.flags), part.body);
  if (!decoded.ok) return undefined;
  const { anchor, amount, spendKey, memo } = decoded.value;
  const owner = addresses.findSpendKey(spendKey);
  if (owner === undefined) return undefined;
  return isEphemeralKeyOf(curve, carrier.ephemeralKey, anchor, amount, owner.address()) ? memo : undefined;
}

function readMemo(body: Uint8Array, flags: number) {
  const reader = new Reader(body);
  const [anchor, amount, spendKey] = [reader.bytes(ANCHOR_SIZE), reader.u64(), reader.bytes(32)];
  const isExpiring = (flags & FLAG_EXPIRES) !== 0;
  const textSize = reader.remaining - (isExpiring ? 8 : 0);
  if (textSize < 0) throw new DecodeError("no room for the expiry");
  const text = decodeUtf8(reader.bytes(textSize));
  const memo: Memo = isExpiring ? { text, expiresAt: reader.u53() } : { text };
  return { anchor, amount, spendKey, memo };
}

/** What an output carries when it has nothing to say: the same distribution as a message (8.1). */
export function buildEmptyPayload(random: Random): SealedPayload {
  return { payloadTag: random.bytes(PAYLOAD_TAG_SIZE), payload: random.bytes(PAYLOAD_SIZE) };
}
