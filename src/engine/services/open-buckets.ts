import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { tryDecode } from "../../core/bytes/decode-error.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import { liveBlocks } from "../../core/machines/live-blocks.ts";
import { BUCKET_LEAVES } from "../../core/state/bucket-proof.ts";
import { checkBucket, type LiveOutput } from "../../core/sync/served-bucket.ts";
import type { LeafIndex } from "../../core/values/height.ts";
import type { BucketJob, BucketResult, BucketToOpen } from "../../core/wallet/bucket-job.ts";
import type { ScanKeys } from "../../core/wallet/keys.ts";
import type { FoundPacket } from "../../core/wallet/restore-packets.ts";
import { scanBlocks, type ScanJob } from "../../core/wallet/scan-outputs.ts";
import type { SubaddressCache } from "../../core/wallet/subaddress-table.ts";
import { decodeBucketAnswer, type BucketAnswer } from "../../wire/requests/bucket.ts";

type CheckedBuckets =
  | { readonly ok: true; readonly scan: ScanJob; readonly packets: readonly FoundPacket[] }
  | Extract<BucketResult, { readonly ok: false }>;

/**
 * Decodes the buckets of a triple and checks each of them, decoys as well, under the boundary's root (BL-15). A frame
 * that is no answer tells before a bucket that is wrong.
 */
export function checkBuckets({ boundary, answers, packetLeaves = [], ...addresses }: BucketJob): CheckedBuckets {
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
  const scan = { ...addresses, blocks: liveBlocks(boundary.timeMs, mayBeOurs(answers, live)) };
  return { ok: true, scan, packets: packetLeaves.flatMap((leaf) => packetAt(leaf, answers, decoded)) };
}

/** A packet that is gone is kept by nodes while a coin drawn from it lives (BL-12), and given without a proof. */
function packetAt(
  packetLeaf: LeafIndex,
  answers: readonly BucketToOpen[],
  decoded: readonly BucketAnswer[],
): readonly FoundPacket[] {
  const place = answers.findIndex(({ bucket }) => bucket === Math.floor(packetLeaf / BUCKET_LEAVES));
  const core = decoded[place]?.slots[packetLeaf % BUCKET_LEAVES]?.core;
  return core?.type === "packet" ? [{ packetLeaf, core }] : [];
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
  if (!checked.ok) return checked;
  const { packets } = checked;
  const found = packets.length === 0 ? {} : { packets };
  return { ok: true, ...scanBlocks(curve, keys, checked.scan, addresses), ...found };
}
