const scope = globalThis as {
  readonly trustedTypes?: { createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): unknown };
};

/** Test pages start workers that the app has not, which its policy would not let them. */
export function allowWorkers(): void {
  scope.trustedTypes?.createPolicy("default", { createScriptURL: (url) => url });
}
