import { equalBytes } from "../bytes/compare-bytes.ts";
import { compactRoot, type CompactEntry } from "../chain/compact-block.ts";
import { outputHashes } from "../chain/output-hashes.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import type { CompactItem, StreamedOutput } from "./compact-item.ts";

export type ItemFault = "no_outputs" | "wrong_compact_root" | "wrong_output" | "wrong_payload";

/**
 * Ties everything in an item to the header: compact data by its root, each core by its entry's hash, each payload by
 * its core. After this a server can only have left out payloads, which it may (5.5). undefined: nothing is wrong.
 * Whether the header is final is another question.
 */
export function checkItem(
  curve: Pick<CurveBackend, "sha512Batch">,
  { header, compact, outputs }: CompactItem,
): ItemFault | undefined {
  if (outputs !== undefined && outputs.length !== compact.entries.length) return "no_outputs";
  // The root covers the height and the first leaf as well.
  if (compact.height !== header.height || !equalBytes(compactRoot(compact), header.compactRoot)) {
    return "wrong_compact_root";
  }
  return outputs && checkOutputs(curve, compact.entries, outputs);
}

/** As many outputs as entries: each against the compact entry of its leaf. All are looked at, whosever they are. */
export function checkOutputs(
  curve: Pick<CurveBackend, "sha512Batch">,
  entries: readonly Pick<CompactEntry, "outputHash">[],
  outputs: readonly StreamedOutput[],
): "wrong_output" | "wrong_payload" | undefined {
  const hashes = outputHashes(
    curve,
    outputs.map(({ core }) => core),
  );
  if (!hashes.every((each, index) => equalBytes(each, entries[index]!.outputHash))) return "wrong_output";
  return outputs.every(hasItsPayload) ? undefined : "wrong_payload";
}

function hasItsPayload({ core, payload }: StreamedOutput): boolean {
  if (payload === undefined) return true;
  return core.type === "coin" && equalBytes(sha256Hash(payload), core.payloadHash);
}
