import { tryDecode } from "../bytes/decode-error.ts";
import { equalBytes } from "../bytes/compare-bytes.ts";
import { encodeOutputCore, outputHash } from "../chain/output.ts";
import { decodeTransfer } from "../chain/transaction.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import type { Hash } from "../values/hash.ts";
import { PROVEN_SIZE } from "./payment-proof.ts";
import type { Payment, ProofParts } from "./payment.ts";

/**
 * What a proof of this payment will say of its output, out of the block that made it final and the bytes we signed,
 * which are dropped after. undefined for bytes that are no transaction.
 */
export function findProofParts(
  payment: Payment,
  block: { readonly firstLeaf: LeafIndex; readonly outputHashes: readonly Hash[] },
): ProofParts | undefined {
  const paid = payment.outputs.find((output) => !output.isOwn);
  const decoded = payment.transaction && tryDecode(decodeTransfer, payment.transaction);
  if (paid === undefined || decoded?.ok !== true) return undefined;
  const core = decoded.value.outputs.find((output) => equalBytes(outputHash(output.core), paid.outputHash))?.core;
  const place = block.outputHashes.findIndex((hash) => equalBytes(hash, paid.outputHash));
  if (core?.type !== "coin" || place < 0) return undefined;
  return { leaf: leafIndex(block.firstLeaf + place), coreTail: encodeOutputCore(core).slice(PROVEN_SIZE) };
}
