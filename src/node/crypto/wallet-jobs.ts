import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ClientJobs } from "../../engine/services/light-client-run.ts";
import type { WalletJob, WalletJobAnswer, WalletJobMessage } from "./wallet-worker.ts";

/** The light client's jobs on threads of their own, so that a scan holds up neither the network nor Ctrl-C. */
export interface WalletJobs {
  readonly jobs: ClientJobs;
  /** Ends the threads; jobs still open come to nothing. */
  close(): Promise<void>;
}

const THREADS_MAX = 2;
const WORKER = new URL("./wallet-worker.ts", import.meta.url);

interface Waiting {
  readonly work: WalletJob;
  readonly resolve: (result: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it works on. */
  current: { readonly id: number; readonly resolve: (result: unknown) => void } | undefined;
}

/**
 * Threads are started when there is work for them, and a thread that dies takes its job along: undefined, as from a
 * worker of the browser. The engine runs a lost scan again; a lost payment was never sent.
 */
export function openWalletJobs(
  openWorker: () => Worker = () => new Worker(WORKER),
  threadsMax: number = Math.min(THREADS_MAX, availableParallelism()),
): WalletJobs {
  const threads = new Set<Thread>();
  const waiting: Waiting[] = [];
  let nextId = 0;
  let isClosed = false;

  const end = (thread: Thread): void => {
    threads.delete(thread);
    thread.current?.resolve(undefined);
    thread.current = undefined;
    fill();
  };
  const start = (): Thread => {
    const thread: Thread = { worker: openWorker(), current: undefined };
    threads.add(thread);
    thread.worker.on("message", ({ id, result }: WalletJobAnswer) => {
      if (thread.current?.id !== id) return;
      thread.current.resolve(result);
      thread.current = undefined;
      fill();
    });
    thread.worker.on("error", () => end(thread));
    thread.worker.on("exit", () => end(thread));
    return thread;
  };
  const fill = (): void => {
    while (waiting.length > 0 && !isClosed) {
      const idle = [...threads].find((thread) => thread.current === undefined);
      if (idle === undefined && threads.size >= threadsMax) return;
      const thread = idle ?? start();
      const { work, resolve } = waiting.shift()!;
      const message: WalletJobMessage = { id: nextId++, work };
      thread.current = { id: message.id, resolve };
      thread.worker.postMessage(message);
    }
  };
  const run = <Result>(work: WalletJob): Promise<Result | undefined> => {
    if (isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      waiting.push({ work, resolve: resolve as (result: unknown) => void });
      fill();
    });
  };

  return {
    jobs: {
      scan: (keys, job) => run({ type: "scan", keys, job }),
      scanTags: (keys, job) => run({ type: "scan-tags", keys, job }),
      openBuckets: (keys, job) => run({ type: "open-buckets", keys, job }),
      buildPayment: (keys, job) => run({ type: "build-payment", keys, job }),
    },
    async close() {
      isClosed = true;
      for (const { resolve } of waiting.splice(0)) resolve(undefined);
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}
