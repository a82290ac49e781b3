import { decodeBlock } from "../../../src/core/chain/block.ts";
import { decodeCertificate } from "../../../src/core/chain/certificate.ts";
import type { CertifiedBlock, FullNodeEffect, FullNodeEvent } from "../../../src/core/machines/full-node-events.ts";
import type { FullNodeStore } from "../../../src/core/ports/full-node-store.ts";
import { height, type Height } from "../../../src/core/values/height.ts";
import type { NodeSimulation } from "./node-simulation.ts";
import type { Running } from "./node-world.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** When a request without an answer is given up. */
const FETCH_PATIENCE_MS = 2_000;

/** Question and answer can both be lost; whoever asked hears of that after a while. */
export function fetchBlocks(
  simulation: NodeSimulation,
  node: SimulatedNode,
  running: Running,
  { peer, from, count }: Extract<FullNodeEffect, { type: "fetch-blocks" }>,
): void {
  const server = simulation.nodeOf(peer);
  const post = (event: FullNodeEvent): void => {
    if (node.running === running) node.post(event);
  };
  const [there] = simulation.arrivals(node, server, "fetch");
  const [back] = simulation.arrivals(server, node, "fetch");
  if (there === undefined || back === undefined || server.running === undefined) {
    simulation.at(simulation.now + FETCH_PATIENCE_MS, () => post({ type: "fetch-failed", now: node.now, peer }));
    return;
  }
  simulation.at(simulation.now + there + back, async () => {
    const blocks = await readBlocks(server.disk.store, from, count);
    const served = blocks.length === 0 ? blocks : simulation.cheats.blocks(server, blocks);
    if (served.length === 0) post({ type: "fetch-failed", now: node.now, peer });
    else post({ type: "blocks-fetched", now: node.now, peer, blocks: served });
  });
}

async function readBlocks(store: FullNodeStore, first: Height, count: number): Promise<readonly CertifiedBlock[]> {
  const blocks: CertifiedBlock[] = [];
  for (let at: number = first; at < first + count; at++) {
    const bytes = await store.block(height(at));
    const certificate = await store.certificate(height(at));
    if (bytes === undefined || certificate === undefined) break;
    blocks.push({ block: decodeBlock(bytes), certificate: decodeCertificate(certificate) });
  }
  return blocks;
}
