import type { Header } from "../../core/chain/header.ts";
import { decodeOutputCore } from "../../core/chain/output.ts";
import { isDrawnFrom } from "../../core/chain/packet-coins.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { LeafRecord } from "../../core/ports/ledger-reader.ts";
import type { LedgerTip } from "../../core/state/ledger-tip.ts";
import { NO_LIVE_PACKETS, withLiveLeaf } from "../../core/state/live-packets.ts";
import { RANGE_LEAVES } from "../../core/state/range-answer.ts";
import { stakeOf } from "../../core/state/snapshot.ts";
import type { Stake } from "../../core/state/stakes.ts";
import { SupplySum } from "../../core/state/supply-invariant.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { Hash } from "../../core/values/hash.ts";
import { Refusal } from "../refusal.ts";
import type { DiskStore } from "../storage/level-store.ts";
import { joinRanges } from "./join-ranges.ts";
import type { JoinParts } from "./join-snapshot.ts";
import type { SnapshotPeers } from "./snapshot-peers.ts";

/** What a tip names of what lives. */
type LiveRecords = Pick<LedgerTip, "stakes" | "packets">;

/**
 * Stores all that lives at the boundary, with what proves it (BL-12). Whoever brought a coin without its packet is left,
 * without blame, since packets may be dropped, and its range is asked of others, until every coin has one. Refuses as
 * {@link joinRanges} does, and with `bad_snapshot` where the supply is another (SU-3).
 */
export async function joinLive(
  parts: JoinParts,
  peers: SnapshotPeers,
  boundary: TrustedHeader,
  roots: readonly Hash[],
): Promise<LiveRecords> {
  for (;;) {
    await joinRanges(parts, peers, boundary, roots);
    const { orphanRanges, ...live } = await checkSupply(parts, boundary.header);
    if (orphanRanges.size === 0) return live;
    for (const range of orphanRanges) {
      await parts.store.joining().dropRange(range);
      const peer = peers.bringerOf(range);
      if (peer !== undefined) peers.leave(peer, `it showed coins of range ${range} without their packets`);
    }
  }
}

/** Sums all that is live (SU-3); gives the stakes and the packets among it, and where coins are without their packets. */
async function checkSupply(
  { store, curve }: JoinParts,
  header: Header,
): Promise<LiveRecords & { readonly orphanRanges: ReadonlySet<number> }> {
  const sum = new SupplySum(curve);
  const stakes: Stake[] = [];
  let packets = NO_LIVE_PACKETS;
  const orphanRanges = new Set<number>();
  for await (const [leaf, record] of store.liveLeaves()) {
    sum.add(record);
    const stake = stakeOf(leaf, record);
    if (stake !== undefined) stakes.push(stake);
    packets = withLiveLeaf(packets, leaf, record);
    if (!(await hasProof(store, curve, record))) orphanRanges.add(Math.floor(leaf / RANGE_LEAVES));
  }
  if (!sum.fits(header)) throw new Refusal("bad_snapshot", "the live outputs do not sum to the supply (SU-3)");
  return { stakes, packets, orphanRanges };
}

/** BL-12: a coin that was drawn from a packet is one of its packet, live or pinned, whose proof covers it. */
async function hasProof(store: DiskStore, curve: CurveBackend, record: LeafRecord): Promise<boolean> {
  const coin = decodeOutputCore(record.core);
  if (coin.type !== "drawn") return true;
  const bytes = await store.core(coin.packetLeaf);
  const packet = bytes && decodeOutputCore(bytes);
  return packet?.type === "packet" && isDrawnFrom(curve, packet, coin);
}
