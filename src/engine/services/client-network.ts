import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { LightClientNetworkEffect } from "../../core/machines/light-client-effect.ts";
import type { LightClientEvent } from "../../core/machines/light-client-event.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import { ZERO_HASH } from "../../core/values/hash.ts";
import { height } from "../../core/values/height.ts";
import { HDR_ANSWER_BYTES_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeCompactItem, encodeCompactRequest } from "../../wire/requests/compact.ts";
import { decodeHdrItem, encodeHdrRequest } from "../../wire/requests/hdr.ts";
import { decodeStatus, encodeStatus } from "../../wire/requests/status.ts";
import type { Answer, NetworkEdges } from "./network-edges.ts";
import { parseNetworkFile } from "./network-file.ts";
import { Submissions } from "./submissions.ts";

/** A light client's events as an edge makes them: the loop adds when. */
export type UntimedEvent = LightClientEvent extends infer Each
  ? Each extends unknown
    ? Omit<Each, "nowMs">
    : never
  : never;

export interface ClientNetworkPorts extends NetworkEdges {
  post(event: UntimedEvent): void;
  /** Resolves once the loop has not too much waiting: what a peer streams must not pile up in memory. */
  room(): Promise<void>;
  /** A network file was read and is in order. Posting it is the caller's business. */
  configured(config: NetworkConfig): void;
}

type NetworkEffect = Exclude<LightClientNetworkEffect, { readonly type: "arm-timer" }>;

const DIAL_MS = 8_000;
const REQUEST_MS = 10_000;
/** An identity lives for a day at most (NW-11). */
const IDENTITY_MS = 24 * 60 * 60_000;

interface CompactStream {
  readonly answer: Answer;
  /** Set while paused; resolves to go on. */
  gate: Promise<void> | undefined;
  open: () => void;
}

/** Performs a light client's network effects over a NetworkPort. All that peers say returns as events. */
export class ClientNetwork {
  readonly #ports: ClientNetworkPorts;
  readonly #submissions: Submissions;
  readonly #streams = new Map<PeerId, CompactStream>();
  #config: NetworkConfig | undefined;
  #host: { readonly port: Promise<NetworkPort>; readonly openedMs: number } | undefined;
  #isStopped = false;

  constructor(ports: ClientNetworkPorts) {
    this.#ports = ports;
    this.#submissions = new Submissions(ports);
  }

