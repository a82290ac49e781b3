import { formatHex } from "../../../core/bytes/hex.ts";
import { Reader } from "../../../core/bytes/reader.ts";
import { decodeOutputCore } from "../../../core/chain/output.ts";
import { transactionId } from "../../../core/chain/transaction.ts";
import { PACKET_SLOTS_MAX } from "../../../core/params/limits.ts";
import type { LeafRecord } from "../../../core/ports/ledger-reader.ts";
import { decodePacketState, type PacketState } from "../../../core/state/leaf-state.ts";
import { heightOfLeaf } from "../height-of-leaf.ts";
import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { outputJson } from "../output-json.ts";
import { leafParameter, parseParameters } from "../parameters.ts";
import { notFound } from "../rpc-error.ts";

const STAKE_STATUS = ["active", "unbonding"] as const;

/** `get_output {index}`: live or spent; the fields of a spent one only while its core is kept (5.5). */
export async function getOutput(view: NodeView, params: unknown): Promise<JsonValue> {
  const index = leafParameter(parseParameters(params, ["index"]), "index");
  const proof = await view.proveLeaf(index);
  if (proof === undefined) throw notFound("output");
  const record = view.store.leaf(index);
  const bytes = record?.core ?? (await view.store.core(index));
  const core = bytes === undefined ? undefined : decodeOutputCore(bytes);
  const madeAt = record?.height ?? (await heightOfLeaf(view, index));
  return {
    index,
    type: core?.type ?? null,
    height: madeAt ?? null,
    live: record !== undefined,
    ...(core === undefined ? {} : outputJson(core, view.chainId)),
    ...(record === undefined ? {} : stateJson(record)),
    proof: formatHex(proof),
  };
}

/** State of a stake or a packet (BL-1). */
function stateJson(record: LeafRecord): Record<string, JsonValue> {
  if (record.stateFields.length === 0) return {};
  if (decodeOutputCore(record.core).type === "packet") return packetStateJson(decodePacketState(record.stateFields));
  const reader = new Reader(record.stateFields);
  return {
    status: STAKE_STATUS[reader.u8()] ?? null,
    amount_now: reader.u64().toString(),
    release_ms: reader.u53(),
  };
}

/** `paid`: the slots that have been drawn, ascending. */
export function packetStateJson({ paidBitmap, isClosing, used, pending }: PacketState): Record<string, JsonValue> {
  const slots = Array.from({ length: PACKET_SLOTS_MAX }, (_, slot) => slot);
  return {
    paid: slots.filter((slot) => ((paidBitmap >> BigInt(slot)) & 1n) === 1n),
    closing: isClosing,
    claimed: used.length,
    pending: pending.map((each) => ({ height: each.height, txid: formatHex(transactionId(each.claim)) })),
  };
}
