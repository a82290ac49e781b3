import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import { u32 } from "../../src/core/bytes/writer.ts";
import { blockId, type Header } from "../../src/core/chain/header.ts";
import type { Vote, VoteType } from "../../src/core/chain/vote.ts";
import type {
  BlockProposal,
  ConsensusDeps,
  ConsensusEffect,
  ConsensusEvent,
  ConsensusTimer,
  HeightStarted,
} from "../../src/core/consensus/consensus-events.ts";
import { createConsensusState, type ConsensusState } from "../../src/core/consensus/consensus-state.ts";
import { stepConsensus } from "../../src/core/consensus/step-consensus.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import { NETWORK_PARAMS } from "../../src/core/params/network-params.ts";
import { hash, ZERO_HASH, type Hash } from "../../src/core/values/hash.ts";
import { height, timeMs } from "../../src/core/values/height.ts";
import {
  CHAIN_ID,
  GENESIS_TIME,
  proposerSeat,
  signProposal,
  signVote,
  testHeader,
  testSigner,
  testValidators,
  type TestValidators,
} from "./consensus-chain.ts";
import { SimulationBls } from "./simulation-bls.ts";

export const NIL = ZERO_HASH;
export const PARENT_ID = hash32("test/parent");
export const PARAMS = NETWORK_PARAMS.dev;

export interface LoneSetup {
  /** Seats that propose in rounds 0, 1, 2, … */
  readonly proposers?: readonly number[];
  readonly powers?: readonly number[];
  readonly seat?: number | undefined;
  readonly start?: Partial<HeightStarted>;
  readonly signsFrom?: number;
}

/** One machine at height 1, seat 0 of four unless said otherwise; the test speaks for everybody else. */
export class LoneValidator {
  readonly bls = new SimulationBls();
  readonly validators: TestValidators;
  readonly deps: ConsensusDeps;
  readonly epochSeed: Hash;
  readonly setup: LoneSetup;
  state: ConsensusState = createConsensusState();
  now = GENESIS_TIME + 100;
  /** Of every step since the last call of `forget`. */
  effects: ConsensusEffect[] = [];

  constructor(setup: LoneSetup = {}) {
    this.setup = setup;
    this.validators = testValidators(this.bls, setup.powers ?? [10, 10, 10, 10]);
    const seat = "seat" in setup ? setup.seat : 0;
    const signer = seat === undefined ? undefined : testSigner(this.bls, this.validators.seeds[seat]!);
    const signsFrom = height(setup.signsFrom ?? 0);
    this.deps = {
      bls: this.bls,
      params: PARAMS,
      chainId: CHAIN_ID,
      signer: signer === undefined ? undefined : { ...signer, signsFrom },
    };
    this.epochSeed = this.#findSeed(setup.proposers ?? [1, 2, 3, 1]);
  }

  /** Starts height 1 and lets the pacing moment of round 0 pass. */
  static started(setup: LoneSetup = {}): LoneValidator {
    const lone = new LoneValidator(setup);
    lone.start();
    lone.fire("pace", 0);
    return lone;
  }

  start(changes: Partial<HeightStarted> = {}): readonly ConsensusEffect[] {
    return this.step({
      type: "height-started",
      now: timeMs(this.now),
      height: height(1),
      validators: this.validators.set,
      epochSeed: this.epochSeed,
      parent: { blockId: PARENT_ID, time: GENESIS_TIME },
      epochStart: GENESIS_TIME,
      parentCommit: undefined,
      transactionsSince: undefined,
      hasUndrawnClaims: false,
      log: [],
      ...this.setup.start,
      ...changes,
    });
  }

  step(event: ConsensusEvent): readonly ConsensusEffect[] {
    const [state, effects] = stepConsensus(this.deps, this.state, event);
    this.state = state;
    this.effects.push(...effects);
    return effects;
  }

  forget(): void {
    this.effects = [];
  }

