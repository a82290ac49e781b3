/** The part of the Trusted Types API that is used; the compiler's library does not know it yet. */
interface PolicyFactory {
  createPolicy(name: "default", rules: { readonly createScriptURL: (url: string) => string }): unknown;
}

const WORKER_PATHS = [
  /^\/assets\/crypto\.worker-[\w-]+\.js$/,
  // The development server serves the source itself.
  /^\/workers\/crypto\.worker\.ts$/,
];

/** True for the address of our crypto worker on our own origin. */
export function isCryptoWorkerUrl(url: string, origin: string): boolean {
  const { origin: itsOrigin, pathname } = new URL(url, origin);
  return itsOrigin === origin && WORKER_PATHS.some((path) => path.test(pathname));
}

/**
 * Lets the client worker start crypto workers and nothing else, where the content security policy asks for trusted
 * types. It is the default policy, since bundlers find a worker only where its URL stands inside `new Worker(…)`.
 */
export function installWorkerUrlPolicy(
  origin: string,
  factory = (globalThis as { readonly trustedTypes?: PolicyFactory }).trustedTypes,
): void {
  factory?.createPolicy("default", {
    createScriptURL(url) {
      if (!isCryptoWorkerUrl(url, origin)) throw new TypeError("not a worker of this app");
      return url;
    },
  });
}
