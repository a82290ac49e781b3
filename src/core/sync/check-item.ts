import { equalBytes } from "../bytes/compare-bytes.ts";
import { compactRoot } from "../chain/compact-block.ts";
import { outputHash } from "../chain/output.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import type { CompactItem, StreamedOutput } from "./compact-item.ts";

/** An item of the full stream whose parts belong to its header. Whether the header is final is another question. */
export interface WholeItem extends CompactItem {
  readonly outputs: readonly StreamedOutput[];
}

export type ItemFault = "no_outputs" | "wrong_compact_root" | "wrong_output" | "wrong_payload";

/**
 * Ties everything in an item to the header: compact data by its root, each core by its entry's hash, each payload by
 * its core. After this a server can only have left out payloads, which it may (5.5).
 */
export function checkItem(
  item: CompactItem,
): { readonly ok: true; readonly item: WholeItem } | { readonly ok: false; readonly fault: ItemFault } {
  const { header, compact, outputs } = item;
  if (outputs === undefined || outputs.length !== compact.entries.length) return { ok: false, fault: "no_outputs" };
  // The root covers the height and the first leaf as well.
  if (compact.height !== header.height || !equalBytes(compactRoot(compact), header.compactRoot)) {
    return { ok: false, fault: "wrong_compact_root" };
  }
  for (const [index, { core, payload }] of outputs.entries()) {
    if (!equalBytes(outputHash(core), compact.entries[index]!.outputHash)) return { ok: false, fault: "wrong_output" };
    if (payload === undefined) continue;
    if (core.type !== "coin" || !equalBytes(sha256Hash(payload), core.payloadHash)) {
      return { ok: false, fault: "wrong_payload" };
    }
  }
  return { ok: true, item: { ...item, outputs } };
}
