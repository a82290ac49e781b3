import { tryDecode } from "../core/bytes/decode-error.ts";
import type { Evidence } from "../core/chain/evidence.ts";
import { decodeHeldEvidence } from "../core/machines/hold-evidence.ts";
import type { FullNodeStore } from "../core/ports/full-node-store.ts";
import { Refusal } from "./refusal.ts";

/** Evidence that waited for a block when the node ended (ST-10). Refuses with `database_damaged`. */
export async function openEvidence(store: FullNodeStore): Promise<readonly Evidence[]> {
  const bytes = await store.evidence();
  if (bytes === undefined) return [];
  const decoded = tryDecode(decodeHeldEvidence, bytes);
  if (!decoded.ok) throw new Refusal("database_damaged", "the database holds evidence that cannot be read");
  return decoded.value;
}
