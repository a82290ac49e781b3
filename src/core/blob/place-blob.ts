import { compareBytes } from "../bytes/compare-bytes.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import { BLOB_PLACES_MAX } from "../params/limits.ts";
import type { Hash } from "../values/hash.ts";

/**
 * The four of the known full nodes that keep a blob, or all where there are fewer: those with the smallest
 * `SHA-256(node_id ‖ blob_id)`, smallest first (MS-13). A node_id is the name that ends the node's addresses, its text as
 * bytes. Names that come twice count once. Who knows the same nodes gets the same four, and blobs spread evenly.
 */
export function placeBlob(blobId: Hash, nodeIds: readonly string[]): readonly string[] {
  const marked = [...new Set(nodeIds)].map((id) => ({ id, mark: sha256Hash(encodeUtf8(id), blobId) }));
  return marked
    .sort((left, right) => compareBytes(left.mark, right.mark))
    .slice(0, BLOB_PLACES_MAX)
    .map(({ id }) => id);
}
