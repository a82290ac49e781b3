import { compareBytes } from "../bytes/compare-bytes.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { u32 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { Hash } from "../values/hash.ts";
import { timeMs, type TimeMs } from "../values/height.ts";

/** Parameters of NW-4. */
export const STEM_EPOCH_MS = 10 * 60_000;
export const STEM_PEERS_COUNT = 2;
export const STEM_FLUFF_SHARE = 0.2;
export const EMBARGO_MS_MIN = 10_000;
export const EMBARGO_MEAN_MS = 15_000;

/** Where a stem transaction came in: from a peer, or from a client of ours (an edge of its own). */
export type StemEdge = PeerId | undefined;

/** A peer that serves protocol `stem`. */
export interface StemPeer {
  readonly peer: PeerId;
  /** We chose it. Those who chose us may be many and one person. */
  readonly isDialled: boolean;
}

/**
 * Which way stem transactions leave this node (NW-4). All chance comes from one secret, drawn at the start and never
 * stored: the same question gets the same answer, so asking twice teaches nothing.
 */
export interface StemRoute {
  /** Counts the epochs of this run. */
  readonly epoch: number;
  readonly endsAt: TimeMs;
  readonly candidates: readonly StemPeer[];
  /** Those of this epoch; a slot is empty while there are too few candidates. */
  readonly slots: readonly (PeerId | undefined)[];
}

export const EMPTY_ROUTE: StemRoute = {
  epoch: 0,
  endsAt: timeMs(0),
  candidates: [],
  slots: Array.from({ length: STEM_PEERS_COUNT }, () => undefined),
};

/** The route now: an epoch that is over gives way to a new one with stem peers of its own. */
export function currentRoute(secret: Uint8Array, route: StemRoute, now: TimeMs): StemRoute {
  if (now < route.endsAt) return route;
  const fresh = { ...EMPTY_ROUTE, candidates: route.candidates };
  return fillSlots(secret, { ...fresh, epoch: route.epoch + 1, endsAt: timeMs(now + STEM_EPOCH_MS) });
}

/** A peer serves `stem`. It takes an empty slot at most: who arrives later must not push others out of an epoch. */
export function withCandidate(secret: Uint8Array, route: StemRoute, found: StemPeer): StemRoute {
  if (route.candidates.some(({ peer }) => peer === found.peer)) return route;
  return fillSlots(secret, { ...route, candidates: [...route.candidates, found] });
}

/** A peer does not serve `stem` any more; only its own slot gets another one. */
export function withoutCandidate(secret: Uint8Array, route: StemRoute, peer: PeerId): StemRoute {
  const candidates = route.candidates.filter((each) => each.peer !== peer);
  if (candidates.length === route.candidates.length) return route;
  const slots = route.slots.map((each) => (each === peer ? undefined : each));
  return fillSlots(secret, { ...route, candidates, slots });
}

/** By lot among those we dialled; the others fill what is left. */
function fillSlots(secret: Uint8Array, route: StemRoute): StemRoute {
  const lot = (peer: PeerId): Hash => hash32("stg/stem-peer", secret, u32(route.epoch), encodeUtf8(peer));
  const free = route.candidates.filter(({ peer }) => !route.slots.includes(peer));
  const ranked = free.map((each) => ({ ...each, lot: lot(each.peer) }));
  ranked.sort((left, right) => Number(right.isDialled) - Number(left.isDialled) || compareBytes(left.lot, right.lot));
  return { ...route, slots: route.slots.map((peer) => peer ?? ranked.shift()?.peer) };
}

/**
 * The peer that transactions of an edge go to during this epoch; undefined: nobody but whom they came from. Never back:
 * that would only be a loop. A peer that is behind would not know their inputs, so the other one gets them meanwhile.
 */
export function nextHop(
  secret: Uint8Array,
  route: StemRoute,
  edge: StemEdge,
  isBehind: (peer: PeerId) => boolean = () => false,
): PeerId | undefined {
  const { epoch, slots } = route;
  const drawn = chance(hash32("stg/stem-edge", secret, u32(epoch), encodeUtf8(edge ?? ""))) * slots.length;
  const first = Math.floor(drawn);
  const order = [...slots.slice(first), ...slots.slice(0, first)];
  const others = order.flatMap((peer) => (peer === undefined || peer === edge ? [] : [peer]));
  return others.find((peer) => !isBehind(peer)) ?? others[0];
}

/** Is this node where a relayed transaction leaves its stem? Drawn for each transaction. */
export function isFluffHere(secret: Uint8Array, txid: Hash): boolean {
  return chance(hash32("stg/stem-fluff", secret, txid)) < STEM_FLUFF_SHARE;
}

/** How long this node waits for a stem transaction to become public elsewhere: 10 s + Exp(15 s). */
export function embargoMs(secret: Uint8Array, txid: Hash): number {
  const share = 1 - chance(hash32("stg/stem-embargo", secret, txid));
  return EMBARGO_MS_MIN + Math.round(-Math.log(share) * EMBARGO_MEAN_MS);
}

/** A uniform number within [0, 1) out of a hash. */
function chance(drawn: Hash): number {
  return new DataView(drawn.buffer, drawn.byteOffset).getUint32(0) / 2 ** 32;
}
