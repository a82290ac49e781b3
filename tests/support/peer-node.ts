import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FullNodeStore } from "../../src/core/ports/full-node-store.ts";
import type { NodeNetworkPort, PeerId } from "../../src/core/ports/network-port.ts";
import { ZERO_HASH } from "../../src/core/values/hash.ts";
import { height, timeMs } from "../../src/core/values/height.ts";
import { createNodeHost } from "../../src/net/host/create-node-host.ts";
import { generateIdentity, peerIdOfIdentity } from "../../src/net/host/identity.ts";
import { announcedAddresses } from "../../src/node/network/announced-addresses.ts";
import { PeerExchange } from "../../src/node/network/exchange-peers.ts";
import { keepConnected } from "../../src/node/network/keep-connected.ts";
import { Knocks } from "../../src/node/network/knocks.ts";
import { KnownPeers } from "../../src/node/network/known-peers.ts";
import { RequestGuard } from "../../src/node/network/request-guard.ts";
import { serveDialBack } from "../../src/node/network/serve-dial-back.ts";
import { serveReads } from "../../src/node/network/serve-reads.ts";
import type { Status } from "../../src/wire/requests/status.ts";

const CHAIN_ID = 1000;
const LISTEN = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"];

export interface PeerNodeOptions {
  readonly dial?: readonly string[];
  /** Another chain's node says another genesis. */
  readonly genesis?: Uint8Array;
  readonly strangersMax?: number;
  readonly listen?: readonly string[];
  readonly announce?: readonly string[];
}

/** The part of a node that finds and judges peers, on a real host, without a ledger. Stopped, it may start again. */
export class PeerNode {
  readonly directory: string;
  readonly identity: Uint8Array;
  readonly log: string[] = [];
  #running:
    { readonly host: NodeNetworkPort; readonly peers: KnownPeers; readonly stop: () => Promise<void> } | undefined;

  private constructor(directory: string, identity: Uint8Array) {
    this.directory = directory;
    this.identity = identity;
  }

  static async start(options: PeerNodeOptions = {}): Promise<PeerNode> {
    const node = new PeerNode(await mkdtemp(join(tmpdir(), "stegos-peer-")), await generateIdentity());
    await node.start(options);
    return node;
  }

  get host(): NodeNetworkPort {
    if (this.#running === undefined) throw new Error("the node is stopped");
    return this.#running.host;
  }

  get peers(): KnownPeers {
    if (this.#running === undefined) throw new Error("the node is stopped");
    return this.#running.peers;
  }

  get id(): PeerId {
    return peerIdOfIdentity(this.identity);
  }

  async start(options: PeerNodeOptions = {}): Promise<void> {
    const dial = options.dial ?? [];
    const now = () => timeMs(Date.now());
    const file = join(this.directory, "peers");
    const log = (line: string): void => void this.log.push(line);
    const { strangersMax } = options;
    const peers = await KnownPeers.open({
      ...{ file, chainId: CHAIN_ID, self: this.id, dial, now, log },
      ...(strangersMax === undefined ? {} : { strangersMax }),
    });
    const announcing = { self: this.id, certhash: undefined, allowsPrivate: true };
    const host = await createNodeHost({
      chainId: CHAIN_ID,
      identity: this.identity,
      listen: options.listen ?? LISTEN,
      announce: announcedAddresses(options.announce ?? [], announcing),
      gate: peers.gate,
    });
    peers.attach(host);
    const guard = new RequestGuard({
      malformed: (peer) => peers.blame(peer, "malformed_request"),
      tooMany: (peer) => peers.blame(peer, "too_many_requests"),
      rejected: (peer) => peers.blame(peer, "rejected_gossip"),
    });
    const exchange = new PeerExchange(host, peers, now);
    const genesis = (options.genesis ?? ZERO_HASH) as typeof ZERO_HASH;
    const status = (): Status => {
      return { chainId: CHAIN_ID, genesis, height: height(0), blockId: ZERO_HASH, oldestBlock: height(0) };
    };
    const statusReceived = (_peer: PeerId, theirs: Status): boolean => theirs.genesis[0] === genesis[0];
    const knownAddresses = () => exchange.knownAddresses();
    const reads = {
      store: {} as FullNodeStore,
      status,
      statusReceived,
      knownAddresses,
      onBlock: () => () => undefined,
    };
    await serveReads(host, reads, guard);
    await serveDialBack(host, peers, now, guard);
    const nodeFound = (peer: PeerId): void => exchange.nodeFound(peer);
    const knocks = new Knocks(host);
    const stopCare = keepConnected(host, { dial, peers, now, knocks, status, statusReceived, nodeFound });
    const stop = async (): Promise<void> => {
      stopCare();
      exchange.stop();
      await host.stop();
      await peers.save();
    };
    this.#running = { host, peers, stop };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.stop();
  }

  async leave(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
