import type { OpenOptions } from "../../api/client-api.ts";
import { storageError } from "../storage/storage-error.ts";
import { discardWalletStore, type OpenedStore, openLockableStore } from "../storage/wallet-store.ts";

/** Opens the store of this device; what cannot be opened is discarded where a person has asked for that, and only then. */
export async function openStore(
  options: Parameters<typeof openLockableStore>[0],
  { discardBroken, discardLocked, unlock }: OpenOptions,
): Promise<OpenedStore> {
  try {
    const opened = await openLockableStore(unlock === undefined ? options : { ...options, unlock });
    if (opened.ok || discardLocked !== true) return opened;
  } catch (error) {
    if (discardBroken !== true || storageError(error).code !== "storage_broken") throw error;
  }
  await discardWalletStore(options);
  return openLockableStore(options);
}
