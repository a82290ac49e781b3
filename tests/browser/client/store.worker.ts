import { expose } from "comlink";
import { StorageError } from "../../../src/client/storage/storage-error.ts";
import { type LockableStore, openWalletStore } from "../../../src/client/storage/wallet-store.ts";
import { STORE_CASES } from "../../contract/indexed-db-store.ts";

const PARTS = ["note/a", "header/a", "payment/a", "wallet"];

let offered: LockableStore | undefined;

/** What the tests ask of a store inside a worker. */
const tools = {
  names: () => STORE_CASES.map(({ name }) => name),

  async runCase(name: string, database: string): Promise<string> {
    try {
      await STORE_CASES.find((each) => each.name === name)!.run(database);
      return "passed";
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  },

  /** Writes steps until the worker is ended; each step changes several kinds and says so once it is stored. */
  async writeForever(database: string, stored: (step: number) => void): Promise<void> {
    const store = await openWalletStore({ name: database });
    const before = store.record("wallet");
    for (let step = (before === undefined ? 0 : new DataView(before.buffer).getUint32(0)) + 1; ; step++) {
      const bytes = new Uint8Array(20_000);
      new DataView(bytes.buffer).setUint32(0, step);
      await store.write({ puts: PARTS.map((key) => ({ key, bytes })), deletes: [] });
      stored(step);
    }
  },

  /** The steps found in the parts of the newest write. */
  async readSteps(database: string): Promise<readonly number[]> {
    const store = await openWalletStore({ name: database });
    const steps = PARTS.map((key) => {
      const bytes = store.record(key);
      return bytes === undefined ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    });
    await store.close();
    return steps;
  },

  /** Writes until there is no room; gives the code and how many steps had gone well. */
  async fill(database: string): Promise<{ readonly code: string; readonly written: number }> {
    const store = await openWalletStore({ name: database });
    const noise = crypto.getRandomValues(new Uint8Array(60_000));
    const bytes = new Uint8Array(300_000);
    for (let offset = 0; offset < bytes.length; offset += noise.length) bytes.set(noise, offset);
    let code = "room for everything";
    let written = 0;
    for (; written < 200 && code === "room for everything"; written++) {
      const puts = ["note", "other"].map((kind) => ({ key: `${kind}/${written}`, bytes }));
      await store.write({ puts, deletes: [] }).catch((error: unknown) => {
        code = error instanceof StorageError ? error.code : String(error);
        written--;
      });
    }
    await store.close();
    return { code, written };
  },

  /** Offers pictures until there is no room; how many were taken, and whether the last one is nowhere. */
  async offer(database: string): Promise<{ readonly taken: number; readonly isRefused: boolean }> {
    const store = await openWalletStore({ name: database });
    offered = store;
    const bytes = new Uint8Array(300_000);
    for (let offset = 0; offset < bytes.length; offset += 60_000)
      crypto.getRandomValues(bytes.subarray(offset, offset + 60_000));
    const offer = (taken: number) => store.writeIfRoom({ puts: [{ key: `blob/${taken}`, bytes }], deletes: [] });
    let taken = 0;
    while (taken < 200 && (await offer(taken))) taken++;
    return { taken, isRefused: taken < 200 && store.record(`blob/${taken}`) === undefined };
  },

  /** The same store writes what it must, and ends. */
  async goOn(): Promise<void> {
    await offered!.write({ puts: [{ key: "note/a", bytes: Uint8Array.of(1) }], deletes: ["blob/0"] });
    await offered!.close();
  },

  /** Opens once more: the code, or how many records are there. */
  async count(database: string): Promise<number | string> {
    try {
      const store = await openWalletStore({ name: database });
      const { length } = store.records();
      await store.close();
      return length;
    } catch (error) {
      return error instanceof StorageError ? error.code : String(error);
    }
  },
};

export type StoreTools = typeof tools;

expose(tools);
