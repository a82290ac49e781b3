import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Plugin } from "vite";
import { headersFile } from "./headers-file.ts";

/** The list stands beside the files; what is computed from them cannot be one of them. */
const FILE_LIST = "files.sha256";

/** Every file that is published, as `sha256sum` prints it, sorted by name: a line is the hash, two spaces, the path. */
export function fileList(folder: string): string {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    // What begins with a dot is served to nobody.
    .filter((name) => name !== FILE_LIST && !/(^|\/)\./.test(name))
    .sort();
  return names.map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`).join("");
}

/** One value for all of a build: the SHA-256 of its list, as the app shows it under About. */
export function fingerprintOf(list: string): string {
  return sha256(Buffer.from(list));
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Writes the list once everything else is there, and before it the headers for hosts that take them from a file. */
export function publishedFiles(folder: string): Plugin {
  return {
    name: "published-files",
    enforce: "post",
    apply: "build",
    closeBundle: {
      sequential: true,
      order: "post",
      handler(error) {
        if (error !== undefined) return;
        writeFileSync(join(folder, "_headers"), headersFile());
        writeFileSync(join(folder, FILE_LIST), fileList(folder));
      },
    },
  };
}
