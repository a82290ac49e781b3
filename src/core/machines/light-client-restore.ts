import { BUCKET_LEAVES } from "../state/bucket-proof.ts";
import { packetTargets } from "../wallet/packet-targets.ts";
import { isWaiting, nodesAsked } from "../wallet/restore-packets.ts";
import { planRanges, rangeCount, type RestoreState } from "../wallet/restore-state.ts";
import { applyToWallet } from "./light-client-payments.ts";
import { IDLE_RESTORE, type RestoreQuestion, type RestoreRun } from "./light-client-restore-state.ts";
import { isUnconfirmed, update, type Draft } from "./light-client-state.ts";

/** Ranges of one request: few enough to come within the time limit on a slow line. */
export const RANGES_PER_REQUEST = 8;
const RANGE_REQUESTS_PER_NODE = 2;
/** Two at a time: many a hit is a stranger's, and a coin of ours should not wait until that is known. */
const BUCKET_REQUESTS_PER_NODE = 2;
/** Triples of buckets on their way or being opened: the next may come while workers are busy. */
const BUCKETS_OPEN_MAX = 4;
/**
 * Ranges on their way, waiting for a worker or with one: two requests, and as many as they bring, behind those that
 * workers have. Bounds what a restore holds in memory to about 4 MB.
 */
export const RANGES_OPEN_MAX = 48;
/**
 * So many at first, and one more for each that is scanned: enough to keep two workers busy on a slow line, few enough
 * that device and nodes work on the newest coins, which are waited for, and on nothing else.
 */
export const RANGES_OPEN_FIRST = 6;
/**
 * Scans given to workers at once: two for each of the eight that there are at most, so that all are busy while a write is
 * on its way. Payments go ahead of them.
 */
export const SCANS_MAX = 16;
/** Above so many unopened hits no further ranges are read. */
const HITS_OPEN_MAX = 1_024;
/** How long a node may take over one question, all of its frames together. */
export const RESTORE_ANSWER_MS = 20_000;
/** How long a node is left alone that was too slow, or could not answer. */
const PAUSE_MS = 5_000;
/** Spends remembered before the boundary is moved because of them. */
const SPENT_MAX = 16_384;

export function changeRun(draft: Draft, change: Partial<RestoreRun>): void {
  update(draft, { restore: { ...draft.state.restore, ...change } });
}

/**
 * The restore that may go on now; undefined where none is running, or while blocks above the stored ones wait for a
 * checkpoint (LC-4): what is found could then not be stored together with what has been spent.
 */
export function runningRestore(draft: Draft): RestoreState | undefined {
  return isUnconfirmed(draft.state) ? undefined : draft.state.durable.wallet?.restore;
}

/** After every event: asks for and scans whatever is due (5.4). */
export function driveRestore(draft: Draft): void {
  const { restore, nodes } = draft.state;
  if (runningRestore(draft)?.boundary === undefined) {
    if (restore.requests.length + restore.verified.length + restore.scanning.length > 0) stopRun(draft);
    return;
  }
  const isHeld = (request: RestoreRun["requests"][number]): boolean => nodes[request.node]?.peer === request.peer;
  changeRun(draft, { requests: restore.requests.filter(isHeld) });
  endLateRequests(draft);
  moveWhereServed(draft);
  startScans(draft);
  askBuckets(draft);
  askRanges(draft);
}

/** Nothing of it counts any more: the restore has ended, has to wait, or begins anew. */
export function stopRun(draft: Draft): void {
  const { requests, nextRequestId, shown } = draft.state.restore;
  for (const { requestId } of requests) draft.effects.push({ type: "cancel-request", requestId });
  update(draft, { restore: { ...IDLE_RESTORE, nextRequestId, shown } });
}

/** A slow or silent node keeps no ranges: what it has not brought goes to others, and to itself only later. */
function endLateRequests(draft: Draft): void {
  const late = draft.state.restore.requests.filter(({ deadlineMs }) => deadlineMs <= draft.nowMs);
  for (const { requestId, node } of late) {
    draft.effects.push({ type: "cancel-request", requestId });
    pauseNode(draft, node, false);
  }
  if (late.length > 0)
    changeRun(draft, { requests: draft.state.restore.requests.filter((each) => !late.includes(each)) });
}

