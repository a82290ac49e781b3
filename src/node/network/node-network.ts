import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import type { ConsensusFrame } from "../../core/chain/consensus-frames.ts";
import { encodeEvidence, type Evidence } from "../../core/chain/evidence.ts";
import { encodeTransaction, type Transaction } from "../../core/chain/transaction.ts";
import type {
  CertifiedBlock,
  FrameReceiver,
  FullNodeEvent,
  TransactionSource,
  TransactionVerdict,
} from "../../core/machines/full-node-events.ts";
import type { FullNodeState } from "../../core/machines/full-node-state.ts";
import { hasTransaction, type MempoolEntry, type Removal } from "../../core/mempool/mempool.ts";
import type { BlobStore } from "../../core/ports/blob-store.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import type { NodeNetworkPort, PeerId, Verdict } from "../../core/ports/network-port.ts";
import type { Hash } from "../../core/values/hash.ts";
import type { Height, TimeMs } from "../../core/values/height.ts";
import type { PeerFault } from "../../net/peers/peer-score.ts";
import { encodeGossipBlock, judgeBlock, type GossipBlock } from "../../wire/gossip/block.ts";
import { judgeEvidence } from "../../wire/gossip/evidence.ts";
import { TOPIC } from "../../wire/gossip/topics.ts";
import type { Status } from "../../wire/requests/status.ts";
import type { Replies } from "../replies.ts";
import { BoundaryRanges } from "./boundary-ranges.ts";
import { PeerExchange } from "./exchange-peers.ts";
import { fetchBlocks, fetchFault } from "./fetch-blocks.ts";
import { keepConnected } from "./keep-connected.ts";
import { Knocks } from "./knocks.ts";
import type { KnownPeers } from "./known-peers.ts";
import { RequestGuard } from "./request-guard.ts";
import { serveBlob } from "./serve-blob.ts";
import { serveBucket } from "./serve-bucket.ts";
import { serveDialBack } from "./serve-dial-back.ts";
import { PoolServer } from "./serve-pool.ts";
import { serveRange } from "./serve-range.ts";
import { serveSnap } from "./serve-snap.ts";
import { serveReads } from "./serve-reads.ts";
import { StemStreams } from "./stem-streams.ts";
import { serveTransactions } from "./transaction-edges.ts";
import { openVoteStreams, type VoteStreams } from "./vote-streams.ts";

/** What the network reads of the node and whom it tells. */
export interface NodeNetworkContext {
  readonly store: FullNodeStore;
  readonly state: () => FullNodeState;
  readonly post: (event: FullNodeEvent) => void;
  /** Resolves once the event's step is done. */
  readonly postAndWait: (event: FullNodeEvent) => Promise<void>;
  readonly now: () => TimeMs;
  readonly replies: Replies;
  readonly onBlock: (listener: (height: Height) => void) => () => void;
  readonly dial: readonly string[];
  readonly peers: KnownPeers;
  readonly blobs: BlobStore;
  /** The disk did not take or give a blob. */
  readonly blobFailed: (error: unknown) => void;
}

/** A full node on its network: events in, effects out. Nothing is decided here. */
export class NodeNetwork {
  readonly #host: NodeNetworkPort;
  readonly #context: NodeNetworkContext;
  readonly #pool: PoolServer;
  #stem: StemStreams | undefined;
  #votes: VoteStreams | undefined;
  #stopCare: (() => void) | undefined;
  #exchange: PeerExchange | undefined;

  constructor(host: NodeNetworkPort, context: NodeNetworkContext) {
    this.#host = host;
    this.#context = context;
    this.#pool = new PoolServer(() => context.state().mempool);
  }

