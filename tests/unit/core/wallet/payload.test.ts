import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { tryDecode } from "../../../../src/core/bytes/decode-error.ts";
import { u64 } from "../../../../src/core/bytes/writer.ts";
import { aeadSeal } from "../../../../src/core/crypto/aead.ts";
import { deriveContext } from "../../../../src/core/crypto/output-keys.ts";
import { hash32, sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import {
  buildEmptyPayload,
  buildMemo,
  decodePayloadPart,
  encodePayloadPart,
  MEMO_SIZE_MAX,
  openMemo,
  openPayload,
  PAYLOAD_SIZE,
  sealPayload,
} from "../../../../src/core/wallet/payload.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { coinFieldsOf, curve, payee, smallTable } from "../../../support/wallet-vectors.ts";

const { message } = vectors.internal;
const carrier = coinFieldsOf(hexBytes(vectors.internal.core));
const sharedSecret = hexBytes(vectors.external.ss);
const recipient = {
  sharedSecret,
  anchor: hexBytes(vectors.external.anchor),
  amount: BigInt(vectors.external.amount),
  spendKey: hexBytes(vectors.external.to.S_j),
};
const messageId = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const addresses = smallTable(payee);
const open = (payload: Uint8Array, np = 0) => openMemo(curve, addresses, carrier, sharedSecret, np, payload);

describe("mode-U payloads", () => {
  it("[MS-1] seals the memo of the vectors into the internal output", () => {
    const sealed = buildMemo(carrier, recipient, message.n_p, messageId, { text: message.text });
    expect(formatHex(sealed.payloadTag)).toBe(message.ptag);
    expect(formatHex(hash32("stg/pl", deriveContext(sharedSecret, carrier.ephemeralKey, 0)))).toBe(message.key);
    expect(sealed.payload).toHaveLength(PAYLOAD_SIZE);
    expect(formatHex(sha256Hash(sealed.payload))).toBe(vectors.internal.payload_sha256);
    const part = openPayload(carrier, sharedSecret, 0, sealed.payload)!;
    expect(formatHex(encodePayloadPart(part))).toBe(message.plaintext);
    expect(open(sealed.payload)).toEqual({ text: "hello" });
  });

  it.each([0, 1] as const)("[MS-1] seals the hello of the vectors, part %i", (np) => {
    const { plaintext, payload, ptag } = vectors.mode_k.hello.parts[np]!;
    const part = openPayload(carrier, sharedSecret, np, hexBytes(payload))!;
    expect(formatHex(encodePayloadPart(part))).toBe(plaintext);
    expect(sealPayload(carrier, sharedSecret, np, part)).toEqual({
      payloadTag: hexBytes(ptag),
      payload: hexBytes(payload),
    });
    // A hello is no memo; a wallet that does not chat leaves it alone.
    expect(open(hexBytes(payload), np)).toBeUndefined();
  });

  it("[MS-5] carries an expiry, and text up to the last byte", () => {
    const memo = { text: "ä".repeat((MEMO_SIZE_MAX - 8) / 2), expiresAt: 2_000_000_000_000 };
    expect(open(buildMemo(carrier, recipient, 0, messageId, memo).payload)).toEqual(memo);
    const full = { text: "x".repeat(MEMO_SIZE_MAX) };
    expect(open(buildMemo(carrier, recipient, 2, messageId, full).payload, 2)).toEqual(full);
    expect(() => buildMemo(carrier, recipient, 0, messageId, { text: `${full.text}x` })).toThrow(RangeError);
    expect(() => buildMemo(carrier, recipient, 3, messageId, full)).toThrow(RangeError);
  });

  it("[MS-1] drops a memo whose D its anchor, amount and address do not give", () => {
    for (const change of [
      { anchor: new Uint8Array(16) },
      { amount: 0n },
      { spendKey: deriveAddress(curve, payee.view, 0).spendKey },
      { spendKey: new Uint8Array(32) },
      { spendKey: new Uint8Array(32).fill(255) },
    ]) {
      const sealed = buildMemo(carrier, { ...recipient, ...change }, 0, messageId, { text: "boo" });
      expect(open(sealed.payload)).toBeUndefined();
    }
  });

  it("[MS-1] is bound to its output, its number and every bit", () => {
    const { payload } = buildMemo(carrier, recipient, 0, messageId, { text: "hello" });
    expect(open(payload, 1)).toBeUndefined();
    const other = { ...carrier, commitment: carrier.commitment.with(0, carrier.commitment[0]! ^ 1) };
    expect(openMemo(curve, addresses, other, sharedSecret, 0, payload)).toBeUndefined();
    for (let bit = 0; bit < 8 * PAYLOAD_SIZE; bit += runs(13, 1)) {
      const changed = payload.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(open(changed)).toBeUndefined();
    }
    for (const size of [0, 15, 16, 511]) expect(open(payload.slice(0, size))).toBeUndefined();
    expect(open(concatBytes(payload, Uint8Array.of(0)))).toBeUndefined();
  });

  it("[MS-5] ignores unknown types, unknown flags and several parts", () => {
    const body = concatBytes(recipient.anchor, u64(recipient.amount), recipient.spendKey, messageId);
    const part = { type: 1, flags: 0, part: 0, of: 1, messageId, body };
    const seal = (change: Partial<typeof part>) =>
      open(sealPayload(carrier, sharedSecret, 0, { ...part, ...change }).payload);
    expect(seal({})).toBeDefined();
    for (const change of [
      { type: 0 },
      { type: 9 },
      { type: 255 },
      { flags: 2 },
      { type: 2, flags: 1 },
      { of: 2 },
      { of: 0 },
      { part: 1 },
    ]) {
      expect(seal(change), JSON.stringify(change)).toBeUndefined();
    }
    // With the expiry flag the eight bytes behind the prefix are a time that is too large.
    expect(seal({ flags: 1, body: concatBytes(body.slice(0, 56), new Uint8Array(8).fill(255)) })).toBeUndefined();
    expect(seal({ flags: 1, body: body.slice(0, 60) })).toBeUndefined();
    expect(seal({ body: body.slice(0, 55) })).toBeUndefined();
    expect(seal({ body: concatBytes(body.slice(0, 56), Uint8Array.of(0xff)) })).toBeUndefined();
  });

  it("[EN-4] decodes any plaintext to a part of the same bytes, or refuses", () => {
    // Mostly zeros behind a short head, since random padding would be refused at once.
    const plaintext = fc
      .tuple(fc.uint8Array({ minLength: 14, maxLength: 60 }), fc.integer({ min: 490, max: 500 }), fc.nat({ max: 60 }))
      .map(([head, size, length]) => {
        const bytes = new Uint8Array(size);
        bytes.set(head);
        bytes.set([length, 0], 12);
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(plaintext, fc.uint8Array({ maxLength: 600 })), (bytes) => {
        const decoded = tryDecode(decodePayloadPart, bytes);
        if (decoded.ok) expect(encodePayloadPart(decoded.value)).toEqual(bytes);
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });

  it("[EN-4] opens any plaintext a stranger seals, to a memo or to nothing", () => {
    const key = hash32("stg/pl", deriveContext(sharedSecret, carrier.ephemeralKey, 0));
    const data = concatBytes(carrier.oneTimeKey, carrier.commitment);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 480, maxLength: 500 }), (plaintext) => {
        open(aeadSeal(key, plaintext, data));
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });

  it("[OU-4] fills an output that says nothing with random bytes of the same sizes", () => {
    const empty = buildEmptyPayload(seededRandom("empty"));
    expect([empty.payloadTag.length, empty.payload.length]).toEqual([16, PAYLOAD_SIZE]);
    expect(open(empty.payload)).toBeUndefined();
  });
});
