import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { parseParameters } from "../parameters.ts";

/** `supply`: all there is, and whether the live outputs add up to it (SU-3). */
export async function supply(view: NodeView, params: unknown): Promise<JsonValue> {
  parseParameters(params, []);
  const { minted, burned, inOutputs, pot, isInvariantOk } = await view.supply();
  return {
    minted: minted.toString(),
    burned: burned.toString(),
    in_outputs: inOutputs.toString(),
    pot: pot.toString(),
    invariant_ok: isInvariantOk,
  };
}