export function pauseNode(draft: Draft, node: number, isNotServed: boolean): void {
  const pauses = new Map(draft.state.restore.pauses);
  changeRun(draft, { pauses: pauses.set(node, { untilMs: draft.nowMs + PAUSE_MS, isNotServed }) });
}

/**
 * BL-8: once all nodes say that they no longer serve the boundary, or the spends since then have become many, a newer
 * one takes its place. Ranges that are done stay done: everything since the first boundary came with the blocks.
 */
function moveWhereServed(draft: Draft): void {
  const { boundary, newest, spent } = runningRestore(draft)!;
  if (newest === undefined || newest.height <= boundary!.height) return;
  if (isServedNowhere(draft) || spent.size >= SPENT_MAX) moveBoundary(draft);
}

/** To the newest boundary that there is; what was asked for at the one before is of no use any more. */
export function moveBoundary(draft: Draft): void {
  const { requests } = draft.state.restore;
  for (const { requestId } of requests) draft.effects.push({ type: "cancel-request", requestId });
  changeRun(draft, { requests: [], opening: [], pauses: new Map() });
  applyToWallet(draft, { type: "restore-moved" });
}

/** Every connected node has said so. */
export function isServedNowhere(draft: Pick<Draft, "state">): boolean {
  const { nodes, restore } = draft.state;
  const connected = [...nodes.keys()].filter((node) => nodes[node]!.peer !== undefined);
  return connected.length > 0 && connected.every((node) => restore.pauses.get(node)?.isNotServed === true);
}

function startScans(draft: Draft): void {
  for (;;) {
    const { restore, nextJobId } = draft.state;
    const [scan, ...verified] = restore.verified;
    if (scan === undefined || restore.scanning.length >= SCANS_MAX) return;
    changeRun(draft, { verified, scanning: [...restore.scanning, { jobId: nextJobId, scan }] });
    update(draft, { nextJobId: nextJobId + 1 });
    const { gifts } = packetTargets(draft.state.durable.wallet!);
    draft.effects.push({ type: "scan-tags", jobId: nextJobId, job: { ...scan.job, gifts } });
  }
}

/** Newest hits first; an answer also brings the other two buckets of the triple. */
function askBuckets(draft: Draft): void {
  // There 0 would stand for the newest height: what is wanted of the genesis is at hand (NW-14).
  if (runningRestore(draft)!.boundary!.height === 0) return;
  for (;;) {
    const { requests, opening } = draft.state.restore;
    const asked = requests.flatMap(({ asks }) => (asks.type === "buckets" ? [asks.bucket] : []));
    if (asked.length + opening.length >= BUCKETS_OPEN_MAX) return;
    const busy = new Set([...asked, ...opening.flatMap(({ buckets }) => buckets)]);
    const restore = runningRestore(draft)!;
    const free = freeNodes(draft, "buckets", BUCKET_REQUESTS_PER_NODE);
    if (free.length === 0) return;
    const next = nextBucket(draft, restore, busy, free);
    if (next === undefined) return;
    ask(draft, next.node, { type: "buckets", bucket: next.bucket });
  }
}

function nextBucket(
  draft: Draft,
  restore: RestoreState,
  busy: ReadonlySet<number>,
  free: readonly number[],
): { readonly bucket: number; readonly node: number } | undefined {
  for (const leaf of restore.hits) {
    const bucket = Math.floor(leaf / BUCKET_LEAVES);
    if (busy.has(bucket) || isWaiting(restore, leaf)) continue;
    const node = nodeFor(draft, free, nodesAsked(restore, bucket));
    if (node !== undefined) return { bucket, node };
  }
  return undefined;
}

/** One that was not asked for this before; where one such is busy just now it is waited for. */
function nodeFor(draft: Draft, free: readonly number[], asked: ReadonlySet<number>): number | undefined {
  const isNew = (node: number): boolean => !asked.has(node);
  return free.find(isNew) ?? (ableNodes(draft).some(isNew) ? undefined : free[0]);
}

