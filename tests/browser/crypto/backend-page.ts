import { allowWorkers } from "../allow-workers.ts";

allowWorkers();

/** Opens a backend in a worker under the page's policy, and gives what it answered. */
function compareBackends(only?: string): Promise<unknown> {
  const worker = new Worker(new URL("./backend.worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = (event: MessageEvent<unknown>) => resolve(event.data);
    worker.onerror = (event) => resolve(event.message);
    worker.postMessage(only);
  });
}

Object.assign(globalThis, { compareBackends, isReady: true });
