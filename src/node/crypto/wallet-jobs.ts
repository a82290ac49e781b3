import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ClientJobs } from "../../engine/services/light-client-run.ts";
import { CompiledKernels, type KernelsForThread } from "./compiled-kernels.ts";
import type { WalletJob, WalletJobAnswer, WalletJobMessage } from "./wallet-worker.ts";

/** The light client's jobs on threads of their own, so that a scan holds up neither the network nor Ctrl-C. */
export interface WalletJobs {
  readonly jobs: ClientJobs;
  /** Ends the threads; jobs still open come to nothing. */
  close(): Promise<void>;
}

const THREADS_MAX = 8;
/** An idle thread is ended after this. */
const IDLE_MS = 30_000;
const WORKER = new URL("./wallet-worker.ts", import.meta.url);

interface Waiting {
  readonly work: WalletJob;
  readonly resolve: (result: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it works on. */
  current: { readonly id: number; readonly resolve: (result: unknown) => void } | undefined;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
}

/** Which jobs go first, the least before others: there are always more tags to scan, and work for blobs waits for all else (MS-14). */
function rankOf({ type }: WalletJob): number {
  if (type === "find-blob-work") return 2;
  return type === "scan-tags" ? 1 : 0;
}

export interface WalletJobsOptions {
  readonly openWorker?: (kernels: KernelsForThread) => Worker;
  /** By default one for each core, 8 at most. */
  readonly threadsMax?: number;
  readonly idleMs?: number;
}

/**
 * Threads are started when there is work for them and end when there is none for a while. A thread that dies takes its
 * job along: undefined, as from a worker of the browser. The engine runs a lost scan again; a lost payment was never sent.
 */
export function openWalletJobs({
  openWorker = (workerData) => new Worker(WORKER, { workerData }),
  threadsMax = Math.min(THREADS_MAX, availableParallelism()),
  idleMs = IDLE_MS,
}: WalletJobsOptions = {}): WalletJobs {
  const kernels = new CompiledKernels();
  const threads = new Set<Thread>();
  const waiting: Waiting[] = [];
  let nextId = 0;
  let isClosed = false;

  const ended = (thread: Thread): void => {
    clearTimeout(thread.idleTimer);
    threads.delete(thread);
    thread.current?.resolve(undefined);
    thread.current = undefined;
    fill();
  };
  const rest = (thread: Thread): void => {
    thread.current = undefined;
    thread.idleTimer = setTimeout(() => {
      ended(thread);
      void thread.worker.terminate();
    }, idleMs);
    // A process that has nothing else to do does not wait for it.
    thread.idleTimer.unref();
    thread.worker.unref();
  };
  const start = (): Thread => {
    const thread: Thread = { worker: openWorker(kernels.forThread()), current: undefined, idleTimer: undefined };
    threads.add(thread);
    thread.worker.on("message", ({ id, result }: WalletJobAnswer) => {
      if (thread.current?.id !== id) return;
      thread.current.resolve(result);
      rest(thread);
      fill();
    });
    thread.worker.on("error", () => ended(thread));
    thread.worker.on("exit", () => ended(thread));
    return thread;
  };
  const fill = (): void => {
    while (waiting.length > 0 && !isClosed) {
      const idle = [...threads].find((thread) => thread.current === undefined);
      if (idle === undefined && threads.size >= threadsMax) return;
      const thread = idle ?? start();
      clearTimeout(thread.idleTimer);
      thread.worker.ref();
      const { work, resolve } = waiting.shift()!;
      const message: WalletJobMessage = { id: nextId++, work };
      thread.current = { id: message.id, resolve };
      thread.worker.postMessage(message);
    }
  };
  const run = <Result>(work: WalletJob): Promise<Result | undefined> => {
    if (isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const job = { work, resolve: resolve as (result: unknown) => void };
      const place = waiting.findIndex((each) => rankOf(each.work) > rankOf(work));
      waiting.splice(place < 0 ? waiting.length : place, 0, job);
      fill();
    });
  };
  /** Forgets what waits and ends the threads that are at work. */
  const cancel = (): void => {
    for (const { resolve } of waiting.splice(0)) resolve(undefined);
    for (const thread of [...threads].filter(({ current }) => current !== undefined)) {
      ended(thread);
      void thread.worker.terminate();
    }
  };

  return {
    jobs: {
      scan: (keys, job) => run({ type: "scan", keys, job }),
      scanTags: (keys, job) => run({ type: "scan-tags", keys, job }),
      openBuckets: (keys, job) => run({ type: "open-buckets", keys, job }),
      findBlobWork: (job) => run({ type: "find-blob-work", job }),
      prepareClaim: (keys, job) => run({ type: "prepare-claim", keys, job }),
      tryPacket: (step) => run({ type: "try-packet", step }),
      makeClaim: (keys, job) => run({ type: "make-claim", keys, job }),
      replayPacket: (history) => run({ type: "replay-packet", history }),
      buildPayment: (keys, job) => run({ type: "build-payment", keys, job }),
      cancel,
    },
    async close() {
      isClosed = true;
      for (const { resolve } of waiting.splice(0)) resolve(undefined);
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}
