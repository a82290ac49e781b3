import { equalBytes } from "../bytes/compare-bytes.ts";
import type { CompactItem, HeaderItem } from "../sync/compact-item.ts";
import type { Checkpoint, NetworkConfig } from "../sync/network-config.ts";
import { openSync, startAtCheckpoint, stepSync, type SyncEvent, type SyncFault } from "../sync/step-sync.ts";
import type { StatedFee } from "../sync/trusted-chain.ts";
import { stepWallet } from "../wallet/step-wallet.ts";
import { dropNode, loseData } from "./light-client-nodes.ts";
import { boundaryOf, remember, storeScanned } from "./light-client-scan.ts";
import { FETCH_AGAIN_MS } from "./light-client-start.ts";
import { isUnconfirmed, update, type DataSource, type Draft } from "./light-client-state.ts";

/** A source that sends nothing while others are further on is left; so long it may be silent at least. */
const SILENCE_MS_MIN = 10_000;
const EMPTY_BLOCKS_SILENT = 3;
/** Linked blocks wait for more this long before their certificate is checked. */
export const LINKED_WAIT_MS = 150;

/** Chooses a node for the blocks and opens the stream, or asks for the checkpoint's header first. */
export function chooseData(draft: Draft): void {
  const { state } = draft;
  const { config, wallet, durable } = state;
  if (state.data !== undefined || config === undefined || wallet === undefined || durable.anchor === undefined) return;
  const trusted = state.sync?.trusted ?? state.chain;
  const begin = trusted?.header.height ?? durable.anchor.checkpoint.height;
  const ready = [...state.nodes.keys()].filter((node) => (state.nodes[node]!.status?.height ?? -1) >= begin);
  ready.sort((left, right) => state.nodes[left]!.failures - state.nodes[right]!.failures || left - right);
  const node = ready[0];
  if (node === undefined) return;
  const { peer, status } = state.nodes[node]!;
  const source: DataSource = {
    peer: peer!,
    node,
    stage: trusted === undefined ? "headers" : "blocks",
    claimedHeight: status!.height,
    heardMs: draft.nowMs,
    isPaused: false,
  };
  const trust = judgeTrust(draft, trusted?.header ?? { height: begin, time: durable.anchor.checkpoint.timeMs });
  if (!trust.ok) return;
  if (trusted === undefined) {
    update(draft, { data: source });
    draft.effects.push({ type: "request-headers", peer: source.peer, from: begin, count: 1 });
    return;
  }
  update(draft, { data: source, sync: openSync(config.params, trusted, trust.confirmAt, statedFee(config)) });
  draft.effects.push({ type: "open-compact-stream", peer: source.peer, from: trusted.header.height + 1, isFull: true });
}

/**
 * LC-4: trust older than trusting_ms needs a fresh checkpoint above it, whose id the blocks in between must reach. If
 * the origin has none yet, it is asked again.
 */
function judgeTrust(
  draft: Draft,
  from: { readonly height: number; readonly time: number },
): { readonly ok: true; readonly confirmAt: Checkpoint | undefined } | { readonly ok: false } {
  const { params, checkpoint } = draft.state.config!;
  const isFresh = (time: number): boolean => draft.nowMs < time + params.trustingMs;
  const clear = (): void => update(draft, { problem: undefined, fetchAtMs: undefined });
  if (isFresh(from.time)) {
    clear();
    return { ok: true, confirmAt: undefined };
  }
  if (isFresh(checkpoint.timeMs) && checkpoint.height > from.height) {
    clear();
    return { ok: true, confirmAt: checkpoint };
  }
  update(draft, { problem: "checkpoint_too_old", fetchAtMs: draft.state.fetchAtMs ?? draft.nowMs + FETCH_AGAIN_MS });
  return { ok: false };
}

