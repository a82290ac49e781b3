import { blobHour, blobWorkBits, isBlobWork, type BlobWork } from "../../core/blob/blob-work.ts";
import { blobSizeOf, type SealedBlob } from "../../core/blob/sealed-blob.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { Hash } from "../../core/values/hash.ts";
import type { TimeMs } from "../../core/values/height.ts";
import type { ClientJobs } from "./light-client-run.ts";

/** Tries of one step at most, tenths of a second: what a cancel waits for. */
const STEP_TRIES_MAX = 2 ** 17;
/** Steps handed out together, for devices with several cores; for small blobs a quarter of what is expected each. */
const STEPS_AT_ONCE = 4;

/** What a search asks before each step. */
export interface SearchRun {
  /** By the clock that nodes judge the hour with. */
  readonly now: () => TimeMs;
  readonly isWaiting: () => boolean;
}

/** Looks for the work of blobs (MS-13), one at a time, in steps of the crypto workers. */
export class BlobWorkSearch {
  readonly #jobs: Pick<ClientJobs, "findBlobWork">;
  readonly #changed: () => void;
  #current: { readonly blobId: Hash; tries: number } | undefined;

  constructor(jobs: Pick<ClientJobs, "findBlobWork">, changed: () => void) {
    this.#jobs = jobs;
    this.#changed = changed;
  }

  /** Chance that it would be found by now, 0 to 1; 0 for a blob that is not looked at. */
  chance({ blobId, bytes }: SealedBlob): number {
    const isCurrent = this.#current !== undefined && equalBytes(this.#current.blobId, blobId);
    const tries = isCurrent ? this.#current!.tries : 0;
    return 1 - Math.exp(-tries / 2 ** blobWorkBits(blobSizeOf(bytes.length)!));
  }

  /** undefined: nobody waits for it any more, or the workers are gone for now. */
  async find({ blobId, bytes }: SealedBlob, { now, isWaiting }: SearchRun): Promise<BlobWork | undefined> {
    const size = blobSizeOf(bytes.length)!;
    const tries = Math.min(STEP_TRIES_MAX, 2 ** blobWorkBits(size) / STEPS_AT_ONCE);
    const current = { blobId, tries: 0 };
    this.#current = current;
    for (let hour = blobHour(now()), firstNonce = 0; ;) {
      const steps = Array.from({ length: STEPS_AT_ONCE }, (_, index) => {
        return this.#jobs.findBlobWork({ blobId, size, hour, firstNonce: firstNonce + index * tries, tries });
      });
      const results = await Promise.all(steps);
      if (!isWaiting()) return undefined;
      const nonce = results.find((result) => result?.nonce !== undefined)?.nonce;
      // A kernel may err; what it found is looked at once more.
      if (nonce !== undefined && isBlobWork(blobId, size, { hour, nonce })) return { hour, nonce };
      firstNonce += STEPS_AT_ONCE * tries;
      current.tries = firstNonce;
      this.#changed();
      // Nothing was done: a loop of no steps would never end.
      if (results.every((result) => result === undefined)) return undefined;
      if (hour !== blobHour(now())) [hour, firstNonce] = [blobHour(now()), 0];
    }
  }
}
