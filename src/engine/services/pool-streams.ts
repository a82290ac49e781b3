import type { PeerId } from "../../core/ports/network-port.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodePoolItem, encodePoolRequest } from "../../wire/requests/pool.ts";
import type { ClientHost } from "./client-host.ts";
import type { ClientNetworkPorts } from "./client-network-ports.ts";
import { REQUEST_MS } from "./header-requests.ts";
import type { Answer } from "./network-edges.ts";

interface PoolStream {
  readonly peer: PeerId;
  /** undefined until the host is there. */
  answer: Answer | undefined;
}

/** `pool`: what waits at a node to become final, one stream at a time (NW-13). */
export class PoolStreams {
  readonly #ports: ClientNetworkPorts;
  readonly #host: ClientHost;
  #current: PoolStream | undefined;

  constructor(ports: ClientNetworkPorts, host: ClientHost) {
    this.#ports = ports;
    this.#host = host;
  }

  async open(peer: PeerId): Promise<void> {
    this.close();
    // Known from the first moment: whoever closes it in the same breath must find it.
    const stream: PoolStream = { peer, answer: undefined };
    this.#current = stream;
    const isCurrent = (): boolean => this.#current === stream;
    const ended = (): void => this.#ports.post({ type: "pool-ended", peer });
    await this.#host.asked(
      peer,
      async (host) => {
        if (!isCurrent()) return;
        // An empty mempool sends nothing at first, so that even the first frame may take its time.
        const answer = this.#ports.requests.many(host, peer, PROTOCOL.pool, encodePoolRequest(), {
          openMs: REQUEST_MS,
        });
        stream.answer = answer;
        try {
          for await (const frame of answer.frames) {
            if (!isCurrent()) return;
            this.#ports.post({ type: "pool-item-received", peer, item: decodePoolItem(frame) });
            await this.#ports.poolRoom();
          }
        } catch (error) {
          if (isCurrent()) throw error;
          return;
        } finally {
          answer.cancel();
          if (isCurrent()) this.#current = undefined;
        }
        ended();
      },
      ended,
    );
    if (isCurrent()) this.#current = undefined;
  }

  close(peer: PeerId | undefined = this.#current?.peer): void {
    if (this.#current === undefined || this.#current.peer !== peer) return;
    const { answer } = this.#current;
    this.#current = undefined;
    answer?.cancel();
  }
}
