import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { scanEntryOf } from "../chain/compact-block.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import { TX_OUTPUTS_MAX } from "../params/limits.ts";
import type { PoolItem, PoolOutput } from "../sync/pool-item.ts";
import { height, leafIndex } from "../values/height.ts";
import type { Note } from "../wallet/note.ts";
import type { ScanBlock } from "../wallet/scan-outputs.ts";
import { addressCount } from "../wallet/wallet-state.ts";
import { isTold } from "./light-client-pool-view.ts";
import { IDLE_POOL, type PoolFind, type PoolRun } from "./light-client-pool-state.ts";
import { SCAN_OUTPUTS_MAX } from "./light-client-scan.ts";
import { update, type Draft } from "./light-client-state.ts";
import { viewSync } from "./light-client-views.ts";

/** Transactions that wait for a worker; the stream is read no further meanwhile. */
export const POOL_WAITING_MAX = 256;
/** Payments shown before they are final. They cost a liar nothing. */
export const POOL_FINDS_MAX = 64;
/** Outputs a stream may bring at first: more than a full mempool holds. Afterwards as many as blocks could hold. */
export const POOL_OUTPUTS_BURST_MAX = 32_768;
/** A stream that ended is opened anew so much later. */
export const POOL_RETRY_MS = 10_000;
/** What is in a block, as the node says, and in none that we see, is shown so much longer. */
export const POOL_INCLUDED_MS = 60_000;

function change(draft: Draft, changes: Partial<PoolRun>): void {
  update(draft, { pool: { ...draft.state.pool, ...changes } });
}

/** After every event: reads a mempool while there is somebody to show it to, and takes from it what is due. */
export function drivePool(draft: Draft): void {
  const { pool, nodes } = draft.state;
  const { source } = pool;
  if (source !== undefined && nodes[source.node]?.peer !== source.peer) forget(draft, POOL_RETRY_MS);
  if (isWanted(draft)) chooseSource(draft);
  else closeSource(draft, 0);
  settleFinds(draft);
  scanWaiting(draft);
}

/** Who catches up or restores has better things to do: what waits now is final by then. And what nobody sees can wait. */
function isWanted(draft: Draft): boolean {
  if (!draft.state.isForeground) return false;
  const { wallet } = draft.state.durable;
  return wallet !== undefined && wallet.restore === undefined && viewSync(draft.state, draft.nowMs).state === "live";
}

/** Another node than the one blocks come from, where there is one: it need not see both. */
function chooseSource(draft: Draft): void {
  const { nodes, data, pool } = draft.state;
  if (pool.source !== undefined && (pool.source.node !== data?.node || pool.finds.size > 0)) return;
  if (pool.source === undefined && draft.nowMs < pool.retryAtMs) return;
  const ready = [...nodes.keys()].filter(
    (node) => nodes[node]!.peer !== undefined && nodes[node]!.status !== undefined,
  );
  const rank = (node: number): number => (node === data?.node ? 2 : 0) + (node === pool.lastNode ? 1 : 0);
  const [node] = ready.sort((left, right) => rank(left) - rank(right) || left - right);
  if (node === undefined || node === pool.source?.node) return;
  closeSource(draft, 0);
  const peer = nodes[node]!.peer!;
  change(draft, { source: { node, peer, openedMs: draft.nowMs, outputCount: 0 }, lastNode: node });
  draft.effects.push({ type: "open-pool-stream", peer });
}

function closeSource(draft: Draft, waitMs: number): void {
  const { source } = draft.state.pool;
  if (source === undefined) return;
  draft.effects.push({ type: "close-pool-stream", peer: source.peer });
  forget(draft, waitMs);
}

/** Without its stream nobody tells what became of a find. */
function forget(draft: Draft, waitMs: number): void {
  const { lastNode } = draft.state.pool;
  update(draft, { pool: { ...IDLE_POOL, lastNode, retryAtMs: draft.nowMs + waitMs } });
}

export function poolEnded(draft: Draft, node: number): void {
  if (draft.state.pool.source?.node === node) forget(draft, POOL_RETRY_MS);
}

