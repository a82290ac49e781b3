import "fake-indexeddb/auto";
import { expect, it } from "vitest";
import { MIGRATIONS } from "../../../../src/client/storage/migrations/migration.ts";
import { openDatabase } from "../../../../src/client/storage/open-database.ts";

function openRaw(name: string, version: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error("cannot open"));
  });
}

it("lets a newer version of the app in", async () => {
  const closed: string[] = [];
  const database = await openDatabase({ name: "gives-way", onClosed: (why) => closed.push(why) });
  const newer = await openRaw("gives-way", MIGRATIONS.length + 1);
  expect(newer.version).toBe(MIGRATIONS.length + 1);
  expect(() => database.transaction("meta")).toThrow();
  expect(closed).toEqual(["newer"]);
  newer.close();
});

it("lets itself be deleted, and says so", async () => {
  const closed: string[] = [];
  await openDatabase({ name: "deleted", onClosed: (why) => closed.push(why) });
  await new Promise((resolve) => (indexedDB.deleteDatabase("deleted").onsuccess = resolve));
  expect(closed).toEqual(["lost"]);
});

it("says that another tab has it when one of an older version does not let go", async () => {
  const held = await openRaw("blocked", MIGRATIONS.length);
  const migrations = [...MIGRATIONS, () => undefined];
  await expect(openDatabase({ name: "blocked", migrations })).rejects.toMatchObject({ code: "stale" });
  held.close();
  // The late success must not hold the database either.
  const newest = await openRaw("blocked", MIGRATIONS.length + 2);
  newest.close();
});
