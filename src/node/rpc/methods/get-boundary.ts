import { formatHex } from "../../../core/bytes/hex.ts";
import { blockId, decodeHeader, isBoundary } from "../../../core/chain/header.ts";
import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { heightParameter, parseParameters } from "../parameters.ts";
import { notFound } from "../rpc-error.ts";

/**
 * `get_boundary {height}`: the header of a boundary as bytes, with the set that it announces, from which on others can be
 * checked (LC-2); the newest boundary where no height is given. Nodes keep all of them.
 */
export async function getBoundary(view: NodeView, params: unknown): Promise<JsonValue> {
  const parameters = parseParameters(params, ["height"]);
  const at = parameters.has("height") ? heightParameter(parameters, "height") : view.checkpoint().height;
  const bytes = await view.store.header(at);
  const header = bytes && decodeHeader(bytes);
  const set = header && isBoundary(header) ? await view.store.validatorSet(header.nextValHash) : undefined;
  if (bytes === undefined || header === undefined || set === undefined) throw notFound("boundary");
  return {
    height: at,
    hash: formatHex(blockId(header)),
    header: formatHex(bytes),
    next_validators: formatHex(set),
  };
}
