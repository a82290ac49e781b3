import { readFileSync } from "node:fs";
import { open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { formatHex } from "../../core/bytes/hex.ts";
import { systemRandom } from "../edges.ts";
import { Refusal } from "../refusal.ts";

/** One process at a time may write in a folder. */
export interface DirectoryLock {
  /** False once somebody else has taken the folder: nothing may be written any more. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Who holds a folder. The start of the process tells it from a later one under the same number. */
interface Holder {
  readonly pid: number;
  readonly startedAt: string;
  readonly nonce: string;
}

const LOCK_FILE = "lock";
/** Held for a moment, so that of several who find a dead holder one takes its place. */
const TURN_FILE = "lock.turn";
/** A holder that has said nothing yet is being born; one that stays silent was killed at it. */
const SILENT_MS_MAX = 2_000;

/**
 * Takes a folder, or refuses with `wallet_in_use` while a living process holds it. The lock of a process that was
 * killed holds nobody up.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, LOCK_FILE);
  const own: Holder = { pid: process.pid, startedAt: startOf(process.pid), nonce: formatHex(systemRandom.bytes(16)) };
  if (!(await place(path, own))) await takeOver(directory, path, own);
  const isHeld = async (): Promise<boolean> => (await readHolder(path))?.nonce === own.nonce;
  return {
    isHeld,
    async release() {
      if (await isHeld()) await rm(path, { force: true });
    },
  };
}

async function takeOver(directory: string, path: string, own: Holder): Promise<void> {
  const turn = join(directory, TURN_FILE);
  if (await isAlive(path)) throw inUse();
  if (!(await place(turn, own))) {
    if (await isAlive(turn)) throw inUse();
    await rm(turn, { force: true });
    if (!(await place(turn, own))) throw inUse();
  }
  try {
    // Somebody may have been faster before it was our turn.
    if (await isAlive(path)) throw inUse();
    await rm(path, { force: true });
    if (!(await place(path, own))) throw inUse();
  } finally {
    await rm(turn, { force: true });
  }
}

function inUse(): Refusal {
  return new Refusal("wallet_in_use", "another process has the wallet open");
}

/** False if there is such a file. */
async function place(path: string, holder: Holder): Promise<boolean> {
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  });
  if (file === undefined) return false;
  try {
    await file.writeFile(`${JSON.stringify(holder)}\n`);
    return true;
  } finally {
    await file.close();
  }
}

async function isAlive(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  if (holder === undefined) {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: -Infinity }));
    return Date.now() - mtimeMs < SILENT_MS_MAX;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // Of another user, but there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return holder.startedAt === startOf(holder.pid);
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { pid, startedAt, nonce } = JSON.parse(await readFile(path, "utf8")) as Partial<Holder>;
    const isWhole = Number.isSafeInteger(pid) && pid! > 0 && typeof startedAt === "string" && typeof nonce === "string";
    return isWhole ? { pid: pid!, startedAt: startedAt, nonce: nonce } : undefined;
  } catch {
    return undefined;
  }
}

/** When a process started, where the system says so (Linux); a process that has ended and was not reaped has none. */
function startOf(pid: number): string {
  try {
    // The name in parentheses may hold anything; state is the first field behind it, the start the twentieth.
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}
