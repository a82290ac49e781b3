import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";

const KNOCK_AGAIN_MS = 1_000;
const KNOCK_AGAIN_MS_MAX = 5 * 60_000;

interface Pause {
  readonly untilMs: number;
  readonly pauseMs: number;
}

/** When to try a protocol again at a node that did not serve it: it may have only not started yet. */
export class Knocks {
  readonly #network: Pick<NetworkPort, "peers" | "onPeer">;
  readonly #nowMs: () => number;
  readonly #pauses = new Map<PeerId, Pause>();

  constructor(network: Pick<NetworkPort, "peers" | "onPeer">, nowMs: () => number = () => performance.now()) {
    this.#network = network;
    this.#nowMs = nowMs;
    network.onPeer(({ peer, connected }) => {
      if (!connected) this.#pauses.delete(peer);
    });
  }

  isDue(peer: PeerId): boolean {
    return this.#nowMs() >= (this.#pauses.get(peer)?.untilMs ?? -Infinity);
  }

  /** It did not open: the next pause is twice as long. */
  unanswered(peer: PeerId): void {
    // Of a peer that has just left nothing is kept: nobody would tell us to forget it.
    if (!this.#network.peers().includes(peer)) return;
    const last = this.#pauses.get(peer);
    const pauseMs = last === undefined ? KNOCK_AGAIN_MS : Math.min(2 * last.pauseMs, KNOCK_AGAIN_MS_MAX);
    this.#pauses.set(peer, { untilMs: this.#nowMs() + pauseMs, pauseMs });
  }

  /** It serves the protocol, or does what only nodes do. */
  answered(peer: PeerId): void {
    this.#pauses.delete(peer);
  }
}
