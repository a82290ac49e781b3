import type { NodeNetworkPort, PeerId } from "../../src/core/ports/network-port.ts";
import { createNodeHost } from "../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../src/net/host/identity.ts";
import { requestStream } from "../../src/net/requests/request.ts";
import { serveRequests } from "../../src/node/network/serve-requests.ts";
import type { Protocol } from "../../src/wire/protocols.ts";

const DIAL_MS = 30_000;

/** An answer's frame, the question it belongs to, and its place in the answer; gives what is sent instead. */
export type FrameChange = (frame: Uint8Array, request: Uint8Array, index: number) => Uint8Array | Promise<Uint8Array>;

/** A host over real sockets that answers as another node does, but for what a test has it change. */
export class RelayingNode {
  readonly host: NodeNetworkPort;
  readonly #source: PeerId;

  private constructor(host: NodeNetworkPort, source: PeerId) {
    this.host = host;
    this.#source = source;
  }

  /** `source` is the multiaddr of the node whose answers these are. */
  static async start(options: {
    readonly chainId: number;
    readonly listen: readonly string[];
    readonly source: string;
  }): Promise<RelayingNode> {
    const { chainId, listen, source } = options;
    const host = await createNodeHost({ chainId, identity: await generateIdentity(), listen });
    return new RelayingNode(host, await host.dial(source, DIAL_MS));
  }

  /** Serves one protocol, streams that stay open among them. */
  async relay(protocol: Protocol, change: FrameChange = (frame) => frame): Promise<void> {
    const { host } = this;
    const source = this.#source;
    await serveRequests(host, protocol, async function* (request, asker) {
      const over = new AbortController();
      void asker.closed.then(() => over.abort());
      const { signal } = over;
      let index = 0;
      for await (const frame of requestStream(host, source, protocol.name, protocol.asked, request, { signal })) {
        yield await change(frame, request, index++);
      }
    });
  }

  stop(): Promise<void> {
    return this.host.stop();
  }
}
