import { proxy, wrap } from "comlink";
import type { StoreTools } from "./store.worker.ts";

const open = (): Worker => new Worker(new URL("./store.worker.ts", import.meta.url), { type: "module" });

/** Lets a worker write and ends it in the middle; the last step it called stored. */
async function killWhileWriting(database: string, afterMs: number): Promise<number> {
  const worker = open();
  let last = 0;
  const first = new Promise<void>((resolve) => {
    void wrap<StoreTools>(worker).writeForever(
      database,
      proxy((step) => {
        last = step;
        resolve();
      }),
    );
  });
  await first;
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  worker.terminate();
  return last;
}

Object.assign(globalThis, { tools: wrap<StoreTools>(open()), killWhileWriting, isReady: true });
