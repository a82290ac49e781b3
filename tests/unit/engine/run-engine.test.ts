import { describe, expect, it } from "vitest";
import { startEngine, type Engine } from "../../../src/engine/run-engine.ts";
import { eventually } from "../../support/eventually.ts";

type Event = { readonly type: "tap"; readonly text: string } | { readonly type: "go-on" };
type Effect = { readonly type: "write" | "send"; readonly text: string } | { readonly type: "continue" };

/** Counts taps; each writes, sends, and goes on with an event of its own. */
function openCounter(options: { readonly write?: () => Promise<void> } = {}) {
  const seen: string[] = [];
  const failures: unknown[] = [];
  const engine: Engine<number, Event> = startEngine<number, Event, Effect>(
    {
      initial: 0,
      step: (count, event) =>
        event.type === "go-on"
          ? [count, [{ type: "send", text: `after ${count}` }]]
          : [
              count + 1,
              [{ type: "send", text: event.text }, { type: "write", text: event.text }, { type: "continue" }],
            ],
      isWrite: (effect) => effect.type === "write",
    },
    {
      async write(effects) {
        await options.write?.();
        for (const effect of effects) if (effect.type === "write") seen.push(`stored ${effect.text}`);
      },
      perform(effect) {
        if (effect.type === "send") seen.push(`sent ${effect.text}`);
        else if (effect.type === "continue") engine.postFirst({ type: "go-on" });
      },
      failed: (error) => failures.push(error),
    },
  );
  return { engine, seen, failures };
}

