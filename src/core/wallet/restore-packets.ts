import { equalBytes } from "../bytes/compare-bytes.ts";
import { outputHash } from "../chain/output.ts";
import { BUCKET_LEAVES } from "../state/bucket-proof.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { Hash } from "../values/hash.ts";
import type { LeafIndex } from "../values/height.ts";
import type { KnownPackets } from "./open-packet.ts";
import type { PacketWait, PacketWaits, RestoreState } from "./restore-state.ts";

/** How many nodes are asked for the core of one packet: one may have lost it, or give another. */
export const PACKET_ASKS_MAX = 3;

/** A coin with our tag that was drawn from a packet: only the packet's core can tell whether it is ours (OU-11). */
export interface WantedPacket {
  /** Of the coin. */
  readonly leaf: LeafIndex;
  readonly packetLeaf: LeafIndex;
  /** out_hash of the core that was there and did not open it; undefined: none was there. */
  readonly tried?: Hash | undefined;
}

/** A packet's core as a node gave it, live or not. Nothing but a coin that opens with it says that it is the right one. */
export interface FoundPacket {
  readonly packetLeaf: LeafIndex;
  readonly core: PacketCore;
}

const NO_WAITS: PacketWaits = { coins: new Map(), packets: new Map() };
const NEW_WAIT: Omit<PacketWait, "packetLeaf"> = { askedOf: new Set(), failed: [] };

function hasFailed({ failed }: PacketWait, core: PacketCore): boolean {
  return failed.some((tried) => equalBytes(tried, outputHash(core)));
}

/** Whether there is a core that a coin was not tried with yet. */
function isToTry(wait: PacketWait, packets: KnownPackets): boolean {
  const core = packets.get(wait.packetLeaf);
  return core !== undefined && !hasFailed(wait, core);
}

/** Packets whose cores some coin is still to be tried with. */
function packetsToTry({ coins, packets }: PacketWaits): ReadonlySet<LeafIndex> {
  const toTry = [...coins.values()].filter((wait) => isToTry(wait, packets));
  return new Set(toTry.map(({ packetLeaf }) => packetLeaf));
}

/** Whether a hit is not to be opened now, since the core that it needs is still to come. */
export function isWaiting({ packetWaits }: RestoreState, leaf: LeafIndex): boolean {
  const wait = packetWaits?.coins.get(leaf);
  return wait !== undefined && !isToTry(wait, packetWaits!.packets);
}

/** Packets whose cores are looked for in the buckets that are opened. */
export function wantedPackets({ packetWaits }: RestoreState): readonly LeafIndex[] {
  return packetWaits === undefined ? [] : [...packetWaits.coins.values()].map(({ packetLeaf }) => packetLeaf);
}

/** Nodes that have been asked in vain for a packet in this bucket: others are asked before them. */
export function nodesAsked({ packetWaits }: RestoreState, bucket: number): ReadonlySet<number> {
  const asked = new Set<number>();
  for (const { packetLeaf, askedOf } of packetWaits?.coins.values() ?? []) {
    if (Math.floor(packetLeaf / BUCKET_LEAVES) === bucket) for (const node of askedOf) asked.add(node);
  }
  return asked;
}

/** Whose buckets were opened, and how many nodes there were that could be asked. */
export interface BucketSource {
  readonly node: number;
  readonly nodeCount: number;
}

/** What {@link waitForPackets} leaves to do. */
export interface PacketWaiting extends Pick<RestoreState, "hits" | "packetWaits"> {
  /** Coins that no node could bring the packet of. They may be ours all the same. */
  readonly givenUp: readonly WantedPacket[];
}

/**
 * What opened buckets say of such coins. The hits are those that are left: coins that wait, and packets to be asked for.
 * A core that is there is tried before another is taken. One with which a coin does not open is asked for again, of
 * another node, and that coin is never tried with it twice: so each wait comes to an end, whatever nodes say, also that of
 * a stranger's coin which looks like ours.
 */
export function waitForPackets(
  restore: RestoreState,
  opened: {
    readonly buckets: ReadonlySet<number>;
    readonly wanted: readonly WantedPacket[];
    readonly packets: readonly FoundPacket[];
    /** undefined: nobody was asked. */
    readonly from?: BucketSource | undefined;
  },
): PacketWaiting {
  const { from } = opened;
  const isOpened = (leaf: LeafIndex): boolean => opened.buckets.has(Math.floor(leaf / BUCKET_LEAVES));
  const rest = restore.hits.filter((leaf) => !isOpened(leaf));
  const before = restore.packetWaits ?? NO_WAITS;
  if (opened.wanted.length === 0 && before.coins.size === 0) return { hits: rest, givenUp: [] };
  // A coin that was looked at and is wanted no more is decided, whether or not it is ours.
  const coins = new Map([...before.coins].filter(([leaf]) => !isOpened(leaf)));
  for (const { leaf, packetLeaf, tried } of opened.wanted) {
    const { askedOf, failed } = before.coins.get(leaf) ?? NEW_WAIT;
    coins.set(leaf, { packetLeaf, askedOf, failed: tried === undefined ? failed : [...failed, tried] });
  }
  const held = packetsToTry({ coins, packets: before.packets });
  const packets = new Map(before.packets);
  for (const { packetLeaf } of opened.wanted) if (!held.has(packetLeaf)) packets.delete(packetLeaf);
  for (const found of opened.packets) {
    const isNew = [...coins.values()].some((wait) => isNewTo(wait, found, from?.node));
    if (isNew && !held.has(found.packetLeaf)) packets.set(found.packetLeaf, found.core);
  }
  const givenUp: WantedPacket[] = [];
  for (const [leaf, wait] of coins) {
    const { packetLeaf } = wait;
    const isAnswered = from !== undefined && before.coins.has(leaf) && isOpened(packetLeaf) && !held.has(packetLeaf);
    const askedOf = isAnswered ? new Set(wait.askedOf).add(from.node) : wait.askedOf;
    const most = Math.min(PACKET_ASKS_MAX, from?.nodeCount ?? PACKET_ASKS_MAX);
    if (!isToTry(wait, packets) && askedOf.size >= most) {
      givenUp.push({ leaf, packetLeaf });
      coins.delete(leaf);
    } else coins.set(leaf, { ...wait, askedOf });
  }
  const toTry = packetsToTry({ coins, packets });
  const asked = [...coins.values()].map(({ packetLeaf }) => packetLeaf).filter((leaf) => !toTry.has(leaf));
  const hits = new Set([...rest, ...coins.keys(), ...asked]);
  // A coin that waits was among the hits before; one that is given up leaves them, with its packet.
  for (const { leaf } of givenUp) hits.delete(leaf);
  return { hits: [...hits], packetWaits: { coins, packets }, givenUp };
}

/** Whether a coin is to be tried with what a node gave: what the same one says twice of a packet counts once. */
function isNewTo(wait: PacketWait, { packetLeaf, core }: FoundPacket, node: number | undefined): boolean {
  const isAgain = node !== undefined && wait.askedOf.has(node);
  return wait.packetLeaf === packetLeaf && !isAgain && !hasFailed(wait, core);
}
