import { formatHex, parseHex } from "../../src/core/bytes/hex.ts";
import { decodeClaim, type Claim } from "../../src/core/chain/claim.ts";
import { blockId } from "../../src/core/chain/header.ts";
import { outputHash } from "../../src/core/chain/output.ts";
import { transactionId } from "../../src/core/chain/transaction.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import { u32 } from "../../src/core/bytes/writer.ts";
import { stepLightClient } from "../../src/core/machines/light-client.ts";
import type { LightClientEffect } from "../../src/core/machines/light-client-effect.ts";
import type { LightClientEvent } from "../../src/core/machines/light-client-event.ts";
import { INITIAL_LIGHT_CLIENT, type LightClientState } from "../../src/core/machines/light-client-state.ts";
import { paymentTerms } from "../../src/core/machines/light-client-views.ts";
import { NETWORK_PARAMS, type NetworkParams } from "../../src/core/params/network-params.ts";
import type { RangeAnswer } from "../../src/core/state/range-answer.ts";
import { coveredLeaves } from "../../src/core/sync/cover.ts";
import { decoyPermutation, decoyTriple } from "../../src/core/sync/decoy.ts";
import type { ServedBucket } from "../../src/core/sync/served-bucket.ts";
import { tagCount, type TagResult } from "../../src/core/wallet/scan-tags.ts";
import { BUNDLED_CHECKPOINTS, type BundledCheckpoints } from "../../src/core/params/bundled-checkpoints.ts";
import type { CompactItem, HeaderItem, StreamedOutput } from "../../src/core/sync/compact-item.ts";
import type { NetworkConfig } from "../../src/core/sync/network-config.ts";
import type { Address } from "../../src/core/values/address.ts";
import { amount } from "../../src/core/values/amount.ts";
import { hash, type Hash } from "../../src/core/values/hash.ts";
import type { NetworkName } from "../../src/core/values/network.ts";
import { leafIndex, timeMs, type LeafIndex, type TimeMs } from "../../src/core/values/height.ts";
import type { BucketJob, BucketResult } from "../../src/core/wallet/bucket-job.ts";
import { paymentEnd } from "../../src/core/wallet/payment-end.ts";
import type { BuildPaymentJob, BuiltPayment } from "../../src/core/wallet/built-payment.ts";
import { chooseNotes } from "../../src/core/wallet/choose-notes.ts";
import type { Note } from "../../src/core/wallet/note.ts";
import type { PaymentProposal } from "../../src/core/wallet/propose-payment.ts";
import type { ScanJob, ScanResult } from "../../src/core/wallet/scan-outputs.ts";
import { usableNotes } from "../../src/core/wallet/wallet-state.ts";
import { checkBuckets } from "../../src/engine/services/open-buckets.ts";
import { encodeBucketAnswer } from "../../src/wire/requests/bucket.ts";
import { ClientChain, randomOutput } from "./client-chain.ts";
import { CHAIN_ID } from "./consensus-chain.ts";
import { fakeBls } from "./fake-bls.ts";
import { testCurve } from "./test-curve.ts";
import { packet } from "./packet-vectors.ts";
import { SeededNumbers } from "./seeded-numbers.ts";
import { seededRandom } from "./test-random.ts";
import { testNote } from "./wallet-values.ts";

const DECOY_SECRET = hash32("test/decoys");
/** Worlds have fewer buckets than one window. */
const DECOYS = decoyPermutation(DECOY_SECRET, 0);
const GENESIS_HASH = hash32("test/genesis");
type Untimed<Event> = Event extends unknown ? Omit<Event, "nowMs"> : never;
export type WorldEvent = Untimed<LightClientEvent>;

