import { Worker } from "node:worker_threads";
import type { NetworkParams } from "../../../src/core/params/network-params.ts";
import type { TimeMs } from "../../../src/core/values/height.ts";
import type { TestNote } from "../../support/ledger-builder.ts";

/** What a thread needs to spend these notes on a chain of this beginning. */
export interface PaymentJob {
  readonly notes: readonly TestNote[];
  readonly params: NetworkParams;
  readonly time: TimeMs;
  /** Of all randomness: no two threads may share one. */
  readonly seed: number;
}

/** One encoded transaction. */
export type PaymentsMade = Uint8Array;

/** One private payment of two outputs from each note, on so many threads. */
export async function makePayments(
  job: Omit<PaymentJob, "seed">,
  threads: number,
  say: (line: string) => void,
): Promise<readonly Uint8Array[]> {
  const { notes } = job;
  const made: Uint8Array[] = [];
  const share = Math.ceil(notes.length / threads);
  const run = (seed: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: PaymentJob = { ...job, notes: notes.slice(seed * share, (seed + 1) * share), seed };
      const worker = new Worker(new URL("./payment.worker.ts", import.meta.url), { workerData });
      worker.on("message", (transaction: PaymentsMade) => {
        made.push(transaction);
        if (made.length % 1_000 === 0) say(`${made.length} of ${notes.length} payments`);
      });
      worker.once("error", reject);
      worker.once("exit", () => resolve());
    });
  await Promise.all(Array.from({ length: threads }, (_, seed) => run(seed)));
  if (made.length < notes.length) throw new Error("not all payments were made");
  return made;
}
