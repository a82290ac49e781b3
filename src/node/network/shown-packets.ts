import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { decodeOutputCore, encodeOutputCore, type DrawnCore } from "../../core/chain/output.ts";
import { isDrawnFrom } from "../../core/chain/packet-coins.ts";
import { validateOutput } from "../../core/chain/validate-output.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import { sha256Hash } from "../../core/crypto/tagged-hash.ts";
import type { LeafIndex } from "../../core/values/height.ts";
import type { PinnedPacket, SnapTile } from "../../wire/requests/snap.ts";

/**
 * Packets that have ended, as a peer shows them behind the tiles of one range (BL-12). No root commits to them: what a peer
 * says is held against the coins and against itself, and their proofs are still to be verified.
 */
export class ShownPackets {
  readonly #curve: CurveBackend;
  readonly #packets = new Map<LeafIndex, PinnedPacket>();

  constructor(curve: CurveBackend) {
    this.#curve = curve;
  }

  /**
   * Takes what stands behind a tile. False where no honest peer shows it: a packet of no coin of the tile, one that did
   * not give such a coin what it holds, or another one than behind a tile before.
   */
  add(tile: SnapTile, packets: readonly PinnedPacket[]): boolean {
    const coins = drawnCoins(tile);
    for (const packet of packets) {
      if (!isPinned(this.#curve, packet, coins)) return false;
      const known = this.#packets.get(packet.leaf);
      // The core names the proof, so the proofs are the same as well.
      if (known !== undefined && !equalBytes(encodeOutputCore(known.core), encodeOutputCore(packet.core))) return false;
      this.#packets.set(packet.leaf, packet);
    }
    return true;
  }

  /** Each once. */
  packets(): readonly PinnedPacket[] {
    return [...this.#packets.values()];
  }
}

function drawnCoins(tile: SnapTile): readonly DrawnCore[] {
  return tile.flatMap((leaf) => {
    const core = leaf && decodeOutputCore(leaf.record.core);
    return core?.type === "drawn" ? [core] : [];
  });
}

/** Coins of the tile are of this packet, and each is what the packet gave for its slot. */
function isPinned(curve: CurveBackend, { leaf, core, rangeProof }: PinnedPacket, coins: readonly DrawnCore[]): boolean {
  const own = coins.filter(({ packetLeaf }) => packetLeaf === leaf);
  const isProof = own.length > 0 && equalBytes(sha256Hash(rangeProof), core.rangeProofHash);
  // Its points are looked at with the proof; until then nothing is to be summed that is none.
  return isProof && validateOutput(curve, core).ok && own.every((coin) => isDrawnFrom(curve, core, coin));
}
