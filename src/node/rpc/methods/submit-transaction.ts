import { formatHex } from "../../../core/bytes/hex.ts";
import { TX_BYTES_MAX } from "../../../core/params/limits.ts";
import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { bytesParameter, parseParameters } from "../parameters.ts";
import { RPC_CODE, RpcError } from "../rpc-error.ts";

/** `submit_transaction {hex}`: the id, or an error whose `data.rule` names the broken rule. */
export async function submitTransaction(view: NodeView, params: unknown): Promise<JsonValue> {
  const bytes = bytesParameter(parseParameters(params, ["hex"]), "hex", TX_BYTES_MAX);
  const result = await view.submit(bytes);
  if (result.ok) return { txid: formatHex(result.txid) };
  throw new RpcError(RPC_CODE.refused, "transaction_refused", `transaction refused: ${result.rule}`, result.rule);
}
