import type { PeerId } from "../ports/network-port.ts";
import type { BirthdaySearch } from "../sync/restore-birthday.ts";
import type { LeafIndex } from "../values/height.ts";
import type { RestoreBoundary } from "../wallet/restore-state.ts";
import type { TagJob } from "../wallet/scan-tags.ts";

/** One question of a restore to one node. */
export interface RestoreRequest {
  readonly requestId: number;
  readonly node: number;
  readonly peer: PeerId;
  readonly asks: RestoreQuestion;
  /** An answer that is not there by then is of no use any more: others are asked. */
  readonly deadlineMs: number;
}

export type RestoreQuestion =
  /** `ranges` are those that have not come yet. */
  | { readonly type: "ranges"; readonly ranges: readonly number[] }
  /** The bucket of a hit; the edge asks for it among its decoys (NW-7). */
  | { readonly type: "buckets"; readonly bucket: number };

/** A verified range, packed for a worker. */
export interface VerifiedRange {
  readonly range: number;
  readonly boundary: RestoreBoundary;
  readonly leaves: readonly LeafIndex[];
  readonly job: TagJob;
}

/** Buckets being checked and opened by a worker. */
export interface OpeningBuckets {
  readonly jobId: number;
  readonly buckets: readonly number[];
  /** Whose answer it is: a node's number, and the list it has that number in. undefined: nobody was asked. */
  readonly from: { readonly node: number; readonly list: number } | undefined;
}

/** A node that is left alone for a while. */
export interface RestorePause {
  readonly untilMs: number;
  /** It said that it does not serve this boundary. */
  readonly isNotServed: boolean;
}

/** The view last told, as text. */
export interface ShownRestore {
  /** undefined: that no restore is running. */
  readonly text: string | undefined;
  /** The same without what every range changes. */
  readonly steady: string | undefined;
  readonly atMs: number;
}

/** What a restore is doing right now. In memory only: a restart asks again for what was not stored. */
export interface RestoreRun {
  readonly nextRequestId: number;
  readonly requests: readonly RestoreRequest[];
  /** Waiting for a worker. */
  readonly verified: readonly VerifiedRange[];
  readonly scanning: readonly { readonly jobId: number; readonly scan: VerifiedRange }[];
  readonly opening: readonly OpeningBuckets[];
  readonly pauses: ReadonlyMap<number, RestorePause>;
  readonly search: BirthdaySearch | undefined;
  readonly shown: ShownRestore | undefined;
}

export const IDLE_RESTORE: RestoreRun = {
  nextRequestId: 1,
  requests: [],
  verified: [],
  scanning: [],
  opening: [],
  pauses: new Map(),
  search: undefined,
  shown: undefined,
};
