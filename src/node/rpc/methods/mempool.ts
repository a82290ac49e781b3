import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { parseParameters } from "../parameters.ts";

/** `mempool`: how much waits for a block. */
export function mempool(view: NodeView, params: unknown): JsonValue {
  parseParameters(params, []);
  const { count, bytes } = view.mempool();
  return { count, bytes };
}
