import { formatHex } from "../../../core/bytes/hex.ts";
import { decodeBlock } from "../../../core/chain/block.ts";
import { decodeCertificate } from "../../../core/chain/certificate.ts";
import { decodeHeader } from "../../../core/chain/header.ts";
import { transactionId } from "../../../core/chain/transaction.ts";
import type { FullNodeStore } from "../../../core/ports/full-node-store.ts";
import type { Height } from "../../../core/values/height.ts";
import { certificateJson, headerJson } from "../header-json.ts";
import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { hashParameter, heightParameter, parseParameters, type Parameters } from "../parameters.ts";
import { invalidParams, noLongerHeld, notFound } from "../rpc-error.ts";

/** `get_block {height}` or `{hash}`. Height 0 is virtual (GE-2): a header and nothing else. */
export async function getBlock(view: NodeView, params: unknown): Promise<JsonValue> {
  const height = await findHeight(view.store, parseParameters(params, ["height", "hash"]));
  const header = await view.store.header(height);
  if (header === undefined) {
    const { window } = view.store.keptFrom();
    throw height < window ? noLongerHeld("blocks", window) : notFound("block");
  }
  const [certificate, block, compact] = await Promise.all([
    view.store.certificate(height),
    view.store.block(height),
    view.store.compact(height),
  ]);
  const hasBlock = height > 0 && block !== undefined && block.length > 0;
  const hasCertificate = height > 0 && certificate !== undefined && certificate.length > 0;
  return {
    ...headerJson(decodeHeader(header)),
    // null: dropped with age (5.5).
    txids:
      height === 0
        ? []
        : hasBlock
          ? decodeBlock(block).transactions.map((each) => formatHex(transactionId(each)))
          : null,
    certificate: hasCertificate ? certificateJson(decodeCertificate(certificate)) : null,
    sizes: {
      header: header.length,
      block: block?.length ?? null,
      certificate: certificate?.length ?? null,
      compact: compact?.length ?? null,
    },
  };
}

async function findHeight(store: FullNodeStore, parameters: Parameters): Promise<Height> {
  if (parameters.size !== 1) throw invalidParams("give either height or hash");
  if (parameters.has("height")) return heightParameter(parameters, "height");
  const height = await store.heightOfBlock(hashParameter(parameters, "hash"));
  if (height === undefined) throw notFound("block");
  return height;
}
