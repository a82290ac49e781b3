import type { LeafIndex } from "../values/height.ts";
import type { Note } from "./note.ts";
import type { PacketTargets } from "./packet-targets.ts";
import type { FoundPacket, WantedPacket } from "./restore-packets.ts";
import type { RestoreBoundary } from "./restore-state.ts";

/** One answer to `bucket` as it came, not looked at. */
export interface BucketFrame {
  readonly bucket: number;
  /** At most `BUCKET_FRAME_BYTES_MAX`; a buffer of its own, since a port clones whole buffers. */
  readonly frame: Uint8Array;
}

/** What is to be looked for in it. */
export interface BucketToOpen extends BucketFrame {
  /** Its outputs whose view tag is ours. undefined: their tags have not been read, any of them may be ours. */
  readonly hits: readonly LeafIndex[] | undefined;
}

/** Work for a crypto worker: plain data, to be cloned. The edge adds the view keys for this one job. */
export interface BucketJob extends Partial<PacketTargets> {
  readonly account: number;
  /** As in a `ScanJob`. */
  readonly addressCount: number;
  readonly addressCountMax: number;
  /** The certified state that every one of the buckets must be of. */
  readonly boundary: RestoreBoundary;
  /** Packets whose cores are to be given back, live or not. */
  readonly packetLeaves?: readonly LeafIndex[];
  /** The triple (NW-7), all by one sender. */
  readonly answers: readonly BucketToOpen[];
}

export type BucketResult =
  /** All are whole and true under the boundary's root; what they hold of ours, ascending by leaf. */
  | {
      readonly ok: true;
      readonly notes: readonly Note[];
      readonly wanted?: readonly WantedPacket[] | undefined;
      readonly packets?: readonly FoundPacket[] | undefined;
    }
  /** The sender is a liar: a frame is no answer to `bucket`, or a bucket is not that of the boundary (BL-15). */
  | { readonly ok: false; readonly code: "frame_refused" | "wrong_bucket" };
