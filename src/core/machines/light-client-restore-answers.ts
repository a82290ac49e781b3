import { liveLeaves, verifyRangeAnswer, type RangeAnswer } from "../state/range-answer.ts";
import type { LiveOutput } from "../sync/served-bucket.ts";
import type { BucketFrame, BucketJob, BucketResult } from "../wallet/bucket-job.ts";
import type { Note } from "../wallet/note.ts";
import { packetTargets } from "../wallet/packet-targets.ts";
import { wantedPackets } from "../wallet/restore-packets.ts";
import { hitsOf, type RestoreBoundary } from "../wallet/restore-state.ts";
import { RESTORE_ADDRESSES_MAX } from "../wallet/subaddress-table.ts";
import { addressCount } from "../wallet/wallet-state.ts";
import type { NodeFault } from "./light-client-effect.ts";
import { dropNode } from "./light-client-nodes.ts";
import { applyToWallet } from "./light-client-payments.ts";
import { ableNodes, changeRun, pauseNode, runningRestore } from "./light-client-restore.ts";
import type { OpeningBuckets, RestoreQuestion, RestoreRequest, VerifiedRange } from "./light-client-restore-state.ts";
import { update, type Draft } from "./light-client-state.ts";
import { liveBlocks } from "./live-blocks.ts";

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
  const { notes } = draft.state.durable.wallet!;
  const found = new Set(places);
  // What the wallet knows to be its own needs no tag to be there: that of a gift by somebody else is none of ours.
  const hits = leaves.filter((leaf, place) => found.has(place) || notes.has(leaf));
  applyToWallet(draft, { type: "restore-range-scanned", range, boundary, outputCount: leaves.length, hits });
}

/** The frames of a triple: a worker checks and opens them, whatever they are. */
export function bucketsReceived(draft: Draft, node: number, requestId: number, answers: readonly BucketFrame[]): void {
  const request = findRequest(draft, node, requestId, "buckets");
  const restore = runningRestore(draft);
  if (request === undefined || restore?.boundary === undefined) return;
  const { boundary } = restore;
  if (answers.every(({ bucket }) => bucket !== request.asks.bucket)) {
    dropNode(draft, node, "wrong_bucket");
    return;
  }
  replaceRequest(draft, requestId, undefined);
  const toOpen = answers.map((answer) => ({ ...answer, hits: hitsOf(restore, answer.bucket) }));
  const from = { node, list: draft.state.nodeList };
  const jobId = startOpening(draft, { buckets: answers.map(({ bucket }) => bucket), from });
  const packetLeaves = wantedPackets(restore);
  const wanted = packetLeaves.length === 0 ? {} : { packetLeaves };
  const job = { ...addressesOf(draft), ...wanted, boundary, answers: toOpen };
  draft.effects.push({ type: "open-buckets", jobId, job });
}

/** Gives a worker what was live in some buckets at the boundary, where no node had to be asked. */
export function openLive(
  draft: Draft,
  boundary: RestoreBoundary,
  buckets: readonly number[],
  live: readonly LiveOutput[],
): void {
  const jobId = startOpening(draft, { buckets, from: undefined });
  const job = { ...addressesOf(draft), blocks: liveBlocks(boundary.timeMs, live) };
  draft.effects.push({ type: "scan-outputs", jobId, job });
}

function startOpening(draft: Draft, opening: Omit<OpeningBuckets, "jobId">): number {
  const { nextJobId: jobId, restore } = draft.state;
  changeRun(draft, { opening: [...restore.opening, { jobId, ...opening }] });
  update(draft, { nextJobId: jobId + 1 });
  return jobId;
}

function addressesOf(draft: Draft): Omit<BucketJob, "boundary" | "answers"> {
  const wallet = draft.state.durable.wallet!;
  return {
    account: wallet.account,
    addressCount: addressCount(wallet),
    addressCountMax: RESTORE_ADDRESSES_MAX,
    ...packetTargets(wallet),
  };
}

function endOpening(draft: Draft, jobId: number): OpeningBuckets | undefined {
  const { opening } = draft.state.restore;
  const done = opening.find((each) => each.jobId === jobId);
  if (done !== undefined) changeRun(draft, { opening: opening.filter((each) => each !== done) });
  return done;
}

/** The buckets of a triple: whole and true under the boundary's root, or their sender is a liar (BL-15, NW-14). */
export function bucketsOpened(draft: Draft, jobId: number, result: BucketResult): void {
  const done = endOpening(draft, jobId);
  if (done?.from === undefined) return;
  // Under its number, also where it has hung up in the meantime, unless nodes have been numbered anew.
  const node = done.from.list === draft.state.nodeList ? done.from.node : undefined;
  if (!result.ok) {
    const fault = result.code === "frame_refused" ? "bad_certificate" : "wrong_bucket";
    if (node !== undefined) dropLiar(draft, node, fault);
    return;
  }
  if (node !== undefined) clearPause(draft, node);
  const { notes, wanted, packets } = result;
  const from = node === undefined ? undefined : { node, nodeCount: Math.max(1, ableNodes(draft).length) };
  applyToWallet(draft, { type: "restore-buckets-opened", buckets: done.buckets, notes, wanted, packets, from });
}

/** It is named once; whatever else a worker has of it is asked of others. */
function dropLiar(draft: Draft, node: number, fault: NodeFault): void {
  const { opening } = draft.state.restore;
  changeRun(draft, { opening: opening.filter(({ from }) => from?.node !== node) });
  dropNode(draft, node, fault);
}

/** The same of buckets that {@link openLive} has given to a worker. */
export function bucketsScanned(draft: Draft, jobId: number, notes: readonly Note[]): void {
  const done = endOpening(draft, jobId);
  if (done !== undefined) applyToWallet(draft, { type: "restore-buckets-opened", buckets: done.buckets, notes });
}

function clearPause(draft: Draft, node: number): void {
  if (!draft.state.restore.pauses.has(node)) return;
  const pauses = new Map(draft.state.restore.pauses);
  pauses.delete(node);
  changeRun(draft, { pauses });
}
