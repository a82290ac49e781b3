import { decodeHeader } from "../../../core/chain/header.ts";
import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { parseParameters } from "../parameters.ts";

/**
 * `award`: the pot as the newest block has it. Draws are not part of this chain version, so there is no date of one,
 * nobody is eligible, and none has been (docs/protocol.md, "Later versions").
 */
export async function award(view: NodeView, params: unknown): Promise<JsonValue> {
  parseParameters(params, []);
  const header = await view.store.header(view.status().height);
  if (header === undefined) throw new Error("the newest header is missing");
  return { pot: decodeHeader(header).pot.toString(), draw_at_ms: null, eligible: [], past: [] };
}