/** Newest first, from all nodes in parallel: where few are left, each gets its part of them. */
function askRanges(draft: Draft): void {
  const restore = runningRestore(draft)!;
  const { requests, verified, scanning } = draft.state.restore;
  const asked = requests.flatMap(({ asks }) => (asks.type === "ranges" ? asks.ranges : []));
  const held = [...verified, ...scanning.map(({ scan }) => scan)].map(({ range }) => range);
  if (restore.hits.length >= HITS_OPEN_MAX) return;
  const scanned = rangeCount(restore) - restore.cursor + restore.done.size;
  const openMax = Math.min(RANGES_OPEN_MAX, RANGES_OPEN_FIRST + scanned);
  const ranges = planRanges(restore, new Set([...asked, ...held]), openMax - asked.length - held.length);
  const nodeCount = draft.state.nodes.filter(({ peer }) => peer !== undefined).length;
  const share = Math.max(1, Math.ceil(ranges.length / Math.max(1, nodeCount)));
  const begun = scanned + asked.length + held.length;
  for (let from = 0; from < ranges.length;) {
    const [node] = freeNodes(draft, "ranges", RANGE_REQUESTS_PER_NODE);
    if (node === undefined) return;
    // The newest coins are waited for: what comes first is little, and is scanned while more is on its way.
    const most = Math.min(RANGES_PER_REQUEST, Math.max(1, begun + from));
    const part = ranges.slice(from, (from += Math.min(share, most)));
    ask(draft, node, { type: "ranges", ranges: part.sort((left, right) => left - right) });
  }
}

/** Connected nodes that are far enough and not left alone just now, those with the fewest questions first. */
export function readyNodes(draft: Draft): readonly number[] {
  const { nodes, restore } = draft.state;
  const { height: at } = runningRestore(draft)!.boundary!;
  const load = (node: number): number => restore.requests.filter((request) => request.node === node).length;
  const isReady = (node: number): boolean => {
    const { peer, status } = nodes[node]!;
    const isPaused = (restore.pauses.get(node)?.untilMs ?? 0) > draft.nowMs;
    return peer !== undefined && (status?.height ?? -1) >= at && !isPaused;
  };
  return [...nodes.keys()].filter(isReady).sort((left, right) => load(left) - load(right) || left - right);
}

/** Connected nodes that are far enough and whose last answer was good, busy or not. */
export function ableNodes(draft: Draft): readonly number[] {
  const { nodes, restore } = draft.state;
  const at = runningRestore(draft)?.boundary?.height ?? Infinity;
  return [...nodes.keys()].filter((node) => {
    const { peer, status } = nodes[node]!;
    return peer !== undefined && (status?.height ?? -1) >= at && !restore.pauses.has(node);
  });
}

/** Nodes that may have one more question of this kind. */
function freeNodes(draft: Draft, type: RestoreQuestion["type"], countMax: number): readonly number[] {
  return readyNodes(draft).filter((node) => {
    const { requests } = draft.state.restore;
    return requests.filter((request) => request.node === node && request.asks.type === type).length < countMax;
  });
}

function ask(draft: Draft, node: number, asks: RestoreQuestion): void {
  const { nextRequestId: requestId, requests } = draft.state.restore;
  const { height: boundary } = runningRestore(draft)!.boundary!;
  const peer = draft.state.nodes[node]!.peer!;
  const request = { requestId, node, peer, asks, deadlineMs: draft.nowMs + RESTORE_ANSWER_MS };
  changeRun(draft, { nextRequestId: requestId + 1, requests: [...requests, request] });
  switch (asks.type) {
    case "ranges":
      draft.effects.push({ type: "request-ranges", peer, requestId, boundary, ranges: asks.ranges });
      return;
    case "buckets":
      draft.effects.push({ type: "request-buckets", peer, requestId, at: boundary, bucket: asks.bucket });
      return;
    default:
      asks satisfies never;
  }
}
