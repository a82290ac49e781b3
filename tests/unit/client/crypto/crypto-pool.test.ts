import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CryptoPool, workersFor, type CryptoWorker } from "../../../../src/client/crypto/crypto-pool.ts";
import type { CryptoService } from "../../../../src/client/crypto/crypto-service.ts";

interface FakeWorker {
  crash(): void;
  isEnded: boolean;
}

class FakeWorkers {
  readonly all: FakeWorker[] = [];
  warmUps = 0;

  readonly open = (): CryptoWorker => {
    const listeners: (() => void)[] = [];
    const fake: FakeWorker = { isEnded: false, crash: () => listeners.forEach((listener) => listener()) };
    this.all.push(fake);
    return {
      service: { warmUp: () => Promise.resolve(this.warmUps++) } as unknown as CryptoService,
      onCrash: (listener) => listeners.push(listener),
      terminate: () => (fake.isEnded = true),
    };
  };

  get alive(): readonly FakeWorker[] {
    return this.all.filter((worker) => !worker.isEnded);
  }
}

const never = (): Promise<never> => new Promise(() => undefined);

describe("the pool of crypto workers", () => {
  let workers: FakeWorkers;
  let pool: CryptoPool;

  beforeEach(() => {
    vi.useFakeTimers();
    workers = new FakeWorkers();
    pool = new CryptoPool({ openWorker: workers.open, workersMax: 2, idleMs: 1_000, jobMs: 10_000 });
  });

  afterEach(() => {
    pool.close();
    vi.useRealTimers();
  });

  it("takes urgent jobs before others that wait, each kind in its order", async () => {
    const order: string[] = [];
    const run = (id: string, isUrgent: boolean) => {
      const work = () => {
        order.push(id);
        return Promise.resolve();
      };
      return pool.run(id, work, isUrgent);
    };
    const busy = [pool.run("1", () => Promise.resolve()), pool.run("2", () => Promise.resolve())];
    const later = [run("a", false), run("b", false), run("c", true), run("d", true)];
    await Promise.all([...busy, ...later]);
    expect(order).toEqual(["c", "d", "a", "b"]);
  });

  it("starts workers only for jobs, and no more than it may", async () => {
    expect(workers.all.length).toBe(0);
    const done: ((value: number) => void)[] = [];
    const jobs = [0, 1, 2].map((index) => pool.run(`job ${index}`, () => new Promise<number>((end) => done.push(end))));
    expect(workers.all.length).toBe(2);
    expect(done.length).toBe(2);
    done[0]!(10);
    expect(await jobs[0]).toEqual({ ok: true, value: 10 });
    expect(done.length).toBe(3);
    done[1]!(11);
    done[2]!(12);
    expect(await Promise.all(jobs.slice(1))).toEqual([
      { ok: true, value: 11 },
      { ok: true, value: 12 },
    ]);
    expect(workers.all.length).toBe(2);
  });

  it("ends the jobs of a worker that cannot be started, unless another one is free for them later", async () => {
    let canStart = false;
    const openWorker = (): CryptoWorker => {
      if (!canStart) throw new Error("no worker");
      canStart = false;
      return workers.open();
    };
    pool = new CryptoPool({ openWorker, workersMax: 2 });
    expect(await pool.run("a", () => Promise.resolve(1))).toEqual({ ok: false, code: "crashed" });
    canStart = true;
    const jobs = ["a", "b"].map((id) => pool.run(id, () => Promise.resolve(id)));
    expect(await Promise.all(jobs)).toEqual([
      { ok: true, value: "a" },
      { ok: true, value: "b" },
    ]);
  });

  it("starts workers ahead of their work, and lets them go where none comes", async () => {
    pool.warm(1);
    pool.warm(1);
    expect(workers.alive.length).toBe(1);
    pool.warm();
    pool.warm();
    expect(workers.alive.length).toBe(2);
    expect(workers.warmUps).toBe(2);
    expect(await pool.run("a", () => Promise.resolve(1))).toEqual({ ok: true, value: 1 });
    expect(workers.all.length).toBe(2);
    vi.advanceTimersByTime(1_001);
    expect(workers.alive.length).toBe(0);
    pool.close();
    pool.warm();
    expect(workers.alive.length).toBe(0);
  });

  it("releases idle workers and starts others later", async () => {
    await pool.run("a", () => Promise.resolve(1));
    expect(workers.alive.length).toBe(1);
    vi.advanceTimersByTime(1_001);
    expect(workers.alive.length).toBe(0);
    expect(await pool.run("b", () => Promise.resolve(2))).toEqual({ ok: true, value: 2 });
    expect(workers.all.length).toBe(2);
  });

  it("runs a job once more when its worker dies, and then reports it", async () => {
    let runs = 0;
    const job = pool.run("a", () => (++runs === 1 ? never() : Promise.resolve("second")));
    workers.alive[0]!.crash();
    expect(await job).toEqual({ ok: true, value: "second" });

    const doomed = pool.run("b", never);
    workers.alive[0]!.crash();
    workers.alive[0]!.crash();
    expect(await doomed).toEqual({ ok: false, code: "crashed" });
    expect(await pool.run("c", () => Promise.resolve(1))).toEqual({ ok: true, value: 1 });
  });

  it("counts silence as a crash", async () => {
    const job = pool.run("a", never);
    vi.advanceTimersByTime(10_001);
    vi.advanceTimersByTime(10_001);
    expect(await job).toEqual({ ok: false, code: "crashed" });
    expect(workers.alive.length).toBe(0);
  });

  it("reports a job that throws without running it again", async () => {
    let runs = 0;
    const failing = (): Promise<never> => {
      runs++;
      return Promise.reject(new Error("bad job"));
    };
    expect(await pool.run("a", failing)).toEqual({ ok: false, code: "failed" });
    expect(runs).toBe(1);
  });

  it("cancels what waits and what runs, and goes on with the rest", async () => {
    const running = [pool.run("a", never), pool.run("b", never)];
    const waiting = pool.run("c", never);
    const last = pool.run("d", () => Promise.resolve("d"));
    pool.cancel("c");
    expect(await waiting).toEqual({ ok: false, code: "cancelled" });
    pool.cancel("a");
    expect(await running[0]).toEqual({ ok: false, code: "cancelled" });
    expect(await last).toEqual({ ok: true, value: "d" });
    pool.cancel("nobody");
    expect(workers.alive.length).toBe(2);
  });

  it("cancels several at once without starting one of them in another's place", async () => {
    const started: string[] = [];
    const run = (id: string) => pool.run(id, () => (started.push(id), never()));
    const jobs = ["a", "b", "c", "d"].map(run);
    pool.cancel("a", "b", "c", "nobody");
    expect(await Promise.all(jobs.slice(0, 3))).toEqual(Array(3).fill({ ok: false, code: "cancelled" }));
    expect(started).toEqual(["a", "b", "d"]);
    expect(workers.alive.length).toBe(1);
  });

  it("runs one worker for each core, eight at most, and lets all of them go when they are idle", async () => {
    expect([1, 2, 6, 8, 64].map(workersFor)).toEqual([1, 2, 6, 8, 8]);
    expect([0, undefined].map(workersFor)).toEqual([1, 2]);
    pool = new CryptoPool({ openWorker: workers.open, workersMax: workersFor(64), idleMs: 1_000 });
    const ends: (() => void)[] = [];
    const jobs = Array.from({ length: 20 }, (_, index) => {
      return pool.run(`job ${index}`, () => new Promise<void>((end) => ends.push(end)));
    });
    expect(workers.alive.length).toBe(8);
    for (let done = 0; done < jobs.length; done++) {
      ends[done]!();
      await jobs[done];
    }
    vi.advanceTimersByTime(999);
    expect(workers.alive.length).toBe(8);
    vi.advanceTimersByTime(1);
    expect(workers.alive.length).toBe(0);
  });

  it("takes its number of workers from the device where nobody says otherwise", () => {
    pool = new CryptoPool({ openWorker: workers.open });
    pool.warm();
    expect(workers.alive.length).toBe(workersFor(navigator.hardwareConcurrency));
  });

  it("refuses an id that is in use", async () => {
    void pool.run("a", never);
    await expect(pool.run("a", never)).rejects.toThrow(RangeError);
  });

  it("closes with everything cancelled and takes nothing more", async () => {
    const open = pool.run("a", never);
    pool.close();
    expect(await open).toEqual({ ok: false, code: "cancelled" });
    expect(await pool.run("b", () => Promise.resolve(1))).toEqual({ ok: false, code: "cancelled" });
    expect(workers.alive.length).toBe(0);
  });
});
