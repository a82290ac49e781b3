import { proxy, releaseProxy, wrap } from "comlink";
import type { ClientApi, OpenOptions } from "../../api/client-api.ts";
import { serveRtcBridge, type RtcBridge } from "../../net/rtc-bridge-page.ts";
import type { Connection } from "../state/session.svelte.ts";
import { afterDrawing } from "./after-drawing.ts";

const BACKENDS = ["noble", "scalar", "simd", "fma"] as const;

/** What the page's address asks of the client. */
export function openOptions(search: string): OpenOptions {
  const asked = new URLSearchParams(search).get("backend");
  const backend = BACKENDS.find((name) => name === asked);
  return backend === undefined ? {} : { backend };
}

/**
 * Starts the client worker of this page. Which tab holds the engine is settled between the workers; a page's part is
 * to start its worker only once it is in front (see {@link inFront}), so that the tab in front wins.
 */
export function connect(onFailed: () => void): Connection {
  const worker = new Worker(new URL("../../../workers/client.worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("error", onFailed);
  const bridge = lendRtc(worker, location.search);
  const remote = wrap<ClientApi>(worker);
  // A comlink proxy follows any path of properties; only its types stop at the first level.
  const client = remote as unknown as ClientApi;
  let isClosed = false;
  const tellForeground = (): void => {
    if (isClosed) return;
    void client.network.foreground(document.visibilityState === "visible").catch(() => undefined);
  };
  return {
    client: {
      async open(options) {
        const opened = await client.open({ ...openOptions(location.search), ...options });
        if (opened.ok) {
          document.addEventListener("visibilitychange", tellForeground);
          afterDrawing(tellForeground);
        }
        return opened;
      },
      subscribe: (listener) => client.subscribe(proxy(listener)),
      accounts: client.accounts,
      safety: client.safety,
      payments: client.payments,
      requests: client.requests,
      stakes: client.stakes,
      explorer: client.explorer,
      packets: client.packets,
      proofs: client.proofs,
      network: client.network,
      views: client.views,
      faucet: client.faucet,
    },
    close() {
      isClosed = true;
      document.removeEventListener("visibilitychange", tellForeground);
      remote[releaseProxy]();
      worker.terminate();
      bridge?.close();
    },
  };
}

/**
 * A worker has no WebRTC of its own. The port goes first, so that it is there before libp2p is loaded. `?rtc=pump` in the
 * page's address carries bytes as a browser without transferable channels does.
 */
function lendRtc(worker: Worker, search: string): RtcBridge | undefined {
  if (!("RTCPeerConnection" in globalThis)) return undefined;
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ type: "rtc-bridge" }, [port2]);
  return serveRtcBridge(port1, { isPumped: new URLSearchParams(search).get("rtc") === "pump" });
}

/** Resolves once the page is looked at: a tab opened in the background must not take the engine away. */
export async function inFront(page: Document): Promise<void> {
  if (page.visibilityState === "visible") return;
  await new Promise<void>((resolve) => {
    const check = (): void => {
      if (page.visibilityState !== "visible") return;
      page.removeEventListener("visibilitychange", check);
      resolve();
    };
    page.addEventListener("visibilitychange", check);
  });
}
