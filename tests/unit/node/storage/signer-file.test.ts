import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { height } from "../../../../src/core/values/height.ts";
import {
  openSignerFile,
  type SignerFile,
  type SignerRecord,
  type SignerType,
} from "../../../../src/node/storage/signer-file.ts";
import { hashOf } from "../../../support/block-commits.ts";

const RECORD_SIZE = 49;

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stegos-signer-"));
  path = join(directory, "signer");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const record = (at: number, round: number, type: SignerType, name: number): SignerRecord => ({
  height: height(at),
  round,
  type,
  hash: hashOf("signed", name),
});

/** Opens the file for some claims and closes it again. */
async function withFile<T>(work: (file: SignerFile) => Promise<T>): Promise<T> {
  const file = await openSignerFile(path);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

describe("[CO-14] signer file", () => {
  it("refuses a second, different signature for one place, and grants the same one again", async () => {
    await withFile(async (file) => {
      expect(await file.claim(record(5, 0, "prevote", 1))).toBe(true);
      expect(await file.claim(record(5, 0, "prevote", 1))).toBe(true);
      expect(await file.claim(record(5, 0, "prevote", 2))).toBe(false);
      expect(await file.claim(record(5, 0, "precommit", 2))).toBe(true);
      expect(await file.claim(record(5, 1, "prevote", 2))).toBe(true);
      expect(await file.claim(record(5, 0, "proposal", 3))).toBe(true);
    });
  });

  it("remembers after a restart, whatever became of the consensus log", async () => {
    await withFile((file) => file.claim(record(5, 2, "precommit", 1)));
    await withFile(async (file) => {
      expect(await file.claim(record(5, 2, "precommit", 2))).toBe(false);
      expect(await file.claim(record(5, 2, "precommit", 1))).toBe(true);
      expect(await file.claim(record(5, 3, "precommit", 2))).toBe(true);
    });
    await withFile(async (file) => {
      expect(await file.claim(record(5, 2, "precommit", 2))).toBe(false);
      expect(await file.claim(record(5, 3, "precommit", 1))).toBe(false);
    });
  });

  it("signs nothing below a height it has signed at", async () => {
    await withFile((file) => file.claim(record(9, 0, "prevote", 1)));
    await withFile(async (file) => {
      expect(await file.claim(record(8, 0, "prevote", 1))).toBe(false);
      expect(await file.claim(record(10, 0, "prevote", 1))).toBe(true);
      expect(await file.claim(record(9, 0, "prevote", 1))).toBe(false);
    });
  });

  it("grants one of two different claims made at once", async () => {
    await withFile(async (file) => {
      const claims = [1, 2, 3, 4].map((name) => file.claim(record(1, 0, "prevote", name)));
      expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
    });
  });

  it("drops a last record that a crash tore at any byte, and nothing else", async () => {
    await withFile(async (file) => {
      await file.claim(record(5, 0, "prevote", 1));
      await file.claim(record(5, 0, "precommit", 1));
    });
    const whole = await readFile(path);
    for (let size = whole.length - RECORD_SIZE; size < whole.length; size++) {
      await writeFile(path, whole.subarray(0, size));
      await withFile(async (file) => {
        expect(await file.claim(record(5, 0, "prevote", 2))).toBe(false);
        // It was torn before it was granted, so its place is free.
        expect(await file.claim(record(5, 0, "precommit", 2))).toBe(true);
      });
    }
  });

  it("drops a last record of the right size but wrong content", async () => {
    await withFile(async (file) => {
      await file.claim(record(5, 0, "prevote", 1));
      await file.claim(record(5, 0, "precommit", 1));
    });
    const bytes = await readFile(path);
    bytes[bytes.length - 20]! ^= 1;
    await writeFile(path, bytes);
    await withFile(async (file) => {
      expect(await file.claim(record(5, 0, "prevote", 2))).toBe(false);
      expect(await file.claim(record(5, 0, "precommit", 2))).toBe(true);
    });
  });

  it("refuses to open a file that is damaged before its end, or is no signer file", async () => {
    await withFile(async (file) => {
      await file.claim(record(5, 0, "prevote", 1));
      await file.claim(record(5, 0, "precommit", 1));
    });
    const bytes = await readFile(path);
    const damaged = Buffer.from(bytes);
    damaged[10]! ^= 1;
    await writeFile(path, damaged);
    await expect(openSignerFile(path)).rejects.toMatchObject({ code: "signer_file_damaged" });
    await writeFile(path, "something else altogether");
    await expect(openSignerFile(path)).rejects.toMatchObject({ code: "signer_file_damaged" });
    await truncate(path, 0);
    await expect(openSignerFile(path)).rejects.toMatchObject({ code: "signer_file_damaged" });
  });

  it("stays small: old heights go at the start and when it grows", async () => {
    const file = await openSignerFile(path, 8 + 100 * RECORD_SIZE);
    for (let at = 1; at <= 250; at++) await file.claim(record(at, 0, "prevote", at));
    expect(await file.claim(record(250, 0, "prevote", 1))).toBe(false);
    await file.close();
    expect((await stat(path)).size).toBeLessThanOrEqual(8 + 101 * RECORD_SIZE);
    await withFile(async (reopened) => {
      expect((await stat(path)).size).toBe(8 + RECORD_SIZE);
      expect(await reopened.claim(record(250, 0, "prevote", 1))).toBe(false);
    });
  });

  it("is readable by its owner alone", async () => {
    await withFile((file) => file.claim(record(1, 0, "prevote", 1)));
    expect((await stat(path)).mode & 0o077).toBe(0);
  });
});
