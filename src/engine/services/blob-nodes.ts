import { placeBlob } from "../../core/blob/place-blob.ts";
import { BLOB_PLACES_MAX } from "../../core/params/limits.ts";
import { peerOfAddress } from "../../core/sync/known-nodes.ts";
import type { NetworkConfig, NodeConfig } from "../../core/sync/network-config.ts";
import type { Hash } from "../../core/values/hash.ts";
import { isForked } from "./fork-watch.ts";
import type { LightClientRun } from "./light-client-run.ts";
import { lookupNodes } from "./lookup-nodes.ts";

/** What blobs need of a run. */
export type BlobRun = Pick<LightClientRun, "state" | "until">;

/** A node that keeps a blob. */
export interface BlobNode {
  readonly name: string;
  readonly node: NodeConfig;
}

/**
 * The nodes of a blob, nearest first (MS-13): of those that the network file lists, which everybody with the same file
 * finds, and of the learnt ones only what is missing to four. A node without a name has no place.
 */
export function blobNodes(run: BlobRun, config: NetworkConfig, blobId: Hash): readonly BlobNode[] {
  const { listed, learnt } = lookupNodes(run.state, config);
  const nearest = nearestOf(blobId, listed);
  const others = nearestOf(blobId, learnt).filter(({ name }) => nearest.every((known) => known.name !== name));
  return [...nearest, ...others].slice(0, BLOB_PLACES_MAX);
}

function nearestOf(blobId: Hash, nodes: readonly NodeConfig[]): readonly BlobNode[] {
  const named = new Map<string, NodeConfig>();
  for (const node of nodes) {
    const name = peerOfAddress(node.addresses[0] ?? "");
    if (name !== undefined && !named.has(name)) named.set(name, node);
  }
  return placeBlob(blobId, [...named.keys()]).map((name) => ({ name, node: named.get(name)! }));
}

/** Is this still the run, and may it ask others? */
export function isAskable(run: BlobRun | undefined, current: BlobRun | undefined): run is BlobRun {
  return run !== undefined && run === current && !isForked(run);
}