  /** A block as the proposer of a round makes it; `mark` tells blocks of one round apart. */
  header(round: number, mark = 0, fields: Partial<Header> = {}): Header {
    return testHeader(PARAMS, {
      round,
      time: timeMs(this.now),
      proposer: this.proposer(round),
      prev: PARENT_ID,
      auxRoot: hash(new Uint8Array(32).fill(mark)),
      ...fields,
    });
  }

  proposer(round: number): number {
    return proposerSeat(this.validators, 1, round, this.epochSeed);
  }

  proposal(header: Header, round: number, validRound: number, seat = this.proposer(round)): BlockProposal {
    return signProposal(this.bls, this.validators.seeds[seat]!, header, round, validRound);
  }

  /** A proposal arrives, and its block turns out valid unless said otherwise. */
  propose(header: Header, round: number, validRound: number, validity: boolean | "unknown" = true): Hash {
    const proposal = this.proposal(header, round, validRound);
    this.step({ type: "proposal-received", now: timeMs(this.now), proposal, from: "p" });
    if (validity !== "unknown") this.validate(proposal.blockId, validity);
    return blockId(header);
  }

  validate(id: Hash, ok: boolean): void {
    this.step({ type: "block-validated", now: timeMs(this.now), blockId: id, ok });
  }

  vote(type: VoteType, round: number, validator: number, id: Hash, at = 1): Vote {
    return signVote(this.bls, this.validators.seeds[validator]!, { type, height: at, round, validator }, id);
  }

  /** Votes of the given seats arrive. */
  votes(type: VoteType, round: number, seats: readonly number[], id: Hash): void {
    for (const seat of seats) this.receive(this.vote(type, round, seat, id), `peer${seat}`);
  }

  receive(vote: Vote, from = "p"): readonly ConsensusEffect[] {
    return this.step({ type: "vote-received", now: timeMs(this.now), vote, from });
  }

  /** Lets a timer fire after its time. */
  fire(kind: ConsensusTimer["kind"], round: number): readonly ConsensusEffect[] {
    if (kind === "pace") this.now = Math.max(this.now, GENESIS_TIME + PARAMS.emptyBlockMs);
    return this.step({ type: "timer-fired", now: timeMs(this.now), timer: { kind, height: height(1), round } });
  }

  /** What left since `forget`, as `prevote 0 nil`, `precommit 1 a`, with names for known blocks. */
  sent(names: Readonly<Record<string, Hash>> = {}): readonly string[] {
    return this.effects.flatMap((effect) => {
      if (effect.type !== "send" || effect.message.type === "have-set") return [];
      const { message } = effect;
      const place = message.type === "vote" ? message.vote : message.proposal;
      const named = Object.entries(names).find(([, id]) => equalBytes(id, place.blockId));
      const name = equalBytes(place.blockId, NIL) ? "nil" : (named?.[0] ?? "?");
      const kind = message.type === "vote" ? message.vote.type : `proposal(${message.proposal.validRound})`;
      return [`${kind} ${place.round} ${name}`];
    });
  }

  timers(): readonly string[] {
    return this.effects.flatMap((effect) =>
      effect.type === "arm-timer" ? [`${effect.timer.kind} ${effect.timer.round} +${effect.at - this.now}`] : [],
    );
  }

  of<T extends ConsensusEffect["type"]>(type: T): readonly Extract<ConsensusEffect, { type: T }>[] {
    return this.effects.filter((effect): effect is Extract<ConsensusEffect, { type: T }> => effect.type === type);
  }

  /** An epoch seed under which these seats propose, so that a test can say whose turn it is. */
  #findSeed(proposers: readonly number[]): Hash {
    for (let attempt = 0; ; attempt++) {
      const seed = hash32("test/lone-seed", u32(attempt));
      if (proposers.every((seat, round) => proposerSeat(this.validators, 1, round, seed) === seat)) return seed;
    }
  }
}
