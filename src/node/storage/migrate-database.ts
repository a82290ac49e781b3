import type { ClassicLevel } from "classic-level";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeHeader, isBoundary } from "../../core/chain/header.ts";
import { META } from "./commit-operations.ts";
import { heightKey, KEY_SPACE, metaKey, type StoreOperation } from "./key-spaces.ts";
import { plainBytes } from "./plain-bytes.ts";

/** Version of the keys and records of a database. A later version migrates; an older program refuses. */
export const FORMAT_VERSION = 2;

/**
 * 1 → 2: the list of boundaries, and from the next one on their states. An older program would go on without a
 * journal, hence the new number. One batch: a kill leaves version 1, and the next start begins again.
 */
export async function migrateDatabase(database: ClassicLevel<Uint8Array, Uint8Array>): Promise<void> {
  const operations: StoreOperation[] = [];
  const headers = { gte: heightKey(KEY_SPACE.header, 0), lt: Uint8Array.of(KEY_SPACE.header + 1) };
  for await (const bytes of database.values(headers)) {
    const header = decodeHeader(plainBytes(bytes));
    if (!isBoundary(header)) continue;
    const value = new Writer(5).u40(header.nextLeaf).finish();
    operations.push({ type: "put", key: heightKey(KEY_SPACE.boundary, header.height), value });
  }
  operations.push({ type: "put", key: metaKey(META.version), value: Uint8Array.of(FORMAT_VERSION) });
  await database.batch(operations, { sync: true });
}
