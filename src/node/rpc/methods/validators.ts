import { formatAddress } from "../../../core/values/address.ts";
import type { JsonValue } from "../json-rpc.ts";
import { networkNameOf } from "../network-file.ts";
import type { NodeView } from "../node-view.ts";
import { parseParameters } from "../parameters.ts";

/** `validators`: the current set in seat order. */
export function validators(view: NodeView, params: unknown): JsonValue {
  parseParameters(params, []);
  const network = networkNameOf(view.chainId);
  return view.validators().map((validator, index) => ({
    index,
    stake: validator.stake.toString(),
    reward_address: formatAddress(validator.reward, network),
    online_share: validator.onlineShare,
    missed_proposals: validator.missedProposals,
    jailed: validator.isJailed,
  }));
}
