import { formatHex } from "../../core/bytes/hex.ts";
import { networkOfChainId, type NetworkName } from "../../core/values/network.ts";
import { NETWORK_NODE_ADDRESSES_MAX } from "../../engine/services/network-file.ts";
import type { NodeView } from "./node-view.ts";

/** What `/network.json` says: enough for a client to check everything else it is told. */
export interface NetworkFile {
  readonly network: NetworkName;
  readonly chain_id: number;
  readonly genesis_hash: string;
  /** Genesis bytes as hex. */
  readonly genesis: string;
  readonly checkpoint: { readonly height: number; readonly block_id: string; readonly time_ms: number };
  /** FE-1 after the checkpoint's block: no header says it, and a wallet that starts there must pay exact fees (TX-8). */
  readonly fee_multiplier: number;
  readonly nodes: readonly NetworkNode[];
}

export interface NetworkNode {
  /** Nodes of one operator count as one witness (LC-3). */
  readonly operator: string;
  readonly addresses: readonly string[];
}

/** The file a single node serves: itself as the only node. */
export function networkFileOf(view: NodeView, operator: string): NetworkFile {
  const checkpoint = view.checkpoint();
  return {
    network: networkNameOf(view.chainId),
    chain_id: view.chainId,
    genesis_hash: formatHex(view.genesisHash),
    genesis: formatHex(view.genesis),
    checkpoint: {
      height: checkpoint.height,
      block_id: formatHex(checkpoint.blockId),
      time_ms: checkpoint.time,
    },
    fee_multiplier: checkpoint.feeMultiplier,
    nodes: [{ operator, addresses: browserAddresses(view.addresses()) }],
  };
}

/** What browsers dial, in the order in which they try: WebSocket, which costs a node least, then WebRTC-direct. */
const BROWSER_TRANSPORTS = [/\/wss?(\/|$)/, /\/webrtc-direct\/certhash\//];

/** The addresses of a node that a browser can dial, as many as it reads, in the order of trying. */
export function browserAddresses(addresses: readonly string[]): readonly string[] {
  const each = Math.floor(NETWORK_NODE_ADDRESSES_MAX / BROWSER_TRANSPORTS.length);
  return BROWSER_TRANSPORTS.flatMap((transport) => {
    return addresses.filter((address) => transport.test(address)).slice(0, each);
  });
}

/** The kind of network of a chain that a node runs on; genesis checks have refused every other id. */
export function networkNameOf(chainId: number): NetworkName {
  const name = networkOfChainId(chainId);
  if (name === undefined) throw new RangeError(`chain ${chainId} is of no network`);
  return name;
}
