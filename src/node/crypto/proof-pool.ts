import { Worker } from "node:worker_threads";
import type { RangeClaim } from "../../core/crypto/range-proof-verifier.ts";
import type { ProofAnswer, ProofJob } from "./proof-worker.ts";

/** Range proofs are checked on a thread of their own, so that votes never wait for them (RG-6). */
export interface ProofPool {
  /** One verdict per claim, in order. Rejects only if the thread dies. */
  verify(claims: readonly RangeClaim[]): Promise<readonly boolean[]>;
  close(): Promise<void>;
}

/** Starts the thread. One is enough while a node shares two cores with its neighbours. */
export function openProofPool(): ProofPool {
  const worker = new Worker(new URL("./proof-worker.ts", import.meta.url));
  const waiting = new Map<number, { resolve(good: readonly boolean[]): void; reject(error: Error): void }>();
  let nextId = 0;
  let lost: Error | undefined;

  const fail = (error: Error): void => {
    lost = error;
    for (const job of waiting.values()) job.reject(error);
    waiting.clear();
  };
  worker.on("message", (answer: ProofAnswer) => {
    waiting.get(answer.id)?.resolve(answer.good);
    waiting.delete(answer.id);
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the proof thread has ended")));

  return {
    verify(claims) {
      if (lost !== undefined) return Promise.reject(lost);
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        const job: ProofJob = { id, claims };
        worker.postMessage(job);
      });
    },
    async close() {
      await worker.terminate();
    },
  };
}
