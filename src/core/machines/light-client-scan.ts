import { concatBytes } from "../bytes/concat-bytes.ts";
import { isBoundary, type Header } from "../chain/header.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { LinkedBlock } from "../sync/step-sync.ts";
import type { TrustedChain } from "../sync/trusted-chain.ts";
import { leafIndex } from "../values/height.ts";
import type { RestoreBoundary } from "../wallet/restore-state.ts";
import type { ScanBlock, ScanResult } from "../wallet/scan-outputs.ts";
import { packetTargets } from "../wallet/packet-targets.ts";
import { RESTORE_ADDRESSES_MAX } from "../wallet/subaddress-table.ts";
import { changeTerms, type StakeChange } from "../wallet/stake-state.ts";
import { stepWallet } from "../wallet/step-wallet.ts";
import type { ScannedBlock } from "../wallet/scanned-block.ts";
import { addressCount } from "../wallet/wallet-state.ts";
import type { BlockScan } from "./light-client-fetch-state.ts";
import { isUnconfirmed, update, type Draft } from "./light-client-state.ts";

const NOTHING_FOUND: ScanResult = { notes: [] };

/** One scan job: enough to keep a worker busy, little enough that a kill costs less than a second. */
export const SCAN_BLOCKS_MAX = 256;
export const SCAN_OUTPUTS_MAX = 2_048;
/** Proven blocks that may wait for the scan; above it the stream pauses, at half of it it goes on. */
export const QUEUE_BLOCKS_MAX = 1_024;
export const QUEUE_OUTPUTS_MAX = 8_192;

/** Back pressure: the stream waits while too much is unscanned. */
export function paceStream(draft: Draft): void {
  const { data, queue } = draft.state;
  if (data?.stage !== "blocks") return;
  const outputs = queue.reduce((sum, block) => sum + block.item.compact.entries.length, 0);
  if (!data.isPaused && (queue.length > QUEUE_BLOCKS_MAX || outputs > QUEUE_OUTPUTS_MAX)) {
    update(draft, { data: { ...data, isPaused: true } });
    draft.effects.push({ type: "pause-compact-stream", peer: data.peer });
  } else if (data.isPaused && queue.length <= QUEUE_BLOCKS_MAX / 2 && outputs <= QUEUE_OUTPUTS_MAX / 2) {
    update(draft, { data: { ...data, isPaused: false, heardMs: draft.nowMs } });
    draft.effects.push({ type: "resume-compact-stream", peer: data.peer });
  }
}

/** Starts on the blocks at the head of the queue. Those without outputs need no worker. */
export function scanQueue(draft: Draft): void {
  for (;;) {
    const { queue, scan, wallet } = draft.state;
    if (scan !== undefined || queue.length === 0 || wallet === undefined) return;
    const batch = firstBatch(queue);
    if (batch.every(({ item }) => item.compact.entries.length === 0)) {
      applyScanned(draft, batch.length, NOTHING_FOUND);
      continue;
    }
    if (batch[0]!.item.outputs === undefined) startTags(draft, batch);
    else startOutputs(draft, batch.length, batch.map(scanBlockOf));
    return;
  }
}

function scanBlockOf({ item }: LinkedBlock): ScanBlock {
  return {
    height: item.header.height,
    timeMs: item.header.time,
    firstLeaf: item.compact.firstLeaf,
    entries: item.compact.entries,
    outputs: item.outputs ?? [],
  };
}

function startOutputs(draft: Draft, count: number, blocks: readonly ScanBlock[]): void {
  const { nextJobId: jobId } = draft.state;
  const wallet = draft.state.wallet!;
  // While a restore runs nobody knows yet how many addresses the wallet has shown.
  const deep = wallet.restore === undefined ? {} : { addressCountMax: RESTORE_ADDRESSES_MAX };
  const job = {
    account: wallet.account,
    addressCount: addressCount(wallet),
    ...deep,
    ...packetTargets(wallet),
    blocks,
  };
  update(draft, { scan: { stage: "outputs", jobId, count }, nextJobId: jobId + 1 });
  draft.effects.push({ type: "scan-outputs", jobId, job });
}

/** NW-7: of blocks that come without their outputs only the tags are looked at first. */
function startTags(draft: Draft, batch: readonly LinkedBlock[]): void {
  const { nextJobId: jobId, wallet } = draft.state;
  const entries = batch.flatMap(({ item }) => item.compact.entries);
  const job = {
    ephemeralKeys: concatBytes(...entries.map(({ ephemeralKey }) => ephemeralKey)),
    viewTags: concatBytes(...entries.map(({ viewTag }) => viewTag)),
    payloadTags: concatBytes(...entries.map(({ payloadTag }) => payloadTag)),
    gifts: packetTargets(wallet!).gifts,
  };
  update(draft, { scan: { stage: "tags", jobId, count: batch.length }, nextJobId: jobId + 1 });
  draft.effects.push({ type: "scan-tags", jobId, job, coverFrom: batch[0]!.item.compact.firstLeaf });
}

