import type { PacketCore } from "../chain/packet-output.ts";
import type { LeafIndex } from "../values/height.ts";
import type { PacketWaits, RestoreState } from "./restore-state.ts";

/** Outputs of one bucket (BL-15). */
const BUCKET_LEAVES = 64;
/** How many nodes are asked for the core of one packet: one may have lost it, or give another. */
export const PACKET_ASKS_MAX = 3;

/** A coin with our tag that was drawn from a packet: only the packet's core can tell whether it is ours (OU-11). */
export interface WantedPacket {
  /** Of the coin. */
  readonly leaf: LeafIndex;
  readonly packetLeaf: LeafIndex;
}

/** A packet's core as a node gave it, live or not. Nothing but a coin that opens with it says that it is the right one. */
export interface FoundPacket {
  readonly packetLeaf: LeafIndex;
  readonly core: PacketCore;
}

const NO_WAITS: PacketWaits = { coins: new Map(), packets: new Map() };

/** Whether a hit is not to be opened now, since the core that it needs is still to come. */
export function isWaiting({ packetWaits }: RestoreState, leaf: LeafIndex): boolean {
  const wait = packetWaits?.coins.get(leaf);
  return wait !== undefined && packetWaits?.packets.has(wait.packetLeaf) === false;
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
 * A core with which a certain coin of ours does not open is forgotten and asked for again, of another node.
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
  const packets = new Map(before.packets);
  for (const { packetLeaf } of opened.wanted) packets.delete(packetLeaf);
  for (const { packetLeaf, core } of opened.packets) packets.set(packetLeaf, core);
  // A coin that was looked at and is wanted no more is decided, whether or not it is ours.
  const coins = new Map([...before.coins].filter(([leaf]) => !isOpened(leaf)));
  for (const { leaf, packetLeaf } of opened.wanted) {
    coins.set(leaf, { packetLeaf, askedOf: before.coins.get(leaf)?.askedOf ?? new Set() });
  }
  const givenUp: WantedPacket[] = [];
  for (const [leaf, { packetLeaf, askedOf }] of coins) {
    const isAnswered = from !== undefined && before.coins.has(leaf) && isOpened(packetLeaf);
    const asked = isAnswered ? new Set(askedOf).add(from.node) : askedOf;
    const most = Math.min(PACKET_ASKS_MAX, from?.nodeCount ?? PACKET_ASKS_MAX);
    if (!packets.has(packetLeaf) && asked.size >= most) {
      givenUp.push({ leaf, packetLeaf });
      coins.delete(leaf);
    } else coins.set(leaf, { packetLeaf, askedOf: asked });
  }
  const asked = [...coins.values()].map(({ packetLeaf }) => packetLeaf).filter((leaf) => !packets.has(leaf));
  const hits = new Set([...rest, ...coins.keys(), ...asked]);
  // A coin that waits was among the hits before; one that is given up leaves them, with its packet.
  for (const { leaf } of givenUp) hits.delete(leaf);
  return { hits: [...hits], packetWaits: { coins, packets }, givenUp };
}
