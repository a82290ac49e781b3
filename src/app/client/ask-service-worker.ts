/** A worker that does not answer holds nobody up. */
const ANSWER_MS = 2_000;

/** What the service worker answers to a message; undefined where it says nothing within two seconds. */
export function askServiceWorker(worker: ServiceWorker, message: object): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(undefined), ANSWER_MS);
    const finish = (answer: unknown): void => {
      clearTimeout(timer);
      port1.close();
      resolve(answer);
    };
    port1.onmessage = ({ data }: MessageEvent<unknown>) => finish(data);
    worker.postMessage(message, [port2]);
  });
}
