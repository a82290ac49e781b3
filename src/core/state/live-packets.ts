import { DecodeError } from "../bytes/decode-error.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { decodeOutputCore, OUTPUT_TYPE, type OutputCore } from "../chain/output.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import { UNSETTLED_PACKETS_MAX } from "../params/limits.ts";
import type { LeafReader, LeafRecord } from "../ports/ledger-reader.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";
import { decodePacketState, type PacketState } from "./leaf-state.ts";

/** A live packet that the next block looks at, whatever the time is. */
export interface UnsettledPacket {
  readonly leaf: LeafIndex;
  /** Claims wait for their draw (RP-6); else it is closing (RP-7). */
  readonly hasPending: boolean;
}

/** What a tip holds of live packets. All else is in their leaves, and found by expiry (`LedgerReader.expiredPackets`). */
export interface LivePackets {
  readonly count: number;
  /** Those whose claims wait or that are closing, ascending by leaf: a few hundred, however many live. */
  readonly unsettled: readonly UnsettledPacket[];
}

export const NO_LIVE_PACKETS: LivePackets = { count: 0, unsettled: [] };

/** Live packets of one chain (RP-1): what has expired at one time is given back within two days of blocks of a second. */
export const PACKETS_MAX = 10_000_000;

/** `count u32 ‖ n u16 {leaf u40 pending u8}`. */
export function writeLivePackets(writer: Writer, { count, unsettled }: LivePackets): void {
  writer.u32(count).u16(unsettled.length);
  writer.list(unsettled, (out, { leaf, hasPending }) => out.u40(leaf).u8(hasPending ? 1 : 0));
}

export function readLivePackets(reader: Reader): LivePackets {
  const count = reader.u32();
  const unsettled = reader.list(reader.u16(), UNSETTLED_PACKETS_MAX, (from): UnsettledPacket => {
    const [leaf, pending] = [leafIndex(from.u40()), from.u8()];
    if (pending > 1) throw new DecodeError(`pending flag ${pending}`);
    return { leaf, hasPending: pending === 1 };
  });
  if (count > PACKETS_MAX || unsettled.length > count) throw new DecodeError(`${count} packets`);
  for (let index = 1; index < unsettled.length; index++) {
    if (unsettled[index - 1]!.leaf >= unsettled[index]!.leaf) throw new DecodeError("packets not ascending");
  }
  return { count, unsettled };
}

/** With one more of the live leaves, which come in ascending order. */
export function withLiveLeaf(packets: LivePackets, leaf: LeafIndex, record: LeafRecord): LivePackets {
  if (record.core[0] !== OUTPUT_TYPE.packet) return packets;
  const added = unsettledPacket(leaf, decodePacketState(record.stateFields));
  const unsettled = added === undefined ? packets.unsettled : [...packets.unsettled, added];
  return { count: packets.count + 1, unsettled };
}

/** What a tip holds of a packet in this state; undefined where nothing but time can end it. */
export function unsettledPacket(
  leaf: LeafIndex,
  { isClosing, pending }: Pick<PacketState, "isClosing" | "pending">,
): UnsettledPacket | undefined {
  return isClosing || pending.length > 0 ? { leaf, hasPending: pending.length > 0 } : undefined;
}

/** A live packet with its state. */
export interface FoundPacket {
  readonly core: PacketCore;
  readonly state: PacketState;
}

/** A packet as the ledger has it; undefined if nothing, or something else, lives at this leaf. */
export function readPacket(reader: LeafReader, leaf: LeafIndex): FoundPacket | undefined {
  const record = reader.leaf(leaf);
  if (record === undefined) return undefined;
  const core: OutputCore = decodeOutputCore(record.core);
  return core.type === "packet" ? { core, state: decodePacketState(record.stateFields) } : undefined;
}
