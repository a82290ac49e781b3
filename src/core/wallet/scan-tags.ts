import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { hasPayloadTag, hasViewTag } from "../crypto/output-keys.ts";
import type { ScanKeys } from "./keys.ts";
import { scanGifts, type GiftSearch } from "./scan-gifts.ts";

/** Live outputs of a range as a scanner needs them; packed, since a restore brings a million of them. */
export interface TagJob {
  /** D, 32 bytes each. */
  readonly ephemeralKeys: Uint8Array;
  /** 2 bytes each. */
  readonly viewTags: Uint8Array;
  /** 16 bytes each, where payloads are looked for as well: a memo may stand in an output that is not ours. */
  readonly payloadTags?: Uint8Array;
  /** Without it no gift of ours is looked for. */
  readonly gifts?: GiftSearch;
}

export interface TagResult {
  /** Places of which a tag is one of ours; 8 of 65536 strangers' are as well. Ascending. */
  readonly places: readonly number[];
}

const KEY_SIZE = 32;
const TAGS_SIZE = 64;
const VIEW_TAG_SIZE = 2;
const PAYLOAD_TAG_SIZE = 16;

/** How many outputs a job is about. */
export function tagCount({ viewTags }: TagJob): number {
  return viewTags.length / VIEW_TAG_SIZE;
}

/** Steps 1 to 3 of 2.3, for what comes without cores: one key agreement for each run of equal D. */
export function scanTags(
  curve: CurveBackend,
  keys: Pick<ScanKeys, "viewSecret" | "viewAllSecret">,
  job: TagJob,
): TagResult {
  const { viewTags, payloadTags } = job;
  const count = tagCount(job);
  if (job.ephemeralKeys.length !== count * KEY_SIZE) throw new RangeError("one view tag for each D");
  const { distinct, starts } = distinctKeys(job.ephemeralKeys, count);
  const secrets = curve.x25519Batch(keys.viewSecret, distinct);
  const external = curve.tagsBatch(secrets, distinct);
  const internal = keys.viewAllSecret && curve.tagsBatch(keys.viewAllSecret, distinct);
  const places: number[] = [];
  const others: number[] = [];
  for (let run = 0; run < starts.length; run++) {
    const tagsAt = run * TAGS_SIZE;
    // ss = 0 comes from small-order D only and is never ours: anybody could compute its tags.
    const isShared = !isZeroKey(secrets, run);
    const end = starts[run + 1] ?? count;
    const before = places.length;
    const rest: number[] = [];
    for (let place = starts[run]!; place < end; place++) {
      const viewTagAt = place * VIEW_TAG_SIZE;
      const isCoin =
        (internal !== undefined && hasViewTag(internal, tagsAt, viewTags, viewTagAt)) ||
        (isShared && hasViewTag(external, tagsAt, viewTags, viewTagAt));
      const hasPayload =
        isShared && payloadTags !== undefined && hasPayloadTag(external, tagsAt, payloadTags, place * PAYLOAD_TAG_SIZE);
      if (isCoin || hasPayload) places.push(place);
      else rest.push(place);
    }
    if (job.gifts !== undefined && (job.gifts === "everywhere" || places.length > before)) others.push(...rest);
  }
  const gifts = findGifts(curve, keys.viewAllSecret, job, others);
  return { places: gifts.length === 0 ? places : [...places, ...gifts].sort((left, right) => left - right) };
}

/** Places among these that have the tag of a gift of ours. */
function findGifts(
  curve: CurveBackend,
  viewAllSecret: Uint8Array | undefined,
  { ephemeralKeys, viewTags }: TagJob,
  places: readonly number[],
): readonly number[] {
  if (viewAllSecret === undefined || places.length === 0) return [];
  const outputs = places.map((place) => ({
    place,
    ephemeralKey: ephemeralKeys.subarray(KEY_SIZE * place, KEY_SIZE * (place + 1)),
    viewTag: viewTags.subarray(VIEW_TAG_SIZE * place, VIEW_TAG_SIZE * (place + 1)),
  }));
  const found = scanGifts(curve, viewAllSecret, outputs);
  return [...new Set(found.map(({ place }) => place))];
}

/** Outputs of one payment stand side by side and share D: each run of equal ones once, and where it starts. */
function distinctKeys(
  all: Uint8Array,
  count: number,
): { readonly distinct: Uint8Array; readonly starts: readonly number[] } {
  const keys = new Uint8Array(all.length);
  const starts: number[] = [];
  for (let place = 0; place < count; place++) {
    if (place > 0 && isSameKey(all, place - 1, place)) continue;
    const [from, to] = [place * KEY_SIZE, starts.length * KEY_SIZE];
    for (let index = 0; index < KEY_SIZE; index++) keys[to + index] = all[from + index]!;
    starts.push(place);
  }
  return { distinct: keys.subarray(0, starts.length * KEY_SIZE), starts };
}

function isSameKey(all: Uint8Array, left: number, right: number): boolean {
  for (let index = 0; index < KEY_SIZE; index++) {
    if (all[left * KEY_SIZE + index] !== all[right * KEY_SIZE + index]) return false;
  }
  return true;
}

function isZeroKey(keys: Uint8Array, place: number): boolean {
  for (let index = 0; index < KEY_SIZE; index++) if (keys[place * KEY_SIZE + index] !== 0) return false;
  return true;
}
