import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeLogEntry } from "../../../src/core/consensus/consensus-log.ts";
import { height } from "../../../src/core/values/height.ts";
import { startSigning, storeWrites } from "../../../src/node/perform-effects.ts";
import { openSignerFile, type SignerFile } from "../../../src/node/storage/signer-file.ts";
import { hashOf } from "../../support/block-commits.ts";
import { MemoryStore } from "../../support/memory-store.ts";

const CHAIN_ID = 1000;
const AT = height(7);

let directory: string;
let file: SignerFile;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stegos-effects-"));
  file = await openSignerFile(join(directory, "signer"));
});
afterEach(async () => {
  await file.close();
  await rm(directory, { recursive: true, force: true });
});

/** The log entry of a prevote for a block of this name. */
function prevote(name: number, round = 0): Uint8Array {
  const blockId = hashOf("block", name);
  const vote = { type: "prevote" as const, height: AT, round, blockId, validator: 0, signature: new Uint8Array(96) };
  return encodeLogEntry({ type: "vote", vote });
}

const write = (store: MemoryStore, name: number): Promise<void> =>
  storeWrites(store, file, CHAIN_ID, [{ type: "write-log", height: AT, entry: prevote(name) }]);

describe("log and signer file", () => {
  it("[CO-14] a vote the file refused stays unsent at the next start, though the log holds it", async () => {
    await write(new MemoryStore(), 1);
    const restored = new MemoryStore();
    await expect(write(restored, 2)).rejects.toMatchObject({ code: "signed_before" });
    const log = await restored.log(AT);
    expect(log).toEqual([prevote(2)]);
    expect(await startSigning(file, CHAIN_ID, AT, log)).toEqual({ signsFrom: AT + 1, log: [] });
    expect(await startSigning(file, CHAIN_ID, AT, [prevote(1), prevote(2)])).toEqual({ signsFrom: AT + 1, log: [] });
  });

  it("[CO-14] a start claims what a crash kept from the file", async () => {
    const log = [prevote(1)];
    expect(await startSigning(file, CHAIN_ID, AT, log)).toEqual({ signsFrom: AT, log });
    expect(await startSigning(file, CHAIN_ID, AT, log)).toEqual({ signsFrom: AT, log });
    await expect(write(new MemoryStore(), 2)).rejects.toMatchObject({ code: "signed_before" });
  });

  it("[CO-14] a log that says two things of one place is not gone on with", async () => {
    expect(await startSigning(file, CHAIN_ID, AT, [prevote(1), prevote(2)])).toEqual({ signsFrom: AT + 1, log: [] });
  });

  it("[CO-14] a validator that lost its database signs nothing up to the height of its last signature", async () => {
    await write(new MemoryStore(), 1);
    for (const next of [1, AT - 1, AT]) {
      expect(await startSigning(file, CHAIN_ID, height(next), [])).toEqual({ signsFrom: AT + 1, log: [] });
    }
    const next = height(AT + 1);
    expect(await startSigning(file, CHAIN_ID, next, [])).toEqual({ signsFrom: next, log: [] });
  });

  it("[CO-14] the same with an old copy of the database, whose log ends earlier", async () => {
    await write(new MemoryStore(), 1);
    const later = prevote(2, 3);
    await storeWrites(new MemoryStore(), file, CHAIN_ID, [{ type: "write-log", height: AT, entry: later }]);
    expect(await startSigning(file, CHAIN_ID, AT, [prevote(1)])).toEqual({ signsFrom: AT + 1, log: [] });
    expect((await startSigning(file, CHAIN_ID, AT, [prevote(1), later])).signsFrom).toBe(AT);
  });
});
