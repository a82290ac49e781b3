import type { Genesis } from "../chain/genesis.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, TimeMs } from "../values/height.ts";
import type { NetworkName } from "../values/network.ts";

/** A trusted header by its name (LC-4). Its height is that of an epoch's last block, or 0. */
export interface Checkpoint {
  readonly height: Height;
  readonly blockId: Hash;
  readonly timeMs: TimeMs;
}

/** One host that serves clients; its addresses in the order in which to try them. */
export interface NodeConfig {
  readonly operator: string;
  readonly addresses: readonly string[];
}

/** `/network.json`, decoded and checked: what a client trusts before it has verified anything. */
export interface NetworkConfig {
  readonly network: NetworkName;
  readonly chainId: number;
  readonly genesisHash: Hash;
  readonly params: NetworkParams;
  readonly checkpoint: Checkpoint;
  /** A node's number is its place in this list. */
  readonly nodes: readonly NodeConfig[];
  /** mult of TX-8 at the checkpoint where the origin says it; from there the headers tell (FE-1). */
  readonly feeMultiplier?: number;
  /** Of the genesis behind the hash, where the file is at hand. */
  readonly genesisOutputs?: Genesis["outputs"];
}
