import { formatHex } from "../../src/core/bytes/hex.ts";
import type { ConsensusEffect } from "../../src/core/consensus/consensus-events.ts";
import type { BlsBackend } from "../../src/core/crypto/bls-backend.ts";
import { NETWORK_PARAMS, type NetworkParams } from "../../src/core/params/network-params.ts";
import { timeMs, type TimeMs } from "../../src/core/values/height.ts";
import { CHAIN_ID, GENESIS_TIME, testSigner, testValidators, type TestValidators } from "../support/consensus-chain.ts";
import { EventQueue } from "../support/event-queue.ts";
import { SimulationBls } from "../support/simulation-bls.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { ByzantineValidator, type Behaviour } from "./byzantine-validator.ts";
import { SimulatedValidator, type FinalBlock, type ValidatorWorld } from "./simulated-validator.ts";

export interface SimulationPlan {
  readonly seed: number;
  /** Power by validator, before sorting into seats. */
  readonly powers: readonly number[];
  /** By seat. */
  readonly byzantine: ReadonlyMap<number, Behaviour>;
  /** Milliseconds after genesis from which the network behaves. */
  readonly stableAt: number;
  readonly dropShare: number;
  readonly duplicateShare: number;
  readonly delayMsMax: number;
  /** Seats cut off from the others, and when. */
  readonly partitions: readonly { readonly from: number; readonly until: number; readonly seats: readonly number[] }[];
  /** Share of log writes after which the process dies, until the network is stable. */
  readonly crashShare: number;
  /** One more crash, after exactly this log write of this seat. */
  readonly crashAt?: { readonly seat: number; readonly write: number };
  /** Blocks that every honest validator must add within `patienceMs` to the highest one known at `stableAt`. */
  readonly blocksAfter: number;
  readonly patienceMs: number;
  readonly clockSkewMsMax: number;
  readonly bls?: BlsBackend;
  readonly params?: NetworkParams;
}

const STABLE_DELAY_MS_MAX = 60;

/** Many validators, virtual time, one seed: the same plan gives the same run. */
export class ConsensusSimulation implements ValidatorWorld {
  readonly plan: SimulationPlan;
  readonly validators: TestValidators;
  readonly nodes: readonly SimulatedValidator[];
  readonly queue = new EventQueue(GENESIS_TIME);
  /** What broke; empty in a good run. */
  readonly faults: string[] = [];
  /** Log writes by seat. */
  readonly writes: number[];
  /** Largest round in which a block was decided, evidence reported, crashes: what the run exercised. */
  roundMax = 0;
  evidenceCount = 0;
  crashCount = 0;
  readonly #chance: SeededNumbers;
  readonly #skews: readonly number[];
  readonly #decided = new Map<number, string>();
  readonly #said = new Map<string, string>();
  /** Height to reach; known once the network is stable. */
  #target = Infinity;

  constructor(plan: SimulationPlan) {
    this.plan = plan;
    this.#chance = new SeededNumbers(plan.seed);
    const bls = plan.bls ?? new SimulationBls();
    const params = plan.params ?? NETWORK_PARAMS.dev;
    this.validators = testValidators(bls, plan.powers);
    this.#skews = plan.powers.map(() => this.#chance.between(-plan.clockSkewMsMax, plan.clockSkewMsMax));
    this.writes = plan.powers.map(() => 0);
    this.nodes = this.validators.seeds.map((seed, seat) => {
      const deps = { bls, params, chainId: CHAIN_ID, signer: testSigner(bls, seed) };
      const behaviour = plan.byzantine.get(seat);
      if (behaviour === undefined) return new SimulatedValidator(seat, deps, this);
      const node = new ByzantineValidator(seat, deps, this);
      node.behaviour = behaviour;
      node.chance = new SeededNumbers(plan.seed + 1 + seat);
      return node;
    });
  }

