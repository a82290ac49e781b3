/** The client's own database: it has emptied it by itself, and goes on with it. */
const OWN_DATABASE = "stegos";

/** What a browser keeps for this origin beside the client's database; parts that it lacks, or forbids, are passed over. */
export interface OriginStores {
  readonly indexedDB: IDBFactory | undefined;
  readonly caches: CacheStorage | undefined;
  readonly serviceWorker: ServiceWorkerContainer | undefined;
  readonly storages: readonly (() => Storage)[];
}

/** Those of a page. */
export function originStoresOf(page: Window & typeof globalThis): OriginStores {
  const { indexedDB, caches } = page as Partial<Window & typeof globalThis>;
  const { serviceWorker } = page.navigator as Partial<Navigator>;
  return { indexedDB, caches, serviceWorker, storages: [() => page.localStorage, () => page.sessionStorage] };
}

/** Removes everything else that the app has left in this browser, its own files among it: the next visit fetches them. */
export async function wipeOrigin({ indexedDB, caches, serviceWorker, storages }: OriginStores): Promise<void> {
  await Promise.allSettled([
    clearStorages(storages),
    wipeDatabases(indexedDB),
    wipeCaches(caches),
    unregister(serviceWorker),
  ]);
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
  for (const name of names) await caches?.delete(name);
}

async function unregister(container: ServiceWorkerContainer | undefined): Promise<void> {
  const registrations = (await container?.getRegistrations()) ?? [];
  await Promise.all(registrations.map((registration) => registration.unregister()));
}
