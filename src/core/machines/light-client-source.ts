import { openSync } from "../sync/step-sync.ts";
import type { Checkpoint } from "../sync/network-config.ts";
import type { TrustedChain } from "../sync/trusted-chain.ts";
import { beginClimb } from "./light-client-climb.ts";
import { dropNode, makeRoom, USELESS_MS } from "./light-client-nodes.ts";
import { update, type DataSource, type Draft } from "./light-client-state.ts";
import { judgeTrust, statedFee } from "./light-client-trust.ts";

/** A source that sends nothing while others are further on is left; so long it may be silent at least. */
const SILENCE_MS_MIN = 10_000;
const EMPTY_BLOCKS_SILENT = 3;
/** Nodes that must have dropped the blocks above ours before we give them up; all, where there are fewer. */
const MISSED_NODES_MIN = 2;

/** NW-10: who was behind a moment ago may not be any more; only then somebody else gets the place. */
function waitForSource(draft: Draft): void {
  const { sourcelessMs = draft.nowMs, trust } = draft.state;
  update(draft, { sourcelessMs });
  if (draft.nowMs - sourcelessMs >= USELESS_MS) makeRoom(draft, (node) => trust.check?.node !== node);
}

/** Chooses a node for the blocks and opens the stream, or asks for the checkpoint's header first. */
export function chooseData(draft: Draft): void {
  const { state } = draft;
  const { config, wallet, durable } = state;
  if (state.data !== undefined || config === undefined || wallet === undefined) return;
  const trusted = state.sync?.trusted ?? state.chain;
  const { checkpoint } = durable.anchor ?? {};
  const trust = judgeTrust(draft, trusted?.header ?? (checkpoint && { ...checkpoint, time: checkpoint.timeMs }));
  if (!trust.ok) return;
  const begin = trusted?.header.height ?? checkpoint!.height;
  const ready = [...state.nodes.keys()].filter((node) => {
    // Who has to explain himself is no source until then (LC-3).
    return (state.nodes[node]!.status?.height ?? -1) >= begin && state.trust.check?.node !== node;
  });
  ready.sort((left, right) => state.nodes[left]!.failures - state.nodes[right]!.failures || left - right);
  const serving = ready.filter((each) => trusted === undefined || state.nodes[each]!.status!.oldestBlock <= begin + 1);
  const isMissed = serving.length === 0 && areMissed(draft, ready);
  const node = isMissed ? ready[0] : serving[0];
  if (node === undefined) {
    waitForSource(draft);
    return;
  }
  update(draft, { sourcelessMs: undefined });
  const { peer, status } = state.nodes[node]!;
  const source: DataSource = {
    peer: peer!,
    node,
    stage: trusted === undefined || isMissed ? "headers" : "blocks",
    claimedHeight: status!.height,
    heardMs: draft.nowMs,
    isPaused: false,
    isFull: trusted?.pace.isBusy !== true,
    isTurning: false,
  };
  if (trusted !== undefined && isMissed) {
    skipMissed(draft, source, trusted, trust.confirmAt);
    return;
  }
  if (trusted === undefined) {
    update(draft, { data: source });
    draft.effects.push({ type: "request-headers", peer: source.peer, from: begin, count: 1 });
    return;
  }
  update(draft, { data: source, sync: openSync(config.params, trusted, trust.confirmAt, statedFee(config)) });
  openStream(draft, source, trusted);
}

function openStream(draft: Draft, { peer, isFull }: DataSource, { header }: TrustedChain): void {
  draft.effects.push({ type: "open-compact-stream", peer, from: header.height + 1, isFull });
}

/**
 * NW-8: whether cores and payloads come along depends on the chain's pace alone, at the newest block that is proven: what
 * is scanned, and so what is found, has no say in where the stream changes.
 */
export function followPaceOf(draft: Draft): void {
  const { data, sync } = draft.state;
  if (data?.stage !== "blocks" || sync === undefined || sync.linked.length > 0) return;
  if (data.isFull !== sync.trusted.pace.isBusy) return;
  const source = { ...data, isFull: !data.isFull, isTurning: true, isPaused: false, heardMs: draft.nowMs };
  update(draft, { data: source });
  draft.effects.push({ type: "close-compact-stream", peer: data.peer });
  openStream(draft, source, sync.trusted);
}

/** The blocks above ours are gone if several nodes say so, and everything that we have of them is done. */
function areMissed(draft: Draft, ready: readonly number[]): boolean {
  const { queue, scan, nodes } = draft.state;
  return queue.length === 0 && scan === undefined && ready.length >= Math.min(MISSED_NODES_MIN, nodes.length);
}

/** On from what we trust, or where that is too old from the checkpoint that renews it. */
function skipMissed(draft: Draft, source: DataSource, trusted: TrustedChain, renewed: Checkpoint | undefined): void {
  const { durable } = draft.state;
  update(draft, { data: source, sync: undefined });
  if (renewed === undefined) {
    beginClimb(draft, source.node, trusted);
    return;
  }
  update(draft, { durable: { ...durable, anchor: { ...durable.anchor!, checkpoint: renewed } } });
  draft.effects.push({ type: "request-headers", peer: source.peer, from: renewed.height, count: 1 });
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
