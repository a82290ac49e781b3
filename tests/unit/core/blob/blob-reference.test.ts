import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  blobCount,
  decodeBlobReference,
  encodeBlobReference,
  readBlobReference,
  type BlobReference,
} from "../../../../src/core/blob/blob-reference.ts";
import { BLOB_CONTENT_SIZE_MAX } from "../../../../src/core/blob/sealed-blob.ts";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { Reader } from "../../../../src/core/bytes/reader.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { encodeUtf8 } from "../../../../src/core/bytes/utf8.ts";
import { u64 } from "../../../../src/core/bytes/writer.ts";
import { BLOB_MIME_BYTES_MAX, BLOB_PARTS_MAX } from "../../../../src/core/params/limits.ts";
import { bytesArb, hashArb } from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

const sizeArb = fc.oneof(
  fc.nat(2 * BLOB_CONTENT_SIZE_MAX),
  fc.constantFrom(0, 1, BLOB_CONTENT_SIZE_MAX, BLOB_CONTENT_SIZE_MAX + 1),
);
const mimeArb = fc.constantFrom("", "image/png", "image/webp", "video/mp4", "application/vnd.example+json");
const referenceArb: fc.Arbitrary<BlobReference> = fc.tuple(sizeArb, mimeArb).chain(([size, mime]) => {
  const count = blobCount(size);
  const parts = fc.uniqueArray(fc.record({ blobId: hashArb, key: bytesArb(32) }), {
    minLength: count,
    maxLength: count,
    selector: ({ blobId }) => formatHex(blobId),
  });
  return parts.map((each) => ({ parts: each, size, mime }));
});

codecContract("blob reference", {
  encode: encodeBlobReference,
  decode: decodeBlobReference,
  arbitrary: referenceArb,
});

/** As {@link encodeBlobReference}, without its checks. */
function rawReference(count: number, idOf: (index: number) => number, size: number, mime: Uint8Array): Uint8Array {
  const parts = Array.from({ length: count }, (_, index) => {
    return concatBytes(new Uint8Array(32).fill(idOf(index)), new Uint8Array(32));
  });
  return concatBytes(Uint8Array.of(count), ...parts, u64(size), Uint8Array.of(mime.length), mime);
}
const raw = (count: number, size: number, mime = ""): Uint8Array => {
  return rawReference(count, (index) => index, size, encodeUtf8(mime));
};

describe("a reference to a blob", () => {
  it("[MS-12] is what the vectors say", () => {
    // A content of type 12 in front (MS-15), and its text behind.
    const content = hexBytes(vectors.mode_k.content.blob).subarray(2);
    const reader = new Reader(content);
    const reference = readBlobReference(reader);
    expect(reader.remaining).toBe(5);
    expect(reference.parts).toHaveLength(1);
    expect(reference.size).toBe(19_000);
    expect(reference.mime).toBe("");
    expect(encodeBlobReference(reference)).toEqual(content.subarray(0, -5));
  });

  it("[MS-12] names as many blobs as its size takes, 16 at most", () => {
    const largest = BLOB_PARTS_MAX * BLOB_CONTENT_SIZE_MAX;
    expect(decodeBlobReference(raw(BLOB_PARTS_MAX, largest)).parts).toHaveLength(16);
    expect(() => decodeBlobReference(raw(BLOB_PARTS_MAX, largest + 1))).toThrow(DecodeError);
    expect(() => decodeBlobReference(raw(BLOB_PARTS_MAX + 1, largest + 1))).toThrow(DecodeError);
    expect(() => decodeBlobReference(raw(0, 0))).toThrow(DecodeError);
    expect(decodeBlobReference(raw(1, 0)).size).toBe(0);
    expect(() => decodeBlobReference(raw(2, BLOB_CONTENT_SIZE_MAX))).toThrow(DecodeError);
    expect(() => decodeBlobReference(raw(1, BLOB_CONTENT_SIZE_MAX + 1))).toThrow(DecodeError);
    expect(() => decodeBlobReference(raw(1, 2 ** 53))).toThrow(DecodeError);
  });

  it("[EN-3] names no blob twice", () => {
    const size = 2 * BLOB_CONTENT_SIZE_MAX;
    expect(decodeBlobReference(raw(2, size)).parts).toHaveLength(2);
    expect(() => decodeBlobReference(rawReference(2, () => 4, size, new Uint8Array(0)))).toThrow(DecodeError);
  });

  it("[MS-12] has a type of 32 bytes at most, or none", () => {
    const longest = `image/${"x".repeat(BLOB_MIME_BYTES_MAX - 6)}`;
    expect(decodeBlobReference(raw(1, 5, longest)).mime).toBe(longest);
    expect(() => decodeBlobReference(raw(1, 5, `${longest}x`))).toThrow(DecodeError);
  });

  it.each(["image", "/png", "image/", "Image/png", "image/png; a=b", "image/png/x", "имя/png", "image/p\u0000ng", " "])(
    "[EN-3] has no type such as %j",
    (mime) => {
      expect(() => decodeBlobReference(raw(1, 5, mime))).toThrow(DecodeError);
    },
  );

  it("is not written where it could not be read", () => {
    const part = { blobId: decodeBlobReference(raw(1, 5)).parts[0]!.blobId, key: new Uint8Array(32) };
    expect(() => encodeBlobReference({ parts: [], size: 0, mime: "" })).toThrow(RangeError);
    expect(() => encodeBlobReference({ parts: [part], size: 5, mime: "IMAGE/png" })).toThrow(RangeError);
  });
});
