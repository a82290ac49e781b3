import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { PeerId } from "../../core/ports/network-port.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import { isZeroHash, ZERO_HASH, type Hash } from "../../core/values/hash.ts";
import { fetchRange } from "../network/fetch-snapshot.ts";
import { Refusal } from "../refusal.ts";
import type { JoinedRange } from "../storage/snapshot-import.ts";
import type { JoinParts } from "./join-snapshot.ts";
import type { SnapshotPeers } from "./snapshot-peers.ts";

/** Ranges that one peer is asked for at a time. */
const RANGES_PER_PEER = 2;

/**
 * Fetches every range whose node is none of those stored, from whoever has nothing else to do; what one peer does not
 * bring another one does. Refuses with `no_snapshot` where nobody brings the rest, `bad_snapshot` for a wrong proof.
 */
export async function joinRanges(
  parts: JoinParts,
  peers: SnapshotPeers,
  boundary: TrustedHeader,
  roots: readonly Hash[],
): Promise<void> {
  const { store, log } = parts;
  const importer = store.joining();
  const stored = await importer.joinedRanges();
  const isStored = (range: number): boolean => {
    const node = stored.get(range);
    return node !== undefined && equalBytes(node, roots[range] ?? ZERO_HASH);
  };
  for (const range of stored.keys()) if (isZeroHash(roots[range] ?? ZERO_HASH)) await importer.dropRange(range);
  const waiting = roots.flatMap((root, range) => (isZeroHash(root) || isStored(range) ? [] : [range]));
  const total = waiting.length;
  let left = total;
  /** Peers that have brought nothing since somebody last brought something. */
  const idle = new Set<PeerId>();
  const work = async (peer: PeerId): Promise<void> => {
    for (let range = waiting.shift(); range !== undefined; range = waiting.shift()) {
      const joined = await checkedRange(parts, peers, peer, boundary, range, roots[range]!);
      if (joined === undefined) {
        waiting.push(range);
        idle.add(peer);
        return;
      }
      idle.clear();
      await importer.putRange(joined);
      left--;
      if (left % Math.ceil(total / 10) === 0) log(`${total - left} of ${total} ranges`);
    }
  };
  while (left > 0) {
    const asked = peers.list().filter((peer) => !idle.has(peer));
    if (asked.length === 0) throw new Refusal("no_snapshot", `no peer brings the last ${left} ranges`);
    await Promise.all(asked.flatMap((peer) => Array.from({ length: RANGES_PER_PEER }, () => work(peer))));
  }
}

/** One range, wholly checked; undefined if the peer does not have it or lied. */
async function checkedRange(
  { curve, network, proofs }: JoinParts,
  peers: SnapshotPeers,
  peer: PeerId,
  { header }: TrustedHeader,
  range: number,
  root: Hash,
): Promise<JoinedRange | undefined> {
  const fetched = await peers.ask(peer, () => fetchRange(curve, network, peer, header, range, root));
  if (fetched === undefined) return undefined;
  const { claims, ...joined } = fetched;
  const verdicts = await proofs.verify([{ transfer: undefined, rangeProofs: claims }]);
  // The proofs stand under certified cores: what is wrong here was agreed on by two thirds of the power.
  if (verdicts[0] !== undefined) throw new Refusal("bad_snapshot", `a live range proof is wrong (${verdicts[0]})`);
  return joined;
}
