/** The client's own database: it has emptied it by itself, and goes on with it. */
const OWN_DATABASE = "stegos";

/**
 * What a first visit leaves, the same for everybody who has this version: its public files and their list. With them
 * the page that erased a wallet can go on, offline as well, with another.
 */
const PUBLIC_CACHES = /precache|^file-list$/;

/** What a browser keeps for this origin beside the client's database; parts that it lacks, or forbids, are passed over. */
export interface OriginStores {
  readonly indexedDB: IDBFactory | undefined;
  readonly caches: CacheStorage | undefined;
  readonly storages: readonly (() => Storage)[];
}

/** Those of a page. */
export function originStoresOf(page: Window & typeof globalThis): OriginStores {
  const { indexedDB, caches } = page as Partial<Window & typeof globalThis>;
  return { indexedDB, caches, storages: [() => page.localStorage, () => page.sessionStorage] };
}

/** Removes what the use of the app has left in this browser. Its own public files stay. */
export async function wipeOrigin({ indexedDB, caches, storages }: OriginStores): Promise<void> {
  await Promise.allSettled([clearStorages(storages), wipeDatabases(indexedDB), wipeCaches(caches)]);
}

function clearStorages(storages: OriginStores["storages"]): Promise<void> {
  for (const open of storages) {
    // Reading the property alone throws where the browser forbids storage.
    try {
      open().clear();
    } catch {
      // Nothing is kept there then.
    }
  }
  return Promise.resolve();
}

async function wipeDatabases(factory: IDBFactory | undefined): Promise<void> {
  const found = (await factory?.databases()) ?? [];
  for (const { name } of found) if (name !== undefined && name !== OWN_DATABASE) factory?.deleteDatabase(name);
}

async function wipeCaches(caches: CacheStorage | undefined): Promise<void> {
  const names = (await caches?.keys()) ?? [];
  for (const name of names) if (!PUBLIC_CACHES.test(name)) await caches?.delete(name);
}
