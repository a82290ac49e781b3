import type { JsonValue, RpcMethod, RpcMethods } from "./json-rpc.ts";
import { award } from "./methods/award.ts";
import { getBlock } from "./methods/get-block.ts";
import { getBoundary } from "./methods/get-boundary.ts";
import { getOutput } from "./methods/get-output.ts";
import { getTransaction } from "./methods/get-transaction.ts";
import { holdings } from "./methods/holdings.ts";
import { mempool } from "./methods/mempool.ts";
import { packet } from "./methods/packet.ts";
import { search } from "./methods/search.ts";
import { status } from "./methods/status.ts";
import { submitTransaction } from "./methods/submit-transaction.ts";
import { supply } from "./methods/supply.ts";
import { validator } from "./methods/validator.ts";
import { validators } from "./methods/validators.ts";
import type { NodeView } from "./node-view.ts";

type ViewMethod = (view: NodeView, params: unknown) => Promise<JsonValue> | JsonValue;

const METHODS: Readonly<Record<string, ViewMethod>> = {
  status,
  get_block: getBlock,
  get_boundary: getBoundary,
  get_transaction: getTransaction,
  get_output: getOutput,
  supply,
  holdings,
  validators,
  validator,
  award,
  packet,
  mempool,
  submit_transaction: submitTransaction,
  search,
};

/** The methods of a full node by name. */
export function rpcMethodsOf(view: NodeView): RpcMethods {
  return new Map(
    Object.entries(METHODS).map(([name, method]): [string, RpcMethod] => [name, (params) => method(view, params)]),
  );
}
