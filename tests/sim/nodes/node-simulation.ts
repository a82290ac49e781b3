import { EMPTY_CERTIFICATE } from "../../../src/core/chain/certificate.ts";
import type { ConsensusFrame } from "../../../src/core/chain/consensus-frames.ts";
import { devValidatorSeed } from "../../../src/core/chain/dev-seeds.ts";
import { encodeGenesis } from "../../../src/core/chain/genesis.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import type {
  FrameReceiver,
  FullNodeEffect,
  FullNodeEvent,
  FullNodeWrite,
} from "../../../src/core/machines/full-node-events.ts";
import { stepFullNode } from "../../../src/core/machines/full-node.ts";
import { blockCommit } from "../../../src/core/state/block-outcome.ts";
import type { TimeMs } from "../../../src/core/values/height.ts";
import { EventQueue } from "../../support/event-queue.ts";
import { SeededNumbers } from "../../support/seeded-numbers.ts";
import { Cheats } from "./cheats.ts";
import { NodeLinks } from "./node-links.ts";
import { noCounts, NodeWatch } from "./node-watch.ts";
import type { FullNodeMachine, NodeWorld, Running } from "./node-world.ts";
import { Payer } from "./payer.ts";
import { deliverFrame, performEffect } from "./perform-effect.ts";
import { SimulatedNode } from "./simulated-node.ts";
import { calmWeather, type SimulationPlan, type Traffic, type Weather } from "./simulation-plan.ts";
import { VirtualNetwork } from "./virtual-network.ts";

/** Who runs, with what. */
export interface NodeSimulationOptions {
  readonly plan: SimulationPlan;
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
  /** What correct nodes run; the product's machine unless a test has spoilt it. */
  readonly machine?: FullNodeMachine;
  /** What single correct nodes run instead, by number. */
  readonly machineOf?: Readonly<Record<number, FullNodeMachine>>;
  /** Planted: signer files lose what they are given, and the database of any node may come back as an older copy. */
  readonly forgetsSignatures?: boolean;
}

/** Nodes tell each other their height so often, as `keep-connected.ts` does. */
const STATUS_EVERY_MS = 2_000;
const ANNOUNCE_EVERY_MS = 1_000;
const ROLL_BACK_SHARE = 0.5;
/** Writes that are lost: of one height, or of several. */
const ROLL_BACK_WRITES_MAX = [2, 6, 40];

/** Whole full nodes under virtual time, one seed: the same plan gives the same run. */
export class NodeSimulation implements NodeWorld {
  readonly plan: SimulationPlan;
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
  readonly numbers: SeededNumbers;
  readonly genesis: Uint8Array;
  readonly nodes: readonly SimulatedNode[];
  readonly network: VirtualNetwork;
  readonly links: NodeLinks;
  readonly cheats: Cheats;
  readonly watch: NodeWatch;
  readonly payer: Payer;
  readonly counts = noCounts();
  readonly #forgetsSignatures: boolean;
  readonly #queue: EventQueue;
  readonly #works: Promise<void>[] = [];

  constructor({
    plan,
    curve,
    bls,
    machine = stepFullNode,
    machineOf = {},
    forgetsSignatures = false,
  }: NodeSimulationOptions) {
    this.#forgetsSignatures = forgetsSignatures;
    this.plan = plan;
    this.curve = curve;
    this.bls = bls;
    this.numbers = new SeededNumbers(plan.seed);
    const { seed, validatorCount, params } = plan;
    this.payer = new Payer({ seed, validatorCount, bls, params });
    const { genesis, start } = this.payer.builder;
    this.genesis = encodeGenesis(genesis);
    this.#queue = new EventQueue(genesis.time);
    this.network = new VirtualNetwork(calmWeather(), genesis.time, this.numbers);
    this.links = new NodeLinks(this);
    this.cheats = new Cheats(this);
    this.nodes = Array.from({ length: plan.nodeCount }, (_, number) => {
      const skewMs = this.numbers.between(-plan.clockSkewMsMax, plan.clockSkewMsMax);
      const key = number < validatorCount ? devValidatorSeed(number) : undefined;
      const own = this.cheats.machineOf({ number }, machineOf[number] ?? machine);
      // Who is silent on purpose does not say that it is back.
      const unjails = plan.cheats.get(number) !== "silent";
      const node = new SimulatedNode(this, { number, seed: key, skewMs, machine: own, unjails, forgetsSignatures });
      void node.disk.store.commit(blockCommit(start, start.block, EMPTY_CERTIFICATE));
      return node;
    });
    this.watch = new NodeWatch(this, start.tip);
  }

  get now(): number {
    return this.#queue.now;
  }

  get weather(): Weather {
    return this.network.weather;
  }

