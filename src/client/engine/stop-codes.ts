import type { OpenCode } from "../../api/client-api.ts";
import type { StopCode } from "../../api/events.ts";
import type { ClosedCode } from "../storage/open-database.ts";
import { StorageError, storageError } from "../storage/storage-error.ts";

/** Why the client ends where its database was closed under it. */
export const STOP_OF_CLOSED: Readonly<Record<ClosedCode, StopCode>> = { newer: "storage_newer", lost: "storage_lost" };

/** A write that fails with its database may do so before the database is said to be closed; by then it has been said. */
export const CLOSED_SAID_MS = 200;

/** Why a running client ends. */
export function stopCode(error: unknown): StopCode {
  const { code } = storageError(error);
  if (code === "stale") return "moved_to_other_tab";
  return code === "storage_full" ? code : "storage_failed";
}

/** Why a wallet does not open; what is not about storage is thrown on. */
export function openCode(error: unknown): OpenCode {
  if (!(error instanceof StorageError)) throw error;
  const { code } = error;
  if (code === "stale") return "open_elsewhere";
  // Storage that fails without a reason of its own is storage we do not have.
  return code === "storage_failed" ? "storage_denied" : code;
}
