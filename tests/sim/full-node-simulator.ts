import { formatHex } from "../../src/core/bytes/hex.ts";
import { encodeUtf8 } from "../../src/core/bytes/utf8.ts";
import {
  decodeConsensusFrame,
  encodeConsensusFrame,
  type ConsensusFrame,
  type PartFrame,
} from "../../src/core/chain/consensus-frames.ts";
import { devValidatorSeed } from "../../src/core/chain/dev-seeds.ts";
import { decodeBlock } from "../../src/core/chain/block.ts";
import { decodeCertificate, EMPTY_CERTIFICATE } from "../../src/core/chain/certificate.ts";
import type { Genesis } from "../../src/core/chain/genesis.ts";
import type { Transaction } from "../../src/core/chain/transaction.ts";
import type { CurveBackend } from "../../src/core/crypto/backend/curve-backend.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import { stepFullNode } from "../../src/core/machines/full-node.ts";
import {
  isFullNodeWrite,
  type CertifiedBlock,
  type FrameReceiver,
  type FullNodeEffect,
  type FullNodeEvent,
} from "../../src/core/machines/full-node-events.ts";
import { createFullNodeState, type FullNodeDeps, type FullNodeState } from "../../src/core/machines/full-node-state.ts";
import { blockCommit } from "../../src/core/state/block-outcome.ts";
import type { BlockCommit } from "../../src/core/ports/full-node-store.ts";
import { genesisTip } from "../../src/core/state/genesis-tip.ts";
import { verifyClaims } from "../../src/core/state/spend-claims.ts";
import { decodeLedgerTip, nextHeight } from "../../src/core/state/ledger-tip.ts";
import type { Hash } from "../../src/core/values/hash.ts";
import { height, timeMs, type Height, type TimeMs } from "../../src/core/values/height.ts";
import { decodeStemFrame, encodeStemFrame } from "../../src/wire/requests/stem.ts";
import { EventQueue } from "../support/event-queue.ts";
import { fakeBls } from "../support/fake-bls.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { seededRandom } from "../support/test-random.ts";
import { openSeatHistory } from "../../src/node/open-seat-history.ts";
import { withSignatures } from "../support/transfer-of.ts";

const DELAY_MS_MAX = 40;
const RESTART_AFTER_MS_MAX = 3_000;

interface Running {
  state: FullNodeState;
  readonly deps: FullNodeDeps;
  readonly generation: number;
  readonly queue: FullNodeEvent[];
  isBusy: boolean;
}

interface SimulatedNode {
  readonly name: string;
  readonly seed: Uint8Array | undefined;
  readonly store: MemoryStore;
  running: Running | undefined;
}

export interface FullNodeSimulationOptions {
  /** Of all nodes. */
  readonly curve: CurveBackend;
  readonly genesis: Genesis;
  readonly seed: number;
  readonly validatorCount: number;
  /** Full nodes without a vote beside the validators. */
  readonly followerCount?: number;
  /** Chance that a step of a node ends in a kill, at a random place between its writes and its sends. */
  readonly killChance?: number;
  /** Chance that a frame is lost. */
  readonly lossChance?: number;
  /** Nodes that take stem transactions of others and do nothing with them (NW-4). */
  readonly swallowing?: readonly number[];
  /** Nodes that pass on every proposal at once, as if they held its block, and its parts under false signatures (TX-5). */
  readonly forging?: readonly number[];
}

/**
 * Whole full nodes in virtual time: the machine that a node process runs, over stores that survive kills and a network
 * that delays, loses and reorders. Consensus signatures are the labelled fake ones; ledger and wallet math is real.
 */
