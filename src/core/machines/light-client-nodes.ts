import { equalBytes } from "../bytes/compare-bytes.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { PeerStatus } from "../sync/compact-item.ts";
import { peerOfAddress } from "../sync/known-nodes.ts";
import { FRESH_NODE, isUnconfirmed, update, type Draft, type NodeState } from "./light-client-state.ts";
import type { NodeFault } from "./light-client-effect.ts";
import { IDLE_CLOCK } from "./light-client-trust-state.ts";

/** Connections a client keeps: one for data, the others as witnesses (LC-3). */
export const NODE_CONNECTIONS_MAX = 3;
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;
/** How long a connected node may be of no use where another one waits for its place. */
export const USELESS_MS = 15_000;
/** How long a node that lied is left alone. */
const BAN_MS = 10 * 60_000;
/** How often every connected node is asked where it stands: bounds how long a silent data source goes unnoticed. */
const STATUS_EVERY_MS = 15_000;
/** The same while blocks come as they are made: they say where the chain stands, and each question wakes a phone's radio. */
const STATUS_LIVE_MS = 60_000;
/** The same while there is no source: whoever takes over must say first that it is far enough. */
const STATUS_SEARCH_MS = 1_000;

export function setNode(draft: Draft, node: number, change: Partial<NodeState>): void {
  const nodes = draft.state.nodes.map((each, index) => (index === node ? { ...each, ...change } : each));
  update(draft, { nodes });
}

/** The number of the node behind a connection; undefined once we hung up. */
export function nodeOfPeer(draft: Draft, peer: PeerId): number | undefined {
  const node = draft.state.nodes.findIndex((each) => each.peer === peer);
  return node < 0 ? undefined : node;
}

/**
 * Dials until enough are connected or on the way, those that failed least first, and among these of as many operators
 * as there are: whoever runs all our nodes decides what we see (NW-10).
 */
export function dialNodes(draft: Draft): void {
  const { config } = draft.state;
  if (config === undefined) return;
  const operatorOf = (node: number): string => config.nodes[node]!.operator;
  makeRoom(draft, (node) => draft.state.nodes[node]!.status === undefined);
  for (;;) {
    const { nodes } = draft.state;
    const held = [...nodes.keys()].filter((node) => nodes[node]!.phase !== "idle");
    if (held.length >= NODE_CONNECTIONS_MAX) return;
    const waiting = [...nodes.keys()].filter((node) => isWaiting(draft, nodes[node]!));
    const known = new Set(held.map(operatorOf));
    const rank = (node: number): number => nodes[node]!.failures * 2 + (known.has(operatorOf(node)) ? 1 : 0);
    const node = waiting.sort((left, right) => rank(left) - rank(right) || left - right)[0];
    if (node === undefined) return;
    setNode(draft, node, { phase: "connecting" });
    draft.effects.push({ type: "connect", node, list: draft.state.nodeList, addresses: config.nodes[node]!.addresses });
  }
}

function isWaiting({ nowMs }: Draft, { phase, retryAtMs }: NodeState): boolean {
  return phase === "idle" && retryAtMs <= nowMs;
}

/** Lets go of the one that has been of no use for the longest time, if another node waits: all places may be such ones'. */
export function makeRoom(draft: Draft, isUseless: (node: number) => boolean): void {
  const { nodes } = draft.state;
  const isFull = nodes.filter(({ phase }) => phase !== "idle").length >= NODE_CONNECTIONS_MAX;
  if (!isFull || !nodes.some((node) => isWaiting(draft, node))) return;
  const useless = [...nodes.keys()].filter((node) => {
    const { phase, connectedMs } = nodes[node]!;
    return phase === "connected" && draft.nowMs - connectedMs >= USELESS_MS && isUseless(node);
  });
  useless.sort((left, right) => nodes[left]!.connectedMs - nodes[right]!.connectedMs);
  if (useless[0] !== undefined) dropNode(draft, useless[0], undefined);
}

export function askStatus(draft: Draft): void {
  const everyMs = statusEveryMs(draft);
  for (const [node, { peer, askedMs, status, failures }] of draft.state.nodes.entries()) {
    // Only a second answer makes up for failures, and who has said nothing yet is of no use.
    const nodeEveryMs = status === undefined || failures > 0 ? Math.min(everyMs, STATUS_EVERY_MS) : everyMs;
    if (peer === undefined || draft.nowMs - askedMs < nodeEveryMs) continue;
    setNode(draft, node, { askedMs: draft.nowMs });
    draft.effects.push({ type: "request-status", peer });
  }
}

function statusEveryMs({ nowMs, state: { data, sync, trust, wallet } }: Draft): number {
  if (data === undefined) return STATUS_SEARCH_MS;
  // Both wait for nodes that say they are far enough.
  const isAwaited = trust.entered !== undefined || wallet?.restore !== undefined;
  const newestMs = sync?.trusted.header.time ?? -Infinity;
  const isLive = nowMs - data.heardMs < STATUS_EVERY_MS && nowMs - newestMs < STATUS_LIVE_MS;
  return isLive && !isAwaited ? STATUS_LIVE_MS : STATUS_EVERY_MS;
}

/** What a dial is answered with: a node's number, and the list in which it is that node's. */
interface Dialled {
  readonly node: number;
  readonly list: number;
}

