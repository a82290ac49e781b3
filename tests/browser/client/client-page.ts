import { proxy, wrap } from "comlink";
import type { ClientApi } from "../../../src/api/client-api.ts";
import type { ClientEvent } from "../../../src/api/events.ts";
import { CryptoPool } from "../../../src/client/crypto/crypto-pool.ts";
import { openCryptoWorker } from "../../../src/client/crypto/open-crypto-worker.ts";
import { allowWorkers } from "../allow-workers.ts";
import { printScan, scanSample } from "./scan-sample.ts";

const violations: string[] = [];
addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
allowWorkers();

const events: ClientEvent[] = [];
let worker: Worker | undefined;
let client: ClientApi | undefined;

/** The app's own client worker, as built. */
async function open(): Promise<unknown> {
  worker = new Worker(new URL("../../../workers/client.worker.ts", import.meta.url), { type: "module" });
  client = wrap<ClientApi>(worker) as unknown as ClientApi;
  const result = await client.open();
  await client.subscribe(proxy((event) => void events.push(event)));
  return result;
}

/** The app's own crypto worker under the app's own pool, which loses one worker on the way. */
async function scan(): Promise<string> {
  const workers: Worker[] = [];
  const pool = new CryptoPool({
    openWorker: () => {
      const next = new Worker(new URL("../../../workers/crypto.worker.ts", import.meta.url), { type: "module" });
      workers.push(next);
      return openCryptoWorker(next);
    },
  });
  const { keys, job } = scanSample();
  const result = pool.run("scan", (service) => service.scan(keys.view, job));
  // What a crash looks like from outside.
  workers[0]!.dispatchEvent(new ErrorEvent("error"));
  const found = await result;
  pool.close();
  return found.ok ? `${workers.length} workers ${printScan(found.value)}` : found.code;
}

Object.assign(globalThis, {
  open,
  scan,
  kill: () => worker!.terminate(),
  create: () => client!.accounts.create(),
  words: () => client!.accounts.recoveryWords(),
  address: () => client!.accounts.address({ fresh: false }),
  sync: () => client!.views.sync(),
  events: () => events,
  violations: () => violations,
  isReady: true,
});