  perform(effect: NetworkEffect): void {
    if (this.#isStopped) return;
    switch (effect.type) {
      case "fetch-network":
        return void this.#fetchNetwork();
      case "connect":
        return void this.#connect(effect.node, effect.addresses);
      case "disconnect":
        return void this.#withHost((host) => host.hangUp(effect.peer));
      case "request-status":
        return void this.#requestStatus(effect.peer);
      case "request-headers":
        return void this.#requestHeaders(effect.peer, effect.from, effect.count);
      case "open-compact-stream":
        return void this.#openCompactStream(effect.peer, effect.from, effect.isFull);
      case "close-compact-stream": {
        this.#closeStream(effect.peer);
        return;
      }
      case "pause-compact-stream": {
        this.#pauseStream(effect.peer);
        return;
      }
      case "resume-compact-stream":
        return this.#streams.get(effect.peer)?.open();
      case "submit-transaction":
        if (this.#config !== undefined) void this.#submissions.submit(this.#config.chainId, effect);
        return;
      default:
        effect satisfies never;
    }
  }

  /** Dials nodes in advance for what a person is about to send (NW-3), in the order in which they would be used. */
  prepareSubmissions(nodes: readonly number[]): void {
    const config = this.#config;
    if (config === undefined || this.#isStopped) return;
    const candidates = nodes.flatMap((node) => {
      const addresses = config.nodes[node]?.addresses;
      return addresses === undefined ? [] : [{ node, addresses }];
    });
    this.#submissions.prepare(config.chainId, candidates);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const peer of [...this.#streams.keys()]) this.#closeStream(peer);
    const stopping = [this.#submissions.stop(), this.#withHost((host) => host.stop())];
    this.#host = undefined;
    await Promise.all(stopping);
  }

  async #fetchNetwork(): Promise<void> {
    const text = await this.#ports.fetchNetworkFile().catch(() => undefined);
    const parsed = text === undefined ? undefined : parseNetworkFile(text);
    if (this.#isStopped) return;
    if (parsed?.ok !== true) {
      this.#ports.post({ type: "network-missing" });
      return;
    }
    if (this.#config !== undefined && this.#config.chainId !== parsed.config.chainId) await this.#dropHost();
    this.#config = parsed.config;
    this.#ports.configured(parsed.config);
  }

  async #connect(node: number, addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      try {
        const host = await this.#openHost();
        const peer = await host.dial(address, DIAL_MS);
        this.#ports.post({ type: "peer-connected", peer, node });
        return;
      } catch {
        // The next address may do.
      }
    }
    this.#ports.post({ type: "connect-failed", node });
  }

  async #openHost(): Promise<NetworkPort> {
    const config = this.#config;
    if (config === undefined || this.#isStopped) throw new Error("no network");
    const now = this.#ports.timers.now();
    if (this.#host !== undefined && now - this.#host.openedMs > IDENTITY_MS) {
      const port = await this.#host.port;
      if (port.peers().length === 0) await this.#dropHost();
    }
    this.#host ??= { port: this.#startHost(config.chainId), openedMs: now };
    const host = this.#host;
    try {
      return await host.port;
    } catch (error) {
      if (this.#host === host) this.#host = undefined;
      throw error;
    }
  }

  async #startHost(chainId: number): Promise<NetworkPort> {
    const host = await this.#ports.openHost(chainId);
    host.onPeer(({ peer, connected }) => {
      if (!connected && !this.#isStopped) this.#ports.post({ type: "peer-disconnected", peer });
    });
    return host;
  }

  async #dropHost(): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    await host?.port.then((port) => port.stop()).catch(() => undefined);
  }

  /** Work with the host where there is one; what fails is what the peer's absence already tells. */
  async #withHost(work: (host: NetworkPort) => Promise<void>): Promise<void> {
    await this.#host?.port.then(work).catch(() => undefined);
  }

  async #requestStatus(peer: PeerId): Promise<void> {
    await this.#asked(peer, async (host, config) => {
      // Height and block stay zero: a client's own progress is nobody's business (NW-2).
      const zero = height(0);
      const own = {
        chainId: config.chainId,
        genesis: config.genesisHash,
        height: zero,
        blockId: ZERO_HASH,
        oldestBlock: zero,
      };
      const frame = await this.#ports.requests.one(host, peer, PROTOCOL.status, encodeStatus(own), REQUEST_MS);
      this.#ports.post({ type: "status-received", peer, status: decodeStatus(frame) });
    });
  }

  async #requestHeaders(peer: PeerId, from: number, count: number): Promise<void> {
    await this.#asked(peer, async (host) => {
      const frame = encodeHdrRequest({ from: height(from), count, boundariesOnly: false });
      const wait = { firstMs: REQUEST_MS, idleMs: REQUEST_MS };
      const answer = this.#ports.requests.many(host, peer, PROTOCOL.hdr, frame, wait);
      const items: HeaderItem[] = [];
      let size = 0;
      try {
        for await (const item of answer.frames) {
          size += item.length;
          if (items.length === count || size > HDR_ANSWER_BYTES_MAX)
            throw new DecodeError("longer answer than asked for");
          items.push(decodeHdrItem(item, items.length === 0));
        }
      } finally {
        answer.cancel();
      }
      this.#ports.post({ type: "headers-received", peer, items });
    });
  }

  async #openCompactStream(peer: PeerId, from: number, isFull: boolean): Promise<void> {
    this.#closeStream(peer);
    await this.#asked(peer, async (host) => {
      const frame = encodeCompactRequest({ from: height(from), isFull });
      const answer = this.#ports.requests.many(host, peer, PROTOCOL.compact, frame, { firstMs: REQUEST_MS });
      const stream: CompactStream = { answer, gate: undefined, open: () => undefined };
      this.#streams.set(peer, stream);
      const isCurrent = (): boolean => this.#streams.get(peer) === stream;
      try {
        for await (const item of answer.frames) {
          if (!isCurrent()) return;
          this.#ports.post({ type: "compact-block-received", peer, item: decodeCompactItem(item, isFull) });
          await this.#ports.room();
          await stream.gate;
        }
      } catch (error) {
        if (isCurrent()) throw error;
        return;
      } finally {
        answer.cancel();
        if (isCurrent()) this.#streams.delete(peer);
      }
      this.#ports.post({ type: "stream-ended", peer });
    });
  }

  #closeStream(peer: PeerId): void {
    const stream = this.#streams.get(peer);
    this.#streams.delete(peer);
    stream?.answer.cancel();
    stream?.open();
  }

  #pauseStream(peer: PeerId): void {
    const stream = this.#streams.get(peer);
    if (stream === undefined || stream.gate !== undefined) return;
    stream.gate = new Promise((resolve) => {
      stream.open = () => {
        stream.gate = undefined;
        resolve();
      };
    });
  }

  /** One exchange with a peer: bytes that are no message cost it its place, anything else only the exchange. */
  async #asked(peer: PeerId, work: (host: NetworkPort, config: NetworkConfig) => Promise<void>): Promise<void> {
    const config = this.#config;
    const host = this.#host;
    if (config === undefined || host === undefined) return;
    try {
      await work(await host.port, config);
    } catch (error) {
      if (this.#isStopped) return;
      if (error instanceof DecodeError) this.#ports.post({ type: "frame-refused", peer, reason: error.message });
      else this.#ports.post({ type: "stream-ended", peer });
    }
  }
}
