import { claimHash } from "../chain/claim.ts";
import type { DrawnCore } from "../chain/output.ts";
import { drawnCoin, refundCoin, unpaidSlots } from "../chain/packet-coins.ts";
import { drawSlots, paidAfter } from "../chain/packet-draw.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { BLOCK_REFUNDS_MAX } from "../params/limits.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex } from "../values/height.ts";
import type { PacketState } from "./leaf-state.ts";
import { nextHeight, type LedgerTip } from "./ledger-tip.ts";
import { readPacket, type FoundPacket } from "./live-packets.ts";

/** What packets give in a block before its transactions (BL-2). */
export interface PacketDraws {
  /** Drawn coins by packet leaf and draw order, then refunds by packet leaf. */
  readonly outputs: readonly DrawnCore[];
  /** Packets that are changed by it; undefined: nothing is left of one. */
  readonly states: ReadonlyMap<LeafIndex, PacketState | undefined>;
  /** f_claim of every drawn claim, in µSTG (RP-6). */
  readonly fees: bigint;
}

/** A block without packets. */
export const NO_PACKET_DRAWS: PacketDraws = { outputs: [], states: new Map(), fees: 0n };

/** Blocks between a claim and the beacon that draws it (RP-6): whoever chooses the claims of a block does not know it. */
export const DRAW_DELAY_BLOCKS = 2;

/**
 * RP-6 and RP-7 in the block behind the tip, whose beacon is given. The reader must hold the state of the tip. What it
 * costs hangs on what is to be drawn and given back, not on how many packets live.
 */
export function drawPackets(curve: CurveBackend, tip: LedgerTip, reader: LedgerReader, beacon: Hash): PacketDraws {
  const { unsettled } = tip.packets;
  const drawn = new Map(unsettled.map(({ leaf }) => [leaf, drawPacket(reader, leaf, nextHeight(tip), beacon)]));
  const states = new Map<LeafIndex, PacketState | undefined>();
  for (const [leaf, { core, state, coins }] of drawn) {
    if (isEmptied(core, state)) states.set(leaf, undefined);
    else if (coins.length > 0) states.set(leaf, state);
  }
  const closing = unsettled.filter(({ leaf }) => drawn.get(leaf)!.state.isClosing).map(({ leaf }) => leaf);
  // Some of those that have expired may still wait for a draw, or have just been emptied.
  const expired = reader.expiredPackets(tip.header.time, BLOCK_REFUNDS_MAX + unsettled.length);
  const refunds: { readonly leaf: LeafIndex; readonly coin: DrawnCore }[] = [];
  for (const leaf of new Set([...closing, ...expired])) {
    if (refunds.length === BLOCK_REFUNDS_MAX) break;
    const { core, state } = drawn.get(leaf) ?? findPacket(reader, leaf);
    if (isEmptied(core, state) || state.pending.length > 0) continue;
    refunds.push({ leaf, coin: knownRefund(curve, tip, core, leaf, state.paidBitmap) });
    states.set(leaf, undefined);
  }
  refunds.sort((left, right) => left.leaf - right.leaf);
  const all = [...drawn.values()];
  return {
    outputs: [...all.flatMap(({ coins }) => coins), ...refunds.map(({ coin }) => coin)],
    states,
    fees: all.reduce((sum, { core, coins }) => sum + core.claimFee * BigInt(coins.length), 0n),
  };
}

/** Refunds of the block behind a tip, by leaf and paid slots. */
const refundsBehind = new WeakMap<LedgerTip, Map<string, DrawnCore>>();

/**
 * A refund sums up to 64 points, a block has 64 of them, and each block that is built or judged at one height needs the
 * same ones: they are made once.
 */
function knownRefund(
  curve: CurveBackend,
  tip: LedgerTip,
  core: PacketCore,
  leaf: LeafIndex,
  paidBitmap: bigint,
): DrawnCore {
  const known = refundsBehind.get(tip) ?? new Map<string, DrawnCore>();
  refundsBehind.set(tip, known);
  const name = `${leaf}:${paidBitmap}`;
  const coin = known.get(name) ?? refundCoin(curve, core, leaf, paidBitmap);
  known.set(name, coin);
  return coin;
}

function findPacket(reader: LedgerReader, leaf: LeafIndex): FoundPacket {
  const found = readPacket(reader, leaf);
  if (found === undefined) throw new Error("a live packet whose leaf is none");
  return found;
}

/** Has every share been paid (RP-6)? */
function isEmptied(packet: PacketCore, { paidBitmap }: PacketState): boolean {
  return unpaidSlots(packet, paidBitmap)!.length === 0;
}

/** RP-6: the claims of one packet that were taken two blocks ago, and the packet behind them. */
function drawPacket(
  reader: LedgerReader,
  leaf: LeafIndex,
  blockHeight: Height,
  beacon: Hash,
): FoundPacket & { readonly coins: readonly DrawnCore[] } {
  const { core, state } = findPacket(reader, leaf);
  const isReady = (each: PacketState["pending"][number]): boolean => each.height + DRAW_DELAY_BLOCKS <= blockHeight;
  const claims = state.pending.filter(isReady).map(({ claim }) => claim);
  if (claims.length === 0) return { core, state, coins: [] };
  const slots = drawSlots(beacon, claims.map(claimHash), unpaidSlots(core, state.paidBitmap)!);
  const paidBitmap = paidAfter(state.paidBitmap, slots);
  return {
    core,
    state: { ...state, paidBitmap, pending: state.pending.filter((each) => !isReady(each)) },
    coins: slots.map(({ place, slot }) => drawnCoin(core, leaf, claims[place]!, slot)),
  };
}
