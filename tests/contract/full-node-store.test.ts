import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLevelStore } from "../../src/node/storage/level-store.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { fullNodeStoreContract } from "./full-node-store.ts";

fullNodeStoreContract("in memory", () => {
  const store = new MemoryStore();
  return Promise.resolve({ open: () => Promise.resolve(store), dispose: () => Promise.resolve() });
});

fullNodeStoreContract("on disk", async () => {
  const directory = await mkdtemp(join(tmpdir(), "stegos-store-"));
  return {
    open: () => openLevelStore(directory),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});
