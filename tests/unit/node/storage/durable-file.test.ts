import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replaceDurably } from "../../../../src/node/storage/durable-file.ts";

describe("a file that is put in place of another", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-durable-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("is there wholly, and nothing beside it", async () => {
    const path = join(directory, "file");
    await replaceDurably(path, Uint8Array.of(1, 2, 3));
    await replaceDurably(path, Uint8Array.of(4));
    expect(new Uint8Array(await readFile(path))).toEqual(Uint8Array.of(4));
    expect(await readdir(directory)).toEqual(["file"]);
  });

  it("leaves nothing behind where it cannot take its place", async () => {
    const path = join(directory, "folder");
    await mkdir(path);
    await writeFile(join(path, "inside"), "");
    await expect(replaceDurably(path, Uint8Array.of(1))).rejects.toThrow();
    expect(await readdir(directory)).toEqual(["folder"]);
  });
});
