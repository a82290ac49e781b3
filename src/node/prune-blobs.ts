import type { BlobStore } from "../core/ports/blob-store.ts";
import type { Clock } from "../core/ports/clock.ts";
import { timeMs, type TimeMs } from "../core/values/height.ts";

const EVERY_MS_MAX = 60 * 60_000;
/** Blobs that are too old are served no more; their room is free after so much of their time. */
const PARTS_OF_TTL = 10;

/** What pruning needs. */
export interface PruneBlobsParts {
  readonly store: Pick<BlobStore, "prune">;
  readonly clock: Clock;
  /** Of the newest block. */
  readonly chainTime: () => TimeMs;
  readonly ttlMs: number;
  /** A disk that did not do it; the next round tries again. */
  readonly failed: (error: unknown) => void;
}

/**
 * Deletes blobs whose time is over: at once, and then every hour, or every tenth of that time, but not while the clock is
 * as much behind the chain: by a clock that nobody has set yet all of them are from far away. Returns how to stop it.
 */
export function pruneBlobs({ store, clock, chainTime, ttlMs, failed }: PruneBlobsParts): () => void {
  const everyMs = Math.min(EVERY_MS_MAX, Math.ceil(ttlMs / PARTS_OF_TTL));
  let callOff: () => void = () => undefined;
  const round = (): void => {
    const now = clock.now();
    if (now + everyMs >= chainTime()) store.prune(now).catch(failed);
    callOff = clock.wakeAt(timeMs(clock.now() + everyMs), round);
  };
  round();
  return () => callOff();
}
