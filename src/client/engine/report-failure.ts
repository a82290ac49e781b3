import { storageError } from "../storage/storage-error.ts";

/** Where it went wrong, for whoever looks into it. Messages may hold amounts and addresses, so they stay out. */
export function reportFailure(error: unknown): void {
  const [name, stack] = error instanceof Error ? [error.name, error.stack ?? ""] : ["unknown", ""];
  const places = stack.split("\n").filter((line) => /^\s+at |@/.test(line));
  console.error(["the engine stopped", name, storageError(error).code, ...places].join("\n"));
}
