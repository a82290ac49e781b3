import { Refusal } from "../refusal.ts";

/** No room on the disk, in a quota, or below a limit on the size of files. */
const FULL_CODES: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
/** The database gives what the system said as text alone: strerror of those three. */
const FULL_TEXT = /No space left on device|Disk quota exceeded|File too large/;
const FAILED_CODES: ReadonlySet<unknown> = new Set(["EIO", "EROFS"]);
const FAILED_TEXT = /Input\/output error|Read-only file system/;
const DAMAGED_CODES: ReadonlySet<unknown> = new Set(["LEVEL_CORRUPTION"]);
/** A file that the database counts on has gone. */
const DAMAGED_TEXT = /No such file or directory/;
/** An error of the database may lie within one or two that say where it happened. */
const CAUSES_MAX = 4;

/**
 * What the disk did, as a refusal: `disk_full` is over once there is room, `disk_failed` and `database_damaged` are
 * not over by themselves. Everything else is given back as it came.
 */
export function refusalOfDisk(error: unknown): unknown {
  if (error instanceof Refusal) return error;
  let cause: unknown = error;
  for (let depth = 0; depth < CAUSES_MAX && cause instanceof Error; depth++) {
    const { code } = cause as NodeJS.ErrnoException;
    if (FULL_CODES.has(code) || isOfDatabase(code, cause, FULL_TEXT))
      return new Refusal("disk_full", "there is no room on the disk");
    if (FAILED_CODES.has(code) || isOfDatabase(code, cause, FAILED_TEXT))
      return new Refusal("disk_failed", "the disk cannot be written or read");
    if (DAMAGED_CODES.has(code) || isOfDatabase(code, cause, DAMAGED_TEXT))
      return new Refusal("database_damaged", "the database is damaged");
    cause = cause.cause;
  }
  return error;
}

function isOfDatabase(code: string | undefined, error: Error, text: RegExp): boolean {
  return code === "LEVEL_IO_ERROR" && text.test(error.message);
}
