import { blobSizeOf, type SealedBlob } from "../../core/blob/sealed-blob.ts";
import type { BlobWork } from "../../core/blob/blob-work.ts";
import { DecodeError, tryDecode } from "../../core/bytes/decode-error.ts";
import { formatHex, parseHex } from "../../core/bytes/hex.ts";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../../core/bytes/utf8.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { hash } from "../../core/values/hash.ts";
import { timeMs, type TimeMs } from "../../core/values/height.ts";
import type { RecordChanges, StoredRecord } from "../../core/wallet/stored-record.ts";

/** What is to be put, as it was stored before anything of it was sent. */
export interface StoredBlob extends SealedBlob {
  readonly createdMs: TimeMs;
}

/** What one node has heard of it. */
export interface NodeProgress {
  readonly name: string;
  /** It has said that it keeps it. */
  readonly isKept: boolean;
  /** How often the bytes left for it, of {@link UPLOADS_MAX}; as many for one that has no room, and is not asked again. */
  readonly uploads: number;
}

/** How far it has come. */
export interface BlobProgress {
  /** The newest that was found; good for its hour and the ones beside it. */
  readonly work: BlobWork | undefined;
  /** Those that have heard of it, the newest last. */
  readonly nodes: readonly NodeProgress[];
}

export interface OutgoingBlob {
  readonly blob: StoredBlob;
  readonly progress: BlobProgress;
}

export const NO_PROGRESS: BlobProgress = { work: undefined, nodes: [] };
/** A node that takes the bytes so often and never says that it keeps them will not. */
export const UPLOADS_MAX = 8;

const VERSION = 1;
/** The bytes are written once, in a kind of their own: a change of the rest does not write them again. */
const BLOB_PREFIX = "blob/";
const PROGRESS_PREFIX = "blob-put/";
/** Places of a blob may change while it is put; so many names are remembered. */
const NODES_MAX = 16;
const NAME_BYTES_MAX = 128;

export function encodeStoredBlob({ bytes, createdMs }: StoredBlob): Uint8Array {
  return new Writer(9 + bytes.length).u8(VERSION).u64(createdMs).bytes(bytes).finish();
}

export function encodeBlobProgress({ work, nodes }: BlobProgress): Uint8Array {
  const writer = new Writer(256).u8(VERSION).u8(work === undefined ? 0 : 1);
  if (work !== undefined) writer.u64(work.hour).u64(work.nonce);
  const newest = nodes.slice(-NODES_MAX);
  return writer
    .u8(newest.length)
    .list(newest, (out, { name, isKept, uploads }) => {
      const text = encodeUtf8(name);
      out
        .u8(isKept ? 1 : 0)
        .u8(uploads)
        .u8(text.length)
        .bytes(text);
    })
    .finish();
}

/** A blob under the id that its key names; the bytes were compared with it before they were stored. */
export function decodeStoredBlob(id: string, bytes: Uint8Array): StoredBlob {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VERSION) throw new DecodeError(`record version ${version}`);
    const createdMs = timeMs(reader.u53());
    const sealed = reader.bytes(reader.remaining);
    if (blobSizeOf(sealed.length) === undefined || !/^[0-9a-f]{64}$/.test(id)) throw new DecodeError("no blob");
    return { blobId: hash(parseHex(id)), createdMs, bytes: sealed };
  });
}

export function decodeBlobProgress(bytes: Uint8Array): BlobProgress {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VERSION) throw new DecodeError(`record version ${version}`);
    const hasWork = reader.u8();
    if (hasWork > 1) throw new DecodeError(`flag ${hasWork}`);
    const work = hasWork === 1 ? { hour: reader.u53(), nonce: reader.u64() } : undefined;
    const nodes = reader.list(reader.u8(), NODES_MAX, (from): NodeProgress => {
      const [kept, uploads, size] = [from.u8(), from.u8(), from.u8()];
      if (kept > 1 || uploads > UPLOADS_MAX) throw new DecodeError(`flag ${kept}, ${uploads} uploads`);
      if (size > NAME_BYTES_MAX) throw new DecodeError(`name of ${size} bytes`);
      return { name: decodeUtf8(from.bytes(size)), isKept: kept === 1, uploads };
    });
    return { work, nodes };
  });
}

/** How a node stands to it; what it has not heard of yet is nothing. */
export function nodeProgress({ nodes }: BlobProgress, name: string): NodeProgress {
  return nodes.find((node) => node.name === name) ?? { name, isKept: false, uploads: 0 };
}

/** The same with news of one node. */
export function withNode(progress: BlobProgress, node: NodeProgress): BlobProgress {
  return { ...progress, nodes: [...progress.nodes.filter(({ name }) => name !== node.name), node] };
}

/** Nothing more will come of asking it: it has the blob, or will not take it. */
export function isDone({ isKept, uploads }: NodeProgress): boolean {
  return isKept || uploads >= UPLOADS_MAX;
}

/** What is written before the first byte of it leaves. */
export function blobRecords(all: readonly OutgoingBlob[]): RecordChanges {
  const puts = all.flatMap(({ blob, progress }): StoredRecord[] => {
    const id = formatHex(blob.blobId);
    return [{ key: BLOB_PREFIX + id, bytes: encodeStoredBlob(blob) }, progressRecord(id, progress)];
  });
  return { puts, deletes: [] };
}

export function progressRecords({ blob, progress }: OutgoingBlob): RecordChanges {
  return { puts: [progressRecord(formatHex(blob.blobId), progress)], deletes: [] };
}

export function withoutBlob({ blob }: OutgoingBlob): RecordChanges {
  const id = formatHex(blob.blobId);
  return { puts: [], deletes: [BLOB_PREFIX + id, PROGRESS_PREFIX + id] };
}

const progressRecord = (id: string, progress: BlobProgress): StoredRecord => {
  return { key: PROGRESS_PREFIX + id, bytes: encodeBlobProgress(progress) };
};

/** What a store has of them, oldest first. A damaged record is passed over: a picture is not worth an app that stops. */
export function readOutgoingBlobs(records: readonly StoredRecord[]): readonly OutgoingBlob[] {
  const progress = new Map(records.map(({ key, bytes }) => [key, bytes]));
  const found = records.flatMap(({ key, bytes }): OutgoingBlob[] => {
    if (!key.startsWith(BLOB_PREFIX)) return [];
    const id = key.slice(BLOB_PREFIX.length);
    const blob = tryDecode((each) => decodeStoredBlob(id, each), bytes);
    if (!blob.ok) return [];
    const known = progress.get(PROGRESS_PREFIX + id);
    const decoded = known && tryDecode(decodeBlobProgress, known);
    return [{ blob: blob.value, progress: decoded?.ok === true ? decoded.value : NO_PROGRESS }];
  });
  return found.sort((left, right) => left.blob.createdMs - right.blob.createdMs);
}
