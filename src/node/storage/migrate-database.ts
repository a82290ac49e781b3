import type { ClassicLevel } from "classic-level";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeCompactBlock } from "../../core/chain/compact-block.ts";
import { decodeHeader, isBoundary } from "../../core/chain/header.ts";
import { leafIndex } from "../../core/values/height.ts";
import { Refusal } from "../refusal.ts";
import { META, publicPaymentOperations } from "./commit-operations.ts";
import { heightKey, KEY_SPACE, leafKey, metaKey, type StoreOperation } from "./key-spaces.ts";
import { decodeLeafRecord } from "./leaf-record-bytes.ts";
import { plainBytes } from "./plain-bytes.ts";

/** Version of the keys and records of a database. A later version migrates; an older program refuses. */
export const FORMAT_VERSION = 10;
/** Listed every live packet in its tip; only programs that were never released wrote it. */
const UNRELEASED_VERSION = 9;

/** Migrates an older database; refuses one that this program cannot read, by name. */
export async function bringUpToDate(database: ClassicLevel<Uint8Array, Uint8Array>): Promise<void> {
  const version = database.getSync(metaKey(META.version))?.[0];
  if (version === FORMAT_VERSION) return;
  if (version !== undefined && version > FORMAT_VERSION)
    throw new Refusal("database_newer", "the database was written by a newer version of this program");
  if (version === UNRELEASED_VERSION)
    throw new Refusal("database_unreleased", "the database was written between two versions of this program");
  await migrateDatabase(database, version);
}

/**
 * 1 → 2: the list of boundaries, and from the next one on their states. An older program would go on without a
 * journal, hence the new number. 2 → 3: public payments by recipient. 3 → 4: halves of tiles,
 * written with the tiles as they change. 4 → 5: a record of each tile, written likewise. 5 → 6: cores of spent outputs
 * alone, and with each new block the ids of its transactions; places of older ones are not found when their blocks go.
 * 6 → 7: payloads of live outputs outlive the window; an older program would never find those behind it. 7 → 8: blocks
 * without what is stored beside them, which it could not read; older ones stay whole until they go. 8 → 10: red packets,
 * which it does not know. One batch: a kill leaves the old version, and the next start begins again.
 */
async function migrateDatabase(
  database: ClassicLevel<Uint8Array, Uint8Array>,
  version: number | undefined,
): Promise<void> {
  const operations = version === undefined || version >= 6 ? [] : await listedOperations(database);
  operations.push({ type: "put", key: metaKey(META.version), value: Uint8Array.of(FORMAT_VERSION) });
  await database.batch(operations, { sync: true });
}

/** What versions before 6 did not list. */
async function listedOperations(database: ClassicLevel<Uint8Array, Uint8Array>): Promise<StoreOperation[]> {
  const operations: StoreOperation[] = [];
  const headers = { gte: heightKey(KEY_SPACE.header, 0), lt: Uint8Array.of(KEY_SPACE.header + 1) };
  for await (const bytes of database.values(headers)) {
    const header = decodeHeader(plainBytes(bytes));
    if (!isBoundary(header)) continue;
    const value = new Writer(5).u40(header.nextLeaf).finish();
    operations.push({ type: "put", key: heightKey(KEY_SPACE.boundary, header.height), value });
  }
  operations.push(...(await listPublicPayments(database)));
  return operations;
}

/** From the compact blocks, which know where each output was made, and the cores. */
async function listPublicPayments(database: ClassicLevel<Uint8Array, Uint8Array>): Promise<StoreOperation[]> {
  const operations: StoreOperation[] = [];
  const blocks = { gte: heightKey(KEY_SPACE.compact, 0), lt: Uint8Array.of(KEY_SPACE.compact + 1) };
  for await (const bytes of database.values(blocks)) {
    const { height, firstLeaf, entries } = decodeCompactBlock(plainBytes(bytes));
    for (let leaf = firstLeaf; leaf < firstLeaf + entries.length; leaf++) {
      const live = database.getSync(leafKey(KEY_SPACE.leaf, leaf));
      const core = live === undefined ? database.getSync(leafKey(KEY_SPACE.core, leaf)) : coreOf(live);
      if (core !== undefined) operations.push(...publicPaymentOperations(leafIndex(leaf), plainBytes(core), height));
    }
  }
  return operations;
}

const coreOf = (record: Uint8Array): Uint8Array => decodeLeafRecord(plainBytes(record)).core;
