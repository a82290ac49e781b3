import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Header } from "../../core/chain/header.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { SnapshotTail } from "../../core/state/snapshot.ts";
import { TILE_LEAVES } from "../../core/state/tree.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { encodeSnapRequest } from "../../wire/requests/snap.ts";
import { SnapTailParts } from "../../wire/requests/snap-tail.ts";
import { REQUEST_MS } from "./header-requests.ts";
import type { Requests } from "./network-edges.ts";

/** What stands behind the last tile of outputs at a boundary; nothing checked but its form. */
export async function readSnapTail(
  requests: Requests,
  host: NetworkPort,
  peer: PeerId,
  { height, nextLeaf }: Header,
): Promise<SnapshotTail> {
  const wait = { firstMs: REQUEST_MS, idleMs: REQUEST_MS };
  const tiles = Math.ceil(nextLeaf / TILE_LEAVES);
  const parts = new SnapTailParts();
  while (!parts.isWhole) {
    const before = parts.next;
    const request = encodeSnapRequest({ boundary: height, fromTile: tiles + before });
    const answer = requests.many(host, peer, PROTOCOL.snap, request, wait);
    try {
      for await (const frame of answer.frames) parts.add(frame);
    } finally {
      answer.cancel();
    }
    if (parts.next === before) throw new DecodeError("an answer without a part");
  }
  return parts.tail(height);
}
