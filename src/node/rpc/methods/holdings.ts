import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { parseParameters } from "../parameters.ts";

/** `holdings`: bytes that the node keeps of the chain on its disk, in all and by what they are for. */
export async function holdings(view: NodeView, params: unknown): Promise<JsonValue> {
  parseParameters(params, []);
  const sizes = await view.holdings();
  return { bytes: Object.values(sizes).reduce((sum, size) => sum + size, 0), classes: { ...sizes } };
}