/** What a node of the world does with clients. */
export interface NodeBehaviour {
  isReachable: boolean;
  /** Changes what it streams. */
  lie: ((item: CompactItem) => CompactItem) | undefined;
  /** Streams nothing. */
  isSilent: boolean;
  /** Does not say where it stands. */
  isMute: boolean;
  /** Changes what it answers for a range; undefined: nothing comes, and the answer stays open. */
  answerRange: (range: number, answer: RangeAnswer) => RangeAnswer | undefined;
  /** Changes what it answers for a bucket; undefined: nothing comes. */
  answerBucket: (bucket: number, served: ServedBucket) => ServedBucket | undefined;
  /** Time between two ranges of an answer. */
  rangeMs: number;
  /** Boundaries it serves, counted from the newest. */
  boundariesKept: number;
  /** Ends every stream at once: it has pruned what we need. */
  isPruned: boolean;
  /** Claims this height. */
  claims: number | undefined;
  takesPayments: boolean;
  /** The oldest block it still has. */
  oldestBlock: number;
  /** Another chain than the world's, which grows along with it. */
  chain: ClientChain | undefined;
  /** Changes what it answers when asked for headers. */
  answerHeaders: (items: readonly HeaderItem[]) => readonly HeaderItem[] | undefined | "silent";
  operator: string;
}

interface SubmittedPayment {
  readonly txid: Hash;
  readonly bytes: Uint8Array;
  readonly inputs: readonly LeafIndex[];
  readonly outputs: readonly ReturnType<typeof randomOutput>[];
  readonly notAfter: TimeMs;
  isMined: boolean;
}

/**
 * A light client among a few nodes of one chain, in virtual time. Keys and curves are left out: the world knows which
 * outputs are the client's, and answers scan and build jobs from that. The client can be killed after any effect.
 */
export class LightClientWorld {
  readonly params: NetworkParams;
  readonly chain: ClientChain;
  readonly numbers: SeededNumbers;
  readonly nodes: NodeBehaviour[];
  /** The device's store. */
  readonly store = new Map<string, Uint8Array>();
  readonly log: LightClientEffect[] = [];
  /** Submissions by node. */
  readonly submissions: {
    readonly txid: string;
    readonly bytes: string;
    readonly node: number;
    readonly atMs: number;
  }[] = [];
  state: LightClientState = INITIAL_LIGHT_CLIENT;
  nowMs: TimeMs;
  /** Chance of being killed before each effect. */
  killShare = 0;
  kills = 0;
  hasWallet = true;
  /** Made from words. */
  restore: { readonly birthdayMs: TimeMs | undefined; readonly isTyped?: boolean } | undefined;
  /** So many of the nodes are in `/network.json`. */
  listedCount = Infinity;
  /** Addresses that nodes tell of. */
  told: readonly string[] = [];
  /** Every `range` and `bucket` request that reached a node. */
  readonly asked: { readonly node: number; readonly name: "range" | "bucket"; readonly ids: readonly number[] }[] = [];
  /** Outputs of strangers whose view tag looks like ours. */
  falseHitShare = 0.01;
  /** Which checkpoint `/network.json` names; undefined: there is no such file. */
  checkpointHeight: number | undefined = 0;
  /** When that block was made, as the file says; undefined: it tells the truth. */
  statedTimeMs: number | undefined;
  /** mult that `/network.json` names for its checkpoint. */
  feeMultiplier: number | undefined;
  genesisHash = GENESIS_HASH;
  network: NetworkName = "dev";
  /** How far the device's clock is ahead of the world's. */
  clockOffMs = 0;
  /** What the release of the app vouches for. */
  bundled: BundledCheckpoints = BUNDLED_CHECKPOINTS;
  isOriginTrusted = false;
  /** Every question for headers that reached a node. */
  readonly headerQuestions: {
    readonly node: number;
    readonly from: number;
    readonly count: number;
    readonly boundariesOnly: boolean;
  }[] = [];

  /** Coins of ours that only the core of their packet opens: the leaf of each with that of the packet. */
  readonly packetOf = new Map<number, LeafIndex>();
  /** Those of them that only look like ours: no core opens them. */
  readonly strangersOf = new Set<number>();
  /** Whether nodes still have the cores of those packets. */
  keepsPackets = true;

  /** Claims that a block has taken, each by its txid. */
  readonly minedClaims: string[] = [];

  /** What a scan of tags takes longer. */
  scanMs = 0;

  readonly #random;
  readonly #ours = new Map<string, Partial<Note> & { readonly amount: Note["amount"] }>();
  readonly #ourKeys = new Set<string>();
  readonly #payments = new Map<string, SubmittedPayment>();
  readonly #mempool = new Set<string>();
  /** Claims in blocks, and the height that draws their share. */
  #drawnAt: { readonly claim: Claim; readonly height: number }[] = [];
  #queue: { readonly atMs: number; readonly order: number; readonly event: WorldEvent; readonly life: number }[] = [];
  #order = 0;
  #life = 0;
  #peers = new Map<string, number>();
  #streams = new Map<string, { next: number; isPaused: boolean; isFull: boolean }>();

