import { formatHex } from "../../../core/bytes/hex.ts";
import { VERSION } from "../../version.ts";
import type { JsonValue } from "../json-rpc.ts";
import { networkNameOf } from "../network-file.ts";
import type { NodeView } from "../node-view.ts";
import { parseParameters } from "../parameters.ts";

/** `status`: where the node stands. */
export function status(view: NodeView, params: unknown): JsonValue {
  parseParameters(params, []);
  const { height, time, blockId, isSyncing } = view.status();
  const standing = view.ownStanding();
  return {
    network: networkNameOf(view.chainId),
    chain_id: view.chainId,
    height,
    time_ms: time,
    block_hash: formatHex(blockId),
    syncing: isSyncing,
    peers: view.peers(),
    validators: view.validators().length,
    ...(standing === undefined ? {} : { validator: standing }),
    version: VERSION,
  };
}
