/** Something that may be used once it has been loaded. */
export interface Later<Library extends object> {
  readonly library: Library;
  /** Loads it, or rejects; called again it goes on from there. */
  readonly load: () => Promise<void>;
}

/**
 * What is stored shows without a curve or a certificate, and their libraries are almost half of the client's script: they
 * are loaded after the last balance. Using one earlier is our own mistake and throws.
 */
export function later<Library extends object>(name: string, open: () => Promise<Library>): Later<Library> {
  let loaded: Library | undefined;
  let loading: Promise<void> | undefined;
  return {
    library: new Proxy({} as Library, {
      get(_target, property): unknown {
        if (loaded === undefined) throw new Error(`${name} is not loaded`);
        return Reflect.get(loaded, property);
      },
    }),
    load() {
      loading ??= open().then(
        (library) => {
          loaded = library;
        },
        (error: unknown) => {
          loading = undefined;
          throw error;
        },
      );
      return loading;
    },
  };
}