  constructor(seed: number, nodeCount = 3, params: Partial<NetworkParams> = {}) {
    this.params = { ...NETWORK_PARAMS.dev, ...params };
    this.chain = new ClientChain(this.params);
    this.numbers = new SeededNumbers(seed);
    this.#random = seededRandom(`world ${seed}`);
    this.nowMs = this.chain.tip.time;
    this.nodes = Array.from({ length: nodeCount }, (_, node) => ({
      isReachable: true,
      lie: undefined,
      isSilent: false,
      isMute: false,
      isPruned: false,
      claims: undefined,
      takesPayments: true,
      oldestBlock: 0,
      answerRange: (_range, answer) => answer,
      answerBucket: (_bucket, served) => served,
      rangeMs: 5,
      boundariesKept: 1_000,
      chain: undefined,
      answerHeaders: (items: readonly HeaderItem[]) => items,
      operator: `op ${node}`,
    }));
  }

  get config(): NetworkConfig {
    const checkpoint = this.chain.checkpoint(this.checkpointHeight);
    const config: NetworkConfig = {
      network: this.network,
      chainId: CHAIN_ID,
      genesisHash: this.genesisHash,
      params: this.params,
      checkpoint: { ...checkpoint, timeMs: timeMs(this.statedTimeMs ?? checkpoint.timeMs) },
      nodes: this.nodes
        .slice(0, this.listedCount)
        .map(({ operator }, node) => ({ operator, addresses: [`/node/${node}`] })),
    };
    return this.feeMultiplier === undefined ? config : { ...config, feeMultiplier: this.feeMultiplier };
  }

  /** Starts or restarts the client from its store, as after a crash or a reload. */
  start(): void {
    this.loseDevice();
    this.state = INITIAL_LIGHT_CLIENT;
    this.send({ type: "started", records: [...this.store].map(([key, bytes]) => ({ key, bytes })) });
    if (this.hasWallet) this.send({ type: "wallet-opened", restore: this.restore });
  }

  /** The device is gone: so are its connections, and whatever was on its way to it. */
  loseDevice(): void {
    this.#life++;
    this.#queue = [];
    this.#peers = new Map();
    this.#streams = new Map();
  }

  /** Now, by the device's clock. */
  get deviceMs(): TimeMs {
    return timeMs(this.nowMs + this.clockOffMs);
  }

  /** One event, now, with everything the step wants done. */
  send(event: WorldEvent): readonly LightClientEffect[] {
    const timed = { ...event, nowMs: this.deviceMs } as LightClientEvent;
    const [next, effects] = stepLightClient(
      { bls: fakeBls, curve: testCurve, checkpoints: this.bundled, isOriginTrusted: this.isOriginTrusted },
      this.state,
      timed,
    );
    const writes = effects.filter((effect) => effect.type === "write");
    if (writes.length > 1 || (writes.length === 1 && effects[0] !== writes[0])) throw new Error("write is not first");
    const life = this.#life;
    for (const effect of effects) {
      if (this.#isIdle(effect)) continue;
      if (this.numbers.chance(this.killShare)) {
        this.kills++;
        this.start();
        return effects;
      }
      if (effect.type === "write") {
        for (const { key, bytes } of effect.puts) this.store.set(key, bytes);
        for (const key of effect.deletes) this.store.delete(key);
      }
    }
    if (life !== this.#life) return effects;
    this.state = next;
    for (const effect of effects) {
      this.log.push(effect);
      this.perform(effect);
    }
    return effects;
  }

  /** Lets virtual time pass; a block is made every so often. */
  run(ms: number, blockEveryMs = 1_000): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.#advance(endMs, blockEveryMs);
      for (let event = this.#takeDue(); event !== undefined; event = this.#takeDue()) this.send(event);
    }
  }

  /** The same around a device of another make, which is waited for after every event. */
  async runAround(device: (event: LightClientEvent) => Promise<void>, ms: number, blockEveryMs = 1_000): Promise<void> {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.#advance(endMs, blockEveryMs);
      for (let event = this.#takeDue(); event !== undefined; event = this.#takeDue()) {
        await device({ ...event, nowMs: this.deviceMs });
      }
    }
  }

