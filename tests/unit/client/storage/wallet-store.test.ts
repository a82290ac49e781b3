import "fake-indexeddb/auto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { StorageError } from "../../../../src/client/storage/storage-error.ts";
import { openWalletStore } from "../../../../src/client/storage/wallet-store.ts";
import { STORE_CASES } from "../../../contract/indexed-db-store.ts";

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof StorageError ? error.code : error),
  );

let count = 0;
const freshName = (): string => `test-${count++}`;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("the wallet's store over a fake IndexedDB", () => {
  it.each(STORE_CASES)("$name", (storeCase) => storeCase.run(freshName()));
});

describe("storage that refuses", () => {
  function failPuts(name: string, after: number): void {
    let puts = 0;
    const put = Reflect.get(IDBObjectStore.prototype, "put") as (
      value: unknown,
      key?: IDBValidKey,
    ) => IDBRequest<IDBValidKey>;
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, value, key) {
      if (puts++ >= after) throw new DOMException("no room", name);
      return put.call(this, value, key);
    });
  }

  it("a full disk is storage_full and leaves no half of a step behind", async () => {
    const name = freshName();
    const store = await openWalletStore({ name });
    await store.write({ puts: [{ key: "note/a", bytes: Uint8Array.of(1) }], deletes: [] });
    failPuts("QuotaExceededError", 1);
    const step = ["note/b", "header/b"].map((key) => ({ key, bytes: Uint8Array.of(2) }));
    expect(await codeOf(store.write({ puts: step, deletes: [] }))).toBe("storage_full");
    vi.restoreAllMocks();
    // Memory is ahead of the disk now: nothing more may be written over it.
    expect(await codeOf(store.write({ puts: [], deletes: [] }))).toBe("storage_full");
    await store.close();
    const reopened = await openWalletStore({ name });
    expect(reopened.records().map(({ key }) => key)).toEqual(["note/a"]);
    await reopened.close();
  });

  it("secrets that found no room may be tried again", async () => {
    const store = await openWalletStore({ name: freshName() });
    failPuts("QuotaExceededError", 0);
    expect(await codeOf(store.putSecrets(Uint8Array.of(1)))).toBe("storage_full");
    expect(store.secrets()).toBeUndefined();
    vi.restoreAllMocks();
    await store.putSecrets(Uint8Array.of(1));
    expect(store.secrets()).toEqual(Uint8Array.of(1));
    await store.close();
  });

  it("no IndexedDB, or one that is forbidden, is storage_denied", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("not for you", "SecurityError");
    });
    expect(await codeOf(openWalletStore({ name: freshName() }))).toBe("storage_denied");
    vi.restoreAllMocks();
    const kept = globalThis.indexedDB;
    Reflect.deleteProperty(globalThis, "indexedDB");
    expect(await codeOf(openWalletStore({ name: freshName() }))).toBe("storage_denied");
    Object.defineProperty(globalThis, "indexedDB", { value: kept, configurable: true, writable: true });
  });

  it("no WebCrypto is no_crypto, never a plain store", async () => {
    const name = freshName();
    vi.stubGlobal("crypto", {});
    expect(await codeOf(openWalletStore({ name }))).toBe("no_crypto");
    vi.unstubAllGlobals();
    const store = await openWalletStore({ name });
    expect(store.secrets()).toBeUndefined();
    await store.close();
  });
});