/** The checkpoint's header: from here on we follow the chain. A new wallet has nothing below it. */
export function headersReceived(draft: Draft, node: number, items: readonly HeaderItem[]): void {
  const { config, data, durable, wallet } = draft.state;
  if (data?.node !== node || data.stage !== "headers" || config === undefined || wallet === undefined) return;
  const { checkpoint } = durable.anchor!;
  // The file may speak of a later block than the one this device began at; its price then counts from there on.
  const stated = statedFee(config);
  const isStated = stated !== undefined && equalBytes(stated.blockId, checkpoint.blockId);
  const multiplier = isStated ? stated.multiplier : undefined;
  const chain = items[0] && startAtCheckpoint(checkpoint, config.chainId, multiplier, items[0]);
  if (chain === undefined) {
    dropNode(draft, node, "bad_certificate");
    return;
  }
  const trusted = { height: chain.header.height, timeMs: chain.header.time };
  const [found] = stepWallet(wallet, { type: "chain-found", trusted, boundary: boundaryOf(chain.header) });
  update(draft, { chain, wallet: found, durable: { ...durable, chain, wallet: found }, data: undefined });
  remember(draft, [chain]);
}

function statedFee({ feeMultiplier, checkpoint }: NetworkConfig): StatedFee | undefined {
  return feeMultiplier === undefined ? undefined : { blockId: checkpoint.blockId, multiplier: feeMultiplier };
}

export function itemReceived(draft: Draft, node: number, item: CompactItem): void {
  const { data } = draft.state;
  if (data?.node !== node || data.stage !== "blocks") return;
  update(draft, { data: { ...data, heardMs: draft.nowMs } });
  const isNewest = item.header.height >= data.claimedHeight;
  feedSync(draft, { type: "item-received", item, nowMs: draft.nowMs, isNewest });
}

/** Checks the certificate of what came since; called when the stream has paused for a moment. */
export function proveLinked(draft: Draft): void {
  const { data, sync } = draft.state;
  if (data === undefined || sync === undefined || sync.linked.length === 0) return;
  if (draft.nowMs - data.heardMs >= LINKED_WAIT_MS) feedSync(draft, { type: "paused", nowMs: draft.nowMs });
}

function feedSync(draft: Draft, event: SyncEvent): void {
  const { sync } = draft.state;
  if (sync === undefined) return;
  const [next, effects] = stepSync(draft.deps.bls, sync, event);
  const wasUnconfirmed = isUnconfirmed(draft.state);
  update(draft, { sync: next });
  for (const effect of effects) {
    switch (effect.type) {
      case "blocks-proven":
        update(draft, { queue: [...draft.state.queue, ...effect.blocks] });
        // The checkpoint was reached, so all that was scanned on the way to it counts from now on.
        if (wasUnconfirmed && effect.isConfirmed) storeScanned(draft);
        break;
      case "stream-refused":
        streamRefused(draft, effect.fault);
        break;
      default:
        effect satisfies never;
    }
  }
}

function streamRefused(draft: Draft, fault: SyncFault): void {
  const node = draft.state.data!.node;
  // Not the node's fault: our trust ran out, or our clock is behind. A fresh checkpoint, or time, will tell.
  if (fault === "stale") {
    draft.effects.push({ type: "close-compact-stream", peer: draft.state.data!.peer });
    loseData(draft);
    return;
  }
  dropNode(draft, node, fault === "ahead" ? undefined : "bad_certificate");
}

/** Leaves a source that is silent while another node claims to be further on. */
export function watchData(draft: Draft): void {
  const { data, config, nodes, sync } = draft.state;
  if (data === undefined || config === undefined || data.isPaused) return;
  const silenceMs = Math.max(SILENCE_MS_MIN, EMPTY_BLOCKS_SILENT * config.params.emptyBlockMs);
  if (draft.nowMs - data.heardMs < silenceMs) return;
  const height = sync?.trusted.header.height ?? -1;
  const isBehind = nodes.some((each, node) => node !== data.node && (each.status?.height ?? -1) > height + 1);
  const owesUs = (nodes[data.node]?.status?.height ?? -1) > height + 1;
  if (data.stage === "headers" || isBehind || owesUs) dropNode(draft, data.node, undefined);
}
