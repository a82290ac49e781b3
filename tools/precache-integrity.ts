import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Listed {
  readonly url: string;
}

/**
 * Names for each file of the precache the content that it must have. A browser that is given another one, cut short
 * for example, refuses it: the new version is then not installed, and the old one stays.
 */
export function withIntegrity<T extends Listed>(entries: readonly T[], folder: string): (T & { integrity: string })[] {
  return entries.map((entry) => ({ ...entry, integrity: integrityOf(readFileSync(join(folder, entry.url))) }));
}

/** As the Subresource Integrity specification writes a digest. */
export function integrityOf(bytes: Uint8Array): string {
  return `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
}
