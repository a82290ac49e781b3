import type { PacketCore } from "../chain/packet-output.ts";
import type { LeafIndex } from "../values/height.ts";
import type { PacketWaits, RestoreState } from "./restore-state.ts";

/** Outputs of one bucket (BL-15). */
const BUCKET_LEAVES = 64;
/** How often the core of one packet is asked for: a node may have lost it, or give another. */
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

/**
 * What opened buckets say of such coins. The hits are those that are left: coins that wait, and packets to be asked for.
 * A core with which a certain coin of ours does not open is forgotten and asked for again.
 */
export function waitForPackets(
  restore: RestoreState,
  opened: {
    readonly buckets: ReadonlySet<number>;
    readonly wanted: readonly WantedPacket[];
    readonly packets: readonly FoundPacket[];
  },
): Pick<RestoreState, "hits" | "packetWaits"> {
  const isOpened = (leaf: LeafIndex): boolean => opened.buckets.has(Math.floor(leaf / BUCKET_LEAVES));
  const rest = restore.hits.filter((leaf) => !isOpened(leaf));
  const before = restore.packetWaits ?? NO_WAITS;
  if (opened.wanted.length === 0 && before.coins.size === 0) return { hits: rest };
  const packets = new Map(before.packets);
  for (const { packetLeaf } of opened.wanted) packets.delete(packetLeaf);
  for (const { packetLeaf, core } of opened.packets) packets.set(packetLeaf, core);
  // A coin that was looked at and is wanted no more is decided, whether or not it is ours.
  const coins = new Map([...before.coins].filter(([leaf]) => !isOpened(leaf)));
  for (const { leaf, packetLeaf } of opened.wanted) {
    const asked = before.coins.get(leaf)?.asked ?? 0;
    coins.set(leaf, { packetLeaf, asked: before.packets.has(packetLeaf) ? asked + 1 : asked });
  }
  for (const [leaf, { packetLeaf, asked }] of coins) {
    const isMissed = !packets.has(packetLeaf) && before.coins.has(leaf) && isOpened(packetLeaf);
    const count = isMissed ? asked + 1 : asked;
    if (count >= PACKET_ASKS_MAX) coins.delete(leaf);
    else coins.set(leaf, { packetLeaf, asked: count });
  }
  const asked = [...coins.values()].map(({ packetLeaf }) => packetLeaf).filter((leaf) => !packets.has(leaf));
  const hits = new Set([...rest, ...coins.keys(), ...asked]);
  // A coin that waits was among the hits before; one that is given up leaves them, with its packet.
  return { hits: [...hits].filter((leaf) => !isGivenUp(before, coins, leaf)), packetWaits: { coins, packets } };
}

function isGivenUp(before: PacketWaits, coins: PacketWaits["coins"], leaf: LeafIndex): boolean {
  return before.coins.has(leaf) && !coins.has(leaf);
}
