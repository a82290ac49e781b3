import { equalBytes } from "../bytes/compare-bytes.ts";
import { compactRoot, type CompactEntry } from "../chain/compact-block.ts";
import { outputHash } from "../chain/output.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import type { CompactItem, StreamedOutput } from "./compact-item.ts";

export type ItemFault = "no_outputs" | "wrong_compact_root" | "wrong_output" | "wrong_payload";

/**
 * Ties everything in an item to the header: compact data by its root, each core by its entry's hash, each payload by
 * its core. After this a server can only have left out payloads, which it may (5.5). undefined: nothing is wrong.
 * Whether the header is final is another question.
 */
export function checkItem({ header, compact, outputs }: CompactItem): ItemFault | undefined {
  if (outputs !== undefined && outputs.length !== compact.entries.length) return "no_outputs";
  // The root covers the height and the first leaf as well.
  if (compact.height !== header.height || !equalBytes(compactRoot(compact), header.compactRoot)) {
    return "wrong_compact_root";
  }
  for (const [index, output] of (outputs ?? []).entries()) {
    const fault = checkOutput(compact.entries[index]!, output);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** An output against the compact entry of its leaf. */
export function checkOutput(
  entry: Pick<CompactEntry, "outputHash">,
  { core, payload }: StreamedOutput,
): "wrong_output" | "wrong_payload" | undefined {
  if (!equalBytes(outputHash(core), entry.outputHash)) return "wrong_output";
  if (payload === undefined) return undefined;
  return core.type === "coin" && equalBytes(sha256Hash(payload), core.payloadHash) ? undefined : "wrong_payload";
}
