import { Worker } from "node:worker_threads";
import type { SpendClaims } from "../../core/state/spend-claims.ts";
import type { RuleNumber } from "../../core/values/rule-number.ts";
import type { ProofAnswer, ProofJob } from "./proof-worker.ts";

/** Claims of transactions that the thread takes at once: about half a second if all are wrong. */
const TRANSACTION_CLAIMS_MAX = 24;

/** For each of some claims the first rule that it breaks, undefined where it breaks none. */
export type Verdicts = readonly (RuleNumber | undefined)[];

/** What waits for the thread, and the verdicts it has so far. */
interface WaitingJob {
  readonly claims: readonly SpendClaims[];
  readonly verdicts: (RuleNumber | undefined)[];
  readonly resolve: (verdicts: Verdicts) => void;
  readonly reject: (error: Error) => void;
}

/**
 * What a block or a transaction claims is verified on a thread of its own, so that votes do not wait for it (TX-3, TX-4,
 * TX-5, RG-6). Signatures in the parts of a proposal are looked at before, one by one, by the thread that votes (CO-19).
 */
export interface ProofPool {
  /**
   * One verdict per claim, in order. Rejects only if the thread dies. Those of a block go before all transactions, in one
   * batch: wrong proofs cost their sender nothing and us four times as much, and a round does not wait.
   */
  verify(claims: readonly SpendClaims[], purpose: "transaction" | "block"): Promise<Verdicts>;
  close(): Promise<void>;
}

const WORKER = new URL("./proof-worker.ts", import.meta.url);

/** Starts the thread. One is enough while a node shares two cores with its neighbours. */
export function openProofPool(openWorker: () => Worker = () => new Worker(WORKER)): ProofPool {
  const worker = openWorker();
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
    const from = job.verdicts.length;
    const to = queue === blocks ? job.claims.length : from + TRANSACTION_CLAIMS_MAX;
    const message: ProofJob = { claims: job.claims.slice(from, to) };
    worker.postMessage(message);
  };
  worker.on("message", ({ verdicts }: ProofAnswer) => {
    const job = running;
    running = undefined;
    if (job === undefined) return;
    job.verdicts.push(...verdicts);
    if (job.verdicts.length === job.claims.length) {
      const queue = blocks.includes(job) ? blocks : transactions;
      queue.splice(queue.indexOf(job), 1);
      job.resolve(job.verdicts);
    }
    go();
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the proof thread has ended")));

  return {
    verify(claims, purpose) {
      if (lost !== undefined) return Promise.reject(lost);
      return new Promise((resolve, reject) => {
        (purpose === "block" ? blocks : transactions).push({ claims, verdicts: [], resolve, reject });
        go();
      });
    },
    async close() {
      await worker.terminate();
    },
  };
}
