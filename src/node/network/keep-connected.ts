import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { NodeNetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { groupOf } from "../../net/peers/address-book.ts";
import { parseNodeAddress } from "../../net/peers/peer-addresses.ts";
import type { Status } from "../../wire/requests/status.ts";
import { decodeStatus, encodeStatus } from "../../wire/requests/status.ts";
import { RequestError, requestOne } from "../../net/requests/request.ts";
import { ERROR_CODE } from "../../wire/frame.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import type { Knocks } from "./knocks.ts";
import type { KnownPeers } from "./known-peers.ts";

const DIAL_TIMEOUT_MS = 5_000;
const ROUND_MS = 2_000;
const STATUS_TIMEOUT_MS = 5_000;
/** Peers a node dials by itself: enough that no crowd of others can be all it hears. */
const DIALLED_PEERS_WANTED = 8;
const DIALLED_PER_GROUP_MAX = 2;
/** Of those found in the book, so many are dialled in one round. */
const DIALS_PER_ROUND = 3;

/** What the rounds tell and ask. */
export interface ConnectionCare {
  /** Multiaddrs to stay connected to. */
  readonly dial: readonly string[];
  readonly peers: KnownPeers;
  readonly now: () => number;
  /** When to ask those again who served no status. */
  readonly knocks: Knocks;
  status(): Status;
  /** False for a node of another chain, which is let go. */
  statusReceived(peer: PeerId, status: Status): boolean;
  /** A connected one that has told its status: a node, of our chain. */
  nodeFound(peer: PeerId): void;
}

/**
 * Every two seconds: dials what is configured and lost, others that are known until enough are dialled, and exchanges
 * status with every node, so that a node notices that it has fallen behind even where nobody votes. Returns how to stop.
 */
export function keepConnected(network: NodeNetworkPort, care: ConnectionCare): () => void {
  const { peers, now } = care;
  const peerOf = new Map(care.dial.map((address) => [address, parseNodeAddress(address)?.peer]));
  const dialling = new Set<string>();
  const asking = new Set<PeerId>();
  let isStopped = false;

  /** The peer found there; undefined if nobody answered, or somebody dials there already. */
  const dial = async (address: string): Promise<PeerId | undefined> => {
    if (dialling.has(address)) return undefined;
    dialling.add(address);
    try {
      return await network.dial(address, DIAL_TIMEOUT_MS);
    } catch {
      // A dial that our own stop ends says nothing of the address.
      if (!isStopped) peers.book.fail(address, now());
      return undefined;
    } finally {
      dialling.delete(address);
    }
  };

  const dialConfigured = async (address: string): Promise<void> => {
    const known = peerOf.get(address);
    if (known !== undefined && (network.peers().includes(known) || peers.isBanned(known))) return;
    const peer = await dial(address);
    if (peer === undefined) return;
    peerOf.set(address, peer);
    peers.configured(peer);
  };

  const dialKnown = (): void => {
    const connected = network.peers();
    const dialled = connected.filter((peer) => network.isDialled(peer));
    const missing = Math.min(DIALLED_PEERS_WANTED - dialled.length - dialling.size, DIALS_PER_ROUND);
    if (missing <= 0) return;
    const isTaken = (peer: PeerId): boolean => connected.includes(peer) || peers.isBanned(peer);
    const proposed = peers.book.candidates(now(), DIALLED_PER_GROUP_MAX, isTaken, groupsOf(network, dialled));
    const chosen = proposed.filter((address) => !dialling.has(address)).slice(0, missing);
    for (const address of chosen) void dial(address);
  };

  /** That a node let us in proves nothing (NW-15): it knows us, and a dial may end at another address of that peer. */
  const found = (peer: PeerId): void => {
    for (const [address, at] of peerOf) if (at === peer) peers.book.expect(withPeer(address, peer));
    care.nodeFound(peer);
  };

  const ask = async (peer: PeerId): Promise<void> => {
    if (asking.has(peer) || !care.knocks.isDue(peer)) return;
    asking.add(peer);
    const { name, asked } = PROTOCOL.status;
    try {
      const own = encodeStatus(care.status());
      const answer = await requestOne(network, peer, name, asked, own, STATUS_TIMEOUT_MS);
      care.knocks.answered(peer);
      if (care.statusReceived(peer, decodeStatus(answer))) found(peer);
      else peers.blame(peer, "wrong_network");
    } catch (error) {
      // A node that is still starting serves no status, and a broken peer is noticed by its connection.
      const refusal = error instanceof RequestError ? error.refusal : undefined;
      if (error instanceof DecodeError) peers.blame(peer, "malformed_answer");
      else if (refusal === undefined) care.knocks.unanswered(peer);
      if (refusal?.code === ERROR_CODE.wrongNetwork) peers.blame(peer, "wrong_network");
    }
    asking.delete(peer);
  };

  const round = (): void => {
    for (const address of care.dial) void dialConfigured(address);
    dialKnown();
    for (const peer of network.nodes()) void ask(peer);
  };
  const timer = setInterval(round, ROUND_MS);
  const unlisten = network.onNode((peer) => void ask(peer));
  round();
  return () => {
    isStopped = true;
    clearInterval(timer);
    unlisten();
  };
}

/** The address with the peer found there in it, as others need it. */
function withPeer(address: string, peer: PeerId): string {
  return parseNodeAddress(address) === undefined ? `${address}/p2p/${peer}` : address;
}

function groupsOf(network: NodeNetworkPort, dialled: readonly PeerId[]): ReadonlyMap<string, number> {
  const groups = new Map<string, number>();
  for (const peer of dialled) {
    const parts = parseNodeAddress(withPeer(network.remoteAddress(peer) ?? "", peer));
    const group = parts === undefined ? undefined : groupOf(parts);
    if (group !== undefined) groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return groups;
}
