import "fake-indexeddb/auto";
import { expect, it } from "vitest";
import { first } from "../../../../../src/client/storage/migrations/0001-first.ts";

it("0001 makes the two stores from nothing", async () => {
  const request = indexedDB.open("migration-0001", 1);
  request.onupgradeneeded = () => first(request.result, request.transaction!);
  await new Promise((resolve) => (request.onsuccess = resolve));
  const database = request.result;
  expect([...database.objectStoreNames]).toEqual(["meta", "records"]);
  const transaction = database.transaction(["meta", "records"], "readwrite");
  transaction.objectStore("meta").put(1, "generation");
  transaction.objectStore("records").put({ iv: new Uint8Array(12), sealed: new ArrayBuffer(16) }, ["note", 0]);
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
});
