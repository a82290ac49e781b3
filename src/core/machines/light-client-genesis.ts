import { equalBytes } from "../bytes/compare-bytes.ts";
import { BUCKET_LEAVES } from "../state/bucket-proof.ts";
import { genesisRoot } from "../state/genesis-root.ts";
import type { LiveOutput } from "../sync/served-bucket.ts";
import { height, leafIndex } from "../values/height.ts";
import { moveBoundary, runningRestore } from "./light-client-restore.ts";
import { openLive } from "./light-client-restore-answers.ts";
import type { Draft } from "./light-client-state.ts";

/**
 * NW-14: hits at boundary 0 are opened out of the genesis, which this client holds: no request can name that state, as 0
 * stands for the newest one. Where the genesis is not at hand, or not that of the block we trust, the next boundary has
 * to do.
 */
export function openGenesis(draft: Draft): void {
  const restore = runningRestore(draft);
  const { opening } = draft.state.restore;
  if (restore?.boundary?.height !== 0 || restore.hits.length === 0 || opening.length > 0) return;
  const outputs = draft.state.config?.genesisOutputs;
  if (outputs === undefined || !equalBytes(genesisRoot(outputs), restore.boundary.utxoRoot)) {
    if (restore.newest !== undefined && restore.newest.height > 0) moveBoundary(draft);
    return;
  }
  const buckets = new Set(restore.hits.map((leaf) => Math.floor(leaf / BUCKET_LEAVES)));
  const live = outputs.flatMap((core, index): readonly LiveOutput[] => {
    if (!buckets.has(Math.floor(index / BUCKET_LEAVES))) return [];
    return [{ leaf: leafIndex(index), height: height(0), core, payload: undefined }];
  });
  openLive(draft, restore.boundary, [...buckets], live);
}
