import { formatHex } from "../../../core/bytes/hex.ts";
import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { parseParameters } from "../parameters.ts";

/**
 * `award`: the pot as the newest block has it, about when it is drawn, and the BLS keys it would be drawn among. Past
 * draws are not kept by this version (docs/protocol.md, "Later versions").
 */
export function award(view: NodeView, params: unknown): JsonValue {
  parseParameters(params, []);
  const { pot, drawAt, eligible } = view.award();
  return { pot: pot.toString(), draw_at_ms: drawAt, eligible: eligible.map(formatHex), past: [] };
}
