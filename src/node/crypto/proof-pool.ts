import { Worker } from "node:worker_threads";
import type { RangeClaim } from "../../core/crypto/range-proof-verifier.ts";
import type { ProofAnswer, ProofJob } from "./proof-worker.ts";

/** Proofs of transactions that the thread takes at once: about half a second if all are wrong. */
const TRANSACTION_CLAIMS_MAX = 24;

/** What waits for the thread, and the verdicts it has so far. */
interface WaitingJob {
  readonly claims: readonly RangeClaim[];
  readonly good: boolean[];
  readonly resolve: (good: readonly boolean[]) => void;
  readonly reject: (error: Error) => void;
}

/** Range proofs are checked on a thread of their own, so that votes never wait for them (RG-6). */
export interface ProofPool {
  /**
   * One verdict per claim, in order. Rejects only if the thread dies. Those of a block go before all transactions: wrong
   * proofs cost their sender nothing and us four times as much, and a round does not wait.
   */
  verify(claims: readonly RangeClaim[], purpose: "transaction" | "block"): Promise<readonly boolean[]>;
  close(): Promise<void>;
}

/** Starts the thread. One is enough while a node shares two cores with its neighbours. */
export function openProofPool(): ProofPool {
  const worker = new Worker(new URL("./proof-worker.ts", import.meta.url));
  const blocks: WaitingJob[] = [];
  const transactions: WaitingJob[] = [];
  let running: WaitingJob | undefined;
  let lost: Error | undefined;

  const fail = (error: Error): void => {
    lost = error;
    for (const job of [...(running === undefined ? [] : [running]), ...blocks, ...transactions]) job.reject(error);
    running = undefined;
    blocks.length = transactions.length = 0;
  };
  /** Gives the thread the next claims, if it has nothing to do. */
  const go = (): void => {
    const queue = blocks.length > 0 ? blocks : transactions;
    const [job] = queue;
    if (running !== undefined || job === undefined) return;
    running = job;
    const from = job.good.length;
    const to = queue === blocks ? job.claims.length : from + TRANSACTION_CLAIMS_MAX;
    const message: ProofJob = { claims: job.claims.slice(from, to) };
    worker.postMessage(message);
  };
  worker.on("message", ({ good }: ProofAnswer) => {
    const job = running;
    running = undefined;
    if (job === undefined) return;
    job.good.push(...good);
    if (job.good.length === job.claims.length) {
      const queue = blocks.includes(job) ? blocks : transactions;
      queue.splice(queue.indexOf(job), 1);
      job.resolve(job.good);
    }
    go();
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the proof thread has ended")));

  return {
    verify(claims, purpose) {
      if (lost !== undefined) return Promise.reject(lost);
      return new Promise((resolve, reject) => {
        (purpose === "block" ? blocks : transactions).push({ claims, good: [], resolve, reject });
        go();
      });
    },
    async close() {
      await worker.terminate();
    },
  };
}
