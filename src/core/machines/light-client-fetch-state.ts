import type { PeerId } from "../ports/network-port.ts";
import type { StreamedOutput } from "../sync/compact-item.ts";
import type { LeafIndex } from "../values/height.ts";

/** The blocks at the head of the queue, while they are looked through. Nothing of them is stored before the end. */
export type BlockScan =
  /** Read whole, or as much of them as is wanted: a worker opens what is ours. */
  | { readonly stage: "outputs"; readonly jobId: number; readonly count: number }
  /** Without their outputs: a worker looks at the tags. */
  | { readonly stage: "tags"; readonly jobId: number; readonly count: number }
  /** Outputs of some leaves are wanted first (NW-7). */
  | { readonly stage: "fetch"; readonly jobId: undefined; readonly count: number; readonly wanted: WantedOutputs };

/** Hits and covers alike, ascending; undefined until it is there, and "spent" where it is dead and was dropped. */
export type WantedOutputs = ReadonlyMap<LeafIndex, StreamedOutput | "spent" | undefined>;

/** One question at a time: so no triple is ever asked for twice at once because two of its buckets are wanted. */
export interface FetchRequest {
  readonly requestId: number;
  readonly node: number;
  readonly peer: PeerId;
  readonly bucket: number;
  /** An answer that is not there by then is of no use any more: others are asked. */
  readonly deadlineMs: number;
}

/** In memory only: after a restart the blocks are looked through again. */
export interface FetchRun {
  readonly request: FetchRequest | undefined;
  /** Until when nodes are passed over that were too slow, or could not answer. */
  readonly pauses: ReadonlyMap<number, number>;
}

export const IDLE_FETCH: FetchRun = { request: undefined, pauses: new Map() };