  async start(): Promise<void> {
    const { store, post, postAndWait, now, replies, state, onBlock, peers } = this.#context;
    peers.attach(this.#host);
    const guard = new RequestGuard({
      malformed: (peer) => peers.blame(peer, "malformed_request"),
      tooMany: (peer) => peers.blame(peer, "too_many_requests"),
      rejected: (peer) => peers.blame(peer, "rejected_gossip"),
    });
    const exchange = new PeerExchange(this.#host, peers, peers.now);
    this.#exchange = exchange;
    const nodeFound = (peer: PeerId): void => post({ type: "peer-connected", now: now(), peer });
    this.#host.onNode(nodeFound);
    for (const peer of this.#host.nodes()) nodeFound(peer);
    this.#host.onPeer(({ peer, connected }) => {
      if (!connected) post({ type: "peer-disconnected", now: now(), peer });
    });
    const submit = (transaction: Transaction, source: TransactionSource, from?: PeerId): Promise<TransactionVerdict> =>
      replies.expect((reply) => post({ type: "transaction-received", now: now(), transaction, reply, source, from }));
    const { chainId } = state().tip.chain;
    const isKnown = (txid: Hash): boolean => hasTransaction(state().mempool, txid);
    await serveTransactions(this.#host, { chainId, submit, isKnown }, guard);
    await this.#pool.serve(this.#host, guard);
    this.#stem = new StemStreams(this.#host, {
      received: (peer, transaction) => submit(transaction, { peer }, peer),
      found: (peer) => post({ type: "stem-peer-found", now: now(), peer, isDialled: this.#host.isDialled(peer) }),
      lost: (peer) => post({ type: "stem-peer-lost", now: now(), peer }),
      unsent: (peer, txid) => post({ type: "stem-unsent", now: now(), peer, txid }),
      malformed: (peer) => peers.blame(peer, "malformed_request"),
      rejected: (peer) => peers.blame(peer, "rejected_gossip"),
    });
    await this.#stem.start();
    const ranges = new BoundaryRanges(store);
    await serveRange(this.#host, ranges, guard);
    await serveSnap(this.#host, store, guard);
    await serveBucket(this.#host, { store, ranges, tip: () => state().tip.header }, guard);
    const reads = {
      store,
      status: () => this.#status(),
      statusReceived: (peer: PeerId, status: Status) => this.#statusReceived(peer, status),
      knownAddresses: () => exchange.knownAddresses(),
      onBlock,
    };
    await serveReads(this.#host, reads, guard);
    const { blobs, blobFailed } = this.#context;
    await serveBlob(this.#host, { store: blobs, now, failed: blobFailed }, guard);
    await serveDialBack(this.#host, peers, peers.now, guard);
    const [statusKnocks, voteKnocks] = [new Knocks(this.#host), new Knocks(this.#host)];
    const votes = {
      received: (peer: PeerId, frame: ConsensusFrame) => {
        for (const knocks of [statusKnocks, voteKnocks]) knocks.answered(peer);
        return postAndWait({ type: "consensus-frame-received", now: now(), peer, frame });
      },
      malformed: (peer: PeerId) => peers.blame(peer, "malformed_vote"),
    };
    this.#votes = await openVoteStreams(this.#host, votes, voteKnocks);
    const judge = guard.judged((bytes, from) => this.#judgeBlock(bytes, from));
    this.#host.subscribe(TOPIC.block.name, TOPIC.block.bytesMax, judge);
    const judgeEvidence = guard.judged((bytes, from) => this.#judgeEvidence(bytes, from));
    this.#host.subscribe(TOPIC.evidence.name, TOPIC.evidence.bytesMax, judgeEvidence);
    this.#stopCare = keepConnected(this.#host, {
      dial: this.#context.dial,
      peers,
      now: peers.now,
      knocks: statusKnocks,
      nodeFound: (peer) => {
        voteKnocks.answered(peer);
        exchange.nodeFound(peer);
      },
      status: () => this.#status(),
      statusReceived: (peer, status) => this.#statusReceived(peer, status),
    });
  }

  sendFrame(to: FrameReceiver, frame: ConsensusFrame): void {
    this.#votes?.send(to, frame);
  }

  sendStem(peer: PeerId, txid: string, transaction: Transaction): void {
    this.#stem?.send(peer, txid, transaction);
  }

  publishTransaction(transaction: Transaction): void {
    void this.#host.publish(TOPIC.tx.name, encodeTransaction(transaction)).catch(() => undefined);
  }

  poolChanged(added: readonly MempoolEntry[], removed: readonly Removal[]): void {
    this.#pool.changed(added, removed);
  }

  publishBlock(block: GossipBlock): void {
    void this.#host.publish(TOPIC.block.name, encodeGossipBlock(block)).catch(() => undefined);
  }

  publishEvidence(evidence: Evidence): void {
    void this.#host.publish(TOPIC.evidence.name, encodeEvidence(evidence)).catch(() => undefined);
  }

  /** Blocks a peer has shown; one that has none of them has shown what is not there. */
  async fetchBlocks(peer: PeerId, from: Height, count: number): Promise<readonly CertifiedBlock[]> {
    try {
      const blocks = await fetchBlocks(this.#host, peer, from, count);
      if (blocks.length === 0) this.blame(peer, "empty_promise");
      return blocks;
    } catch (error) {
      const fault = fetchFault(error);
      if (fault !== undefined) this.blame(peer, fault);
      throw error;
    }
  }

  /** Ends the connections of a peer that lied, and keeps it away for a while (NW-16). */
  blame(peer: PeerId, fault: PeerFault): void {
    this.#context.peers.blame(peer, fault);
  }

  async stop(): Promise<void> {
    this.#stopCare?.();
    this.#exchange?.stop();
    this.#stem?.stop();
    await this.#host.stop();
    await this.#context.peers.save();
  }

  #status(): Status {
    const { chain, header, blockId } = this.#context.state().tip;
    const { chainId, genesisHash } = chain;
    return {
      chainId,
      genesis: genesisHash,
      height: header.height,
      blockId,
      oldestBlock: this.#context.store.keptFrom().window,
    };
  }

  #statusReceived(peer: PeerId, status: Status): boolean {
    const own = this.#status();
    if (status.chainId !== own.chainId || !equalBytes(status.genesis, own.genesis)) return false;
    const { post, now } = this.#context;
    if (this.#isHere(peer)) post({ type: "status-received", now: now(), peer, height: status.height });
    return true;
  }

  /** Nothing is posted of a peer that has left: the machine would remember it for ever. */
  #isHere(peer: PeerId): boolean {
    return this.#host.peers().includes(peer);
  }

  async #judgeBlock(bytes: Uint8Array, peer: PeerId): Promise<Verdict> {
    const { state, replies, post, now } = this.#context;
    const judged = judgeBlock(bytes, {
      chainId: state().tip.chain.chainId,
      finalHeight: () => state().tip.header.height,
      isKnown: (id) => state().certified.has(formatHex(id)),
    });
    if (judged.verdict !== "accept") return judged;
    if (!this.#isHere(peer)) return { verdict: "ignore", reason: "sender_gone" };
    const { body, certificate } = judged.value;
    return replies.expect((reply) => post({ type: "block-announced", now: now(), peer, body, certificate, reply }));
  }

  async #judgeEvidence(bytes: Uint8Array, peer: PeerId): Promise<Verdict> {
    const { state, replies, post, now } = this.#context;
    const isKnown = (): boolean => state().evidence.some((held) => equalBytes(held.bytes, bytes));
    const judged = judgeEvidence(bytes, { isKnown });
    if (judged.verdict !== "accept") return judged;
    const evidence = judged.value;
    return replies.expect((reply) => post({ type: "evidence-received", now: now(), peer, evidence, reply }));
  }
}