/** Hits and covers of blocks without outputs; which is which nobody has said. */
export function blockTagsScanned(draft: Draft, jobId: number, places: readonly number[]): void {
  const { scan, queue } = draft.state;
  if (scan?.stage !== "tags" || scan.jobId !== jobId) return;
  const { count } = scan;
  const first = queue[0]!.item.compact.firstLeaf;
  const wanted = new Map(places.map((place) => [leafIndex(first + place), undefined]));
  update(draft, { scan: wanted.size === 0 ? undefined : { stage: "fetch", jobId: undefined, count, wanted } });
  if (wanted.size === 0) applyScanned(draft, count, NOTHING_FOUND);
}

/** All that was wanted is there: the blocks that it stands in are scanned like any, the rest of them left out. */
export function openWanted(draft: Draft, { count, wanted }: Extract<BlockScan, { readonly stage: "fetch" }>): void {
  const blocks = draft.state.queue.slice(0, count).flatMap((block): readonly ScanBlock[] => {
    const { firstLeaf, entries } = block.item.compact;
    const outputs = entries.map((_, index) => {
      const output = wanted.get(leafIndex(firstLeaf + index));
      return output === "spent" ? undefined : output;
    });
    return outputs.every((output) => output === undefined) ? [] : [{ ...scanBlockOf(block), outputs }];
  });
  if (blocks.length > 0) {
    startOutputs(draft, count, blocks);
    return;
  }
  update(draft, { scan: undefined });
  applyScanned(draft, count, NOTHING_FOUND);
}

/** Blocks with their outputs and blocks without are not mixed. */
function firstBatch(queue: readonly LinkedBlock[]): readonly LinkedBlock[] {
  const isFull = queue[0]!.item.outputs !== undefined;
  let outputs = 0;
  let count = 0;
  for (const { item } of queue) {
    const made = item.compact.entries.length;
    if (count > 0 && (count >= SCAN_BLOCKS_MAX || outputs + made > SCAN_OUTPUTS_MAX)) break;
    if ((item.outputs !== undefined) !== isFull) break;
    outputs += made;
    count++;
  }
  return queue.slice(0, count);
}

export function outputsScanned(draft: Draft, jobId: number, result: ScanResult): void {
  const { scan } = draft.state;
  // An answer to a job that no longer counts: the blocks were dropped meanwhile.
  if (scan?.stage !== "outputs" || scan.jobId !== jobId) return;
  update(draft, { scan: undefined });
  applyScanned(draft, scan.count, result);
}

/** Height and notes advance together, and are stored in one write: a kill loses or doubles nothing. */
function applyScanned(draft: Draft, count: number, { notes, wanted }: ScanResult): void {
  const { queue, wallet, config } = draft.state;
  const done = queue.slice(0, count);
  const blocks = done.map(({ item, chain }, index): ScannedBlock => ({
    height: item.header.height,
    timeMs: item.header.time,
    spent: item.compact.spent,
    firstLeaf: item.compact.firstLeaf,
    outputHashes: item.compact.entries.map((entry) => entry.outputHash),
    notes: notes.filter((note) => note.height === item.header.height),
    ...(wanted === undefined ? {} : { wanted: wanted.filter(({ leaf }) => isMadeBy(item.compact, leaf)) }),
    changed:
      config === undefined ? [] : changesOf(item, config.params, [done[index - 1]?.chain ?? draft.state.chain, chain]),
    boundary: isBoundary(item.header) ? boundaryOf(item.header) : undefined,
  }));
  const [next] = stepWallet(wallet!, { type: "blocks-scanned", blocks });
  update(draft, { wallet: next, chain: done.at(-1)!.chain, queue: queue.slice(count) });
  if (!isUnconfirmed(draft.state)) storeScanned(draft);
}

function isMadeBy({ firstLeaf, entries }: LinkedBlock["item"]["compact"], leaf: number): boolean {
  return leaf >= firstLeaf && leaf < firstLeaf + entries.length;
}

/** What the block did to stakes, by what is allowed in it; usually nothing. */
function changesOf(
  { header, compact }: LinkedBlock["item"],
  params: NetworkParams,
  chains: readonly (TrustedChain | undefined)[],
): readonly StakeChange[] {
  if (compact.changed.length === 0) return [];
  const multipliers = chains.flatMap((chain) => chain?.feeMultiplier ?? []);
  const terms = changeTerms(params, multipliers, header.time);
  return compact.changed.map((change) => ({ ...change, ...terms }));
}

/** What a restore needs to read the state after this block. */
export function boundaryOf({ height, time, utxoRoot, nextLeaf }: Header): RestoreBoundary {
  return { height, timeMs: time, utxoRoot, nextLeaf };
}

export function storeScanned(draft: Draft): void {
  const { wallet, chain, durable } = draft.state;
  update(draft, { durable: { ...durable, wallet, chain } });
}
