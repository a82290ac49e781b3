import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";
import { platformRandom } from "../../../../src/client/crypto/platform-random.ts";
import { LockService } from "../../../../src/client/engine/lock-service.ts";
import { openDatabase } from "../../../../src/client/storage/open-database.ts";
import { readShown } from "../../../../src/client/storage/read-shown.ts";
import { type LockableStore, openWalletStore } from "../../../../src/client/storage/wallet-store.ts";
import { PASSPHRASE_COST_LOG2_MIN } from "../../../../src/core/crypto/key-derivation.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { encodeShown, SHOWN_KEY } from "../../../../src/core/wallet/shown-wallet.ts";

const balance = { total: amount(12_500_000n), usable: amount(2_500_000n) };
const bytes = encodeShown({ balance, wordsSeen: true, isRestored: false });
const SHOWN = { balance, wallet: { exists: true, wordsSeen: true, isRestored: false } };

let count = 0;
const freshName = (): string => `shown ${count++}`;

async function storeWith(name: string, record = bytes): Promise<LockableStore> {
  const store = await openWalletStore({ name });
  await store.putSecrets(new Uint8Array(32));
  await store.write({ puts: [{ key: SHOWN_KEY, bytes: record }], deletes: [] });
  return store;
}

describe("what was last shown", () => {
  it("is read beside the engine that has the store, and takes it from nobody", async () => {
    const name = freshName();
    const store = await storeWith(name);
    expect(await readShown(name)).toEqual(SHOWN);
    await store.write({ puts: [{ key: "note/a", bytes: Uint8Array.of(1) }], deletes: [] });
    await store.close();
    expect(await readShown(name)).toEqual(SHOWN);
  });

  it("[NW-12] is not readable in the database", async () => {
    const name = freshName();
    await (await storeWith(name)).close();
    const database = await openDatabase({ name });
    const row = await database.get("records", [SHOWN_KEY, 0]);
    database.close();
    expect(new Uint8Array(row!.sealed).join(",")).not.toContain(bytes.slice(2, 10).join(","));
  });

  it("[NW-12] is nothing where the wallet is locked, or erased", async () => {
    const name = freshName();
    const store = await storeWith(name);
    const lock = new LockService({ store, random: platformRandom, costLog2: PASSPHRASE_COST_LOG2_MIN });
    expect((await lock.setPin("271828")).ok).toBe(true);
    expect(await readShown(name)).toBeUndefined();
    await store.erase();
    expect(await readShown(name)).toBeUndefined();
    await store.close();
  });

  it("is nothing where there is no database, and makes none", async () => {
    const name = freshName();
    expect(await readShown(name)).toBeUndefined();
    expect((await indexedDB.databases()).map((each) => each.name)).not.toContain(name);
    await (await storeWith(name)).close();
    expect(await readShown(name)).toEqual(SHOWN);
  });

  it("is nothing where the row is damaged, of another place, or of a newer version", async () => {
    const name = freshName();
    await (
      await storeWith(
        name,
        Uint8Array.from(bytes, (byte, at) => (at === 0 ? 9 : byte)),
      )
    ).close();
    expect(await readShown(name)).toBeUndefined();
    const other = freshName();
    const store = await storeWith(other);
    await store.write({ puts: [{ key: "note/a", bytes }], deletes: [] });
    await store.close();
    const database = await openDatabase({ name: other });
    await database.put("records", (await database.get("records", ["note", 0]))!, [SHOWN_KEY, 0]);
    database.close();
    expect(await readShown(other)).toBeUndefined();
  });
});
