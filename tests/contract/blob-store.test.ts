import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobFiles } from "../../src/node/storage/blob-files.ts";
import { MemoryBlobStore, type MemoryBlobs } from "../support/memory-blob-store.ts";
import { blobStoreContract } from "./blob-store.ts";

blobStoreContract("in memory", () => {
  const blobs: MemoryBlobs = new Map();
  return Promise.resolve({
    open: (options) => Promise.resolve(new MemoryBlobStore(options, blobs)),
    dispose: () => Promise.resolve(),
  });
});

blobStoreContract("in files", async () => {
  const directory = await mkdtemp(join(tmpdir(), "stegos-blobs-"));
  return {
    open: (options) => openBlobFiles({ directory, ...options }),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});
