import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Puts a file in place of the old one, wholly or not at all; durable when it resolves. Readable by its owner alone. */
export async function replaceDurably(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.new`;
  try {
    const file = await open(aside, "w", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes names of a folder durable: what was renamed, made or removed in it. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
