import type { StoreFault } from "../../engine/services/client-store.ts";

/** The one error that leaves `client/storage`. Its message never holds what was to be stored. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: StoreFault;

  constructor(code: StoreFault, cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

// The names are those of DOMException; Firefox reports a full disk under a name of its own.
const CODE_OF_NAME: Readonly<Record<string, StoreFault>> = {
  QuotaExceededError: "storage_full",
  NS_ERROR_FILE_NO_DEVICE_SPACE: "storage_full",
  VersionError: "storage_newer",
  SecurityError: "storage_denied",
  NotAllowedError: "storage_denied",
};

/** Turns what a browser throws into our error. Errors of ours pass through. */
export function storageError(error: unknown, otherwise: StoreFault = "storage_failed"): StorageError {
  if (error instanceof StorageError) return error;
  const name = typeof error === "object" && error !== null && "name" in error ? String(error.name) : "";
  return new StorageError(CODE_OF_NAME[name] ?? otherwise, error);
}
