import type { CryptoService } from "./crypto-service.ts";

/** A started crypto worker. It holds no state, so that it may be ended at any time. */
export interface CryptoWorker {
  readonly service: CryptoService;
  /** Calls back when the worker's script failed to load or died. */
  onCrash(listener: () => void): void;
  terminate(): void;
}

export type JobResult<T> =
  | { readonly ok: true; readonly value: T }
  /** crashed: its worker did not start, died under it twice, or gave no answer; failed: it threw, and would again. */
  | { readonly ok: false; readonly code: "cancelled" | "crashed" | "failed" };

export interface CryptoPoolOptions {
  readonly openWorker: () => CryptoWorker;
  /** Workers at most; by default {@link workersFor} the device's cores. */
  readonly workersMax?: number;
  /** An idle worker is ended after this: its memory is worth more than the moment it takes to start another. */
  readonly idleMs?: number;
  /** A job without an answer for this long counts as crashed. */
  readonly jobMs?: number;
}

interface Job {
  readonly id: string;
  readonly work: (service: CryptoService) => Promise<unknown>;
  readonly settle: (result: JobResult<unknown>) => void;
  readonly isUrgent: boolean;
  isRetry: boolean;
}

interface Slot {
  readonly worker: CryptoWorker;
  job: Job | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const WARM_UP_ID = "warm-up";
const WORKERS_MAX = 8;
/** Where a browser does not say how many cores there are. */
const CORES_UNKNOWN = 2;
const IDLE_MS = 30_000;
const JOB_MS = 180_000;

/** One worker for each core, 8 at most: what more of them would do comes no faster than one client worker hands it out. */
export function workersFor(cores: number | undefined): number {
  return Math.min(WORKERS_MAX, Math.max(1, cores ?? CORES_UNKNOWN));
}

/** A small pool of crypto workers, started on demand. Jobs have ids; results are values, also the bad ones. */
export class CryptoPool {
  readonly #options: Required<CryptoPoolOptions>;
  readonly #slots = new Set<Slot>();
  readonly #waiting: Job[] = [];
  #isClosed = false;

  constructor(options: CryptoPoolOptions) {
    const workersMax = workersFor(navigator.hardwareConcurrency);
    this.#options = { workersMax, idleMs: IDLE_MS, jobMs: JOB_MS, ...options };
  }

  /** Runs a job on the next free worker, in front of those that are not urgent. Ids in use are a mistake of the caller. */
  run<T>(id: string, work: (service: CryptoService) => Promise<T>, isUrgent = true): Promise<JobResult<T>> {
    if (this.#find(id) !== undefined) return Promise.reject(new RangeError(`job ${id} is already there`));
    return new Promise((resolve) => {
      if (this.#isClosed) {
        resolve({ ok: false, code: "cancelled" });
        return;
      }
      const settle = resolve as (result: JobResult<unknown>) => void;
      const place = isUrgent ? this.#waiting.findIndex((job) => !job.isUrgent) : -1;
      const job: Job = { id, work, settle, isUrgent, isRetry: false };
      this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, job);
      this.#fill();
    });
  }

  /**
   * Starts workers for work that is about to come, since one takes a while until it listens and is fast: until there are so
   * many, or all that there may be.
   */
  warm(workers = this.#options.workersMax): void {
    while (!this.#isClosed && this.#slots.size < Math.min(workers, this.#options.workersMax)) {
      const slot = this.#open();
      if (slot === undefined) return;
      const work = (service: CryptoService): Promise<void> => service.warmUp();
      this.#start(slot, { id: WARM_UP_ID, work, settle: () => undefined, isUrgent: false, isRetry: true });
    }
  }

  /** Ends jobs: those that wait are forgotten, those that run take their workers along. Others go on. */
  cancel(...ids: readonly string[]): void {
    const ended = ids.flatMap((id) => {
      const place = this.#waiting.findIndex((job) => job.id === id);
      if (place >= 0) return this.#waiting.splice(place, 1);
      const slot = [...this.#slots].find((candidate) => candidate.job?.id === id);
      return slot === undefined ? [] : [this.#end(slot)!];
    });
    for (const job of ended) job.settle({ ok: false, code: "cancelled" });
    this.#fill();
  }

  /** Workers at most. */
  get workersMax(): number {
    return this.#options.workersMax;
  }

  /** Workers alive right now. */
  get size(): number {
    return this.#slots.size;
  }

  /** Ends all workers; every job still open is cancelled. */
  close(): void {
    this.#isClosed = true;
    const jobs = [...this.#waiting.splice(0), ...[...this.#slots].map((slot) => this.#end(slot))];
    for (const job of jobs) job?.settle({ ok: false, code: "cancelled" });
  }

  #find(id: string): Job | undefined {
    const running = [...this.#slots].map((slot) => slot.job);
    return [...this.#waiting, ...running].find((job) => job?.id === id);
  }

  #fill(): void {
    while (this.#waiting.length > 0 && !this.#isClosed) {
      let slot = [...this.#slots].find((candidate) => candidate.job === undefined);
      if (slot === undefined) {
        if (this.#slots.size >= this.#options.workersMax) return;
        slot = this.#open();
      }
      if (slot === undefined) {
        if (this.#slots.size > 0) return;
        this.#waiting.shift()!.settle({ ok: false, code: "crashed" });
        continue;
      }
      this.#start(slot, this.#waiting.shift()!);
    }
  }

  /** undefined if the browser starts none: its jobs must end, or a payment would be in the making for good. */
  #open(): Slot | undefined {
    let worker: CryptoWorker;
    try {
      worker = this.#options.openWorker();
    } catch {
      return undefined;
    }
    const slot: Slot = { worker, job: undefined, timer: undefined };
    slot.worker.onCrash(() => this.#crashed(slot));
    this.#slots.add(slot);
    return slot;
  }

  #start(slot: Slot, job: Job): void {
    clearTimeout(slot.timer);
    slot.job = job;
    slot.timer = setTimeout(() => this.#crashed(slot), this.#options.jobMs);
    job.work(slot.worker.service).then(
      (value) => this.#finished(slot, job, { ok: true, value }),
      () => this.#finished(slot, job, { ok: false, code: "failed" }),
    );
  }

  #finished(slot: Slot, job: Job, result: JobResult<unknown>): void {
    // An answer that comes after the worker was given up has nobody waiting for it.
    if (slot.job !== job) return;
    clearTimeout(slot.timer);
    slot.job = undefined;
    slot.timer = setTimeout(() => void this.#end(slot), this.#options.idleMs);
    job.settle(result);
    this.#fill();
  }

  #crashed(slot: Slot): void {
    if (!this.#slots.has(slot)) return;
    const job = this.#end(slot);
    if (job !== undefined) {
      if (job.isRetry) job.settle({ ok: false, code: "crashed" });
      else this.#waiting.unshift({ ...job, isRetry: true });
    }
    this.#fill();
  }

  #end(slot: Slot): Job | undefined {
    clearTimeout(slot.timer);
    this.#slots.delete(slot);
    const { job } = slot;
    slot.job = undefined;
    slot.worker.terminate();
    return job;
  }
}
