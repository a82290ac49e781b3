/** The part of the Trusted Types API that is used; the compiler's DOM library does not know it yet. */
interface PolicyFactory {
  createPolicy(name: "default", rules: { createScriptURL(url: string): string }): unknown;
}

const WORKER_PATHS = [
  /^\/service\.worker\.js$/,
  /^\/assets\/(client|media|scan)\.worker-[\w-]+\.js$/,
  // The development server serves the source itself.
  /^\/workers\/(client|media|scan)\.worker\.ts$/,
];

/** True for the addresses of our own workers, on our own origin. */
export function isWorkerUrl(url: string, origin: string): boolean {
  const { origin: itsOrigin, pathname } = new URL(url, origin);
  return itsOrigin === origin && WORKER_PATHS.some((path) => path.test(pathname));
}

/**
 * Lets the page start our workers and nothing else, where the content security policy asks for trusted types. It is
 * the default policy, since bundlers find a worker only where its URL stands directly inside `new Worker(…)`.
 */
export function installWorkerUrlPolicy(origin: string, factory: PolicyFactory | undefined): void {
  factory?.createPolicy("default", {
    createScriptURL(url) {
      if (!isWorkerUrl(url, origin)) throw new TypeError("not a worker of this app");
      return url;
    },
  });
}

/** Undefined in browsers without trusted types. */
export function trustedTypesOf(page: object): PolicyFactory | undefined {
  return (page as { readonly trustedTypes?: PolicyFactory }).trustedTypes;
}
