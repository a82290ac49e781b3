import type { ServedBucket } from "../sync/served-bucket.ts";
import { checkOutputs } from "../sync/check-item.ts";
import type { StreamedOutput } from "../sync/compact-item.ts";
import { BUCKET_LEAVES } from "../state/bucket-proof.ts";
import type { LeafIndex } from "../values/height.ts";
import type { FetchRequest, FetchRun } from "./light-client-fetch-state.ts";
import { dropNode } from "./light-client-nodes.ts";
import { changeRun } from "./light-client-restore.ts";
import { openWanted } from "./light-client-scan.ts";
import { update, type Draft } from "./light-client-state.ts";

/** How long a node may take over a triple, all of its frames together. */
export const FETCH_ANSWER_MS = 10_000;
/** How long a node is passed over that was too slow, or could not answer. */
export const FETCH_PAUSE_MS = 2_000;

/**
 * After every event: asks for what the blocks at the head of the queue lack. Hits and covers are one list here, so
 * nothing that is done for the one can differ from what is done for the other (NW-8).
 */
export function driveFetch(draft: Draft): void {
  endLostRequest(draft);
  const { scan, fetch } = draft.state;
  if (scan?.stage !== "fetch" || fetch.request !== undefined) return;
  const missing = [...scan.wanted].find(([, output]) => output === undefined);
  if (missing === undefined) {
    openWanted(draft, scan);
    return;
  }
  const node = chooseNode(draft);
  if (node !== undefined) ask(draft, node, bucketOf(missing[0]));
}

function change(draft: Draft, changes: Partial<FetchRun>): void {
  update(draft, { fetch: { ...draft.state.fetch, ...changes } });
}

function bucketOf(leaf: LeafIndex): number {
  return Math.floor(leaf / BUCKET_LEAVES);
}

/** Too late, of a connection that is gone, or of blocks that nobody looks through any more. */
function endLostRequest(draft: Draft): void {
  const { scan, fetch, nodes } = draft.state;
  const { request } = fetch;
  if (request === undefined) return;
  const isLate = request.deadlineMs <= draft.nowMs;
  const isHeld = nodes[request.node]?.peer === request.peer;
  if (scan?.stage === "fetch" && isHeld && !isLate) return;
  change(draft, { request: undefined });
  draft.effects.push({ type: "cancel-request", requestId: request.requestId });
  if (isLate && isHeld) pass(draft, request.node);
}

/** The node that the blocks come from knows them; the others as they are listed. */
function chooseNode(draft: Draft): number | undefined {
  const { nodes, data, fetch } = draft.state;
  const isReady = (node: number): boolean => {
    const { peer, status } = nodes[node]!;
    return peer !== undefined && status !== undefined && (fetch.pauses.get(node) ?? 0) <= draft.nowMs;
  };
  const ready = [...nodes.keys()].filter(isReady);
  return ready.find((node) => node === data?.node) ?? ready[0];
}

function ask(draft: Draft, node: number, bucket: number): void {
  // Numbered along with those of a restore: they share the edge that asks.
  const { nextRequestId: requestId } = draft.state.restore;
  const peer = draft.state.nodes[node]!.peer!;
  changeRun(draft, { nextRequestId: requestId + 1 });
  change(draft, { request: { requestId, node, peer, bucket, deadlineMs: draft.nowMs + FETCH_ANSWER_MS } });
  draft.effects.push({ type: "request-newest-buckets", peer, requestId, bucket });
}

function pass(draft: Draft, node: number): void {
  change(draft, { pauses: new Map(draft.state.fetch.pauses).set(node, draft.nowMs + FETCH_PAUSE_MS) });
}

function takeRequest(draft: Draft, node: number, requestId: number): FetchRequest | undefined {
  const { request } = draft.state.fetch;
  if (request?.requestId !== requestId || request.node !== node) return undefined;
  change(draft, { request: undefined });
  return request;
}

/** The buckets of a triple. What the compact data names needs no other proof (BL-15). */
export function fetchAnswered(
  draft: Draft,
  node: number,
  requestId: number,
  answers: readonly { readonly bucket: number; readonly served: ServedBucket }[],
): void {
  const request = takeRequest(draft, node, requestId);
  const { scan } = draft.state;
  if (request === undefined || scan?.stage !== "fetch") return;
  const served = new Map(answers.map((answer) => [answer.bucket, answer.served]));
  const isOneState = new Set(answers.map((answer) => answer.served.at)).size === 1;
  if (!isOneState || !served.has(request.bucket)) {
    dropNode(draft, node, "wrong_bucket");
    return;
  }
  const wanted = new Map(scan.wanted);
  let isComplete = true;
  for (const [leaf, known] of scan.wanted) {
    const answer = served.get(bucketOf(leaf));
    if (known !== undefined || answer === undefined) continue;
    const verdict = judge(draft, leaf, answer);
    if (verdict === "lie") {
      dropNode(draft, node, "wrong_bucket");
      return;
    }
    if (verdict === "unknown") isComplete = false;
    else wanted.set(leaf, verdict);
  }
  if (!isComplete) pass(draft, node);
  update(draft, { scan: { ...scan, wanted } });
}

/** The end of an answer. Where it brought nothing, another node is asked. */
export function fetchEnded(draft: Draft, node: number, requestId: number): void {
  if (takeRequest(draft, node, requestId) !== undefined) pass(draft, node);
}

/** What a bucket says of a wanted leaf, by what the blocks say of it. */
function judge(
  { state: { queue }, deps: { curve } }: Draft,
  leaf: LeafIndex,
  { at, slots }: ServedBucket,
): StreamedOutput | "spent" | "lie" | "unknown" {
  const made = queue.find(({ item: { compact } }) => leaf < compact.firstLeaf + compact.entries.length)!.item;
  const slot = slots[leaf % BUCKET_LEAVES];
  if (slot !== undefined) {
    const { core, payload } = slot;
    const entry = made.compact.entries[leaf - made.compact.firstLeaf]!;
    const fault = checkOutputs(curve, [entry], [{ core, payload }]);
    return fault === undefined ? { core, payload } : "lie";
  }
  // The state is from before the block.
  if (at < made.header.height) return "unknown";
  const isSpent = queue.some(({ item }) => item.header.height <= at && item.compact.spent.includes(leaf));
  if (isSpent) return "spent";
  // Blocks that have not come yet may say so; but of those that have, one would.
  return at <= queue.at(-1)!.item.header.height ? "lie" : "unknown";
}
