import { DecodeError } from "../bytes/decode-error.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { decodeOutputCore, type OutputCore } from "../chain/output.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { LeafReader, LeafRecord } from "../ports/ledger-reader.ts";
import { leafIndex, timeMs, type LeafIndex, type TimeMs } from "../values/height.ts";
import { decodePacketState, type PacketState } from "./leaf-state.ts";

/** What every block asks of a live packet: is something to be drawn of it, or is it due? */
export interface LivePacket {
  readonly leaf: LeafIndex;
  readonly expiry: TimeMs;
  /** Its creator has taken it back (RP-7). */
  readonly isClosing: boolean;
  /** Claims wait for their draw (RP-6). */
  readonly hasPending: boolean;
}

/** Live packets of one chain: more would be refused when a node reads its own tip again, as with stakes (ST-9). */
export const PACKETS_MAX = 1_000_000;

const FLAG = { closing: 1, pending: 2 } as const;

export function writeLivePackets(writer: Writer, packets: readonly LivePacket[]): void {
  writer.u32(packets.length).list(packets, (out, { leaf, expiry, isClosing, hasPending }) => {
    out.u40(leaf).u64(expiry);
    out.u8((isClosing ? FLAG.closing : 0) | (hasPending ? FLAG.pending : 0));
  });
}

export function readLivePackets(reader: Reader): readonly LivePacket[] {
  const packets = reader.list(reader.u32(), PACKETS_MAX, (from): LivePacket => {
    const [leaf, expiry, flags] = [leafIndex(from.u40()), timeMs(from.u53()), from.u8()];
    if (flags > (FLAG.closing | FLAG.pending)) throw new DecodeError(`packet flags ${flags}`);
    return { leaf, expiry, isClosing: (flags & FLAG.closing) !== 0, hasPending: (flags & FLAG.pending) !== 0 };
  });
  for (let index = 1; index < packets.length; index++) {
    if (packets[index - 1]!.leaf >= packets[index]!.leaf) throw new DecodeError("packets not ascending");
  }
  return packets;
}

/** The packet behind a live leaf; undefined for other types. */
export function packetOf(leaf: LeafIndex, record: LeafRecord): LivePacket | undefined {
  const core = decodeOutputCore(record.core);
  return core.type === "packet" ? livePacket(leaf, core, decodePacketState(record.stateFields)) : undefined;
}

export function livePacket(
  leaf: LeafIndex,
  { expiry }: Pick<PacketCore, "expiry">,
  { isClosing, pending }: Pick<PacketState, "isClosing" | "pending">,
): LivePacket {
  return { leaf, expiry, isClosing, hasPending: pending.length > 0 };
}

/** A packet as the ledger has it; undefined if nothing, or something else, lives at this leaf. */
export function readPacket(
  reader: LeafReader,
  leaf: LeafIndex,
): { readonly core: PacketCore; readonly state: PacketState } | undefined {
  const record = reader.leaf(leaf);
  if (record === undefined) return undefined;
  const core: OutputCore = decodeOutputCore(record.core);
  return core.type === "packet" ? { core, state: decodePacketState(record.stateFields) } : undefined;
}
