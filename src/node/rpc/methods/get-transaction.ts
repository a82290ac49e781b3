import { formatHex } from "../../../core/bytes/hex.ts";
import { equalBytes } from "../../../core/bytes/compare-bytes.ts";
import { decodeBlock } from "../../../core/chain/block.ts";
import type { Claim } from "../../../core/chain/claim.ts";
import { decodeCompactBlock, type CompactBlock } from "../../../core/chain/compact-block.ts";
import { outputHash } from "../../../core/chain/output.ts";
import { outputsOf, transactionWeight, type Transaction, type Transfer } from "../../../core/chain/transaction.ts";
import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { outputJson } from "../output-json.ts";
import { hashParameter, parseParameters } from "../parameters.ts";
import { noLongerHeld, notFound } from "../rpc-error.ts";

type JsonObject = Record<string, JsonValue>;

/** `get_transaction {txid}`: a final transaction, while its block is kept. */
export async function getTransaction(view: NodeView, params: unknown): Promise<JsonValue> {
  const place = await view.store.placeOfTransaction(hashParameter(parseParameters(params, ["txid"]), "txid"));
  if (place === undefined) {
    const { blocks } = view.store.keptFrom();
    // Nothing tells a transaction that has gone from one that never was.
    throw blocks > 0 ? noLongerHeld("transactions", blocks) : notFound("transaction");
  }
  const [block, compact] = await Promise.all([view.store.block(place.height), view.store.compact(place.height)]);
  const transactions = block === undefined ? [] : decodeBlock(block).transactions;
  const transaction = transactions[place.index];
  if (transaction === undefined) throw notFound("transaction");
  const firstLeaf =
    compact === undefined ? undefined : firstLeafOf(transactions, place.index, decodeCompactBlock(compact));
  return { height: place.height, ...transactionJson(transaction, firstLeaf, view.chainId) };
}

function transactionJson(transaction: Transaction, firstLeaf: number | undefined, chainId: number): JsonObject {
  switch (transaction.kind) {
    case "transfer":
      return transferJson(transaction, firstLeaf, chainId);
    case "claim":
      return claimJson(transaction);
    case "take-back":
      return { kind: "take-back", fee: "0", packet: transaction.packetLeaf };
    case "unbond":
      return { kind: "unbond", fee: transaction.fee.toString(), stake: transaction.stake };
    case "unjail":
      return { kind: "unjail", fee: "0", key: formatHex(transaction.blsKey), epoch: transaction.epoch };
    default:
      return transaction satisfies never;
  }
}

function claimJson(claim: Claim): JsonObject {
  const { gate } = claim;
  return {
    kind: "claim",
    fee: "0",
    packet: claim.packetLeaf,
    mode: gate.mode,
    one_time_key: formatHex(claim.oneTimeKey),
    ephemeral_key: formatHex(claim.ephemeralKey),
    view_tag: formatHex(claim.viewTag),
    payload_tag: formatHex(claim.payloadTag),
    anchor_enc: formatHex(claim.anchorEnc),
    ...(gate.mode === "chance" ? { ref_height: gate.refHeight, pow_nonce: gate.powNonce.toString() } : {}),
    ...(gate.mode === "ticket" ? { ticket: formatHex(gate.ticket.ticketKey), ticket_index: gate.ticket.index } : {}),
  };
}

function transferJson(transaction: Transfer, firstLeaf: number | undefined, chainId: number): JsonObject {
  return {
    kind: "transfer",
    fee: transaction.fee.toString(),
    weight: transactionWeight(transaction),
    not_before_ms: transaction.notBefore,
    not_after_ms: transaction.notAfter,
    inputs: transaction.inputs,
    outputs: transaction.outputs.map(({ core }, index) => ({
      index: firstLeaf === undefined ? null : firstLeaf + index,
      type: core.type,
      ...outputJson(core, chainId),
    })),
  };
}

/**
 * Leaf of a transaction's first output. Outputs the block makes by itself stand before and after those of its
 * transactions (BL-2), which are one run in block order: so the run is looked up among the block's new outputs.
 */
function firstLeafOf(transactions: readonly Transaction[], index: number, compact: CompactBlock): number | undefined {
  const hashes = transactions.flatMap((each) => outputsOf(each).map(({ core }) => outputHash(core)));
  const before = transactions.slice(0, index).reduce((sum, each) => sum + outputsOf(each).length, 0);
  for (let start = 0; start + hashes.length <= compact.entries.length; start++) {
    const isRun = hashes.every((hash, offset) => equalBytes(hash, compact.entries[start + offset]!.outputHash));
    if (isRun) return compact.firstLeaf + start + before;
  }
  return undefined;
}
