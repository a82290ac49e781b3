import { open, rename } from "node:fs/promises";
import { tryDecode } from "../../core/bytes/decode-error.ts";
import { BOOK_BYTES_MAX, decodeAddressBook, encodeAddressBook } from "../../net/peers/address-book-bytes.ts";
import type { KnownAddress } from "../../net/peers/address-book.ts";
import { writePrivateFile } from "./write-private-file.ts";

/**
 * Peers found in earlier runs. A damaged file is set aside, so that somebody may look into it, and the node starts with
 * those it was told to dial: it needs no more than one.
 */
export async function readPeerFile(path: string, log: (line: string) => void): Promise<readonly KnownAddress[]> {
  const bytes = await readBounded(path);
  if (bytes === undefined) return [];
  const decoded = tryDecode(decodeAddressBook, bytes);
  if (decoded.ok) return decoded.value;
  await rename(path, `${path}.damaged`);
  log("peers of earlier runs set aside [peer_file_damaged]");
  return [];
}

/** Replaces the file, wholly or not at all. */
export async function writePeerFile(path: string, known: readonly KnownAddress[]): Promise<void> {
  await writePrivateFile(path, encodeAddressBook(known));
}

/** A byte more than the largest book is enough to refuse it. */
async function readBounded(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, "r").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const buffer = new Uint8Array(BOOK_BYTES_MAX + 1);
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, size, buffer.length - size, size);
      size += bytesRead;
      if (bytesRead === 0 || size === buffer.length) return buffer.slice(0, size);
    }
  } finally {
    await file.close();
  }
}
