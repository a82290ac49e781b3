import { releaseProxy, wrap } from "comlink";
import type { CryptoWorker } from "./crypto-pool.ts";
import type { CryptoService } from "./crypto-service.ts";

/** The pool's view of a browser worker that exposes a {@link CryptoService}. */
export function openCryptoWorker(worker: Worker): CryptoWorker {
  const remote = wrap<CryptoService>(worker);
  return {
    service: {
      backendName: () => remote.backendName(),
      warmUp: () => remote.warmUp(),
      scan: (keys, job) => remote.scan(keys, job),
      scanTags: (keys, jobs) => remote.scanTags(keys, jobs),
      openBuckets: (keys, job) => remote.openBuckets(keys, job),
      prepareClaim: (keys, job) => remote.prepareClaim(keys, job),
      tryPacket: (step) => remote.tryPacket(step),
      makeClaim: (keys, job) => remote.makeClaim(keys, job),
      replayPacket: (history) => remote.replayPacket(history),
      findBlobWork: (job) => remote.findBlobWork(job),
      buildPayment: (keys, job) => remote.buildPayment(keys, job),
    },
    onCrash(listener) {
      worker.addEventListener("error", listener);
      worker.addEventListener("messageerror", listener);
    },
    terminate() {
      remote[releaseProxy]();
      worker.terminate();
    },
  };
}
