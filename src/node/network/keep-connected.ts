import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { Status } from "../../wire/requests/status.ts";
import { decodeStatus, encodeStatus } from "../../wire/requests/status.ts";
import { requestOne } from "../../net/requests/request.ts";
import { PROTOCOL } from "../../wire/protocols.ts";

const DIAL_TIMEOUT_MS = 5_000;
const ROUND_MS = 2_000;
const STATUS_TIMEOUT_MS = 5_000;

/** What the rounds tell and ask. */
export interface ConnectionCare {
  /** Multiaddrs to stay connected to. */
  readonly dial: readonly string[];
  status(): Status;
  /** False for a node of another chain, which is let go. */
  statusReceived(peer: PeerId, status: Status): boolean;
}

/**
 * Every two seconds: dials what is lost and exchanges status with every peer, so that a node notices that it has
 * fallen behind even where nobody votes. Returns how to stop.
 */
export function keepConnected(network: NetworkPort, care: ConnectionCare): () => void {
  const peerOf = new Map<string, PeerId>();
  const dialling = new Set<string>();
  const asking = new Set<PeerId>();

  const dial = async (address: string): Promise<void> => {
    const known = peerOf.get(address);
    if (dialling.has(address) || (known !== undefined && network.peers().includes(known))) return;
    dialling.add(address);
    try {
      peerOf.set(address, await network.dial(address, DIAL_TIMEOUT_MS));
    } catch {
      // Not up yet, or gone for good: the next round tries again.
    }
    dialling.delete(address);
  };

  const ask = async (peer: PeerId): Promise<void> => {
    if (asking.has(peer)) return;
    asking.add(peer);
    try {
      const own = encodeStatus(care.status());
      const answer = await requestOne(
        network,
        peer,
        PROTOCOL.status.name,
        PROTOCOL.status.asked,
        own,
        STATUS_TIMEOUT_MS,
      );
      if (!care.statusReceived(peer, decodeStatus(answer))) await network.hangUp(peer);
    } catch {
      // A light client serves no status, and a broken peer is noticed by its connection.
    }
    asking.delete(peer);
  };

  const round = (): void => {
    for (const address of care.dial) void dial(address);
    for (const peer of network.peers()) void ask(peer);
  };
  const timer = setInterval(round, ROUND_MS);
  const unlisten = network.onPeer(({ peer, connected }) => {
    if (connected) void ask(peer);
  });
  round();
  return () => {
    clearInterval(timer);
    unlisten();
  };
}
