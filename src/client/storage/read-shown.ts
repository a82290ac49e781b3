import { openDB } from "idb";
import type { ShownView } from "../../api/views.ts";
import { decodeShown, SHOWN_KEY } from "../../core/wallet/shown-wallet.ts";
import { unseal } from "./at-rest-key.ts";
import { DATABASE_NAME } from "./database-name.ts";
import { PackedRecords } from "./packed-records.ts";
import { placeOf } from "./places.ts";
import type { ClientSchema, SealedRow } from "./schema.ts";

/**
 * What the page may show while its client is being opened (principle 2 of the product); undefined where there is nothing,
 * where the wallet is locked, and where anything at all is not as it should be: the client will say what. It writes
 * nothing, and takes the database from nobody.
 */
export async function readShown(name = DATABASE_NAME): Promise<ShownView | undefined> {
  try {
    const database = await openDB<ClientSchema>(name, undefined, {
      // There was none: it is not for the page to make one.
      upgrade: (_database, _old, _new, transaction) => {
        transaction.done.catch(() => undefined);
        transaction.abort();
      },
      blocking: (_current, _next, event) => (event.target as IDBDatabase).close(),
    });
    const transaction = database.transaction(["meta", "records"]);
    const meta = transaction.objectStore("meta");
    const [key, lock, row] = await Promise.all([
      meta.get("key") as Promise<CryptoKey | undefined>,
      meta.getKey("lock"),
      transaction.objectStore("records").get([SHOWN_KEY, 0]),
    ]).finally(() => database.close());
    return key === undefined || lock !== undefined || row === undefined ? undefined : await open(key, row);
  } catch {
    return undefined;
  }
}

async function open(key: CryptoKey, row: SealedRow): Promise<ShownView | undefined> {
  const packed = new PackedRecords();
  packed.load(SHOWN_KEY, 0, await unseal(key, placeOf(SHOWN_KEY, 0), row));
  const bytes = packed.get(SHOWN_KEY);
  if (bytes === undefined) return undefined;
  const { balance, wordsSeen, isRestored } = decodeShown(bytes);
  return { balance, wallet: { exists: true, wordsSeen, isRestored } };
}
