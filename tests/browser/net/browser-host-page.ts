import { proxy, wrap } from "comlink";
import { serveRtcBridge, type RtcBridge } from "../../../src/net/rtc-bridge-page.ts";
import type { HostTools } from "./browser-host.worker.ts";

const scope = globalThis as {
  readonly trustedTypes?: { createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): unknown };
};
scope.trustedTypes?.createPolicy("default", { createScriptURL: (url) => url });

/** What passed from the page to the worker, by type; a channel that was handed over has a type of its own. */
const posted: Record<string, number> = {};
/** How each peer connection of the page was set up. */
const configurations: string[] = [];

const RealConnection = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends RealConnection {
  constructor(configuration?: RTCConfiguration) {
    configurations.push(JSON.stringify(configuration));
    super(configuration);
  }
};

let worker: Worker;
let bridge: RtcBridge;
let tools: ReturnType<typeof wrap<HostTools>>;

/** A worker of its own with this page's WebRTC, lent as the app lends it. */
function start(isPumped: boolean): void {
  worker = new Worker(new URL("./browser-host.worker.ts", import.meta.url), { type: "module" });
  const { port1, port2 } = new MessageChannel();
  const post = port1.postMessage.bind(port1);
  port1.postMessage = (message: { readonly type: string; readonly transferred?: unknown }, transfer: unknown) => {
    post(message, transfer as Transferable[]);
    const name = message.transferred === undefined ? message.type : `${message.type} transferred`;
    posted[name] = (posted[name] ?? 0) + 1;
  };
  worker.postMessage({ type: "rtc-bridge" }, [port2]);
  bridge = serveRtcBridge(port1, { isPumped });
  tools = wrap<HostTools>(worker);
}

function end(): void {
  worker.terminate();
  bridge.close();
}

const toText = (bytes: Uint8Array): string => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
};

const fromText = (text: string): Uint8Array => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

type Tool = keyof HostTools;

Object.assign(globalThis, {
  start,
  end,
  posted: () => posted,
  configurations: () => configurations,
  call: (name: Tool, ...args: never[]) => (tools[name] as (...all: never[]) => Promise<unknown>)(...args),
  send: (stream: number, text: string) => tools.send(stream, fromText(text)),
  async next(stream: number): Promise<string | undefined> {
    const frame = await tools.next(stream);
    return frame === undefined ? undefined : toText(frame);
  },
  onPeer: (host: number, tell: (peer: string, connected: boolean) => void) =>
    tools.onPeer(
      host,
      proxy(({ peer, connected }) => tell(peer, connected)),
    ),
  isReady: true,
});