  get correctNodes(): readonly SimulatedNode[] {
    return this.nodes.filter((node) => this.isCorrect(node));
  }

  isCorrect(node: SimulatedNode): boolean {
    return !this.cheats.includes(node);
  }

  /** Every other node keeps all that it ever had. */
  isArchive(node: SimulatedNode): boolean {
    return node.number % 2 === 0;
  }

  heightOf(node: SimulatedNode): number {
    return node.disk.store.height;
  }

  nodeOf(name: string): SimulatedNode {
    return this.nodes.find((node) => node.name === name)!;
  }

  others(node: SimulatedNode): readonly SimulatedNode[] {
    return this.nodes.filter((other) => other !== node);
  }

  start(): void {
    for (const node of this.nodes) this.at(this.now + this.numbers.between(0, 500), () => this.#start(node));
    this.#repeat(STATUS_EVERY_MS, () => this.links.sendStatus());
    this.#repeat(ANNOUNCE_EVERY_MS, () => this.cheats.announce());
  }

  /** Another weather begins. */
  enter(weather: Weather): void {
    this.network.weather = weather;
    this.network.since = this.now;
    this.links.foresee(weather.cuts);
  }

  /** Runs until the condition holds; false if it does not within this much virtual time. */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const until = this.now + limitMs;
    while (!condition()) {
      if (!this.#queue.runNext(until)) {
        this.#queue.now = until;
        return false;
      }
      // Disks answer in microtasks; virtual time stands still meanwhile.
      while (this.#works.length > 0) await this.#works.shift();
    }
    return true;
  }

  at(moment: number, run: () => void | Promise<void>): void {
    this.#queue.add(moment, () => {
      const work = run();
      if (work !== undefined) this.#works.push(work);
    });
  }

  /** When each copy of a message between two nodes arrives, in milliseconds from now. */
  arrivals(from: SimulatedNode, to: SimulatedNode, traffic: Traffic): readonly number[] {
    this.counts.messages++;
    return this.network.arrivals(this.now, from.number, to.number, traffic);
  }

  deliver(from: SimulatedNode, to: SimulatedNode, traffic: Traffic, event: (now: TimeMs) => FullNodeEvent): void {
    for (const delay of this.arrivals(from, to, traffic)) this.at(this.now + delay, () => to.post(event(to.now)));
  }

  sendFrame(node: SimulatedNode, running: Running, receiver: FrameReceiver, frame: ConsensusFrame): void {
    const isCorrect = this.isCorrect(node);
    if (isCorrect) this.watch.sent(node, frame);
    for (const to of receiver === "all" ? this.others(node) : [this.nodeOf(receiver.peer)]) {
      if (isCorrect) {
        deliverFrame(this, node, to, frame);
        continue;
      }
      for (const { frame: twisted, delayMs } of this.cheats.frames(node, running, to.number, frame)) {
        this.watch.sent(node, twisted);
        this.at(this.now + delayMs, () => deliverFrame(this, node, to, twisted));
      }
    }
  }

  writing(writes: readonly FullNodeWrite[]): void {
    this.watch.writing(writes);
  }

  async written(node: SimulatedNode, writes: readonly FullNodeWrite[]): Promise<void> {
    if (!this.isCorrect(node)) return;
    for (const commit of await this.watch.written(node, writes)) this.payer.blockFinal(commit);
    const isBoundary = writes.some((write) => write.type === "commit-block" && write.commit.boundary !== undefined);
    if (isBoundary && !this.isArchive(node)) await node.disk.prune();
  }

  perform(node: SimulatedNode, running: Running, effect: FullNodeEffect): void {
    performEffect(this, node, running, effect);
  }

  broke(node: SimulatedNode, error: unknown): void {
    this.watch.broke(node, error);
  }

  powerFailed(): void {
    this.counts.powerCuts++;
  }

  ended(node: SimulatedNode): void {
    this.counts.kills++;
    this.links.ended(node);
    this.at(this.now + this.numbers.between(0, this.weather.downMsMax), () => this.#start(node));
  }

  async #start(node: SimulatedNode): Promise<void> {
    const isBack = this.numbers.chance(ROLL_BACK_SHARE) && this.weather.stormMs > 0;
    if (isBack && (this.#forgetsSignatures || this.plan.forgetful.has(node.number))) {
      this.counts.rollBacks++;
      await node.disk.rollBack(this.numbers.between(1, this.numbers.pick(ROLL_BACK_WRITES_MAX)));
    }
    await node.start();
    this.links.started(node);
  }

  #repeat(everyMs: number, run: () => void): void {
    this.at(this.now + everyMs, () => {
      run();
      this.#repeat(everyMs, run);
    });
  }
}
