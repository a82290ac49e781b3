import type { PeerId } from "../ports/network-port.ts";
import type { TimeMs } from "../values/height.ts";

/** Work of claims that is looked at within a second: of one peer, and in all (RP-12). */
export const PEER_WORK_PER_S_MAX = 2;
export const WORK_PER_S_MAX = 20;

const SPAN_MS = 1_000;

/** Work that was begun within the last second: {@link WORK_PER_S_MAX} entries at most. */
export type WorkPace = readonly { readonly at: TimeMs; readonly from: PeerId | undefined }[];

/** The pace with one more; undefined where this peer, or all together, have had their share. */
export function takeWork(pace: WorkPace, from: PeerId | undefined, now: TimeMs): WorkPace | undefined {
  const recent = pace.filter(({ at }) => at > now - SPAN_MS && at <= now);
  const ofPeer = from === undefined ? 0 : recent.filter((each) => each.from === from).length;
  return recent.length >= WORK_PER_S_MAX || ofPeer >= PEER_WORK_PER_S_MAX ? undefined : [...recent, { at: now, from }];
}
