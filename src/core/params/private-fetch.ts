/** What a client does between the full stream and buckets (protocol 11.3). No rule of consensus rests on it. */

/** NW-8: over this stretch of the chain its outputs are counted, or over what is known of it. */
export const PACE_STRETCH_MS = 30 * 60_000;
/** Of less than this nothing is concluded: a burst is no pace. */
export const PACE_STRETCH_MS_MIN = 10 * 60_000;
/** The count is looked at so often. */
export const PACE_STEP_MS = 60_000;
/** One for each step, and one from before. */
export const PACE_MARKS_MAX = PACE_STRETCH_MS / PACE_STEP_MS + 1;
/** Outputs in 1,000 s: from above the first on a client reads no cores but those it wants, down to the second. */
export const BUSY_OUTPUTS_PER_KS = 600;
export const CALM_OUTPUTS_PER_KS = 400;

/** NW-8: leaves of which one, on average, is fetched without a hit: one of 16 buckets. */
export const COVER_ONE_IN = 1_024;
