import type { FrameStream, NetworkPort, StreamLimits } from "../../../src/core/ports/network-port.ts";
import { decodeLedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { BoundaryRanges } from "../../../src/node/network/boundary-ranges.ts";
import { serveRange } from "../../../src/node/network/serve-range.ts";
import { serveReads } from "../../../src/node/network/serve-reads.ts";
import { serveSnap } from "../../../src/node/network/serve-snap.ts";
import { FakeNetwork } from "../../support/fake-network.ts";
import type { NodeSimulation } from "./node-simulation.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** What a server sends instead of a frame; undefined breaks the stream. */
export type FrameTwist = (frame: Uint8Array) => Uint8Array | undefined;

/** A host that all nodes that run serve boundaries, ranges and snapshots to; cheats in their own way. */
export async function connectToServers(simulation: NodeSimulation): Promise<NetworkPort> {
  const network = new FakeNetwork();
  const client = network.join("joiner");
  // Whoever is there first is asked first.
  const drawn = simulation.nodes.map((node) => ({ node, place: simulation.numbers.between(0, 1_000_000) }));
  for (const { node } of drawn.sort((left, right) => left.place - right.place)) {
    if (node.running === undefined) continue;
    await serve(node, twisted(network.join(node.name), simulation.cheats.snapshots(node)));
    await client.dial(`/fake/${node.name}`, 0);
  }
  return client;
}

async function serve(node: SimulatedNode, host: NetworkPort): Promise<void> {
  const { store } = node.disk;
  const { header, blockId, chain } = decodeLedgerTip(store.tip()!);
  const { chainId, height } = header;
  await serveReads(host, {
    store,
    status: () => ({ chainId, genesis: chain.genesisHash, height, blockId, oldestBlock: store.keptFrom().blocks }),
    knownAddresses: () => [],
    onBlock: () => () => undefined,
    statusReceived: () => true,
  });
  await serveRange(host, new BoundaryRanges(store));
  await serveSnap(host, store);
}

function twisted(host: NetworkPort, twist: FrameTwist | undefined): NetworkPort {
  if (twist === undefined) return host;
  const serveTwisted = (name: string, limits: StreamLimits, handler: (stream: FrameStream) => Promise<void>) => {
    return host.serve(name, limits, (stream) => {
      const send = (frame: Uint8Array): Promise<void> => {
        const changed = twist(frame);
        if (changed !== undefined) return stream.send(changed);
        stream.abort("gone");
        return Promise.reject(new Error("gone"));
      };
      return handler({ ...methodsOf(stream), send });
    });
  };
  return Object.assign(Object.create(host) as NetworkPort, { serve: serveTwisted });
}

/** Bound, as private fields want their own object. */
function methodsOf(stream: FrameStream): Omit<FrameStream, "send"> {
  return {
    peer: stream.peer,
    closed: stream.closed,
    frames: () => stream.frames(),
    close: () => stream.close(),
    abort: (reason) => stream.abort(reason),
  };
}
