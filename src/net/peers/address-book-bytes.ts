import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { sha256Hash } from "../../core/crypto/tagged-hash.ts";
import { BOOK_ADDRESSES_MAX, PEERS_ADDRESS_BYTES_MAX } from "../../wire/limits.ts";
import type { KnownAddress } from "./address-book.ts";
import { decodeAddress, encodeAddress } from "./peer-addresses.ts";

const VERSION = 1;
const CHECKSUM_SIZE = 32;
const FAILURES_MAX = 0xffff;
const ENTRY_SIZE_MAX = 1 + PEERS_ADDRESS_BYTES_MAX + 8 + 2;

/** A book of the largest size. */
export const BOOK_BYTES_MAX = 3 + BOOK_ADDRESSES_MAX * ENTRY_SIZE_MAX + CHECKSUM_SIZE;

/**
 * What a later run may rely on: the addresses at which we have found somebody ourselves. A checksum ends it, so that a
 * disk that loses bits gives no other addresses than those we wrote.
 */
export function encodeAddressBook(known: readonly KnownAddress[]): Uint8Array {
  const proven = known.flatMap((each) => {
    const bytes = each.provenMs === 0 ? undefined : encodeAddress(each.address);
    return bytes === undefined ? [] : [{ ...each, bytes }];
  });
  const writer = new Writer().u8(VERSION).u16(proven.length);
  for (const { bytes, provenMs, failures } of proven) {
    writer.u8(bytes.length).bytes(bytes).u64(provenMs).u16(Math.min(failures, FAILURES_MAX));
  }
  const body = writer.finish();
  return writer.fixed(sha256Hash(body), CHECKSUM_SIZE).finish();
}

/** Throws DecodeError unless the bytes are a whole book of this version. */
export function decodeAddressBook(bytes: Uint8Array): readonly KnownAddress[] {
  if (bytes.length > BOOK_BYTES_MAX) throw new DecodeError(`book of ${bytes.length} bytes, at most ${BOOK_BYTES_MAX}`);
  const end = Math.max(0, bytes.length - CHECKSUM_SIZE);
  if (!equalBytes(sha256Hash(bytes.subarray(0, end)), bytes.subarray(end))) throw new DecodeError("wrong checksum");
  return decodeWhole(bytes.subarray(0, end), (reader) => {
    const version = reader.u8();
    if (version !== VERSION) throw new DecodeError(`book version ${version}`);
    return reader.list(reader.u16(), BOOK_ADDRESSES_MAX, () => {
      const address = decodeAddress(reader.bytes(reader.u8()));
      if (address === undefined) throw new DecodeError("no address of a node");
      const provenMs = reader.u53();
      if (provenMs === 0) throw new DecodeError("address without a proof");
      return { address, source: "own", provenMs, triedMs: provenMs, failures: reader.u16() };
    });
  });
}