export function nodeConnected(draft: Draft, { node, list, peer }: Dialled & { readonly peer: PeerId }): void {
  const isKnown = nodeOfPeer(draft, peer) !== undefined;
  const place = list === draft.state.nodeList ? node : isKnown ? undefined : findDialled(draft, peer);
  const isDialled = place !== undefined && draft.state.nodes[place]?.phase === "connecting";
  if (isDialled && !isKnown) {
    setNode(draft, place, {
      phase: "connected",
      peer,
      status: undefined,
      connectedMs: draft.nowMs,
      askedMs: -Infinity,
    });
    return;
  }
  // Two entries of the list that are one host: one connection serves both, so only the entry is given up.
  if (!isKnown) draft.effects.push({ type: "disconnect", peer });
  if (isDialled) nodeFailed(draft, place);
}

/** Whom the list before has led to may stand in this one, too, under another number. */
function findDialled({ state }: Draft, peer: PeerId): number | undefined {
  const place = state.nodes.findIndex(({ phase }, node) => {
    const { addresses } = state.config!.nodes[node]!;
    return phase === "connecting" && addresses.some((address) => peerOfAddress(address) === peer);
  });
  return place < 0 ? undefined : place;
}

export function dialFailed(draft: Draft, { node, list }: Dialled): void {
  const isDialled = list === draft.state.nodeList && draft.state.nodes[node]?.phase === "connecting";
  if (isDialled) nodeFailed(draft, node);
}

/** Unreachable, or gone: try again, more and more slowly. */
export function nodeFailed(draft: Draft, node: number): void {
  const state = draft.state.nodes[node];
  if (state === undefined) return;
  const waitMs = Math.min(RETRY_MS * 2 ** state.failures, RETRY_MS_MAX);
  setNode(draft, node, {
    phase: "idle",
    peer: undefined,
    status: undefined,
    failures: state.failures + 1,
    retryAtMs: draft.nowMs + waitMs,
  });
  if (draft.state.data?.node === node) loseData(draft);
}

/** Hangs up. A fault costs the node its place for a while; without one it was only of no use just now. */
export function dropNode(draft: Draft, node: number, fault: NodeFault | undefined): void {
  const peer = draft.state.nodes[node]?.peer;
  if (peer !== undefined) draft.effects.push({ type: "disconnect", peer });
  nodeFailed(draft, node);
  if (fault === undefined) return;
  setNode(draft, node, { fault, retryAtMs: draft.nowMs + BAN_MS });
  draft.effects.push({ type: "node-dropped", node, fault });
}

/**
 * The source of blocks is gone. What it sent and was not proven goes with it; while we wait for a checkpoint that is
 * everything above the stored state, since only the checkpoint tells whose blocks were the right ones.
 */
export function loseData(draft: Draft): void {
  const { sync, durable } = draft.state;
  update(draft, { data: undefined, ...(sync === undefined ? {} : { sync: { ...sync, linked: [] } }) });
  if (!isUnconfirmed(draft.state)) return;
  update(draft, { sync: undefined, queue: [], scan: undefined, wallet: durable.wallet, chain: durable.chain });
}

export function statusReceived(draft: Draft, node: number, status: PeerStatus): void {
  const { config } = draft.state;
  if (config === undefined) return;
  if (status.chainId !== config.chainId || !equalBytes(status.genesis, config.genesisHash)) {
    dropNode(draft, node, "wrong_network");
    return;
  }
  // The first answer proves little: a node that hangs up on every stream gives it as well.
  const isStable = draft.state.nodes[node]?.status !== undefined;
  setNode(draft, node, { status, fault: undefined, ...(isStable ? { failures: 0 } : {}) });
}

/** A source that neither says where it stands nor sends blocks is none; one that sends blocks is merely busy or far. */
export function statusMissing(draft: Draft, node: number): void {
  const { data, nodes } = draft.state;
  if (data?.node === node && data.heardMs < nodes[node]!.askedMs) dropNode(draft, node, undefined);
}

/** Nodes of a new configuration. What is still being dialled for the list before is no answer to this one's dials. */
export function resetNodes(draft: Draft, count: number): void {
  for (const { peer } of draft.state.nodes) if (peer !== undefined) draft.effects.push({ type: "disconnect", peer });
  if (draft.state.data !== undefined) loseData(draft);
  const nodeList = draft.state.nodeList + 1;
  update(draft, { nodes: Array.from({ length: count }, () => FRESH_NODE), nodeList });
  forgetNumbers(draft);
}

/** Nodes go by their numbers, and these are new. */
function forgetNumbers(draft: Draft): void {
  const { trust, restore, fetch, pool, sending } = draft.state;
  const { clock, entered } = trust;
  const { samples, askedMs } = IDLE_CLOCK;
  update(draft, {
    trust: {
      ...trust,
      questions: [],
      check: undefined,
      climb: undefined,
      lastWitness: undefined,
      entered: entered && { ...entered, asked: new Set() },
      clock: { ...clock, samples, askedMs },
    },
    restore: { ...restore, pauses: new Map() },
    fetch: { ...fetch, pauses: new Map() },
    pool: { ...pool, lastNode: undefined },
    sending: new Map([...sending].map(([txid, each]) => [txid, { ...each, lastNode: undefined }])),
  });
}
