import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { peerIdOfIdentity } from "../../../../src/net/host/identity.ts";
import { openIdentityFile } from "../../../../src/node/storage/identity-file.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stegos-identity-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("identity file", () => {
  it("is made once, for its owner alone", async () => {
    const path = join(directory, "identity");
    const made = await openIdentityFile(path);
    expect(peerIdOfIdentity(await openIdentityFile(path))).toBe(peerIdOfIdentity(made));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("is written aside first, so that a crash leaves no half of it", async () => {
    await writeFile(join(directory, "identity.new"), "half");
    const made = await openIdentityFile(join(directory, "identity"));
    expect(peerIdOfIdentity(made)).toMatch(/^12D3KooW/);
    expect(await readdir(directory)).toEqual(["identity"]);
  });
});
