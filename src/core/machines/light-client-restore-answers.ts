import { scanEntryOf } from "../chain/compact-block.ts";
import { liveLeaves, verifyRangeAnswer, type RangeAnswer } from "../state/range-answer.ts";
import { checkBucket, type LiveOutput, type ServedBucket } from "../sync/served-bucket.ts";
import type { Note } from "../wallet/note.ts";
import type { RestoreBoundary } from "../wallet/restore-state.ts";
import type { ScanBlock } from "../wallet/scan-outputs.ts";
import { RESTORE_ADDRESSES_MAX } from "../wallet/subaddress-table.ts";
import { addressCount } from "../wallet/wallet-state.ts";
import { dropNode } from "./light-client-nodes.ts";
import { applyToWallet } from "./light-client-payments.ts";
import { changeRun, pauseNode, runningRestore } from "./light-client-restore.ts";
import type { RestoreQuestion, RestoreRequest, VerifiedRange } from "./light-client-restore-state.ts";
import { update, type Draft } from "./light-client-state.ts";

/** How an answer ended; `unavailable`: the node does not serve that boundary. */
export type RestoreAnswerEnd = "done" | "unavailable" | "failed";

type AskedFor<Type extends RestoreQuestion["type"]> = RestoreRequest & {
  readonly asks: Extract<RestoreQuestion, { readonly type: Type }>;
};

/** The open question an answer belongs to; answers to others are late and mean nothing. */
function findRequest<Type extends RestoreQuestion["type"]>(
  draft: Draft,
  node: number,
  requestId: number,
  type: Type,
): AskedFor<Type> | undefined {
  return draft.state.restore.requests.find((request): request is AskedFor<Type> => {
    return request.requestId === requestId && request.node === node && request.asks.type === type;
  });
}

function replaceRequest(draft: Draft, requestId: number, next: RestoreRequest | undefined): void {
  const { requests } = draft.state.restore;
  const kept = requests.flatMap((each) => (each.requestId !== requestId ? [each] : next === undefined ? [] : [next]));
  changeRun(draft, { requests: kept });
}

/** One range of an answer: verified alone, so that whatever came before a break counts (BL-8). */
export function rangeReceived(draft: Draft, node: number, requestId: number, range: number, answer: RangeAnswer): void {
  const request = findRequest(draft, node, requestId, "ranges");
  const boundary = runningRestore(draft)?.boundary;
  if (request === undefined || boundary === undefined || !request.asks.ranges.includes(range)) return;
  if (!verifyRangeAnswer(boundary.utxoRoot, range, answer)) {
    dropNode(draft, node, "wrong_range");
    return;
  }
  clearPause(draft, node);
  const ranges = request.asks.ranges.filter((each) => each !== range);
  replaceRequest(draft, requestId, { ...request, asks: { type: "ranges", ranges } });
  const { leaves, ...job } = liveLeaves(range, answer);
  if (leaves.length === 0) {
    applyToWallet(draft, { type: "restore-range-scanned", range, boundary, outputCount: 0, hits: [] });
    return;
  }
  const verified: VerifiedRange = { range, boundary, leaves, job };
  // An answer comes with its lowest range first; the newest coins are wanted first.
  const waiting = [...draft.state.restore.verified, verified].sort((left, right) => right.range - left.range);
  changeRun(draft, { verified: waiting });
}

/** The end of an answer. What is still missing goes to whoever is free. */
export function restoreAnswerEnded(draft: Draft, node: number, requestId: number, end: RestoreAnswerEnd): void {
  const request = draft.state.restore.requests.find((each) => each.requestId === requestId && each.node === node);
  if (request === undefined) return;
  replaceRequest(draft, requestId, undefined);
  const isWhole = end === "done" && request.asks.type === "ranges" && request.asks.ranges.length === 0;
  if (!isWhole) pauseNode(draft, node, end === "unavailable");
}

/** The scan of a range's tags: the range and what was hit in it are stored in one write. */
export function tagsScanned(draft: Draft, jobId: number, places: readonly number[]): void {
  const { scanning } = draft.state.restore;
  const done = scanning.find((each) => each.jobId === jobId);
  if (done === undefined) return;
  changeRun(draft, { scanning: scanning.filter((each) => each !== done) });
  const { range, boundary, leaves } = done.scan;
  const hits = places.map((place) => leaves[place]!);
  applyToWallet(draft, { type: "restore-range-scanned", range, boundary, outputCount: leaves.length, hits });
}

/** The buckets of a triple: whole and true under the boundary's root, or their sender is a liar (BL-15, NW-14). */
export function bucketsReceived(
  draft: Draft,
  node: number,
  requestId: number,
  answers: readonly { readonly bucket: number; readonly served: ServedBucket }[],
): void {
  const request = findRequest(draft, node, requestId, "buckets");
  const boundary = runningRestore(draft)?.boundary;
  if (request === undefined || boundary === undefined) return;
  const checked = answers.map(({ bucket, served }) => {
    return served.at === boundary.height ? checkBucket(boundary.utxoRoot, bucket, served) : undefined;
  });
  const isMissing = answers.every(({ bucket }) => bucket !== request.asks.bucket);
  if (isMissing || checked.some((live) => live === undefined)) {
    dropNode(draft, node, "wrong_bucket");
    return;
  }
  clearPause(draft, node);
  replaceRequest(draft, requestId, undefined);
  openLive(
    draft,
    boundary,
    answers.map(({ bucket }) => bucket),
    checked.flatMap((live) => live ?? []),
  );
}

/** Gives a worker what was live in some buckets at the boundary. */
export function openLive(
  draft: Draft,
  boundary: RestoreBoundary,
  buckets: readonly number[],
  live: readonly LiveOutput[],
): void {
  const { nextJobId, restore } = draft.state;
  const wallet = draft.state.durable.wallet!;
  const job = {
    account: wallet.account,
    addressCount: addressCount(wallet),
    addressCountMax: RESTORE_ADDRESSES_MAX,
    blocks: scanBlocksOf(boundary, live),
  };
  changeRun(draft, { opening: [...restore.opening, { jobId: nextJobId, buckets }] });
  update(draft, { nextJobId: nextJobId + 1 });
  draft.effects.push({ type: "scan-outputs", jobId: nextJobId, job });
}

/** Runs of live outputs that one block made. No header of theirs is known, only that it came before the boundary. */
function scanBlocksOf({ timeMs: at }: RestoreBoundary, live: readonly LiveOutput[]): readonly ScanBlock[] {
  const runs: LiveOutput[][] = [];
  for (const output of live) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (last !== undefined && last.leaf + 1 === output.leaf && last.height === output.height) run!.push(output);
    else runs.push([output]);
  }
  return runs.map((run) => ({
    height: run[0]!.height,
    timeMs: at,
    isTimeBound: true,
    firstLeaf: run[0]!.leaf,
    entries: run.map(({ core }) => scanEntryOf(core)),
    outputs: run,
  }));
}

/** What a worker found in the buckets becomes notes, and their hits are settled, in one write. */
export function bucketsScanned(draft: Draft, jobId: number, notes: readonly Note[]): void {
  const { opening } = draft.state.restore;
  const done = opening.find((each) => each.jobId === jobId);
  if (done === undefined) return;
  changeRun(draft, { opening: opening.filter((each) => each !== done) });
  applyToWallet(draft, { type: "restore-buckets-opened", buckets: done.buckets, notes });
}

function clearPause(draft: Draft, node: number): void {
  if (!draft.state.restore.pauses.has(node)) return;
  const pauses = new Map(draft.state.restore.pauses);
  pauses.delete(node);
  changeRun(draft, { pauses });
}
