import type { Output } from "../chain/output.ts";
import { outputsOf } from "../chain/transaction.ts";
import type { LeafRecord, LedgerReader } from "../ports/ledger-reader.ts";
import type { LeafIndex } from "../values/height.ts";
import type { BlockContent } from "./block-content.ts";
import { encodePacketState } from "./leaf-state.ts";
import type { LedgerTip } from "./ledger-tip.ts";
import { unsettledPacket, type LivePackets } from "./live-packets.ts";

/** What a block does to the leaves of packets. */
export interface PacketEffects {
  /** What the next tip holds of them; the same object where nothing changes. */
  readonly packets: LivePackets;
  /** Those of which nothing is left (RP-6, RP-7). */
  readonly gone: readonly LeafIndex[];
  /** Those in another state (BL-3). */
  readonly rewritten: ReadonlyMap<LeafIndex, LeafRecord>;
}

/** What draws, refunds and valid transactions leave of packets. */
export function applyPackets(
  { packets }: Pick<LedgerTip, "packets">,
  reader: LedgerReader,
  content: Pick<BlockContent, "transactions" | "packets">,
): PacketEffects {
  const { states } = content.packets;
  const made = content.transactions.flatMap(({ transaction }) => outputsOf(transaction)).filter(isPacket).length;
  if (states.size === 0 && made === 0) return { packets, gone: [], rewritten: new Map() };
  const gone: LeafIndex[] = [];
  const rewritten = new Map<LeafIndex, LeafRecord>();
  const changed = [...states].flatMap(([leaf, state]) => {
    if (state === undefined) {
      gone.push(leaf);
      return [];
    }
    rewritten.set(leaf, { ...reader.leaf(leaf)!, stateFields: encodePacketState(state) });
    return unsettledPacket(leaf, state) ?? [];
  });
  const unsettled = [...packets.unsettled.filter(({ leaf }) => !states.has(leaf)), ...changed];
  unsettled.sort((left, right) => left.leaf - right.leaf);
  return { packets: { count: packets.count + made - gone.length, unsettled }, gone, rewritten };
}

const isPacket = ({ core }: Output): boolean => core.type === "packet";
