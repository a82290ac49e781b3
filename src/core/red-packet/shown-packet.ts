import { equalBytes } from "../bytes/compare-bytes.ts";
import { compactRoot, type CompactBlock } from "../chain/compact-block.ts";
import type { Header } from "../chain/header.ts";
import { outputHash } from "../chain/output.ts";
import type { PacketOutput } from "../chain/packet-output.ts";
import { packetStateHash, type PacketState } from "../state/leaf-state.ts";
import { leafHash } from "../state/tree.ts";
import { verifyLeafProof, type LeafProof } from "../state/tree-proof.ts";
import { ZERO_HASH, type Hash } from "../values/hash.ts";
import type { Height, LeafIndex } from "../values/height.ts";

/** A packet's state after a block. */
export interface ShownPacketState {
  /** undefined: the packet is gone. */
  readonly state: PacketState | undefined;
  /** Under the utxo_root of the block's header (5.3); undefined: compact data shows it. */
  readonly proof: LeafProof | undefined;
}

/** What blocks changed, under the compact_root of each (5.2): it shows states of long ago, of which nobody has a proof. */
export interface CompactShown {
  /** The block that made the packet. */
  readonly made: { readonly header: Header; readonly compact: CompactBlock };
  /** Of h, which took claims, h + 1 and h + 2. */
  readonly blocks: readonly [CompactBlock, CompactBlock, CompactBlock];
}

/** Of whose states there is question. */
export interface ShownPacket {
  readonly packet: PacketOutput;
  readonly packetLeaf: LeafIndex;
  readonly packetHeight: Height;
  /** Of h, h + 1 and h + 2. */
  readonly headers: readonly [Header, Header, Header];
  /** After h + 1. */
  readonly before: ShownPacketState;
  /** After h + 2. */
  readonly after: ShownPacketState;
  readonly compact: CompactShown | undefined;
}

/** Did this very packet stand after h + 1, in this state? */
export function isShownBefore(shown: ShownPacket): boolean {
  const { before, headers, compact, packetLeaf } = shown;
  if (before.proof !== undefined) return isProven(shown, before, before.proof, headers[1]);
  if (compact === undefined || before.state === undefined || !isMadeThere(shown, compact)) return false;
  const [taking, middle, drawing] = compact.blocks;
  const areRight = [taking, middle, drawing].every((block, index) => isOf(block, headers[index]!));
  const isGone = [taking, middle].some(({ spent }) => spent.includes(packetLeaf));
  // The block that takes a claim changes the packet: what it says stands until the next one says otherwise.
  const last = stateAfter(middle, packetLeaf) ?? stateAfter(taking, packetLeaf);
  return areRight && !isGone && last !== undefined && equalBytes(last, packetStateHash(before.state));
}

/** Did it stand so after h + 2, or was it gone? */
export function isShownAfter(shown: ShownPacket): boolean {
  const { after, headers, compact, packetLeaf } = shown;
  if (after.proof !== undefined) return isProven(shown, after, after.proof, headers[2]);
  if (compact === undefined || !isOf(compact.blocks[2], headers[2])) return false;
  const [, , drawing] = compact.blocks;
  if (after.state === undefined) return drawing.spent.includes(packetLeaf);
  const last = stateAfter(drawing, packetLeaf);
  return last !== undefined && equalBytes(last, packetStateHash(after.state));
}

/** state32 that a block leaves a packet with; undefined where it did not touch it. */
export function stateAfter({ changed }: CompactBlock, packetLeaf: LeafIndex): Hash | undefined {
  return changed.find(({ leaf }) => leaf === packetLeaf)?.state;
}

/** Does a block's compact data have this packet as the output of this number (BL-2)? */
export function isMadeIn(packet: PacketOutput, packetLeaf: LeafIndex, compact: CompactBlock): boolean {
  const entry = compact.entries[packetLeaf - compact.firstLeaf];
  return entry !== undefined && equalBytes(entry.outputHash, outputHash(packet.core));
}

/** Is it what this header's compact_root covers? The root covers the height as well. */
export function isOf(compact: CompactBlock, header: Header): boolean {
  return compact.height === header.height && equalBytes(compactRoot(compact), header.compactRoot);
}

function isMadeThere({ packet, packetLeaf, packetHeight }: ShownPacket, { made }: CompactShown): boolean {
  const { header, compact } = made;
  return header.height === packetHeight && isOf(compact, header) && isMadeIn(packet, packetLeaf, compact);
}

/** 5.3: the leaf with this state, or none, under the root of this header. */
function isProven(
  { packet, packetLeaf, packetHeight }: ShownPacket,
  { state }: ShownPacketState,
  proof: LeafProof,
  header: Header,
): boolean {
  const leaf = state && leafHash(packetLeaf, packetHeight, outputHash(packet.core), packetStateHash(state));
  return proof.leaf === packetLeaf && verifyLeafProof(header.utxoRoot, proof, leaf ?? ZERO_HASH);
}
