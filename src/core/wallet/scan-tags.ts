import { equalBytes, isZeroBytes } from "../bytes/compare-bytes.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { deriveTags, PAYLOADS_PER_RECIPIENT_MAX, payloadTagOf } from "../crypto/output-keys.ts";
import type { ScanKeys } from "./keys.ts";
import { matchViewTag } from "./output-secrets.ts";

/** Live outputs of a range as a scanner needs them; packed, since a restore brings a million of them. */
export interface TagJob {
  /** D, 32 bytes each. */
  readonly ephemeralKeys: Uint8Array;
  /** 2 bytes each. */
  readonly viewTags: Uint8Array;
  /** 16 bytes each, where payloads are looked for as well: a memo may stand in an output that is not ours. */
  readonly payloadTags?: Uint8Array;
}

export interface TagResult {
  /** Places of which a tag is one of ours; 8 of 65536 strangers' are as well. Ascending. */
  readonly places: readonly number[];
}

const KEY_SIZE = 32;
const TAG_SIZE = 2;
const PAYLOAD_TAG_SIZE = 16;

/** How many outputs a job is about. */
export function tagCount({ viewTags }: TagJob): number {
  return viewTags.length / TAG_SIZE;
}

/** Steps 1 to 3 of 2.3, for what comes without cores: one key agreement for each run of equal D. */
export function scanTags(
  curve: CurveBackend,
  keys: Pick<ScanKeys, "viewSecret" | "viewAllSecret">,
  job: TagJob,
): TagResult {
  const count = tagCount(job);
  if (job.ephemeralKeys.length !== count * KEY_SIZE) throw new RangeError("one view tag for each D");
  const distinct = distinctKeys(job.ephemeralKeys, count);
  if (distinct.count === 0) return { places: [] };
  const shared = curve.x25519Batch(keys.viewSecret, distinct.keys);
  const places: number[] = [];
  for (let index = 0; index < distinct.count; index++) {
    const ephemeralKey = distinct.keys.subarray(index * KEY_SIZE, (index + 1) * KEY_SIZE);
    const secret = shared.subarray(index * KEY_SIZE, (index + 1) * KEY_SIZE);
    const internal = keys.viewAllSecret && deriveTags(keys.viewAllSecret, ephemeralKey);
    // ss = 0 comes from small-order D only and is never ours: anybody could compute its tags.
    const external = isZeroBytes(secret) ? undefined : deriveTags(secret, ephemeralKey);
    for (let place = distinct.starts[index]!; place < (distinct.starts[index + 1] ?? count); place++) {
      const viewTag = job.viewTags.subarray(place * TAG_SIZE, (place + 1) * TAG_SIZE);
      const isCoin = [internal, external].some((tags) => tags !== undefined && matchViewTag(tags, viewTag).length > 0);
      if (isCoin || (external !== undefined && hasPayload(job, place, external))) places.push(place);
    }
  }
  return { places };
}

function hasPayload({ payloadTags }: TagJob, place: number, tags: Uint8Array): boolean {
  const tag = payloadTags?.subarray(place * PAYLOAD_TAG_SIZE, (place + 1) * PAYLOAD_TAG_SIZE);
  if (tag === undefined) return false;
  for (let np = 0; np < PAYLOADS_PER_RECIPIENT_MAX; np++) if (equalBytes(payloadTagOf(tags, np), tag)) return true;
  return false;
}

/** Outputs of one payment stand side by side and share D. */
function distinctKeys(
  all: Uint8Array,
  count: number,
): { readonly keys: Uint8Array; readonly starts: readonly number[]; readonly count: number } {
  const starts: number[] = [];
  for (let place = 0; place < count; place++) {
    if (place === 0 || !isSameKey(all, place - 1, place)) starts.push(place);
  }
  const keys = new Uint8Array(starts.length * KEY_SIZE);
  starts.forEach((place, index) => keys.set(all.subarray(place * KEY_SIZE, (place + 1) * KEY_SIZE), index * KEY_SIZE));
  return { keys, starts, count: starts.length };
}

function isSameKey(all: Uint8Array, left: number, right: number): boolean {
  for (let index = 0; index < KEY_SIZE; index++) {
    if (all[left * KEY_SIZE + index] !== all[right * KEY_SIZE + index]) return false;
  }
  return true;
}
