import { createNobleBackend } from "../../../core/crypto/backend/noble-backend.ts";
import type { LightClientEdges } from "../../../engine/services/light-client-run.ts";
import { streamRequests } from "../../../net/requests/stream-requests.ts";
import { createBlstBls } from "../../crypto/blst-bls.ts";
import { openWalletJobs } from "../../crypto/wallet-jobs.ts";
import { systemRandom, systemTimers } from "../../edges.ts";
import { fetchNetworkFile } from "../../network/fetch-network-file.ts";
import { untilStopped } from "../process-life.ts";
import { terminal, type Terminal } from "./terminal.ts";

/** A light client's edges but for its store, and how they end. */
export interface ClientEdges {
  readonly edges: Omit<LightClientEdges, "store">;
  close(): Promise<void>;
}

/** What wallet commands need of the process they run in; tests put others in their place. */
export interface WalletPlatform {
  readonly terminal: Terminal;
  openEdges(networkFile: URL): ClientEdges;
  /** Less than the usual work to try a passphrase, for tests. */
  readonly passphraseCostLog2?: number;
  /** Settles at Ctrl-C. */
  interrupted(): Promise<undefined>;
}

/** This process and this machine. */
export const systemPlatform: WalletPlatform = {
  terminal,
  openEdges(networkFile) {
    const work = openWalletJobs();
    return {
      edges: {
        // As in the browser: one key or address at a time is for the reference, long work for the threads.
        curve: createNobleBackend(),
        bls: createBlstBls(),
        jobs: work.jobs,
        random: systemRandom,
        timers: systemTimers,
        requests: streamRequests,
        fetchNetworkFile: () => fetchNetworkFile(networkFile),
        openHost: openClientHost,
        readAddress: readNodeAddress,
        isOriginTrusted: true,
      },
      close: () => work.close(),
    };
  },
  interrupted: untilStopped,
};

/** Loaded with the host, when a command asks the network at all. */
async function readNodeAddress(bytes: Uint8Array, allowsPrivate: boolean) {
  const { readClientAddress } = await import("../../../net/peers/client-addresses.ts");
  return readClientAddress(bytes, { hasWebRtc: false, isSecurePage: false, allowsPrivate });
}

/** A client's host with a fresh identity: it dials WebSockets, as browsers do, and listens nowhere. */
async function openClientHost(chainId: number) {
  const { createBrowserHost } = await import("../../../net/host/create-browser-host.ts");
  const { generateIdentity } = await import("../../../net/host/identity.ts");
  return createBrowserHost({ chainId, identity: await generateIdentity() });
}