  /** To the next thing that happens. */
  #advance(endMs: number, blockEveryMs: number): void {
    const nextBlockMs = this.chain.tip.time + blockEveryMs;
    const next = this.#queue.reduce((min, each) => Math.min(min, each.atMs), Math.min(nextBlockMs, endMs));
    this.nowMs = timeMs(Math.max(this.nowMs, next));
    if (this.nowMs >= nextBlockMs && this.nowMs < endMs) this.mine({ afterMs: blockEveryMs });
  }

  /** A block with what the mempool holds, coins for the client and strangers' outputs. */
  mine(
    options: {
      readonly afterMs?: number;
      readonly coins?: readonly bigint[];
      /** What is written on the coins. */
      readonly memo?: string;
      readonly isEpochEnd?: boolean;
      /** Outputs of others in front of the coins. */
      readonly strangers?: number;
      /** Spent by nobody of this world: others, or another device with the same words. */
      readonly spent?: readonly number[];
      /** Outputs behind the others that nobody will ever see: spent long before a client comes. */
      readonly gone?: number;
    } = {},
  ): CompactItem {
    const outputs = Array.from({ length: options.strangers ?? 0 }, () => this.#output());
    for (const micro of options.coins ?? []) {
      const output = this.#output();
      this.#own(output, { amount: amount(micro), memo: options.memo });
      outputs.push(output);
    }
    const spent: number[] = [...(options.spent ?? [])];
    for (const id of this.#mempool) {
      this.#mempool.delete(id);
      const payment = this.#payments.get(id);
      if (payment === undefined) {
        this.#takeClaim(id);
        continue;
      }
      if (this.chain.tip.time > payment.notAfter || payment.isMined) continue;
      // Somebody was faster.
      if (payment.inputs.some((leaf) => spent.includes(leaf) || this.#isSpent(leaf))) continue;
      payment.isMined = true;
      spent.push(...payment.inputs);
      outputs.push(...payment.outputs);
    }
    outputs.push(...this.#drawShares());
    if (this.numbers.chance(0.3)) outputs.push(this.#output());
    const isEpochEnd = options.isEpochEnd ?? this.numbers.chance(0.1);
    const afterMs = options.afterMs ?? 1_000;
    const item = this.chain.add({ outputs, spent, isEpochEnd, afterMs, gone: options.gone ?? 0 });
    for (const other of new Set(this.nodes.map(({ chain }) => chain))) other?.add({ isEpochEnd, afterMs });
    for (const peer of this.#streams.keys()) this.#pump(peer);
    return item;
  }

  /** RP-5: each P once. */
  #takeClaim(id: string): void {
    const claim = decodeClaim(parseHex(id));
    const txid = formatHex(transactionId(claim));
    if (this.minedClaims.includes(txid)) return;
    this.minedClaims.push(txid);
    this.#drawnAt.push({ claim, height: this.chain.tip.height + 3 });
  }

  /** RP-6: shares of claims two blocks after them. */
  #drawShares(): readonly StreamedOutput[] {
    const next = this.chain.tip.height + 1;
    const due = this.#drawnAt.filter(({ height }) => height === next);
    return due.map(({ claim: { packetLeaf, ephemeralKey } }, slot) => {
      const drawn = this.#output();
      const output = { ...drawn, core: { ...drawn.core, ephemeralKey } };
      const mark = { type: "share", packetLeaf, slot, linkSecret: new Uint8Array(16) } as const;
      this.#own(output, { amount: amount(77n), isInternal: true, packet: mark });
      return output;
    });
  }

  /** Mines a spend that the client did not make: another device with the same words. */
  spendElsewhere(leaf: number): void {
    this.chain.add({ spent: [leaf] });
    for (const peer of this.#streams.keys()) this.#pump(peer);
  }

  /** Taps *Pay*; undefined if the wallet cannot. */
  pay(proposalId: string, micro: bigint): PaymentProposal | undefined {
    const proposal = this.propose(this.state, micro);
    if (proposal !== undefined) this.send({ type: "payment-confirmed", proposalId, proposal });
    return proposal;
  }

  /** What a client in this state would propose; undefined if it cannot. */
  propose(state: LightClientState, micro: bigint, memo?: string): PaymentProposal | undefined {
    const terms = paymentTerms(state, this.deviceMs);
    const wallet = state.durable.wallet;
    if (terms === undefined || wallet === undefined) return undefined;
    const fee = 2n;
    const notes = chooseNotes(usableNotes(wallet), () => micro + fee);
    if (notes === undefined) return undefined;
    const sum = notes.reduce((total, note) => total + note.amount, 0n);
    return {
      to: "dstg1nobody" as Address,
      recipient: { spendKey: new Uint8Array(32), viewKey: new Uint8Array(32) },
      amount: amount(micro),
      fee: amount(fee),
      memo,
      inputs: notes.map((note) => note.leaf).sort((left, right) => left - right),
      change: [amount(sum - micro - fee)],
      usableAfter: amount(0n),
      totalAfter: amount(0n),
      feeMultiplier: terms.feeMultiplier,
      madeMs: this.deviceMs,
    };
  }

  /** What the chain says the client owns: amounts of unspent outputs by leaf. */
  truth(fromHeight = 1): ReadonlyMap<number, bigint> {
    const live = new Map<number, bigint>();
    for (const { compact } of this.chain.items.filter(({ header }) => header.height >= fromHeight)) {
      compact.entries.forEach((entry, index) => {
        const note = this.#ours.get(formatHex(entry.outputHash));
        if (note !== undefined) live.set(compact.firstLeaf + index, note.amount);
      });
      for (const leaf of compact.spent) live.delete(leaf);
    }
    return live;
  }

  /** What others have paid to the client, spent or not. */
  arrivals(): readonly { readonly leaf: number; readonly amount: bigint; readonly memo: string | undefined }[] {
    return this.chain.items.flatMap(({ compact }) =>
      compact.entries.flatMap((entry, index) => {
        const note = this.#ours.get(formatHex(entry.outputHash));
        if (note === undefined || (note.isInternal === true && note.packet === undefined)) return [];
        return [{ leaf: compact.firstLeaf + index, amount: note.amount, memo: note.memo }];
      }),
    );
  }

  /** Ids of the client's payments that are in a block. */
  get minedPayments(): readonly string[] {
    return [...this.#payments.values()].flatMap(({ isMined, txid }) => (isMined ? [formatHex(txid)] : []));
  }

  #isSpent(leaf: LeafIndex): boolean {
    return this.chain.items.some(({ compact }) => compact.spent.includes(leaf));
  }

  #output() {
    return randomOutput(this.#random);
  }

  /** Breaks all connections to a node. */
  dropConnections(node: number): void {
    for (const [peer, place] of [...this.#peers]) {
      if (place !== node) continue;
      this.#peers.delete(peer);
      this.#streams.delete(peer);
      this.send({ type: "peer-disconnected", peer });
    }
  }

  /** Nodes that tell nothing; a draw for the question would make every seed another story. */
  #isIdle(effect: LightClientEffect): boolean {
    return effect.type === "request-peers" && this.told.length === 0;
  }

  #later(ms: number, event: WorldEvent): void {
    this.#queue.push({ atMs: this.nowMs + ms, order: this.#order++, event, life: this.#life });
  }

  #takeDue(): WorldEvent | undefined {
    const due = this.#queue.filter((each) => each.atMs <= this.nowMs);
    const [first] = due.sort((left, right) => left.atMs - right.atMs || left.order - right.order);
    if (first === undefined) return undefined;
    this.#queue.splice(this.#queue.indexOf(first), 1);
    return first.life === this.#life ? first.event : this.#takeDue();
  }

  /** What the world makes of an effect that has left a device. */
  perform(effect: LightClientEffect): void {
    if (this.#isIdle(effect)) return;
    const delay = this.numbers.between(1, 40);
    switch (effect.type) {
      case "connect": {
        const { node, list } = effect;
        const place = placeOf(effect);
        if (this.nodes[place]?.isReachable !== true) {
          this.#later(delay, { type: "connect-failed", node, list });
          return;
        }
        const peer = `peer ${place} ${this.#order++}`;
        this.#peers.set(peer, place);
        this.#later(delay, { type: "peer-connected", peer, node, list });
        return;
      }
      case "disconnect":
        this.#peers.delete(effect.peer);
        this.#streams.delete(effect.peer);
        return;
      case "request-status": {
        const node = this.#peers.get(effect.peer);
        if (node === undefined || this.nodes[node]!.isMute) return;
        const own = this.nodes[node]!.chain ?? this.chain;
        const height = this.nodes[node]!.claims ?? own.tip.height;
        const at = own.items[height] ?? own.items.at(-1)!;
        const status = {
          chainId: CHAIN_ID,
          genesis: this.genesisHash,
          height,
          blockId: blockId(at.header),
          oldestBlock: this.nodes[node]!.oldestBlock,
        };
        this.#later(delay, { type: "status-received", peer: effect.peer, status });
        return;
      }
      case "request-peers":
        this.#later(delay, { type: "peers-received", peer: effect.peer, addresses: this.told });
        return;
      case "request-headers":
        if (!this.#peers.has(effect.peer)) return;
        {
          this.#later(delay, {
            type: "headers-received",
            peer: effect.peer,
            items: [this.chain.headerItem(effect.from)],
          });
          return;
        }
      case "ask-headers":
        this.#answerHeaders(effect, delay);
        return;
      case "open-compact-stream":
        if (!this.#peers.has(effect.peer)) return;
        this.#streams.set(effect.peer, { next: effect.from, isPaused: false, isFull: effect.isFull });
        {
          this.#pump(effect.peer);
          return;
        }
      case "close-compact-stream":
        this.#streams.delete(effect.peer);
        return;
      case "pause-compact-stream":
      case "resume-compact-stream": {
        const stream = this.#streams.get(effect.peer);
        if (stream === undefined) return;
        stream.isPaused = effect.type === "pause-compact-stream";
        this.#pump(effect.peer);
        return;
      }
      case "scan-outputs":
        this.#later(delay, { type: "outputs-scanned", jobId: effect.jobId, result: this.#scan(effect.job) });
        return;
      case "request-ranges":
        this.#serveRanges(effect, delay);
        return;
      case "open-buckets":
        this.#later(delay, { type: "buckets-opened", jobId: effect.jobId, result: this.#open(effect.job) });
        return;
      case "request-buckets":
      case "request-newest-buckets":
        this.#serveBuckets(effect, delay);
        return;
      case "cancel-request": {
        const { requestId } = effect;
        this.#queue = this.#queue.filter(({ event }) => !("requestId" in event) || event.requestId !== requestId);
        return;
      }
      case "scan-tags":
        this.#later(delay + this.scanMs, { type: "tags-scanned", jobId: effect.jobId, result: this.#scanTags(effect) });
        return;
      case "build-payment": {
        const payment = this.#build(effect.job);
        this.#later(delay, { type: "payment-built", proposalId: effect.proposalId, result: { ok: true, payment } });
        return;
      }
      case "submit-transaction": {
        const { txid, node } = effect;
        this.submissions.push({ txid: formatHex(txid), bytes: formatHex(effect.bytes), node, atMs: this.nowMs });
        const { isReachable, takesPayments } = this.nodes[placeOf(effect)] ?? NOBODY;
        if (!isReachable) {
          this.#later(delay, { type: "transaction-unanswered", txid, node });
          return;
        }
        if (takesPayments) this.#mempool.add(formatHex(effect.bytes));
        this.#later(delay, { type: "transaction-answered", txid, node, rule: undefined });
        return;
      }
      case "fetch-network":
        if (this.checkpointHeight === undefined) {
          this.#later(delay, { type: "network-missing" });
          return;
        }
        {
          this.#later(delay, { type: "network-configured", config: this.config });
          return;
        }
      case "arm-timer":
        this.#queue = this.#queue.filter((each) => each.event.type !== "ticked");
        {
          this.#later(Math.max(0, effect.atMs - this.deviceMs), { type: "ticked" });
          return;
        }
      default:
        return;
    }
  }

  #answerHeaders(effect: Extract<LightClientEffect, { type: "ask-headers" }>, delay: number): void {
    const { peer, questionId, from, count, boundariesOnly } = effect;
    const node = this.#peers.get(peer);
    if (node === undefined) return;
    const { chain } = this.nodes[node]!;
    const own = chain ?? this.chain;
    const found = boundariesOnly ? own.boundaries(from, count) : own.items.slice(from, from + count);
    this.headerQuestions.push({ node, from, count, boundariesOnly });
    const items = this.nodes[node]!.answerHeaders(found);
    if (items !== "silent") this.#later(delay, { type: "headers-answered", peer, questionId, items });
  }

  #pump(peer: string): void {
    const stream = this.#streams.get(peer);
    const node = this.nodes[this.#peers.get(peer) ?? -1];
    if (stream === undefined || node === undefined || stream.isPaused || node.isSilent) return;
    if (node.isPruned || stream.next < node.oldestBlock) this.#later(1, { type: "stream-ended", peer });
    const { items } = node.chain ?? this.chain;
    for (; !node.isPruned && stream.next >= node.oldestBlock && stream.next < items.length; stream.next++) {
      const item = items[stream.next]!;
      const sent = node.lie?.(item) ?? item;
      const cut = stream.isFull ? sent : { ...sent, outputs: undefined };
      this.#later(1, { type: "compact-block-received", peer, item: cut });
    }
  }

  #boundariesOf(node: number): readonly number[] {
    const all = this.chain.items.filter(({ header }) => header.isEpochEnd).map(({ header }) => header.height);
    return all.slice(Math.max(0, all.length - this.nodes[node]!.boundariesKept));
  }

  #serveRanges(effect: Extract<LightClientEffect, { type: "request-ranges" }>, delay: number): void {
    const { peer, requestId, boundary, ranges } = effect;
    const node = this.#peers.get(peer);
    if (node === undefined) return;
    this.asked.push({ node, name: "range", ids: ranges });
    const { answerRange, rangeMs } = this.nodes[node]!;
    if (!this.#boundariesOf(node).includes(boundary)) {
      this.#later(delay, { type: "restore-answer-ended", peer, requestId, end: "unavailable" });
      return;
    }
    let atMs = delay;
    for (const range of ranges) {
      const answer = answerRange(range, this.chain.state.range(boundary, range));
      if (answer === undefined) return;
      this.#later((atMs += rangeMs), { type: "range-received", peer, requestId, range, answer });
    }
    this.#later(atMs + 1, { type: "restore-answer-ended", peer, requestId, end: "done" });
  }

  #serveBuckets(
    effect: Extract<LightClientEffect, { type: "request-buckets" | "request-newest-buckets" }>,
    delay: number,
  ): void {
    const { peer, requestId } = effect;
    const at = effect.type === "request-buckets" ? effect.at : undefined;
    const node = this.#peers.get(peer);
    if (node === undefined) return;
    const triple = decoyTriple(DECOY_SECRET, effect.bucket, DECOYS);
    this.asked.push({ node, name: "bucket", ids: triple });
    if (at !== undefined && !this.#boundariesOf(node).includes(at)) {
      this.#later(delay, { type: "restore-answer-ended", peer, requestId, end: "unavailable" });
      return;
    }
    const { answerBucket } = this.nodes[node]!;
    const { state, tip } = this.chain;
    const read = (bucket: number) =>
      at === undefined ? state.newestBucket(tip.height, bucket) : state.bucket(at, bucket);
    const answers: { bucket: number; served: ServedBucket }[] = [];
    for (const bucket of triple) {
      const served = answerBucket(bucket, read(bucket));
      // Silence: only the client's patience ends it.
      if (served === undefined) return;
      answers.push({ bucket, served });
    }
    if (at === undefined) {
      this.#later(delay, { type: "newest-buckets-received", peer, requestId, answers });
    } else {
      const frames = answers.map(({ bucket, served }) => ({ bucket, frame: encodeBucketAnswer(served) }));
      this.#later(delay, { type: "buckets-received", peer, requestId, answers: frames });
    }
    this.#later(delay, { type: "restore-answer-ended", peer, requestId, end: "done" });
  }

  #scanTags({ job, coverFrom }: Extract<LightClientEffect, { type: "scan-tags" }>): TagResult {
    const covers = new Set(coverFrom === undefined ? [] : coveredLeaves(DECOY_SECRET, coverFrom, tagCount(job)));
    const places = Array.from({ length: job.viewTags.length / 2 }, (_, place) => place).filter((place) => {
      const key = formatHex(job.ephemeralKeys.slice(32 * place, 32 * place + 32));
      if (coverFrom !== undefined && covers.has(leafIndex(coverFrom + place))) return true;
      return this.#ourKeys.has(key) || this.numbers.chance(this.falseHitShare);
    });
    return { places };
  }

  #own(output: StreamedOutput, note: Partial<Note> & { readonly amount: Note["amount"] }): void {
    this.#ours.set(formatHex(outputHash(output.core)), note);
    this.#ourKeys.add(formatHex(output.core.ephemeralKey));
  }

  #scan(job: ScanJob): ScanResult {
    const found = this.#findOurs(job);
    const lacks = ({ leaf }: Note): boolean => {
      const packetLeaf = this.packetOf.get(leaf);
      return packetLeaf !== undefined && (job.packets?.has(packetLeaf) !== true || this.strangersOf.has(leaf));
    };
    const wanted = found.filter(lacks).map(({ leaf }) => {
      const packetLeaf = this.packetOf.get(leaf)!;
      const core = job.packets?.get(packetLeaf);
      return { leaf, packetLeaf, tried: core && outputHash(core) };
    });
    const notes = found.filter((note) => !lacks(note));
    return wanted.length === 0 ? { notes } : { notes, wanted };
  }

  #findOurs(job: ScanJob): readonly Note[] {
    return job.blocks.flatMap((block) =>
      block.entries.flatMap((entry, index) => {
        const core = block.outputs[index]?.core;
        if (core === undefined) return [];
        const hash = outputHash(core);
        const ours = this.#ours.get(formatHex(hash));
        if (ours === undefined) return [];
        const bound = block.isTimeBound === true ? { isTimeBound: true } : {};
        const place = { height: block.height, timeMs: block.timeMs, ...bound, outputHash: hash };
        return [
          testNote(block.firstLeaf + index, ours.amount, { ...ours, ...place, ephemeralKey: entry.ephemeralKey }),
        ];
      }),
    );
  }

  /** As a crypto worker does it, without keys. */
  #open(job: BucketJob): BucketResult {
    const checked = checkBuckets(job);
    if (!checked.ok) return checked;
    const isServed = (leaf: LeafIndex): boolean => job.answers.some(({ bucket }) => bucket === Math.floor(leaf / 64));
    const cores = (job.packetLeaves ?? []).filter((leaf) => this.keepsPackets && isServed(leaf));
    const packets = cores.map((packetLeaf) => ({ packetLeaf, core: packet.core }));
    return { ok: true, ...this.#scan(checked.scan), ...(packets.length === 0 ? {} : { packets }) };
  }

  #build(job: BuildPaymentJob): BuiltPayment {
    const txid = hash32("test/payment", u32(this.#order++), this.#random.bytes(8));
    const paid = this.#output();
    const own = job.proposal.change.map((part) => {
      const output = this.#output();
      this.#own(output, { amount: part, isInternal: true });
      return { output, part };
    });
    const transaction = hash(txid.map((byte) => byte ^ 0xff));
    const notAfter = paymentEnd(job.nowMs);
    this.#payments.set(formatHex(transaction), {
      txid,
      bytes: transaction,
      inputs: job.proposal.inputs,
      outputs: [paid, ...own.map(({ output }) => output)],
      notAfter,
      isMined: false,
    });
    const listed = own.map(({ output, part }, counter) => ({
      outputHash: outputHash(output.core),
      isOwn: true,
      amount: part,
      counter,
    }));
    const first = { outputHash: outputHash(paid.core), isOwn: false, amount: job.proposal.amount, counter: 0 };
    return { transaction, txid, outputs: [first, ...listed], anchorSource: txid, notAfter };
  }
}

const NOBODY = { isReachable: false, takesPayments: false };

/** Which node of the world an address leads to. */
function placeOf({ addresses }: { readonly addresses: readonly string[] }): number {
  return Number(/^\/node\/(\d+)/.exec(addresses[0] ?? "")?.[1] ?? -1);
}
