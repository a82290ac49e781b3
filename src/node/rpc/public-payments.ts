import { formatHex } from "../../core/bytes/hex.ts";
import { decodeOutputCore } from "../../core/chain/output.ts";
import type { PublicPayment } from "../../core/ports/full-node-store.ts";
import type { JsonValue } from "./json-rpc.ts";
import type { NodeView } from "./node-view.ts";

/** One payment whose amount and recipient everybody may read (PU-1); nothing once it is no longer held. */
export async function publicPaymentJson(
  view: NodeView,
  { leaf, height }: PublicPayment,
): Promise<readonly JsonValue[]> {
  const bytes = await view.store.core(leaf);
  // Gone with age since it was found.
  if (bytes === undefined) return [];
  const core = decodeOutputCore(bytes);
  if (core.type !== "public") throw new Error("the list of public payments names another output");
  return [
    {
      index: leaf,
      height,
      amount: core.amount.toString(),
      reference: formatHex(core.reference),
      live: view.store.leaf(leaf) !== undefined,
    },
  ];
}