export function poolItemReceived(draft: Draft, node: number, item: PoolItem): void {
  const { source, waiting, scan, finds } = draft.state.pool;
  if (source?.node !== node) return;
  const txid = formatHex(item.txid);
  // A notice without outputs costs us as much as one with.
  if (isEndless(draft, item.notice === "new" ? Math.max(1, item.outputs.length) : 1)) return;
  if (item.notice === "new") {
    const isKnown = waiting.has(txid) || finds.has(txid) || scan?.txids.includes(txid) === true;
    if (!isKnown && item.outputs.length > 0) change(draft, { waiting: new Map(waiting).set(txid, item.outputs) });
    return;
  }
  change(draft, {
    waiting: without(waiting, txid),
    scan: scan && { ...scan, txids: scan.txids.map((each) => (each === txid ? undefined : each)) },
  });
  const find = finds.get(txid);
  if (find === undefined) return;
  const isIncluded = item.notice === "included";
  const kept = new Map(finds).set(txid, { ...find, untilMs: draft.nowMs + POOL_INCLUDED_MS });
  change(draft, { finds: isIncluded ? kept : without(finds, txid) });
}

/** Counts what comes, and leaves a stream that brings more than any mempool could. */
function isEndless(draft: Draft, count: number): boolean {
  const source = draft.state.pool.source!;
  const { maxBlockOutputs, minBlockMs } = draft.state.config!.params;
  const outputCount = source.outputCount + count;
  const lastingMax = (maxBlockOutputs * (draft.nowMs - source.openedMs)) / minBlockMs;
  change(draft, { source: { ...source, outputCount } });
  if (outputCount <= POOL_OUTPUTS_BURST_MAX + lastingMax) return false;
  closeSource(draft, POOL_RETRY_MS);
  return true;
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  return map.has(key) ? new Map([...map].filter(([each]) => each !== key)) : map;
}

/** A find ends with the block that brings its coins, or when no such block comes. */
function settleFinds(draft: Draft): void {
  const { pool, durable } = draft.state;
  const notes = durable.wallet?.notes;
  const isDue = [...pool.finds.values()].some(({ untilMs }) => untilMs !== undefined && untilMs <= draft.nowMs);
  if (notes === pool.notes && !isDue) return;
  const isOpen = ({ untilMs, notes: found }: PoolFind): boolean =>
    (untilMs === undefined || draft.nowMs < untilMs) && !isKnown(draft, found);
  const kept = [...pool.finds].filter(([, find]) => isOpen(find));
  change(draft, { notes, ...(kept.length === pool.finds.size ? {} : { finds: new Map(kept) }) });
}

/** Does the wallet have one of these coins from a block? */
function isKnown(draft: Draft, found: readonly Note[]): boolean {
  const kept = [...(draft.state.durable.wallet?.notes.values() ?? [])];
  return kept.some(({ note }) => found.some(({ outputHash }) => equalBytes(note.outputHash, outputHash)));
}

/** Gives a worker what has come, each transaction as if it were a block of its own: height is its place in the job. */
function scanWaiting(draft: Draft): void {
  const { pool, wallet, nextJobId } = draft.state;
  if (pool.scan !== undefined || pool.waiting.size === 0 || wallet === undefined) return;
  let outputs = 0;
  const taken = [...pool.waiting].filter(([, each]) => (outputs += each.length) <= SCAN_OUTPUTS_MAX);
  const blocks = taken.map(([, each], place): ScanBlock => ({
    height: height(place),
    timeMs: draft.nowMs,
    firstLeaf: leafIndex(place * TX_OUTPUTS_MAX),
    entries: each.map(({ core }) => scanEntryOf(core)),
    outputs: each.map(checkPayload),
  }));
  const txids = taken.map(([txid]) => txid);
  const rest = [...pool.waiting].filter(([txid]) => !txids.includes(txid));
  change(draft, { waiting: new Map(rest), scan: { jobId: nextJobId, txids } });
  update(draft, { nextJobId: nextJobId + 1 });
  const job = { account: wallet.account, addressCount: addressCount(wallet), blocks };
  draft.effects.push({ type: "scan-outputs", jobId: nextJobId, job });
}

/** In a block the payload's hash is what was checked; here nobody has looked yet. */
function checkPayload({ core, payload }: PoolOutput): ScanBlock["outputs"][number] {
  return { core, payload: equalBytes(sha256Hash(payload), core.payloadHash) ? payload : undefined };
}

export function poolScanned(draft: Draft, jobId: number, notes: readonly Note[]): void {
  const { scan } = draft.state.pool;
  if (scan?.jobId !== jobId) return;
  const finds = new Map(draft.state.pool.finds);
  for (const [place, txid] of scan.txids.entries()) {
    const found = notes.filter((note) => note.height === place && !note.isInternal);
    if (txid === undefined || finds.size >= POOL_FINDS_MAX) continue;
    const find = { notes: found, seenMs: draft.nowMs, untilMs: undefined };
    if (found.length > 0 && isTold(find, finds.values()) && !isKnown(draft, found)) finds.set(txid, find);
  }
  change(draft, { scan: undefined, ...(finds.size === draft.state.pool.finds.size ? {} : { finds }) });
}
