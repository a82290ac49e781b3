import "fake-indexeddb/auto";
import { expect, it } from "vitest";
import { first } from "../../../../../src/client/storage/migrations/0001-first.ts";
import { openDatabase } from "../../../../../src/client/storage/open-database.ts";
import { openWalletStore } from "../../../../../src/client/storage/wallet-store.ts";

it("0002 keeps a wallet of the shape before, and keeps an app of before out", async () => {
  const name = "migration-0002";
  // The rows of before are those of a wallet without a lock.
  const source = await openWalletStore({ name: "migration-0002 source" });
  await source.putSecrets(Uint8Array.of(1, 2, 3));
  await source.close();
  const copy = await openDatabase({ name: "migration-0002 source" });
  const rows = await Promise.all((["generation", "key", "secrets"] as const).map((key) => copy.get("meta", key)));
  copy.close();
  const old = await openDatabase({ name, migrations: [first] });
  await old.put("meta", rows[0]!, "generation");
  await old.put("meta", rows[1]!, "key");
  await old.put("meta", rows[2]!, "secrets");
  old.close();
  const store = await openWalletStore({ name });
  expect(store.secrets()).toEqual(Uint8Array.of(1, 2, 3));
  await store.close();
  await expect(openDatabase({ name, migrations: [first] })).rejects.toMatchObject({ code: "storage_newer" });
});
