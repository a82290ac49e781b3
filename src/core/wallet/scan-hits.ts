import { equalBytes, isZeroBytes } from "../bytes/compare-bytes.ts";
import { joinItems } from "../bytes/concat-bytes.ts";
import type { ScanEntry } from "../chain/compact-block.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { hasPayloadTag, PAYLOADS_PER_RECIPIENT_MAX, payloadTagOf } from "../crypto/output-keys.ts";
import type { ScanKeys } from "./keys.ts";
import { matchViewTag, type CoinOrigin } from "./output-secrets.ts";

/** An entry whose view tag is one of ours (2.3 step 3); most hits are ours, 4 of 65536 strangers' are hits as well. */
export interface ScanHit {
  /** Place in the list that was scanned. */
  readonly index: number;
  readonly origin: CoinOrigin;
  readonly n: number;
  /** ss or s_vb. */
  readonly secret: Uint8Array;
}

/** A payload tag that the shared secret of this D explains (2.3 step 3). */
export interface PayloadHit {
  readonly index: number;
  readonly np: number;
  /** ss. */
  readonly secret: Uint8Array;
}

/** By place; where one entry is a hit of both kinds, as an own one first. */
export interface ScanHits {
  readonly coins: readonly ScanHit[];
  readonly payloads: readonly PayloadHit[];
}

/** Entries side by side with one D, as the outputs of a payment stand. */
interface Run {
  readonly start: number;
  readonly end: number;
}

const KEY_SIZE = 32;
const TAGS_SIZE = 64;

/**
 * Steps 1 to 3 of 2.3 over a list of entries, with one key agreement for each run of equal D, all in one batch. Whoever
 * has the cores says by place of which of them no shared secret would tell anything: a run of only such costs none.
 */
export function scanOutputs(
  curve: CurveBackend,
  { viewSecret, viewAllSecret }: ScanKeys,
  entries: readonly ScanEntry[],
  needsNoSecret: (place: number) => boolean = () => false,
): ScanHits {
  const coins: ScanHit[] = [];
  const payloads: PayloadHit[] = [];
  const addCoins = ({ start, end }: Run, tags: Uint8Array, origin: CoinOrigin, secret: Uint8Array): void => {
    for (let index = start; index < end; index++) {
      for (const n of matchViewTag(tags, entries[index]!.viewTag)) coins.push({ index, origin, n, secret });
    }
  };
  const runs = runsOfEqualKeys(entries);
  if (viewAllSecret !== undefined && runs.length > 0) {
    const tags = curve.tagsBatch(viewAllSecret, keysOf(entries, runs));
    runs.forEach((run, place) => addCoins(run, tagsAt(tags, place), "internal", viewAllSecret));
  }
  const shared = runs.filter((run) => !isEvery(run, needsNoSecret));
  if (shared.length > 0) {
    const ephemeralKeys = keysOf(entries, shared);
    const secrets = curve.x25519Batch(viewSecret, ephemeralKeys);
    const allTags = curve.tagsBatch(secrets, ephemeralKeys);
    shared.forEach((run, place) => {
      const secret = secrets.slice(KEY_SIZE * place, KEY_SIZE * (place + 1));
      // ss = 0 comes from small-order D only and is never ours: anybody could compute its tags.
      if (isZeroBytes(secret)) return;
      const tags = tagsAt(allTags, place);
      addCoins(run, tags, "external", secret);
      addPayloads(run, tags, secret, entries, payloads);
    });
  }
  // Sorting is stable.
  return { coins: coins.sort((left, right) => left.index - right.index), payloads };
}

function addPayloads(
  { start, end }: Run,
  tags: Uint8Array,
  secret: Uint8Array,
  entries: readonly ScanEntry[],
  payloads: PayloadHit[],
): void {
  for (let index = start; index < end; index++) {
    const { payloadTag } = entries[index]!;
    if (!hasPayloadTag(tags, 0, payloadTag, 0)) continue;
    for (let np = 0; np < PAYLOADS_PER_RECIPIENT_MAX; np++) {
      if (equalBytes(payloadTagOf(tags, np), payloadTag)) payloads.push({ index, np, secret });
    }
  }
}

function runsOfEqualKeys(entries: readonly ScanEntry[]): readonly Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let end = 1; end <= entries.length; end++) {
    if (end < entries.length && equalBytes(entries[end]!.ephemeralKey, entries[start]!.ephemeralKey)) continue;
    runs.push({ start, end });
    start = end;
  }
  return runs;
}

function keysOf(entries: readonly ScanEntry[], runs: readonly Run[]): Uint8Array {
  return joinItems(runs.map(({ start }) => entries[start]!.ephemeralKey));
}

function isEvery({ start, end }: Run, holds: (place: number) => boolean): boolean {
  for (let place = start; place < end; place++) if (!holds(place)) return false;
  return true;
}

const tagsAt = (tags: Uint8Array, place: number): Uint8Array =>
  tags.subarray(TAGS_SIZE * place, TAGS_SIZE * (place + 1));
