import type { StoreFault } from "../../engine/services/client-store.ts";
import { Refusal } from "../refusal.ts";

const MESSAGE: Readonly<Record<StoreFault, string>> = {
  storage_denied: "the wallet's folder may not be used",
  storage_full: "there is no room to store the wallet",
  storage_newer: "a newer version has written in the wallet's folder",
  storage_broken: "the wallet's folder is damaged; nothing was changed. The recovery words bring the coins back",
  no_crypto: "this system lacks what the keys need",
  storage_failed: "the wallet could not be stored",
  stale: "another process has taken over the wallet's folder",
};

const FAULT_OF_ERRNO: Readonly<Record<string, StoreFault>> = {
  EACCES: "storage_denied",
  EPERM: "storage_denied",
  EROFS: "storage_denied",
  ENOTDIR: "storage_denied",
  ENOSPC: "storage_full",
  EDQUOT: "storage_full",
};

/** A store's fault as the command line says it. */
export function storeRefusal(fault: StoreFault): Refusal {
  return new Refusal(fault, MESSAGE[fault]);
}

/** What the system throws, as our refusal; refusals pass through. */
export function refusalOfStore(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return storeRefusal(FAULT_OF_ERRNO[(error as NodeJS.ErrnoException).code ?? ""] ?? "storage_failed");
}
