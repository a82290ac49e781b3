import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { LightClientNetworkEffect } from "../../core/machines/light-client-effect.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { ClientNetworkPorts } from "./client-network-ports.ts";

type Dial = Extract<LightClientNetworkEffect, { readonly type: "connect" }>;

const DIAL_MS = 8_000;
/** An identity lives for a day at most (NW-11). */
const IDENTITY_MS = 24 * 60 * 60_000;

/** A light client's own place in the network: one host at a time, opened when it is needed first. */
export class ClientHost {
  readonly #ports: ClientNetworkPorts;
  #config: NetworkConfig | undefined;
  #host: { readonly port: Promise<NetworkPort>; readonly openedMs: number } | undefined;
  #isStopped = false;

  constructor(ports: ClientNetworkPorts) {
    this.#ports = ports;
  }

  /** The network file read last; undefined before the first. */
  get config(): NetworkConfig | undefined {
    return this.#config;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  async configure(config: NetworkConfig): Promise<void> {
    const before = this.#config;
    // First, so that whoever is dialled while the old host stops is dialled for the new chain.
    this.#config = config;
    if (before !== undefined && before.chainId !== config.chainId) await this.#drop();
  }

  async connect({ node, list, addresses }: Dial): Promise<void> {
    for (const address of addresses) {
      try {
        const host = await this.#open();
        const peer = await host.dial(address, DIAL_MS);
        this.#ports.post({ type: "peer-connected", peer, node, list });
        return;
      } catch {
        // The next address may do.
      }
    }
    this.#ports.post({ type: "connect-failed", node, list });
  }

  async hangUp(peer: PeerId): Promise<void> {
    await this.#with((host) => host.hangUp(peer));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const stopping = this.#with((host) => host.stop());
    this.#host = undefined;
    await stopping;
  }

  /** One exchange with a peer: bytes that are no message cost it its place, anything else only the exchange. */
  async asked(
    peer: PeerId,
    work: (host: NetworkPort, config: NetworkConfig) => Promise<void>,
    failed: (error: unknown) => void = () => this.#ports.post({ type: "stream-ended", peer }),
  ): Promise<void> {
    const config = this.#config;
    const host = this.#host;
    if (config === undefined || host === undefined) return;
    try {
      await work(await host.port, config);
    } catch (error) {
      if (this.#isStopped) return;
      if (error instanceof DecodeError) this.#ports.post({ type: "frame-refused", peer, reason: error.message });
      else failed(error);
    }
  }

  async #open(): Promise<NetworkPort> {
    const config = this.#config;
    if (config === undefined || this.#isStopped) throw new Error("no network");
    const now = this.#ports.timers.now();
    const ageMs = now - (this.#host?.openedMs ?? now);
    // Below zero the clock was set back, and nobody knows how old it is.
    if (this.#host !== undefined && (ageMs < 0 || ageMs > IDENTITY_MS)) {
      const port = await this.#host.port;
      if (port.peers().length === 0) await this.#drop();
    }
    this.#host ??= { port: this.#start(config.chainId), openedMs: now };
    const host = this.#host;
    try {
      return await host.port;
    } catch (error) {
      if (this.#host === host) this.#host = undefined;
      throw error;
    }
  }

  async #start(chainId: number): Promise<NetworkPort> {
    const host = await this.#ports.openHost(chainId);
    host.onPeer(({ peer, connected }) => {
      if (!connected && !this.#isStopped) this.#ports.post({ type: "peer-disconnected", peer });
    });
    return host;
  }

  async #drop(): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    await host?.port.then((port) => port.stop()).catch(() => undefined);
  }

  /** Work with the host where there is one; what fails is what the peer's absence already tells. */
  async #with(work: (host: NetworkPort) => Promise<void>): Promise<void> {
    await this.#host?.port.then(work).catch(() => undefined);
  }
}
