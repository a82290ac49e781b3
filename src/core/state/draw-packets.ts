import { claimHash } from "../chain/claim.ts";
import type { DrawnCore } from "../chain/output.ts";
import { drawnCoin, refundCoin, unpaidSlots } from "../chain/packet-coins.ts";
import { drawSlots } from "../chain/packet-draw.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { BLOCK_REFUNDS_MAX } from "../params/limits.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex } from "../values/height.ts";
import type { PacketState } from "./leaf-state.ts";
import { nextHeight, type LedgerTip } from "./ledger-tip.ts";
import { readPacket } from "./live-packets.ts";

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

/** RP-6 and RP-7 in the block behind the tip, whose beacon is given. The reader must hold the state of the tip. */
export function drawPackets(curve: CurveBackend, tip: LedgerTip, reader: LedgerReader, beacon: Hash): PacketDraws {
  const blockHeight = nextHeight(tip);
  const touched = tip.packets.filter((packet) => packet.hasPending || isDue(tip, packet));
  const outputs: DrawnCore[] = [];
  const refunds: DrawnCore[] = [];
  const states = new Map<LeafIndex, PacketState | undefined>();
  let fees = 0n;
  for (const packet of touched) {
    const { leaf } = packet;
    // The oldest go first; the others wait, and nobody reads them meanwhile.
    if (refunds.length === BLOCK_REFUNDS_MAX && !packet.hasPending) continue;
    const found = readPacket(reader, leaf);
    if (found === undefined) throw new Error("a live packet whose leaf is none");
    const drawn = drawPacket({ leaf, ...found }, blockHeight, beacon);
    const { state } = drawn;
    outputs.push(...drawn.coins);
    fees += found.core.claimFee * BigInt(drawn.coins.length);
    const isOver = isEmptied(found.core, state);
    const isRefunded =
      !isOver && isDue(tip, packet) && state.pending.length === 0 && refunds.length < BLOCK_REFUNDS_MAX;
    if (isRefunded) refunds.push(refundCoin(curve, found.core, leaf, state.paidBitmap));
    if (isOver || isRefunded) states.set(leaf, undefined);
    else if (drawn.coins.length > 0) states.set(leaf, state);
  }
  return { outputs: [...outputs, ...refunds], states, fees };
}

/** RP-7: its time is over, or its creator has taken it back. */
function isDue(
  tip: LedgerTip,
  { expiry, isClosing }: { readonly expiry: number; readonly isClosing: boolean },
): boolean {
  return isClosing || tip.header.time >= expiry;
}

/** Has every share been paid (RP-6)? */
function isEmptied(packet: PacketCore, { paidBitmap }: PacketState): boolean {
  return unpaidSlots(packet, paidBitmap)!.length === 0;
}

/** RP-6: the claims of one packet that were taken two blocks ago. */
function drawPacket(
  { leaf, core, state }: { readonly leaf: LeafIndex; readonly core: PacketCore; readonly state: PacketState },
  blockHeight: Height,
  beacon: Hash,
): { readonly state: PacketState; readonly coins: readonly DrawnCore[] } {
  const isReady = (each: PacketState["pending"][number]): boolean => each.height + DRAW_DELAY_BLOCKS <= blockHeight;
  const claims = state.pending.filter(isReady).map(({ claim }) => claim);
  if (claims.length === 0) return { state, coins: [] };
  const slots = drawSlots(beacon, claims.map(claimHash), unpaidSlots(core, state.paidBitmap)!);
  const paidBitmap = slots.reduce((bits, { slot }) => bits | (1n << BigInt(slot)), state.paidBitmap);
  return {
    state: { ...state, paidBitmap, pending: state.pending.filter((each) => !isReady(each)) },
    coins: slots.map(({ place, slot }) => drawnCoin(core, leaf, claims[place]!, slot)),
  };
}
