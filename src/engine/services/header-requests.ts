import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { LightClientNetworkEffect } from "../../core/machines/light-client-effect.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import { ZERO_HASH } from "../../core/values/hash.ts";
import { height } from "../../core/values/height.ts";
import { HDR_ANSWER_BYTES_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeHdrItem, encodeHdrRequest, type HdrRequest } from "../../wire/requests/hdr.ts";
import { decodeStatus, encodeStatus } from "../../wire/requests/status.ts";
import type { ClientHost } from "./client-host.ts";
import type { ClientNetworkPorts } from "./client-network-ports.ts";
import type { Requests } from "./network-edges.ts";

type AskHeaders = Extract<LightClientNetworkEffect, { readonly type: "ask-headers" }>;

/** How long a node may take to answer, and between two frames of its answer. */
export const REQUEST_MS = 10_000;

/** The headers that a node answers with, nothing checked but their number and size. */
export async function readHeaders(
  requests: Requests,
  host: NetworkPort,
  peer: PeerId,
  request: HdrRequest,
): Promise<readonly HeaderItem[]> {
  const wait = { firstMs: REQUEST_MS, idleMs: REQUEST_MS };
  const answer = requests.many(host, peer, PROTOCOL.hdr, encodeHdrRequest(request), wait);
  const items: HeaderItem[] = [];
  let size = 0;
  try {
    for await (const item of answer.frames) {
      size += item.length;
      if (items.length === request.count || size > HDR_ANSWER_BYTES_MAX)
        throw new DecodeError("longer answer than asked for");
      items.push(decodeHdrItem(item, items.length === 0));
    }
  } finally {
    answer.cancel();
  }
  return items;
}

/** `status` and `hdr`: where a node stands, and headers of the chain. */
export class HeaderRequests {
  readonly #ports: ClientNetworkPorts;
  readonly #host: ClientHost;

  constructor(ports: ClientNetworkPorts, host: ClientHost) {
    this.#ports = ports;
    this.#host = host;
  }

  async status(peer: PeerId): Promise<void> {
    const work: Parameters<ClientHost["asked"]>[1] = async (host, config) => {
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
    };
    await this.#host.asked(peer, work, () => this.#ports.post({ type: "status-missing", peer }));
  }

  async headers(peer: PeerId, from: number, count: number): Promise<void> {
    await this.#host.asked(peer, async (host) => {
      const items = await readHeaders(this.#ports.requests, host, peer, {
        from: height(from),
        count,
        boundariesOnly: false,
      });
      this.#ports.post({ type: "headers-received", peer, items });
    });
  }

  /** A question with a number: always answered, if only by saying that no answer came. */
  async ask({ peer, questionId, from, count, boundariesOnly }: AskHeaders): Promise<void> {
    const end = (items: readonly HeaderItem[] | undefined): void => {
      this.#ports.post({ type: "headers-answered", peer, questionId, items });
    };
    const work = async (host: NetworkPort): Promise<void> => {
      end(await readHeaders(this.#ports.requests, host, peer, { from: height(from), count, boundariesOnly }));
    };
    await this.#host.asked(peer, work, () => end(undefined));
  }
}