/** Each text writes and sends itself; those that begin with "bulk" come in numbers, and "broken" is our own mistake. */
function openBulk(options: { readonly write?: () => Promise<void> } = {}) {
  const seen: string[] = [];
  const failures: unknown[] = [];
  const engine = startEngine<number, string, { readonly type: "write" | "send"; readonly text: string }>(
    {
      initial: 0,
      step(count, text) {
        if (text.endsWith("broken")) throw new RangeError("broken invariant");
        const sent = { type: "send", text: `${text} after ${count}` } as const;
        return [count + 1, [sent, { type: "write", text }]];
      },
      isWrite: ({ type }) => type === "write",
      isBulk: (text) => text.startsWith("bulk"),
    },
    {
      async write(effects) {
        await options.write?.();
        seen.push(`stored ${effects.map(({ text }) => text).join(", ")}`);
      },
      perform: ({ text }) => seen.push(`sent ${text}`),
      failed: (error) => failures.push(error),
    },
  );
  return { engine, seen, failures };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe("the loop", () => {
  it("stores a step's writes before anything of it leaves, in whatever order the step named them", async () => {
    const { engine, seen } = openCounter();
    engine.post({ type: "tap", text: "a" });
    await eventually(() => expect(seen).toEqual(["stored a", "sent a", "sent after 1"]));
  });

  it("takes one event at a time, and what a step goes on with before what was waiting", async () => {
    const { engine, seen } = openCounter({ write: () => new Promise((resolve) => setTimeout(resolve, 1)) });
    for (const text of ["a", "b"]) engine.post({ type: "tap", text });
    await eventually(() =>
      expect(seen).toEqual(["stored a", "sent a", "sent after 1", "stored b", "sent b", "sent after 2"]),
    );
  });

  it("steps bulk events that stand together at once: one write for all, and nothing leaves before it", async () => {
    const { engine, seen } = openBulk({ write: () => new Promise((resolve) => setTimeout(resolve, 1)) });
    const texts = ["bulk a", "bulk b", "alone", "other", ...Array.from({ length: 17 }, (_, index) => `bulk ${index}`)];
    await Promise.all(texts.map((text) => engine.postAndWait(text)));
    const stored = seen.filter((line) => line.startsWith("stored"));
    const bulk = texts.slice(4);
    expect(stored).toEqual([
      "stored bulk a",
      "stored bulk b",
      "stored alone",
      "stored other",
      `stored ${bulk.slice(0, 16).join(", ")}`,
      "stored bulk 16",
    ]);
    expect(seen.slice(-4)).toEqual([
      "sent bulk 14 after 18",
      "sent bulk 15 after 19",
      "stored bulk 16",
      "sent bulk 16 after 20",
    ]);
    expect(engine.state()).toBe(texts.length);
  });

  it("tells whoever waits for an event once its step is done, in a stop or a failure, too", async () => {
    const { engine, seen } = openCounter({ write: () => new Promise((resolve) => setTimeout(resolve, 1)) });
    const done = ["a", "b"].map((text) => engine.postAndWait({ type: "tap", text }).then(() => [...seen]));
    const [first, second] = await Promise.all(done);
    expect(first).toContain("sent a");
    expect(first).not.toContain("stored b");
    expect(second).toContain("sent b");
    const left = ["c", "d"].map((text) => engine.postAndWait({ type: "tap", text }));
    await engine.stop();
    await Promise.all([...left, engine.postAndWait({ type: "tap", text: "late" })]);
    expect(seen.filter((line) => line.startsWith("sent"))).not.toContain("sent d");
    const failing = openCounter({ write: () => Promise.reject(new Error("disk full")) });
    await Promise.all(["a", "b"].map((text) => failing.engine.postAndWait({ type: "tap", text })));
    expect(failing.failures).toHaveLength(1);
  });

  it("sends nothing after a failed write, keeps the state before it and takes no more events", async () => {
    const { engine, seen, failures } = openCounter({ write: () => Promise.reject(new Error("disk full")) });
    engine.post({ type: "tap", text: "a" });
    await settle();
    engine.post({ type: "tap", text: "b" });
    await settle();
    expect(seen).toEqual([]);
    expect(engine.state()).toBe(0);
    expect(failures.map(String)).toEqual(["Error: disk full"]);
  });

  it("finishes the step in progress when it is stopped, and drops what waits", async () => {
    let release: () => void = () => undefined;
    const written = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { engine, seen } = openCounter({ write: () => written });
    for (const text of ["a", "b"]) engine.post({ type: "tap", text });
    const stopped = engine.stop();
    release();
    await stopped;
    expect(seen).toEqual(["stored a", "sent a"]);
  });
});

describe("bulk events that stand together", () => {
  it("leave nothing at all where one of them breaks an invariant: no write, no effect, no state", async () => {
    const { engine, seen, failures } = openBulk();
    // The first is a step of its own, so that the others stand together behind it.
    const waits = ["first", "bulk a", "bulk broken", "bulk c", "other"].map((text) => engine.postAndWait(text));
    await Promise.all([...waits, engine.postAndWait("late")]);
    expect(seen).toEqual(["stored first", "sent first after 0"]);
    expect(engine.state()).toBe(1);
    expect(failures.map(String)).toEqual(["RangeError: broken invariant"]);
  });

  it("leave nothing after a failed write of them all, and whoever waits for one is told", async () => {
    let writes = 0;
    const { engine, seen, failures } = openBulk({
      write: () => (++writes === 2 ? Promise.reject(new Error("disk full")) : Promise.resolve()),
    });
    const waits = ["first", "bulk a", "bulk b", "other"].map((text) => engine.postAndWait(text));
    await Promise.all([...waits, engine.postAndWait("late")]);
    expect(writes).toBe(2);
    expect(seen).toEqual(["stored first", "sent first after 0"]);
    expect(engine.state()).toBe(1);
    expect(failures.map(String)).toEqual(["Error: disk full"]);
  });

  it("are all finished where a stop comes during their write, and what waits behind them is dropped", async () => {
    let stopped: Promise<void> | undefined;
    const { engine, seen, failures } = openBulk({
      async write() {
        await Promise.resolve();
        if (engine.state() === 1) stopped = engine.stop();
      },
    });
    await Promise.all(["first", "bulk a", "bulk b", "other"].map((text) => engine.postAndWait(text)));
    await stopped;
    expect(seen.slice(2)).toEqual(["stored bulk a, bulk b", "sent bulk a after 1", "sent bulk b after 2"]);
    expect(engine.state()).toBe(3);
    expect(failures).toEqual([]);
  });
});
