import type { PeerId } from "../../core/ports/network-port.ts";
import { height } from "../../core/values/height.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeCompactItem, encodeCompactRequest } from "../../wire/requests/compact.ts";
import type { ClientHost } from "./client-host.ts";
import type { ClientNetworkPorts } from "./client-network-ports.ts";
import { REQUEST_MS } from "./header-requests.ts";
import type { Answer } from "./network-edges.ts";

interface CompactStream {
  /** undefined until the host is there. */
  answer: Answer | undefined;
  /** Set while paused; resolves to go on. */
  gate: Promise<void> | undefined;
  open: () => void;
}

/** `compact`: blocks as they become final, at most one stream to a peer. */
export class CompactStreams {
  readonly #ports: ClientNetworkPorts;
  readonly #host: ClientHost;
  readonly #streams = new Map<PeerId, CompactStream>();

  constructor(ports: ClientNetworkPorts, host: ClientHost) {
    this.#ports = ports;
    this.#host = host;
  }

  async open(peer: PeerId, from: number, isFull: boolean): Promise<void> {
    this.close(peer);
    // Known from the first moment: whoever pauses or closes it in the same breath must find it.
    const stream: CompactStream = { answer: undefined, gate: undefined, open: () => undefined };
    this.#streams.set(peer, stream);
    const isCurrent = (): boolean => this.#streams.get(peer) === stream;
    await this.#host.asked(peer, async (host) => {
      if (!isCurrent()) return;
      const frame = encodeCompactRequest({ from: height(from), isFull });
      const answer = this.#ports.requests.many(host, peer, PROTOCOL.compact, frame, { openMs: REQUEST_MS });
      stream.answer = answer;
      try {
        for await (const item of answer.frames) {
          if (!isCurrent()) return;
          this.#ports.post({ type: "compact-block-received", peer, item: decodeCompactItem(item, isFull) });
          await this.#ports.room();
          await stream.gate;
        }
        // Closed by us: another stream to the same peer may have taken its place.
        if (!isCurrent()) return;
      } catch (error) {
        if (isCurrent()) throw error;
        return;
      } finally {
        answer.cancel();
        if (isCurrent()) this.#streams.delete(peer);
      }
      this.#ports.post({ type: "stream-ended", peer });
    });
    if (isCurrent()) this.#streams.delete(peer);
  }

  close(peer: PeerId): void {
    const stream = this.#streams.get(peer);
    this.#streams.delete(peer);
    stream?.answer?.cancel();
    stream?.open();
  }

  closeAll(): void {
    for (const peer of [...this.#streams.keys()]) this.close(peer);
  }

  pause(peer: PeerId): void {
    const stream = this.#streams.get(peer);
    if (stream === undefined || stream.gate !== undefined) return;
    stream.gate = new Promise((resolve) => {
      stream.open = () => {
        stream.gate = undefined;
        resolve();
      };
    });
  }

  resume(peer: PeerId): void {
    this.#streams.get(peer)?.open();
  }
}
