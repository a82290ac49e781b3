/** What a child process tells the one that started it, once. */
export interface ChildMessage {
  readonly type: "listening";
  /** Undefined without a JSON-RPC port. */
  readonly rpc: string | undefined;
  readonly addresses: readonly string[];
  /** Name of the curve backend. */
  readonly backend: string;
}

/** Does nothing in a process that nobody waits for. */
export function tellParent(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

/**
 * Settles at Ctrl-C, at SIGTERM, and when the process that started this one is gone: a node of a devnet must not
 * outlive it.
 */
export function untilStopped(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(undefined));
    if (process.send === undefined) return;
    if (!process.connected) resolve(undefined);
    process.once("disconnect", () => resolve(undefined));
  });
}
