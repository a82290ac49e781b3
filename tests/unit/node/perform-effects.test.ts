import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeLogEntry } from "../../../src/core/consensus/consensus-log.ts";
import { height } from "../../../src/core/values/height.ts";
import { claimLog, storeWrites } from "../../../src/node/perform-effects.ts";
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
function prevote(name: number): Uint8Array {
  const blockId = hashOf("block", name);
  const vote = { type: "prevote" as const, height: AT, round: 0, blockId, validator: 0, signature: new Uint8Array(96) };
  return encodeLogEntry({ type: "vote", vote });
}

const write = (store: MemoryStore, name: number): Promise<void> =>
  storeWrites(store, file, CHAIN_ID, [{ type: "write-log", height: AT, entry: prevote(name) }]);

describe("log and signer file", () => {
  it("[CO-14] a vote the file refused stays refused at the next start, though the log holds it", async () => {
    await write(new MemoryStore(), 1);
    const restored = new MemoryStore();
    await expect(write(restored, 2)).rejects.toMatchObject({ code: "signed_before" });
    const log = await restored.log(AT);
    expect(log).toEqual([prevote(2)]);
    await expect(claimLog(file, CHAIN_ID, log)).rejects.toMatchObject({ code: "signed_before" });
  });

  it("[CO-14] a start claims what a crash kept from the file", async () => {
    await claimLog(file, CHAIN_ID, [prevote(1)]);
    await claimLog(file, CHAIN_ID, [prevote(1)]);
    await expect(write(new MemoryStore(), 2)).rejects.toMatchObject({ code: "signed_before" });
  });
});
