import { outputsOf, type Transaction } from "../chain/transaction.ts";
import type { LeafRecord, LedgerReader } from "../ports/ledger-reader.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import type { BlockContent } from "./block-content.ts";
import { encodePacketState } from "./leaf-state.ts";
import type { LedgerTip } from "./ledger-tip.ts";
import { livePacket, type LivePacket } from "./live-packets.ts";

/** What a block does to the leaves of packets. */
export interface PacketEffects {
  /** Live packets after the block, ascending by leaf; the same object where nothing changes. */
  readonly packets: readonly LivePacket[];
  /** Those of which nothing is left (RP-6, RP-7). */
  readonly gone: readonly LeafIndex[];
  /** Those in another state (BL-3). */
  readonly rewritten: ReadonlyMap<LeafIndex, LeafRecord>;
}

/** What draws, refunds and valid transactions leave of packets. `firstLeaf` is that of the first transaction's output. */
export function applyPackets(
  tip: LedgerTip,
  reader: LedgerReader,
  content: Pick<BlockContent, "transactions" | "packets">,
  firstLeaf: number,
): PacketEffects {
  const { states } = content.packets;
  const made = newPackets(
    content.transactions.map(({ transaction }) => transaction),
    firstLeaf,
  );
  if (states.size === 0 && made.length === 0) return { packets: tip.packets, gone: [], rewritten: new Map() };
  const gone: LeafIndex[] = [];
  const rewritten = new Map<LeafIndex, LeafRecord>();
  for (const [leaf, state] of states) {
    if (state === undefined) gone.push(leaf);
    else rewritten.set(leaf, { ...reader.leaf(leaf)!, stateFields: encodePacketState(state) });
  }
  const kept = tip.packets.flatMap((packet) => {
    const { leaf } = packet;
    if (!states.has(leaf)) return [packet];
    const state = states.get(leaf);
    return state === undefined ? [] : [livePacket(leaf, packet, state)];
  });
  return { packets: [...kept, ...made], gone, rewritten };
}

function newPackets(transactions: readonly Transaction[], firstLeaf: number): readonly LivePacket[] {
  return transactions.flatMap(outputsOf).flatMap(({ core }, index) => {
    if (core.type !== "packet") return [];
    return [livePacket(leafIndex(firstLeaf + index), core, { isClosing: false, pending: [] })];
  });
}
