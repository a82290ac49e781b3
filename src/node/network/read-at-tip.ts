import { setTimeout as sleep } from "node:timers/promises";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { Header } from "../../core/chain/header.ts";
import type { LedgerReader } from "../../core/ports/ledger-reader.ts";
import { treeSource, TREE_LEVELS } from "../../core/state/tree.ts";

const TRIES_MAX = 100;
const PAUSE_MS = 5;

/**
 * Reads the ledger as it stands at the tip. A block's batch becomes visible on the database's own thread a moment
 * before the engine knows of it, so what was read counts only if the root was the tip's before and after.
 */
export async function readAtTip<T>(reader: LedgerReader, tip: () => Header, read: (header: Header) => T): Promise<T> {
  const source = treeSource(reader);
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const header = tip();
    const isAtTip = (): boolean => equalBytes(source.node(TREE_LEVELS, 0), header.utxoRoot);
    if (isAtTip()) {
      const value = read(header);
      if (isAtTip()) return value;
    }
    await sleep(PAUSE_MS);
  }
  throw new Error("the ledger did not come to rest at its tip");
}
