import { DecodeError } from "../bytes/decode-error.ts";
import { formatHex, parseHex } from "../bytes/hex.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { Writer } from "../bytes/writer.ts";
import { REQUEST_TEXT_BYTES_MAX } from "../values/payment-request.ts";
import { readAmount, readTime } from "./note.ts";
import type { OwnRequest } from "./own-request.ts";
import type { RecordChanges, StoredRecord } from "./stored-record.ts";

const REQUEST_VERSION = 1;
const REQUEST_PREFIX = "request/";
const ID_SIZE = 16;
/** Length of a sequence number in a key, so that keys sort as numbers do. */
const KEY_DIGITS = 9;

const FLAG_AMOUNT = 1;
const FLAG_EXPIRY = 2;
const FLAG_NOTE = 4;
const FLAG_REFERENCE = 8;
const FLAG_CANCELLED = 16;
const FLAGS_ALL = 31;

type Requests = ReadonlyMap<string, OwnRequest>;

/** True for the keys this module owns. */
export function isRequestRecord(key: string): boolean {
  return key.startsWith(REQUEST_PREFIX);
}

/** One request as it is stored. */
export function encodeOwnRequest(request: OwnRequest): Uint8Array {
  const flags =
    (request.amount === undefined ? 0 : FLAG_AMOUNT) |
    (request.expiresMs === undefined ? 0 : FLAG_EXPIRY) |
    (request.note === undefined ? 0 : FLAG_NOTE) |
    (request.reference === undefined ? 0 : FLAG_REFERENCE) |
    (request.cancelledMs === undefined ? 0 : FLAG_CANCELLED);
  const writer = new Writer(128).u8(REQUEST_VERSION).u8(flags).fixed(parseHex(request.id), ID_SIZE);
  writer.u32(request.sequence).u32(request.addressIndex).u64(request.createdMs);
  if (request.amount !== undefined) writer.u64(request.amount);
  if (request.expiresMs !== undefined) writer.u64(request.expiresMs);
  for (const text of [request.note, request.reference]) if (text !== undefined) writeText(writer, text);
  if (request.cancelledMs !== undefined) writer.u64(request.cancelledMs);
  return writer.finish();
}

/** The inverse of {@link encodeOwnRequest}. */
export function decodeOwnRequest(bytes: Uint8Array): OwnRequest {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== REQUEST_VERSION) throw new DecodeError(`record version ${version}`);
    const flags = reader.u8();
    if (flags > FLAGS_ALL) throw new DecodeError(`request flags ${flags}`);
    const has = (flag: number): boolean => (flags & flag) !== 0;
    return {
      id: formatHex(reader.bytes(ID_SIZE)),
      sequence: reader.u32(),
      addressIndex: reader.u32(),
      createdMs: readTime(reader),
      amount: has(FLAG_AMOUNT) ? readAmount(reader) : undefined,
      expiresMs: has(FLAG_EXPIRY) ? readTime(reader) : undefined,
      note: has(FLAG_NOTE) ? readText(reader) : undefined,
      reference: has(FLAG_REFERENCE) ? readText(reader) : undefined,
      cancelledMs: has(FLAG_CANCELLED) ? readTime(reader) : undefined,
    };
  });
}

function writeText(writer: Writer, text: string): void {
  const bytes = encodeUtf8(text);
  writer.u8(bytes.length).bytes(bytes);
}

function readText(reader: Reader): string {
  const size = reader.u8();
  if (size > REQUEST_TEXT_BYTES_MAX) throw new DecodeError(`text of ${size} bytes`);
  return decodeUtf8(reader.bytes(size));
}

const keyOf = ({ sequence }: OwnRequest): string => REQUEST_PREFIX + sequence.toString().padStart(KEY_DIGITS, "0");

/** The records that differ between two states. */
export function diffRequests(before: Requests | undefined, after: Requests): RecordChanges {
  if (before === after) return { puts: [], deletes: [] };
  const changed = [...after.values()].filter((request) => before?.get(request.id) !== request);
  const gone = [...(before?.values() ?? [])].filter((request) => !after.has(request.id));
  return {
    puts: changed.map((request) => ({ key: keyOf(request), bytes: encodeOwnRequest(request) })),
    deletes: gone.map(keyOf),
  };
}

/** What a store holds of them, oldest first. Throws DecodeError for a damaged record. */
export function readRequests(records: readonly StoredRecord[]): Requests {
  const requests = records.filter(({ key }) => isRequestRecord(key)).map(({ bytes }) => decodeOwnRequest(bytes));
  requests.sort((left, right) => left.sequence - right.sequence);
  return new Map(requests.map((request) => [request.id, request]));
}
