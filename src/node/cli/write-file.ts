import { open, rename, rm } from "node:fs/promises";
import { Refusal } from "../refusal.ts";

/** Makes a new file, wholly or not at all; one that is there already is never overwritten. */
export async function createFile(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, "wx", mode).catch((error: unknown) => {
    throw refusalOfFile(error, path);
  });
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Puts new content in place of a file's old content, wholly or not at all. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}.new`;
  await rm(aside, { force: true });
  await createFile(aside, text, 0o644);
  await rename(aside, path);
}

/** The refusal for a file that cannot be made or read; other errors as they are. */
export function refusalOfFile(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EEXIST") return new Refusal("file_exists", `${path} exists already`);
  if (code === "ENOENT") return new Refusal("file_missing", `${path} cannot be found`);
  if (code === "EACCES" || code === "EPERM") return new Refusal("file_denied", `${path} may not be used`);
  if (code === "ENOTDIR" || code === "EISDIR") return new Refusal("file_missing", `${path} is no file`);
  return error;
}
