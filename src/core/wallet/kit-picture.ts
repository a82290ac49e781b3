import { concatBytes } from "../bytes/concat-bytes.ts";
import { equalBytes } from "../bytes/compare-bytes.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";

/** Bytes of a backup file. */
export const KIT_FILE_BYTES_MAX = 1024 * 1024;
/** Parts of a picture that are looked through. */
export const KIT_CHUNKS_MAX = 4_096;
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Ancillary, private, and not safe to copy: a program that changes the picture drops it rather than keep a stale one. */
const KIT_CHUNK = "stGk";
const END_CHUNK = "IEND";
const NAME_SIZE = 4;
const FRAME_SIZE = 12;

interface Chunk {
  readonly name: string;
  readonly start: number;
  readonly data: Uint8Array;
  readonly isWhole: boolean;
}

/** A PNG with a backup inside, before its end. Throws RangeError for other pictures: they are our own. */
export function putKit(picture: Uint8Array, kit: Uint8Array): Uint8Array {
  const chunks = readChunks(picture);
  const end = chunks?.at(-1);
  if (chunks === undefined || end?.name !== END_CHUNK) throw new RangeError("no whole PNG");
  const file = concatBytes(picture.slice(0, end.start), frame(KIT_CHUNK, kit), picture.slice(end.start));
  if (file.length > KIT_FILE_BYTES_MAX) throw new RangeError(`file of ${file.length} bytes`);
  return file;
}

/**
 * The backup inside a file, whoever made the file. too_large, no_picture: not ours · no_kit: a picture without one, such as
 * a copy that was made smaller on its way · damaged: cut or changed.
 */
export function takeKit(
  file: Uint8Array,
):
  | { readonly ok: true; readonly kit: Uint8Array }
  | { readonly ok: false; readonly code: "too_large" | "no_picture" | "no_kit" | "damaged" } {
  if (file.length > KIT_FILE_BYTES_MAX) return { ok: false, code: "too_large" };
  if (!equalBytes(file.slice(0, SIGNATURE.length), SIGNATURE)) return { ok: false, code: "no_picture" };
  const chunks = readChunks(file);
  if (chunks === undefined || chunks.at(-1)?.name !== END_CHUNK) return { ok: false, code: "damaged" };
  const kits = chunks.filter(({ name }) => name === KIT_CHUNK);
  if (kits.length === 0) return { ok: false, code: "no_kit" };
  const kit = kits[0]!;
  if (kits.length > 1 || !kit.isWhole) return { ok: false, code: "damaged" };
  return { ok: true, kit: kit.data };
}

/** The parts from the signature to the end, undefined where they do not fit together. Only our own part is summed. */
function readChunks(file: Uint8Array): readonly Chunk[] | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks: Chunk[] = [];
  let start = SIGNATURE.length;
  while (start < file.length) {
    if (chunks.length === KIT_CHUNKS_MAX || file.length - start < FRAME_SIZE) return undefined;
    const size = view.getUint32(start);
    if (size > file.length - start - FRAME_SIZE) return undefined;
    const dataStart = start + 2 * NAME_SIZE;
    const name = String.fromCharCode(...file.subarray(start + NAME_SIZE, dataStart));
    const data = file.slice(dataStart, dataStart + size);
    const isWhole = name !== KIT_CHUNK || view.getUint32(dataStart + size) === chunkSum(name, data);
    chunks.push({ name, start, data, isWhole });
    start = dataStart + size + NAME_SIZE;
  }
  return chunks;
}

function frame(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_SIZE + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(encodeUtf8(name), NAME_SIZE);
  bytes.set(data, 2 * NAME_SIZE);
  view.setUint32(2 * NAME_SIZE + data.length, chunkSum(name, data));
  return bytes;
}

/** CRC-32 of name and data, as PNG has it (RFC 2083, annex D). */
function chunkSum(name: string, data: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (const byte of concatBytes(encodeUtf8(name), data)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb8_8320 : sum >>> 1;
  }
  return ~sum >>> 0;
}
