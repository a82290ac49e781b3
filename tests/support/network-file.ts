import { formatHex } from "../../src/core/bytes/hex.ts";
import { encodeGenesis, genesisHash, type Genesis } from "../../src/core/chain/genesis.ts";
import { NETWORK_PARAMS } from "../../src/core/params/network-params.ts";
import { timeMs } from "../../src/core/values/height.ts";

/** A genesis without outputs: enough to name a network. */
export const SMALL_GENESIS: Genesis = {
  chainId: 1000,
  time: timeMs(1_700_000_000_000),
  params: NETWORK_PARAMS.dev,
  outputs: [],
};

/** `/network.json` as an object, so that tests can bend it. */
export function networkFileOf(
  genesis: Genesis,
  nodes: readonly { readonly operator: string; readonly addresses: readonly string[] }[],
  checkpoint = { height: 0, block_id: "00".repeat(32), time_ms: Number(genesis.time) },
): Record<string, unknown> {
  return {
    network: "dev",
    chain_id: genesis.chainId,
    genesis_hash: formatHex(genesisHash(genesis)),
    genesis: formatHex(encodeGenesis(genesis)),
    checkpoint,
    nodes,
  };
}
