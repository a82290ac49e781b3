import { readFile } from "node:fs/promises";
import { Reader } from "../../src/core/bytes/reader.ts";
import { hash } from "../../src/core/values/hash.ts";
import { height } from "../../src/core/values/height.ts";
import { SIGNER_TYPE, type SignerRecord, type SignerType } from "../../src/node/storage/signer-file.ts";

const MAGIC_SIZE = 8;
const CHECKSUM_SIZE = 4;
const RECORD_SIZE = 8 + 4 + 1 + 32 + CHECKSUM_SIZE;
const TYPES = Object.keys(SIGNER_TYPE) as SignerType[];

/**
 * Everything a signer file holds, oldest first, read without touching it: a node may be writing. That is what was
 * signed at the greatest height before the node's start, and all that it signed since.
 */
export async function readSignerRecords(path: string): Promise<readonly SignerRecord[]> {
  const reader = new Reader(new Uint8Array(await readFile(path)));
  reader.bytes(MAGIC_SIZE);
  const records: SignerRecord[] = [];
  while (reader.remaining >= RECORD_SIZE) {
    const place = { height: height(reader.u53()), round: reader.u32(), type: TYPES[reader.u8()]! };
    records.push({ ...place, hash: hash(reader.bytes(32)) });
    reader.bytes(CHECKSUM_SIZE);
  }
  return records;
}
