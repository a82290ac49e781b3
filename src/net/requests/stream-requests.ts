import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { Protocol } from "../../wire/protocols.ts";
import { requestOne, requestStream } from "./request.ts";

/** The frames of one answer, and how to end it at once. */
interface StreamAnswer {
  readonly frames: AsyncIterable<Uint8Array>;
  cancel(): void;
}

/** Questions to peers over the streams of a NetworkPort, as every platform asks them. */
export const streamRequests = {
  one(
    network: NetworkPort,
    peer: PeerId,
    protocol: Protocol,
    frame: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    return requestOne(network, peer, protocol.name, protocol.asked, frame, timeoutMs);
  },
  many(
    network: NetworkPort,
    peer: PeerId,
    protocol: Protocol,
    frame: Uint8Array,
    wait: { readonly openMs?: number; readonly firstMs?: number; readonly idleMs?: number },
  ): StreamAnswer {
    const controller = new AbortController();
    const options = { ...wait, signal: controller.signal };
    return {
      frames: requestStream(network, peer, protocol.name, protocol.asked, frame, options),
      cancel: () => controller.abort(),
    };
  },
};
