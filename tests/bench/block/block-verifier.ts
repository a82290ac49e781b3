import { Worker } from "node:worker_threads";
import type { BlockSample } from "./full-block.ts";

/** A thread that verifies one block again and again. What it runs is known to this file and its worker alone. */
export interface BlockVerifier {
  /** Rejects if the block is refused or the thread dies. One call at a time. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the thread. */
export function openBlockVerifier(sample: BlockSample): BlockVerifier {
  const worker = new Worker(new URL("./block.worker.ts", import.meta.url), { workerData: sample });
  return {
    verify: () =>
      new Promise((resolve, reject) => {
        worker.once("error", reject);
        worker.once("message", (isValid: boolean) => {
          worker.off("error", reject);
          if (isValid) resolve();
          else reject(new Error("the block is refused"));
        });
        worker.postMessage("verify");
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}
