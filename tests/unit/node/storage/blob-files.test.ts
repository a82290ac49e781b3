import { mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { BlobStore } from "../../../../src/core/ports/blob-store.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { openBlobFiles } from "../../../../src/node/storage/blob-files.ts";
import { blobOf } from "../../../contract/blob-store.ts";
import { limitFileSize } from "../../../support/file-size-limit.ts";

const now = timeMs(1_700_000_000_000);
const first = blobOf(1);
const name = `0001700000000000-${formatHex(first.blobId)}-4112`;

describe("blobs as files", () => {
  let directory: string;
  let store: BlobStore;
  const open = async (): Promise<void> => {
    store = await openBlobFiles({ directory: join(directory, "blobs"), ttlMs: 600_000, quotaBytes: 1_000_000 });
  };
  const files = (): Promise<readonly string[]> => readdir(join(directory, "blobs"));
  const put = (file: string, bytes: Uint8Array = first.bytes) => writeFile(join(directory, "blobs", file), bytes);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-blobs-"));
    await open();
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  it("[MS-13] are one file each, named by age, id and size, which nobody else may read", async () => {
    await store.keep(first.blobId, first.bytes, now);
    expect(await files()).toEqual([name]);
    expect((await stat(join(directory, "blobs", name))).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, "blobs"))).mode & 0o777).toBe(0o700);
    await store.renew(first.blobId, timeMs(now + 60_000));
    expect(await files()).toEqual([name.replace("1700000000000", "1700000060000")]);
    await store.prune(timeMs(now + 1_000_000));
    expect(await files()).toEqual([]);
  });

  it("[MS-13] are found as a power cut leaves them: what was unfinished goes, of two of an id the older", async () => {
    await put(`${name}.new`, first.bytes.subarray(0, 100));
    await put(name);
    await put(name.replace("1700000000000", "1699999999990"));
    const between = name.replace("1700000000000", "1699999999995").replace(formatHex(first.blobId), "ab".repeat(32));
    await put(between);
    await open();
    expect(await files()).toEqual([between, name]);
    expect(store.holdings()).toEqual({ count: 2, bytes: 16_384 });
    expect(await store.read(first.blobId, now)).toEqual(first.bytes);
    // By the younger name it is the younger blob.
    await store.close();
    store = await openBlobFiles({ directory: join(directory, "blobs"), ttlMs: 600_000, quotaBytes: 8_192 });
    await store.prune(now);
    expect(await files()).toEqual([name]);
  });

  it("[MS-13] leave no file behind when one whose time is over comes anew", async () => {
    await store.keep(first.blobId, first.bytes, now);
    await store.keep(first.blobId, first.bytes, timeMs(now + 600_000));
    expect(await files()).toEqual([name.replace("1700000000000", "1700000600000")]);
  });

  it("leave alone what is no blob, and count it nowhere", async () => {
    const strange = [
      "lost+found",
      name.replace("4112", "4113"),
      name.replace("-4112", "-9999999"),
      name.toUpperCase(),
      name.replace(/^\d+/, "9999999999999999"),
    ];
    for (const file of strange) await put(file);
    await open();
    expect(store.holdings().count).toBe(0);
    expect([...(await files())].sort()).toEqual([...strange].sort());
  });

  it("are gone when somebody has taken a file away or cut it", async () => {
    const second = blobOf(2);
    await store.keep(first.blobId, first.bytes, now);
    await store.keep(second.blobId, second.bytes, now);
    await rm(join(directory, "blobs", name));
    await truncate(join(directory, "blobs", name.replace(formatHex(first.blobId), formatHex(second.blobId))), 100);
    for (const { blobId } of [first, second]) {
      expect(await store.read(blobId, now)).toBeUndefined();
      expect(store.sizeOf(blobId, now)).toBeUndefined();
    }
    expect(await files()).toEqual([]);
  });

  it("stay while they are renewed and read at once", async () => {
    await store.keep(first.blobId, first.bytes, now);
    for (let round = 1; round <= 200; round++) {
      const later = timeMs(now + 60_000 * round);
      const reads = Array.from({ length: 4 }, () => store.read(first.blobId, later));
      expect(await Promise.all([store.renew(first.blobId, later), ...reads])).toEqual([
        true,
        ...reads.map(() => first.bytes),
      ]);
    }
    expect(await files()).toEqual([name.replace("1700000000000", "1700012000000")]);
  });

  it("stay when they are put by two at once, also where the disk is full by then", async () => {
    await store.keep(first.blobId, first.bytes, now);
    limitFileSize(process.pid, 100);
    try {
      expect(await store.keep(first.blobId, first.bytes, timeMs(now + 1))).toBe(true);
    } finally {
      limitFileSize(process.pid, "unlimited");
    }
    expect(await files()).toEqual([name]);
    expect(await store.read(first.blobId, now)).toEqual(first.bytes);
  });

  it("are put anew after somebody has taken the file away", async () => {
    await store.keep(first.blobId, first.bytes, now);
    await rm(join(directory, "blobs", name));
    expect(await store.renew(first.blobId, timeMs(now + 60_000))).toBe(false);
    expect(store.holdings()).toEqual({ count: 0, bytes: 0 });
    expect(await store.keep(first.blobId, first.bytes, timeMs(now + 60_000))).toBe(true);
    expect(await store.read(first.blobId, timeMs(now + 60_000))).toEqual(first.bytes);
  });

  it("stay as they were when the disk is full, and take the next one once there is room", async () => {
    const large = blobOf(3, 20_000);
    await store.keep(first.blobId, first.bytes, now);
    limitFileSize(process.pid, 16_384);
    try {
      await expect(store.keep(large.blobId, large.bytes, now)).rejects.toThrow();
    } finally {
      limitFileSize(process.pid, "unlimited");
    }
    expect(await files()).toEqual([name]);
    expect(store.holdings()).toEqual({ count: 1, bytes: 8_192 });
    expect(await store.keep(large.blobId, large.bytes, now)).toBe(true);
    expect(await store.read(large.blobId, now)).toEqual(large.bytes);
  });
});