  /** Runs until every honest validator reached the target or patience ends; returns what broke. */
  run(): readonly string[] {
    const { plan } = this;
    const end = GENESIS_TIME + plan.stableAt + plan.patienceMs;
    this.nodes.forEach((node) => this.queue.add(GENESIS_TIME + this.#chance.between(0, 500), () => node.start()));
    this.queue.add(GENESIS_TIME + plan.stableAt, () => this.#reconnect());
    while (!this.#isDone() && this.faults.length === 0 && this.queue.runNext(end));
    if (!this.#isDone() && this.faults.length === 0) {
      const heights = this.nodes.map((node) => `${node.height}@${node.state.round}${node.state.step}`);
      this.faults.push(`not at height ${this.#target} in time: ${heights.join(" ")}`);
    }
    return this.faults;
  }

  now(seat: number): TimeMs {
    return timeMs(this.queue.now + this.#skews[seat]!);
  }

  wait(_seat: number, delayMs: number, run: () => void): void {
    this.queue.add(this.queue.now + delayMs, run);
  }

  workMs(): number {
    return this.#chance.between(1, 40);
  }

  seats(): readonly number[] {
    return this.nodes.map((node) => node.seat);
  }

  send(from: number, to: number, frame: Uint8Array): void {
    const { plan } = this;
    const isStable = this.queue.now >= GENESIS_TIME + plan.stableAt;
    if (!isStable && (this.#isCut(from, to) || this.#chance.chance(plan.dropShare))) return;
    const deliver = (): void => {
      const delay = this.#chance.between(1, isStable ? STABLE_DELAY_MS_MAX : plan.delayMsMax);
      this.queue.add(this.queue.now + delay, () => this.nodes[to]!.receive(frame, from));
    };
    deliver();
    if (!isStable && this.#chance.chance(plan.duplicateShare)) deliver();
  }

  decided(seat: number, block: FinalBlock): void {
    if (!this.#isHonest(seat)) return;
    const { height, round } = block.body.header;
    const id = formatHex(block.blockId);
    const known = this.#decided.get(height);
    if (known !== undefined && known !== id) this.faults.push(`two blocks at height ${height}`);
    this.#decided.set(height, id);
    this.roundMax = Math.max(this.roundMax, block.certificate.round, round);
  }

  effect(seat: number, effect: ConsensusEffect): void {
    if (!this.#isHonest(seat)) return;
    if (effect.type === "send" && effect.to === "all") this.#checkSaid(seat, effect);
    if (effect.type === "report-evidence") {
      this.evidenceCount += 1;
      const { evidence } = effect;
      const accused = this.validators.set.findIndex(
        (validator) => evidence.kind !== "certificates" && validator.blsKey.join() === evidence.blsKey.join(),
      );
      if (this.#isHonest(accused)) this.faults.push(`evidence against honest seat ${accused}`);
    }
  }

  diesAfterWrite(seat: number): boolean {
    const { plan } = this;
    const write = ++this.writes[seat]!;
    const isPlanned = plan.crashAt?.seat === seat && plan.crashAt.write === write;
    const isStable = this.queue.now >= GENESIS_TIME + plan.stableAt;
    if (!isPlanned && (isStable || !this.#isHonest(seat) || !this.#chance.chance(plan.crashShare))) return false;
    this.crashCount += 1;
    const node = this.nodes[seat]!;
    this.queue.add(this.queue.now + this.#chance.between(10, 4_000), () => {
      node.start();
      this.#connect(node);
    });
    return true;
  }

  catchUp(seat: number, peer: number, from: number, take: (blocks: readonly FinalBlock[]) => void): void {
    const isStable = this.queue.now >= GENESIS_TIME + this.plan.stableAt;
    if (!isStable && (this.#isCut(seat, peer) || this.#chance.chance(this.plan.dropShare))) return;
    this.queue.add(this.queue.now + this.#chance.between(2, 100), () => {
      const node = this.nodes[peer]!;
      if (node.isAlive) take(node.chain.slice(from));
    });
  }

  #isHonest(seat: number): boolean {
    return !this.plan.byzantine.has(seat);
  }

  #isDone(): boolean {
    return this.nodes.every((node) => !this.#isHonest(node.seat) || node.height >= this.#target);
  }

  #isCut(left: number, right: number): boolean {
    const at = this.queue.now - GENESIS_TIME;
    return this.plan.partitions.some(
      (cut) => cut.from <= at && at < cut.until && cut.seats.includes(left) !== cut.seats.includes(right),
    );
  }

  /** Streams that broke are opened again. */
  #reconnect(): void {
    this.#target = Math.max(...this.nodes.map((node) => node.height)) + this.plan.blocksAfter;
    for (const node of this.nodes) this.#connect(node);
  }

  #connect(node: SimulatedValidator): void {
    for (const other of this.nodes) {
      if (other === node) continue;
      node.step({ type: "peer-connected", now: this.now(node.seat), peer: String(other.seat) });
      other.step({ type: "peer-connected", now: this.now(other.seat), peer: String(node.seat) });
    }
  }

  /** [CO-14] Nothing that leaves an honest validator contradicts what left it before, whatever crashed in between. */
  #checkSaid(seat: number, effect: Extract<ConsensusEffect, { type: "send" }>): void {
    const { message } = effect;
    if (message.type === "have-set") return;
    const place = message.type === "vote" ? message.vote : message.proposal;
    const kind = message.type === "vote" ? message.vote.type : "proposal";
    const key = `${seat} ${kind} ${place.height}/${place.round}`;
    const text =
      message.type === "vote"
        ? formatHex(message.vote.blockId)
        : `${message.proposal.validRound} ${formatHex(message.proposal.blockId)}`;
    const known = this.#said.get(key);
    if (known !== undefined && known !== text) this.faults.push(`double sign: ${key}`);
    this.#said.set(key, text);
  }
}

/** A plan with everything that can go wrong, drawn from a seed. */
export function drawPlan(seed: number, count: number): SimulationPlan {
  const chance = new SeededNumbers(seed * 7919 + count);
  const faulty = chance.between(0, Math.floor((count - 1) / 3));
  const powers = Array.from({ length: count }, () => (chance.chance(0.5) ? 10 : chance.between(8, 12)));
  const seats = Array.from({ length: count }, (_, seat) => seat);
  const byzantine = new Map<number, Behaviour>();
  const behaviours: readonly Behaviour[] = ["silent", "equivocating", "late", "wrong-vr", "bad-blocks", "forging"];
  while (byzantine.size < faulty) byzantine.set(chance.pick(seats), chance.pick(behaviours));
  const stableAt = chance.between(3_000, 25_000);
  const partitions = Array.from({ length: chance.between(0, 2) }, () => {
    const from = chance.between(0, stableAt);
    return { from, until: from + chance.between(1_000, 12_000), seats: seats.filter(() => chance.chance(0.5)) };
  });
  return {
    seed,
    powers,
    byzantine,
    stableAt,
    dropShare: chance.pick([0, 0.05, 0.2, 0.4]),
    duplicateShare: chance.pick([0, 0.1, 0.3]),
    delayMsMax: chance.pick([50, 300, 2_000]),
    partitions,
    crashShare: chance.pick([0, 0.02, 0.1]),
    blocksAfter: 4,
    patienceMs: 90_000,
    clockSkewMsMax: chance.pick([0, 300, 1_000]),
  };
}
