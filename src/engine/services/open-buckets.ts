import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { tryDecode } from "../../core/bytes/decode-error.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import { liveBlocks } from "../../core/machines/live-blocks.ts";
import { checkBucket, type LiveOutput } from "../../core/sync/served-bucket.ts";
import type { BucketJob, BucketResult, BucketToOpen } from "../../core/wallet/bucket-job.ts";
import type { ScanKeys } from "../../core/wallet/keys.ts";
import { scanBlocks, type ScanJob } from "../../core/wallet/scan-outputs.ts";
import type { SubaddressCache } from "../../core/wallet/subaddress-table.ts";
import { decodeBucketAnswer, type BucketAnswer } from "../../wire/requests/bucket.ts";

type CheckedBuckets = { readonly ok: true; readonly scan: ScanJob } | Extract<BucketResult, { readonly ok: false }>;

/**
 * Decodes the buckets of a triple and checks each of them, decoys as well, under the boundary's root (BL-15). A frame
 * that is no answer tells before a bucket that is wrong.
 */
export function checkBuckets({ boundary, answers, ...addresses }: BucketJob): CheckedBuckets {
  const decoded: BucketAnswer[] = [];
  for (const { frame } of answers) {
    const answer = tryDecode(decodeBucketAnswer, frame);
    if (!answer.ok) return { ok: false, code: "frame_refused" };
    decoded.push(answer.value);
  }
  const live: (readonly LiveOutput[])[] = [];
  for (const [index, answer] of decoded.entries()) {
    const isOfBoundary = answer.at === boundary.height;
    const found = isOfBoundary ? checkBucket(boundary.utxoRoot, answers[index]!.bucket, answer) : undefined;
    if (found === undefined) return { ok: false, code: "wrong_bucket" };
    live.push(found);
  }
  return { ok: true, scan: { ...addresses, blocks: liveBlocks(boundary.timeMs, mayBeOurs(answers, live)) } };
}

/**
 * What is left to scan: of buckets whose tags have been read only the hits, and what shares their D, since a memo may
 * stand in an output of the same payment that is not ours (8.1).
 */
function mayBeOurs(answers: readonly BucketToOpen[], live: readonly (readonly LiveOutput[])[]): readonly LiveOutput[] {
  const hits = new Set(answers.flatMap((answer) => answer.hits ?? []));
  const keys = live.flat().flatMap(({ leaf, core }) => (hits.has(leaf) ? [core.ephemeralKey] : []));
  return live.flatMap((outputs, index) => {
    if (answers[index]!.hits === undefined) return outputs;
    return outputs.filter(({ core }) => keys.some((key) => equalBytes(key, core.ephemeralKey)));
  });
}

/**
 * What a restore does with the buckets of a triple, from the bytes of the answer to notes of ours: in a crypto worker,
 * since it takes milliseconds, and the objects that the bytes decode to cost more to hand over than to make.
 */
export function openBuckets(
  curve: CurveBackend,
  keys: ScanKeys,
  job: BucketJob,
  addresses?: SubaddressCache,
): BucketResult {
  const checked = checkBuckets(job);
  return checked.ok ? { ok: true, notes: scanBlocks(curve, keys, checked.scan, addresses).notes } : checked;
}
