import { readFile } from "node:fs/promises";
import { formatHex, parseHex } from "../../core/bytes/hex.ts";
import { Refusal } from "../refusal.ts";
import { createFile, refusalOfFile } from "./write-file.ts";

const KIND = "stegos-validator-key";
const VERSION = 1;
/** vseed of PR-7, in bytes. */
export const VALIDATOR_SEED_SIZE = 32;

/** Writes the vseed of a validator (PR-7), readable by its owner alone. Refuses with `file_exists`. */
export async function writeKeyFile(path: string, seed: Uint8Array): Promise<void> {
  await createFile(
    path,
    `${JSON.stringify({ kind: KIND, version: VERSION, seed: formatHex(seed) }, null, 2)}\n`,
    0o600,
  );
}

/** Reads a file of {@link writeKeyFile}. Refuses with `bad_key_file` whatever else it is. */
export async function readKeyFile(path: string): Promise<Uint8Array> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw refusalOfFile(error, path);
  });
  const seed = parseKey(text);
  if (seed === undefined) throw new Refusal("bad_key_file", `${path} is no validator key`);
  return seed;
}

function parseKey(text: string): Uint8Array | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { kind, version, seed } = parsed as Readonly<Record<string, unknown>>;
  const isSeed = typeof seed === "string" && seed.length === 2 * VALIDATOR_SEED_SIZE && /^[0-9a-f]+$/.test(seed);
  return kind === KIND && version === VERSION && isSeed ? parseHex(seed) : undefined;
}
