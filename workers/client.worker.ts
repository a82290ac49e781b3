import { expose } from "comlink";
import { openCryptoWorker } from "../src/client/crypto/open-crypto-worker.ts";
import { startClient } from "../src/client/engine/start-client.ts";
import { acceptRtcBridge } from "../src/client/network/browser-network.ts";
import { installWorkerUrlPolicy } from "../src/client/worker-url-policy.ts";

installWorkerUrlPolicy(self.location.origin);
acceptRtcBridge(self);

// The first number and the first time that a process writes take a slow phone 200 ms. Here nobody waits for them, and the
// page shares what is loaded for them.
setTimeout(() => [(0).toLocaleString(), new Date(0).toLocaleTimeString()]);

expose(
  startClient({
    // The reference: this thread makes one key or address at a time, others pay to them, and the start of the page is not
    // to wait for a kernel.
    openCurve: async () => {
      try {
        return (await import("../src/core/crypto/backend/noble-backend.ts")).createNobleBackend();
      } catch (error) {
        // Nothing works without it: to the page this worker has failed.
        reportError(error);
        throw error;
      }
    },
    openBls: async () => (await import("../src/core/crypto/noble-bls.ts")).createNobleBls(),
    openCryptoWorker: (only) =>
      openCryptoWorker(
        new Worker(new URL("./crypto.worker.ts", import.meta.url), { type: "module", name: only ?? "" }),
      ),
  }),
);
