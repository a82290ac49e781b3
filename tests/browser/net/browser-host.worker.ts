import { expose } from "comlink";
import { acceptRtcBridge, openBrowserHost } from "../../../src/client/network/browser-network.ts";
import type { FrameStream, NetworkPort, StreamLimits } from "../../../src/core/ports/network-port.ts";

acceptRtcBridge(self);

interface Held {
  readonly stream: FrameStream;
  readonly frames: AsyncIterator<Uint8Array>;
}

const CHAIN_ID = 1000;
const hosts: NetworkPort[] = [];
const streams: Held[] = [];

/** A browser's host as the client worker opens it, each call by the number of its host or stream. */
const tools = {
  async open(): Promise<{ readonly host: number; readonly self: string }> {
    const port = await openBrowserHost(CHAIN_ID);
    return { host: hosts.push(port) - 1, self: port.self };
  },

  addresses: (host: number) => hosts[host]!.addresses(),
  dial: (host: number, address: string, timeoutMs: number) => hosts[host]!.dial(address, timeoutMs),
  hangUp: (host: number, peer: string) => hosts[host]!.hangUp(peer),
  peers: (host: number) => hosts[host]!.peers(),
  stop: (host: number) => hosts[host]!.stop(),

  onPeer(host: number, listener: (event: { readonly peer: string; readonly connected: boolean }) => void): void {
    hosts[host]!.onPeer((event) => listener(event));
  },

  async openStream(host: number, peer: string, protocol: string, limits: StreamLimits): Promise<number> {
    const stream = await hosts[host]!.openStream(peer, protocol, limits);
    return streams.push({ stream, frames: stream.frames()[Symbol.asyncIterator]() }) - 1;
  },

  send: (stream: number, frame: Uint8Array) => streams[stream]!.stream.send(frame),
  close: (stream: number) => streams[stream]!.stream.close(),
  abort: (stream: number, reason: string) => streams[stream]!.stream.abort(reason),
  closed: (stream: number) => streams[stream]!.stream.closed,

  async next(stream: number): Promise<Uint8Array | undefined> {
    const next = await streams[stream]!.frames.next();
    return next.done === true ? undefined : next.value;
  },
};

export type HostTools = typeof tools;

expose(tools);
