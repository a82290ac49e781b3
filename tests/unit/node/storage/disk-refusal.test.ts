import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { height } from "../../../../src/core/values/height.ts";
import { Refusal } from "../../../../src/node/refusal.ts";
import { refusalOfDisk } from "../../../../src/node/storage/disk-refusal.ts";
import { openLevelStore } from "../../../../src/node/storage/level-store.ts";
import { openSignerFile } from "../../../../src/node/storage/signer-file.ts";
import { hashOf } from "../../../support/block-commits.ts";
import { limitFileSize } from "../../../support/file-size-limit.ts";

let directory: string;

const codeOf = (error: unknown): unknown => {
  const refusal = refusalOfDisk(error);
  return refusal instanceof Refusal ? refusal.code : refusal;
};
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const databaseError = (text: string): Error => Object.assign(new Error(text), { code: "LEVEL_IO_ERROR" });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stegos-full-"));
});

afterEach(async () => {
  limitFileSize(process.pid, "unlimited");
  await rm(directory, { recursive: true, force: true });
});

describe("what a disk does, by name", () => {
  it("[CO-14] a full one refuses the log, and what the database holds is whole when it is opened again", async () => {
    const path = join(directory, "database");
    const store = await openLevelStore(path);
    const entry = new Uint8Array(2_000).fill(1);
    await store.appendLog(height(1), [entry]);
    limitFileSize(process.pid, 3_000);
    expect(codeOf(await failureOf(store.appendLog(height(1), [entry])))).toBe("disk_full");
    await store.close();
    limitFileSize(process.pid, 16);
    expect(codeOf(await failureOf(openLevelStore(path)))).toBe("disk_full");
    limitFileSize(process.pid, "unlimited");
    const again = await openLevelStore(path);
    expect(await again.log(height(1))).toEqual([entry]);
    await again.close();
  });

  it("[CO-14] a full one refuses a claim, grants none after it, and keeps those from before", async () => {
    const path = join(directory, "signer");
    const file = await openSignerFile(path);
    const record = { height: height(1), round: 0, type: "prevote", hash: hashOf("vote", 1) } as const;
    expect(await file.claim(record)).toBe(true);
    // Room for half a record.
    limitFileSize(process.pid, 8 + 49 + 20);
    const next = { ...record, round: 1 };
    expect(codeOf(await failureOf(file.claim(next)))).toBe("disk_full");
    limitFileSize(process.pid, "unlimited");
    await expect(file.claim(next)).rejects.toThrow();
    await file.close();
    const again = await openSignerFile(path);
    expect(again.newest()).toEqual([record]);
    await again.close();
  });

  it.each([
    ["No space left on device", "disk_full"],
    ["Disk quota exceeded", "disk_full"],
    ["Input/output error", "disk_failed"],
    ["Read-only file system", "disk_failed"],
  ])("%s of the database is %s, however deep it lies", (text, code) => {
    const error = databaseError(`IO error: /data/000005.log: ${text}`);
    expect(codeOf(error)).toBe(code);
    expect(codeOf(new Error("Database failed to open", { cause: error }))).toBe(code);
    // Somebody else's text is no fault of the disk.
    expect(codeOf(new Error(text))).toBeInstanceOf(Error);
  });

  it.each([
    ["ENOSPC", "disk_full"],
    ["EDQUOT", "disk_full"],
    ["EIO", "disk_failed"],
    ["EROFS", "disk_failed"],
  ])("%s of a file is %s", (code, expected) => {
    expect(codeOf(Object.assign(new Error("write"), { code }))).toBe(expected);
  });

  it("a device that is full says ENOSPC", async () => {
    expect(codeOf(await failureOf(writeFile("/dev/full", "1")))).toBe("disk_full");
  });

  it.each([
    ["its list of files is not there", "MANIFEST-999999\n"],
    ["it does not say which list", "rubbish"],
  ])("a damaged database is named: %s", async (_, current) => {
    const path = join(directory, "database");
    const store = await openLevelStore(path);
    await store.appendLog(height(1), [new Uint8Array(2_000)]);
    await store.close();
    await writeFile(join(path, "CURRENT"), current);
    expect(codeOf(await failureOf(openLevelStore(path)))).toBe("database_damaged");
  });

  it("leaves refusals and everything else as they are", () => {
    const refusal = new Refusal("other_genesis", "of another genesis");
    const other = new Error("a broken invariant");
    expect([refusalOfDisk(refusal), refusalOfDisk(other), refusalOfDisk(undefined)]).toEqual([
      refusal,
      other,
      undefined,
    ]);
  });
});
