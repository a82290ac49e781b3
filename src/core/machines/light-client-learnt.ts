import { equalBytes } from "../bytes/compare-bytes.ts";
import { networkOfChainId } from "../values/network.ts";
import {
  LEARNT_ADDRESS_LENGTH_MAX,
  LEARNT_ADDRESSES_MAX,
  LEARNT_NODES_MAX,
  peerOfAddress,
  peersOfAddresses,
  type KnownNodes,
  type LearntNode,
} from "../sync/known-nodes.ts";
import type { NetworkConfig, NodeConfig } from "../sync/network-config.ts";
import { setNode } from "./light-client-nodes.ts";
import { FRESH_NODE, update, type Draft, type LightClientState } from "./light-client-state.ts";

/** Nobody vouches for who runs a node that was only told of: all of them count as one operator (NW-10). */
export const LEARNT_OPERATOR = "";
const ASK_EVERY_MS = 10 * 60_000;
/** Of one answer, so that no single node tells us all we know. */
const TOLD_NODES_MAX = 8;
/** A node that has failed so often may be replaced. */
const STALE_FAILURES = 3;
/** A meeting is noted no more often than this: it costs a write. */
const NOTE_EVERY_MS = 60 * 60_000;

/** The configuration with the nodes behind it that others have told us of; their numbers follow those of the file. */
export function withLearnt(config: NetworkConfig, learnt: readonly LearntNode[]): NetworkConfig {
  const nodes = learnt.map(({ addresses }): NodeConfig => ({ operator: LEARNT_OPERATOR, addresses }));
  return { ...config, nodes: [...config.nodes, ...nodes] };
}

/** Keeps what `/network.json` says for a time without it; gives the configuration to use. */
export function rememberListed(draft: Draft, config: NetworkConfig): NetworkConfig {
  const { durable } = draft.state;
  const peers = peersOfAddresses(config.nodes.flatMap(({ addresses }) => addresses));
  const isUnlisted = ({ addresses }: LearntNode): boolean => !addresses.some((address) => isOfOne(address, peers));
  const isSameChain = durable.anchor === undefined || equalBytes(durable.anchor.genesisHash, config.genesisHash);
  const learnt = isSameChain ? (durable.known?.learnt.filter(isUnlisted) ?? []) : [];
  const known: KnownNodes = { params: config.params, listed: config.nodes, learnt };
  if (JSON.stringify(known) !== JSON.stringify(durable.known)) update(draft, { durable: { ...durable, known } });
  return withLearnt(config, learnt);
}

/** What this device knows by itself of the network it belongs to; undefined before it has seen any. */
export function rememberedConfig({ state }: Draft): NetworkConfig | undefined {
  const { anchor, known } = state.durable;
  const network = anchor && networkOfChainId(anchor.chainId);
  if (anchor === undefined || network === undefined || known === undefined) return undefined;
  const { chainId, genesisHash, checkpoint } = anchor;
  const { params, listed, learnt } = known;
  return withLearnt({ network, chainId, genesisHash, params, checkpoint, nodes: listed }, learnt);
}

/** Asks connected nodes now and then which others they know (NW-17). The question says nothing of the wallet. */
export function askPeers(draft: Draft): void {
  for (const [node, { peer, status, peersAskedMs }] of draft.state.nodes.entries()) {
    if (peer === undefined || status === undefined || draft.nowMs - peersAskedMs < ASK_EVERY_MS) continue;
    setNode(draft, node, { peersAskedMs: draft.nowMs });
    draft.effects.push({ type: "request-peers", peer });
  }
}

/** A node has told of others; every address ends with a peer's name and can be dialled here. */
export function peersReceived(draft: Draft, addresses: readonly string[]): void {
  const told = new Map<string, string[]>();
  for (const address of addresses) {
    const peer = peerOfAddress(address);
    if (peer === undefined || address.length > LEARNT_ADDRESS_LENGTH_MAX) continue;
    const known = told.get(peer) ?? [];
    if (known.length < LEARNT_ADDRESSES_MAX && !known.includes(address)) told.set(peer, [...known, address]);
  }
  let added = 0;
  for (const [peer, found] of told) {
    if (added < TOLD_NODES_MAX && learn(draft, peer, found)) added++;
  }
}

/** True if it is a node we did not know, or one that has moved. */
function learn(draft: Draft, peer: string, addresses: readonly string[]): boolean {
  const { known } = draft.state.durable;
  const peers = new Set([peer]);
  if (known === undefined || known.listed.some((node) => node.addresses.some((each) => isOfOne(each, peers)))) {
    return false;
  }
  const place = known.learnt.findIndex((node) => node.addresses.some((each) => isOfOne(each, peers)));
  if (place >= 0) {
    // Only what does not lead there any more is replaced: a liar could misplace everybody.
    return isStale(draft, place) && !isSame(known.learnt[place]!.addresses, addresses) && put(draft, place, addresses);
  }
  if (known.learnt.length < LEARNT_NODES_MAX) return put(draft, known.learnt.length, addresses);
  const stale = [...known.learnt.keys()].filter((each) => isStale(draft, each));
  stale.sort((left, right) => known.learnt[left]!.metMs - known.learnt[right]!.metMs);
  return stale[0] !== undefined && put(draft, stale[0], addresses);
}

function put(draft: Draft, place: number, addresses: readonly string[]): boolean {
  const { durable, config, nodes, restore } = draft.state;
  const known = durable.known!;
  const learnt = [...known.learnt];
  learnt[place] = { addresses, metMs: 0 };
  const states = [...nodes];
  states[known.listed.length + place] = FRESH_NODE;
  // Whoever stood there before is not judged under this number any more; what it sent is asked for again.
  const opening = restore.opening.filter(({ from }) => from?.node !== known.listed.length + place);
  update(draft, {
    durable: { ...durable, known: { ...known, learnt } },
    nodes: states,
    restore: { ...restore, opening },
  });
  if (config === undefined) return true;
  const listed = { ...config, nodes: config.nodes.slice(0, known.listed.length) };
  update(draft, { config: withLearnt(listed, learnt) });
  return true;
}

/** A node that answered as one of our chain: if it was learnt, it is worth keeping. */
export function nodeMet(draft: Draft, node: number): void {
  const { durable } = draft.state;
  const { known } = durable;
  const place = node - (known?.listed.length ?? 0);
  const learnt = known?.learnt[place];
  if (known === undefined || learnt === undefined) return;
  // A time to come was noted by a clock that has been set back since.
  if (Math.abs(draft.nowMs - learnt.metMs) < NOTE_EVERY_MS) return;
  const met = known.learnt.with(place, { ...learnt, metMs: draft.nowMs });
  update(draft, { durable: { ...durable, known: { ...known, learnt: met } } });
}

/** Has this device found the node at least once, or does the network's own file name it? */
export function isTried({ durable: { known } }: LightClientState, node: number): boolean {
  const place = node - (known?.listed.length ?? 0);
  return place < 0 || (known?.learnt[place]?.metMs ?? 0) > 0;
}

function isStale({ state }: Draft, place: number): boolean {
  const node = state.nodes[state.durable.known!.listed.length + place];
  return node !== undefined && node.phase === "idle" && node.failures >= STALE_FAILURES;
}

function isOfOne(address: string, peers: ReadonlySet<string>): boolean {
  const peer = peerOfAddress(address);
  return peer !== undefined && peers.has(peer);
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((address) => right.includes(address));
}
