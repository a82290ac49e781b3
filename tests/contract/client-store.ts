import type { ClientStore } from "../../src/engine/services/client-store.ts";
import type { RecordChanges, StoredRecord } from "../../src/core/wallet/stored-record.ts";

/** What every store of a client must do. The suite knows no test runner: it also runs inside a page. */
export interface StoreCase {
  readonly name: string;
  /** `place` is a name nobody has used. */
  run(place: string): Promise<void>;
}

/** One implementation: how a place is opened, and the code of an error of it. */
export interface StorePlatform {
  open(place: string): Promise<ClientStore>;
  codeOf(error: unknown): string;
}

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const put = (key: string, value: Uint8Array): StoredRecord => ({ key, bytes: value });
export const puts = (...records: readonly StoredRecord[]): RecordChanges => ({ puts: records, deletes: [] });

export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

export function same(left: Uint8Array | undefined, right: Uint8Array | undefined, what: string): void {
  check(String(left) === String(right), `${what}: ${String(left)} is not ${String(right)}`);
}

export function notes(store: ClientStore): readonly StoredRecord[] {
  return store.records().filter(({ key }) => key.startsWith("note/"));
}

/** Asks that work is refused under this code. */
export async function refused(platform: StorePlatform, work: Promise<unknown>, code: string): Promise<void> {
  const result = await work.then(
    () => "done",
    (error: unknown) => platform.codeOf(error),
  );
  check(result === code, `expected ${code}, got ${result}`);
}

/** The cases every implementation passes. */
export function clientStoreCases(platform: StorePlatform): readonly StoreCase[] {
  const open = (place: string): Promise<ClientStore> => platform.open(place);
  const reopen = async (store: ClientStore, place: string): Promise<ClientStore> => {
    await store.close();
    return open(place);
  };
  return [
    {
      name: "gives back after a restart what was written",
      async run(place) {
        let store = await open(place);
        check(store.secrets() === undefined && store.records().length === 0, "a new store is empty");
        await store.putSecrets(bytes(1, 2, 3));
        await store.write(puts(put("note/a", bytes(1)), put("note/b", bytes(2)), put("header/a", bytes(3))));
        await store.write({ puts: [put("note/a", bytes(9))], deletes: ["note/b", "note/never"] });
        store = await reopen(store, place);
        same(store.secrets(), bytes(1, 2, 3), "secrets");
        same(store.record("note/a"), bytes(9), "note a");
        same(store.record("note/b"), undefined, "note b");
        same(store.record("header/a"), bytes(3), "header a");
        check(notes(store).length === 1, "one note");
        await store.close();
      },
    },
    {
      name: "gives back what it had room for, among what it must have",
      async run(place) {
        let store = await open(place);
        await store.write(puts(put("note/a", bytes(1))));
        const isStored = store.writeIfRoom({
          puts: [put("blob/a", bytes(7)), put("note/b", bytes(2))],
          deletes: ["note/a"],
        });
        const later = store.write(puts(put("blob/a", bytes(8))));
        check(await isStored, "there is room");
        await later;
        store = await reopen(store, place);
        same(store.record("blob/a"), bytes(8), "the later one");
        same(store.record("note/b"), bytes(2), "note b");
        same(store.record("note/a"), undefined, "note a");
        await store.close();
      },
    },
    {
      name: "packs thousands of records and takes them apart again",
      async run(place) {
        let store = await open(place);
        const keys = Array.from({ length: 2_500 }, (_, index) => `header/${index}`);
        await store.write(puts(...keys.map((key, index) => put(key, bytes(index & 255, index >> 8)))));
        await store.write({ puts: [], deletes: keys.filter((_, index) => index % 3 === 0) });
        store = await reopen(store, place);
        check(store.records().length === 1_666, `1666 records, not ${store.records().length}`);
        same(store.record("header/2498"), bytes(2498 & 255, 2498 >> 8), "a late one");
        same(store.record("header/2499"), undefined, "a dropped one");
        await store.write({ puts: [], deletes: store.records().map(({ key }) => key) });
        store = await reopen(store, place);
        check(store.records().length === 0, "all gone");
        await store.close();
      },
    },
    {
      name: "writes reach the disk in the order they were asked for, also those before a close",
      async run(place) {
        const first = await open(place);
        const writes = Array.from({ length: 40 }, (_, index) => {
          // Large and small in turn: sealing the large ones takes longer.
          return first.write(puts(put("note/a", new Uint8Array(index % 2 === 0 ? 200_000 : 1).fill(index))));
        });
        const closed = first.close();
        await refused(platform, first.write(puts(put("note/late", bytes(1)))), "stale");
        await Promise.all([...writes, closed]);
        const store = await open(place);
        same(store.record("note/a"), bytes(39), "the last one");
        same(store.record("note/late"), undefined, "what came after the close");
        await store.close();
      },
    },
    {
      name: "forgetting the records of a chain keeps the secrets",
      async run(place) {
        let store = await open(place);
        await store.putSecrets(bytes(1, 2, 3));
        await store.write(puts(put("note/a", bytes(1)), put("header/a", bytes(1))));
        await store.forgetRecords([]);
        check(store.records().length === 0, "no record of the old network");
        await store.write(puts(put("note/b", bytes(2))));
        store = await reopen(store, place);
        same(store.secrets(), bytes(1, 2, 3), "secrets");
        check(store.records().length === 1 && notes(store).length === 1, "only the new note");
        await store.close();
      },
    },
    {
      name: "forgetting the records of a chain keeps those that are named, with the same write",
      async run(place) {
        let store = await open(place);
        // Beside one of its own kind, which goes.
        await store.write(puts(put("kept/a", bytes(7)), put("kept/b", bytes(8)), put("note/a", bytes(1))));
        await store.forgetRecords(["kept/a", "kept/none"]);
        same(store.record("kept/a"), bytes(7), "at once");
        check(store.records().length === 1, "nothing else at once");
        store = await reopen(store, place);
        same(store.record("kept/a"), bytes(7), "from the disk");
        check(store.records().length === 1, "nothing else from the disk");
        await store.write(puts(put("kept/a", bytes(9)), put("kept/c", bytes(3))));
        store = await reopen(store, place);
        same(store.record("kept/a"), bytes(9), "changed since");
        check(store.records().length === 2, "and one more");
        await store.close();
      },
    },
    {
      name: "erase leaves nothing and the store goes on",
      async run(place) {
        let store = await open(place);
        await store.putSecrets(bytes(1, 2, 3));
        await store.write(puts(put("note/a", bytes(1))));
        await store.erase();
        check(store.secrets() === undefined && notes(store).length === 0, "empty at once");
        await store.putSecrets(bytes(4));
        store = await reopen(store, place);
        same(store.secrets(), bytes(4), "new secrets");
        check(notes(store).length === 0, "no old note");
        await store.close();
      },
    },
  ];
}
