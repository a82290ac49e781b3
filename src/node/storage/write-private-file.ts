import { open, rename } from "node:fs/promises";

/** Puts a file that its owner alone may read in place, wholly or not at all. */
export async function writePrivateFile(path: string, content: Uint8Array | string): Promise<void> {
  const aside = `${path}.new`;
  const file = await open(aside, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
}
