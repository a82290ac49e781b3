import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The folder of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Paths below the repository that match, sorted, with forward slashes. */
export function listFiles(...patterns: readonly string[]): readonly string[] {
  return globSync(patterns, { cwd: ROOT })
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

/** The text of a file named by its path below the repository. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** What a file imports: a path below the repository for our own files, the bare name for packages. */
export function importsOf(path: string): readonly string[] {
  const text = readText(path);
  const code = path.endsWith(".svelte")
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? "").join("\n")
    : text;
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => {
    if (fileName.startsWith(".")) return posix.normalize(posix.join(posix.dirname(path), fileName));
    return fileName.startsWith("/") ? fileName.slice(1) : fileName;
  });
}