export class FullNodeSimulation {
  readonly nodes: readonly SimulatedNode[];
  /** What each validator signed, `seat:height:round:type` → block id: a second value is a double sign. */
  readonly signed = new Map<string, string>();
  readonly doubleSigned: string[] = [];
  readonly replies: { readonly reply: number; readonly ok: boolean }[] = [];
  kills = 0;
  /** Every stem transaction sent, as `txid from to`, whether it arrived or not. */
  readonly stemHops: string[] = [];
  /** How often a node that forges lost its place at another. It is back at once, as if it were somebody else. */
  forgersDropped = 0;
  readonly #options: FullNodeSimulationOptions;
  readonly #events: EventQueue;
  readonly #numbers: SeededNumbers;
  readonly #weights = seededRandom("weights");
  /** `txid node` of every transaction in a stored block. */
  readonly #finalAt = new Set<string>();
  #isCalm = false;
  #failure: Error | undefined;

  constructor(options: FullNodeSimulationOptions) {
    this.#options = options;
    this.#events = new EventQueue(options.genesis.time);
    this.#numbers = new SeededNumbers(options.seed);
    const count = options.validatorCount + (options.followerCount ?? 0);
    const made = genesisTip({ curve: options.curve, bls: fakeBls }, options.genesis);
    if (!made.ok) throw new Error(`genesis refused: ${made.rule}`);
    this.nodes = Array.from({ length: count }, (_, index) => {
      const store = new MemoryStore();
      void store.commit(blockCommit(made, made.block, EMPTY_CERTIFICATE));
      const seed = index < options.validatorCount ? devValidatorSeed(index) : undefined;
      return { name: `node${index}`, seed, store, running: undefined };
    });
  }

  get now(): TimeMs {
    return timeMs(this.#events.now);
  }

  async start(): Promise<void> {
    for (const node of this.nodes) await this.#boot(node);
  }

  /** No more kills and losses from here on. */
  calm(): void {
    this.#isCalm = true;
  }

  /** Runs until the condition holds; false if it does not within this much virtual time. */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const until = this.#events.now + limitMs;
    while (!condition()) {
      if (!this.#events.runNext(until)) return false;
      // Stores answer in microtasks; virtual time stands still meanwhile.
      await yieldOnce();
      if (this.#failure !== undefined) throw this.#failure;
    }
    return true;
  }

  heightOf(node: SimulatedNode): Height {
    return decodeLedgerTip(node.store.tip()!).header.height;
  }

  lowestHeight(): Height {
    return height(Math.min(...this.nodes.map((node) => this.heightOf(node))));
  }

  isFinalEverywhere(txid: Hash): boolean {
    return this.nodes.every(({ name }) => this.#finalAt.has(`${formatHex(txid)} ${name}`));
  }

  submit(index: number, transaction: Transaction, reply: number): void {
    const node = this.nodes[index]!;
    this.#post(node, { type: "transaction-received", now: this.now, transaction, reply, source: "client" });
  }

  /** Hands over what nobody else hears of before a block: the others have to ask for it in parts (CO-19). */
  submitUnheard(index: number, transaction: Transaction): void {
    const node = this.nodes[index]!;
    this.#post(node, { type: "transaction-received", now: this.now, transaction, reply: -1, source: "gossip" });
  }

  async #boot(node: SimulatedNode): Promise<void> {
    const tip = decodeLedgerTip(node.store.tip()!);
    const certificate = await node.store.certificate(tip.header.height);
    const signer =
      node.seed === undefined
        ? undefined
        : { publicKey: fakeBls.publicKey(node.seed), sign: (message: Uint8Array) => fakeBls.sign(node.seed!, message) };
    const { chainId, params } = tip.chain;
    const ledger = { curve: this.#options.curve, bls: fakeBls };
    const stemSecret = hash32("test/stem", encodeUtf8(`${this.#options.seed} ${node.name} ${this.kills}`));
    const consensus = { bls: fakeBls, params, chainId, signer };
    const deps = { ledger, reader: node.store, consensus, stemSecret, unjails: true };
    const boundary = { height: height(0), blockId: tip.blockId, time: tip.header.time };
    const state = createFullNodeState(
      tip,
      tip.header.height === 0 ? undefined : decodeCertificate(certificate!),
      boundary,
      await openSeatHistory(node.store, tip),
    );
    node.running = { state, deps, generation: this.kills, queue: [], isBusy: false };
    this.#post(node, { type: "started", now: this.now, log: await node.store.log(nextHeight(tip)) });
    for (const peer of this.nodes) {
      if (peer === node || peer.running === undefined) continue;
      this.#post(node, { type: "peer-connected", now: this.now, peer: peer.name });
      this.#post(peer, { type: "peer-connected", now: this.now, peer: node.name });
      this.#openStem(node, peer);
      this.#openStem(peer, node);
    }
    this.#exchangeStatus(node, node.running);
  }

  /** A stream of protocol `stem` is open a moment later, if both nodes still run as they do now. */
  #openStem(from: SimulatedNode, to: SimulatedNode): void {
    const ends = [from.running, to.running];
    this.#events.add(this.#events.now + this.#numbers.between(1, DELAY_MS_MAX), () => {
      if (from.running !== ends[0] || to.running !== ends[1]) return;
      const isDialled = from.name < to.name;
      this.#post(from, { type: "stem-peer-found", now: this.now, peer: to.name, isDialled });
    });
  }

