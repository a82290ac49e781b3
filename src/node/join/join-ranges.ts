import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { PeerId } from "../../core/ports/network-port.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import { isZeroHash, ZERO_HASH, type Hash } from "../../core/values/hash.ts";
import type { LeafIndex } from "../../core/values/height.ts";
import { fetchRange } from "../network/fetch-snapshot.ts";
import { Refusal } from "../refusal.ts";
import type { JoinedRange } from "../storage/joined-range.ts";
import type { JoinParts } from "./join-snapshot.ts";
import type { SnapshotPeers } from "./snapshot-peers.ts";

/** Ranges that one peer is asked for at a time. */
const RANGES_PER_PEER = 2;

/**
 * Fetches every range whose node is none of those stored, from whoever has nothing else to do; what one peer does not
 * bring another one does. Refuses with `no_snapshot` where nobody brings the rest, `bad_snapshot` where the proof of what
 * lives is wrong.
 */
export async function joinRanges(
  parts: JoinParts,
  peers: SnapshotPeers,
  boundary: TrustedHeader,
  roots: readonly Hash[],
): Promise<void> {
  const { store, log } = parts;
  const importer = store.joining();
  const wanted = roots.flatMap((root, range) => (isZeroHash(root) ? [] : [range]));
  const done = new Set<number>();
  for (const [range, node] of await importer.joinedRanges()) {
    if (equalBytes(node, roots[range] ?? ZERO_HASH)) done.add(range);
    else await importer.dropRange(range);
  }
  const waiting = wanted.filter((range) => !done.has(range));
  const left = (): number => wanted.length - done.size;
  /** Peers that have brought nothing since somebody last brought something. */
  const idle = new Set<PeerId>();
  /** What somebody showed is fetched anew. */
  const drop = async (range: number): Promise<void> => {
    if (!done.delete(range)) return;
    await importer.dropRange(range);
    waiting.push(range);
  };
  /** True once it is stored; false if it is not to be believed. */
  const put = async (peer: PeerId, shown: JoinedRange): Promise<boolean> => {
    let joined = shown;
    while (!peers.hasLeft(peer)) {
      const verdict = await importer.putRange(joined);
      if (verdict.type === "fits") {
        peers.brought(joined.range, peer);
        done.add(joined.range);
        return true;
      }
      if (verdict.type === "false") peers.lied(peer, `packets of range ${joined.range}`);
      else if (isBetween(peers, peer, verdict.ranges)) joined = without(joined, verdict.packets);
      else await settle(peers, peer, verdict.ranges, drop);
    }
    return false;
  };
  const work = async (peer: PeerId): Promise<void> => {
    for (let range = waiting.shift(); range !== undefined; range = waiting.shift()) {
      const joined = await checkedRange(parts, peers, peer, boundary, range, roots[range]!);
      if (joined === undefined || !(await put(peer, joined))) {
        waiting.push(range);
        idle.add(peer);
        return;
      }
      idle.clear();
      if (left() % Math.ceil(wanted.length / 10) === 0) log(`${done.size} of ${wanted.length} ranges`);
    }
  };
  while (left() > 0) {
    const asked = peers.list().filter((peer) => !idle.has(peer));
    if (asked.length === 0) throw new Refusal("no_snapshot", `no peer brings the last ${left()} ranges`);
    await Promise.all(asked.flatMap((peer) => Array.from({ length: RANGES_PER_PEER }, () => work(peer))));
  }
}

/** Is there nobody but this peer and another, who brought the ranges that say otherwise, to be asked? */
function isBetween(peers: SnapshotPeers, peer: PeerId, ranges: readonly number[]): boolean {
  const others = ranges.map((range) => peers.bringerOf(range));
  const isAsked = others.every((other) => other !== undefined && other !== peer && !peers.hasLeft(other));
  return isAsked && peers.list().every((each) => each === peer || others.includes(each));
}

/** What came first stays: it is as good a word as this one, and the range is certified either way. */
function without(joined: JoinedRange, packets: ReadonlySet<LeafIndex>): JoinedRange {
  return { ...joined, pinned: joined.pinned.filter(({ leaf }) => !packets.has(leaf)) };
}

/**
 * A peer shows a packet otherwise than ranges that are stored. Where it has brought one of them itself, it lied. Else
 * nothing tells who is right: all who showed the packet are left, without blame, and their ranges go; those of nobody who
 * is still asked only go.
 */
async function settle(
  peers: SnapshotPeers,
  peer: PeerId,
  ranges: readonly number[],
  drop: (range: number) => Promise<void>,
): Promise<void> {
  const own = ranges.filter((range) => peers.bringerOf(range) === peer);
  if (own.length > 0) peers.lied(peer, "two packets of one leaf");
  for (const range of own.length > 0 ? own : ranges) {
    const other = peers.bringerOf(range);
    await drop(range);
    if (other === undefined || peers.hasLeft(other)) continue;
    peers.leave(other, `${peer} shows other packets`);
    peers.leave(peer, `${other} shows other packets`);
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
  const { claims, pinnedClaims, ...joined } = fetched;
  const [fault, pinnedFault] = await proofs.verify(
    [claims, pinnedClaims].map((rangeProofs) => ({ transfer: undefined, rangeProofs })),
  );
  // Cores of what lives are certified: what is wrong here was agreed on by two thirds of the power.
  if (fault !== undefined) throw new Refusal("bad_snapshot", `a live range proof is wrong (${fault})`);
  if (pinnedFault === undefined) return joined;
  peers.lied(peer, `packets of range ${range}`);
  return undefined;
}
