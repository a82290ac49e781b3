/** Runs the simulation in a worker and gives what it answered. */
function runValidators(height: number): Promise<unknown> {
  const worker = new Worker(new URL("./full-node.worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = (event: MessageEvent<unknown>) => resolve(event.data);
    worker.onerror = (event) => resolve(event.message);
    worker.postMessage(height);
  });
}

Object.assign(globalThis, { runValidators, isReady: true });