  /** Nodes tell each other their height every two seconds, as `keep-connected.ts` does. */
  #exchangeStatus(node: SimulatedNode, running: Running): void {
    if (node.running !== running) return;
    for (const peer of this.nodes) {
      if (peer !== node)
        this.#deliver(peer, () => ({
          type: "status-received",
          now: this.now,
          peer: node.name,
          height: this.heightOf(node),
        }));
    }
    this.#events.add(this.#events.now + 2_000, () => this.#exchangeStatus(node, running));
  }

  #post(node: SimulatedNode, event: FullNodeEvent): void {
    const { running } = node;
    if (running === undefined) return;
    running.queue.push(event);
    if (!running.isBusy) this.#drain(node, running).catch((error: unknown) => (this.#failure = error as Error));
  }

  async #drain(node: SimulatedNode, running: Running): Promise<void> {
    running.isBusy = true;
    for (let event = running.queue.shift(); event !== undefined; event = running.queue.shift()) {
      const [state, effects] = stepFullNode(running.deps, running.state, event);
      const killAt = this.#killPoint(effects.length);
      for (const [index, effect] of orderEffects(effects).entries()) {
        if (index === killAt) {
          this.#kill(node);
          return;
        }
        if (effect.type === "commit-block") await this.#commit(node, effect.commit);
        else if (effect.type === "write-log") await node.store.appendLog(effect.height, [effect.entry]);
        else if (effect.type === "write-evidence") await node.store.keepEvidence(effect.encoded);
        else {
          running.state = state;
          this.#perform(node, running, effect);
        }
      }
      running.state = state;
    }
    running.isBusy = false;
  }

  async #commit(node: SimulatedNode, commit: BlockCommit): Promise<void> {
    await node.store.commit(commit);
    for (const txid of commit.txids) this.#finalAt.add(`${formatHex(txid)} ${node.name}`);
  }

  #killPoint(effectCount: number): number {
    const chance = this.#isCalm || effectCount === 0 ? 0 : (this.#options.killChance ?? 0);
    return this.#numbers.chance(chance) ? this.#numbers.between(0, effectCount - 1) : -1;
  }

  #kill(node: SimulatedNode): void {
    this.kills++;
    node.running = undefined;
    for (const peer of this.nodes) this.#post(peer, { type: "peer-disconnected", now: this.now, peer: node.name });
    this.#events.add(
      this.#events.now + this.#numbers.between(0, RESTART_AFTER_MS_MAX - 1),
      () => void this.#boot(node),
    );
  }

  /** After a delay, and only if sender and receiver still run; the event is made on arrival. */
  #deliver(to: SimulatedNode, event: () => FullNodeEvent): void {
    if (!this.#isLost()) this.#answer(to, event);
  }

  #isLost(): boolean {
    return !this.#isCalm && this.#numbers.chance(this.#options.lossChance ?? 0);
  }

  /** What a node hears of its own: late as well, but never lost; unless it is `only` for a process that has ended. */
  #answer(to: SimulatedNode, event: () => FullNodeEvent, only?: Running): void {
    this.#events.add(this.#events.now + 1 + this.#numbers.between(0, DELAY_MS_MAX - 1), () => {
      if (only === undefined || to.running === only) this.#post(to, event());
    });
  }

  #isSigned({ signed }: Extract<FullNodeEffect, { readonly type: "verify-proofs" }>): boolean {
    if (signed === undefined) return true;
    const claims = [{ transfer: undefined, rangeProofs: [], ...signed }];
    const [rule] = verifyClaims({ curve: this.#options.curve, bls: fakeBls }, claims, this.#weights);
    return rule === undefined;
  }

  #perform(node: SimulatedNode, running: Running, effect: FullNodeEffect): void {
    switch (effect.type) {
      case "continue":
        running.queue.unshift({ type: "block-committed", now: this.now });
        return;
      case "send-frame":
        this.#send(node, effect.to, effect.frame);
        return;
      case "verify-proofs":
        // Proofs are tested elsewhere; here only their verdict's way back matters, and who has signed a claim.
        this.#answer(node, () => ({
          type: "proofs-verified",
          now: this.now,
          job: effect.job,
          good: effect.job.proofs.map(() => this.#isSigned(effect)),
        }));
        return;
      case "verify-claims": {
        const claims = effect.claims.map((claim) => ({ ...claim, rangeProofs: [] }));
        const rules = verifyClaims({ curve: this.#options.curve, bls: fakeBls }, claims, this.#weights);
        const rule = rules.find((broken) => broken !== undefined);
        this.#answer(node, () => ({ type: "claims-verified", now: this.now, job: effect.job, rule }), running);
        return;
      }
      case "reply-transaction":
        this.replies.push({ reply: effect.reply, ok: effect.verdict.ok });
        return;
      case "send-stem":
        this.#sendStem(node, effect);
        return;
      case "publish-transaction": {
        const { transaction } = effect;
        for (const peer of this.#others(node)) {
          this.#deliver(peer, () => ({
            type: "transaction-received",
            now: this.now,
            transaction,
            reply: -1,
            source: "gossip",
          }));
        }
        return;
      }
      case "publish-block": {
        const { body, certificate } = effect;
        for (const peer of this.#others(node)) {
          this.#deliver(peer, () => ({
            type: "block-announced",
            now: this.now,
            peer: node.name,
            body,
            certificate,
            reply: -1,
          }));
        }
        return;
      }
      case "fetch-blocks":
        void this.#fetch(node, effect.peer, effect.from, effect.count);
        return;
      case "arm-timer":
        this.#events.add(effect.at, () => {
          if (node.running === running) this.#post(node, { type: "timer-fired", now: this.now, timer: effect.timer });
        });
        return;
      case "drop-peer":
        if (this.#isForging(effect.peer)) {
          this.forgersDropped++;
          return;
        }
        throw new Error(`${node.name} dropped ${effect.peer}: ${effect.reason}`);
      // Verdicts come all the same, and late: the machine must not mind.
      case "hurry-claims":
      case "withdraw-claims":
      case "pool-changed":
      case "reply-block":
      case "announce-height":
      case "standing-changed":
      case "unjail-sent":
      case "report-evidence":
      case "report":
        return;
      default:
        throw new Error(`unexpected effect ${effect.type}`);
    }
  }

  /** Passes a stem transaction on, unless its receiver is one that swallows them. */
  #sendStem(node: SimulatedNode, { peer, txid, transaction }: Extract<FullNodeEffect, { type: "send-stem" }>): void {
    const to = this.nodes.find((each) => each.name === peer)!;
    this.stemHops.push(`${txid} ${node.name} ${peer}`);
    if (to.running === undefined) this.#post(node, { type: "stem-unsent", now: this.now, peer, txid });
    else if (this.#options.swallowing?.includes(this.nodes.indexOf(to)) !== true) {
      // Through the codec, so that what arrives is what the wire can carry.
      const frame = encodeStemFrame(transaction);
      const source = { peer: node.name };
      this.#deliver(to, () => {
        return {
          type: "transaction-received",
          now: this.now,
          transaction: decodeStemFrame(frame),
          reply: -1,
          source,
        };
      });
    }
  }

  #isForging(name: string): boolean {
    return this.#options.forging?.some((index) => this.nodes[index]!.name === name) === true;
  }

  /** What a forger makes of a frame that it was sent. */
  #forge(forger: SimulatedNode, frame: ConsensusFrame): void {
    if (frame.type !== "proposal" && frame.type !== "part") return;
    const bytes = encodeConsensusFrame(frame.type === "part" ? { type: "part", part: forgedPart(frame.part) } : frame);
    for (const peer of this.#others(forger)) {
      const event = () => ({ now: this.now, peer: forger.name, frame: decodeConsensusFrame(bytes) });
      this.#deliver(peer, () => ({ type: "consensus-frame-received", ...event() }));
    }
  }

  #others(node: SimulatedNode): readonly SimulatedNode[] {
    return this.nodes.filter((peer) => peer !== node);
  }

  #send(node: SimulatedNode, to: FrameReceiver, frame: ConsensusFrame): void {
    this.#recordSignature(frame);
    // Through the codec, so that what arrives is what the wire can carry.
    const bytes = encodeConsensusFrame(frame);
    for (const peer of this.#others(node)) {
      if (to !== "all" && to.peer !== peer.name) continue;
      if (this.#isForging(peer.name) && !this.#isForging(node.name)) this.#forge(peer, frame);
      this.#deliver(peer, () => ({
        type: "consensus-frame-received",
        now: this.now,
        peer: node.name,
        frame: decodeConsensusFrame(bytes),
      }));
    }
  }

  #recordSignature(frame: ConsensusFrame): void {
    if (frame.type !== "vote") return;
    const { validator, height: at, round, type, blockId } = frame.vote;
    const place = `${validator}:${at}:${round}:${type}`;
    const id = formatHex(blockId);
    const before = this.signed.get(place);
    if (before !== undefined && before !== id) this.doubleSigned.push(place);
    this.signed.set(place, id);
  }

  async #fetch(node: SimulatedNode, from: string, first: Height, count: number): Promise<void> {
    const server = this.nodes.find((each) => each.name === from)!;
    const blocks: CertifiedBlock[] = [];
    for (let at: number = first; server.running !== undefined && at < first + count; at++) {
      const bytes = await server.store.block(height(at));
      const certificate = await server.store.certificate(height(at));
      if (bytes === undefined || certificate === undefined) break;
      blocks.push({ block: decodeBlock(bytes), certificate: decodeCertificate(certificate) });
    }
    const isLost = this.#isLost();
    this.#answer(node, () =>
      blocks.length === 0 || isLost
        ? { type: "fetch-failed", now: this.now, peer: from }
        : { type: "blocks-fetched", now: this.now, peer: from, blocks },
    );
  }
}

/** The same transactions, none of them signed by its owner. */
function forgedPart(part: PartFrame): PartFrame {
  const transactions = part.transactions.map(({ index, transaction }) => {
    const forge = (signature: Uint8Array) => signature.map((byte, place) => byte ^ (place === 40 ? 1 : 0));
    return { index, transaction: withSignatures(transaction, forge) };
  });
  return { ...part, transactions };
}

/** Writes first, as the engine does it. */
function orderEffects(effects: readonly FullNodeEffect[]): readonly FullNodeEffect[] {
  return [...effects.filter(isFullNodeWrite), ...effects.filter((effect) => !isFullNodeWrite(effect))];
}

/** Lets everything that is ready run. A message port does it in Node.js and in a browser's worker alike. */
function yieldOnce(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
