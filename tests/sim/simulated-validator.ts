import { formatHex } from "../../src/core/bytes/hex.ts";
import { certificateHash, verifyCertificate, type Certificate } from "../../src/core/chain/certificate.ts";
import {
  decodeConsensusFrame,
  encodeConsensusFrame,
  type BlockBody,
  type ConsensusFrame,
} from "../../src/core/chain/consensus-frames.ts";
import { blockId, type Header } from "../../src/core/chain/header.ts";
import type { ConsensusDeps, ConsensusEffect, ConsensusEvent } from "../../src/core/consensus/consensus-events.ts";
import { createConsensusState, type ConsensusState } from "../../src/core/consensus/consensus-state.ts";
import { lastCertificate, stepConsensus } from "../../src/core/consensus/step-consensus.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import type { Hash } from "../../src/core/values/hash.ts";
import { epoch, height, timeMs, type TimeMs } from "../../src/core/values/height.ts";
import { CHAIN_ID, EPOCH_SEED, GENESIS_TIME, testHeader, type TestValidators } from "../support/consensus-chain.ts";
import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";

/** A block and the certificate that made it final. */
export interface FinalBlock {
  readonly body: BlockBody;
  readonly blockId: Hash;
  readonly certificate: Certificate;
}

/** What a validator asks of the world around it. */
export interface ValidatorWorld {
  readonly validators: TestValidators;
  /** The validator's own clock. */
  now(seat: number): TimeMs;
  wait(seat: number, delayMs: number, run: () => void): void;
  /** Time a local task takes: judging or building a block, storing one. */
  workMs(): number;
  send(from: number, to: number, frame: Uint8Array): void;
  seats(): readonly number[];
  decided(seat: number, block: FinalBlock): void;
  effect(seat: number, effect: ConsensusEffect): void;
  /** True if the process dies right after this write (CO-14). */
  diesAfterWrite(seat: number): boolean;
  /** Asks a peer for its final blocks from a height on. */
  catchUp(seat: number, peer: number, from: number, take: (blocks: readonly FinalBlock[]) => void): void;
}

/** Blocks whose aux_root starts like this break a rule, and nobody ever serves the body of the second kind. */
export const INVALID_MARK = 0xff;
export const WITHHELD_MARK = 0xee;

const GENESIS_ID = hash32("test/genesis");

/** A full node's part around the consensus machine, as small as a simulation allows. What is on disk survives a crash. */
export class SimulatedValidator {
  readonly seat: number;
  readonly deps: ConsensusDeps;
  readonly world: ValidatorWorld;
  /** On disk. */
  readonly chain: FinalBlock[] = [];
  log: Uint8Array[] = [];
  stored = new Map<string, BlockBody>();
  /** In memory. */
  state: ConsensusState = createConsensusState();
  bodies = new Map<string, BlockBody>();
  isAlive = false;
  #life = 0;
  #isCatchingUp = false;

  constructor(seat: number, deps: ConsensusDeps, world: ValidatorWorld) {
    this.seat = seat;
    this.deps = deps;
    this.world = world;
  }

  get height(): number {
    return this.chain.length;
  }

  start(): void {
    this.isAlive = true;
    this.#life += 1;
    this.#isCatchingUp = false;
    this.state = createConsensusState();
    this.bodies = new Map(this.stored);
    this.startHeight(this.log);
  }

  crash(): void {
    this.isAlive = false;
    this.#life += 1;
  }

  step(event: ConsensusEvent): void {
    if (!this.isAlive) return;
    const [state, effects] = stepConsensus(this.deps, this.state, event);
    this.state = state;
    this.perform(effects);
  }

  /** Writes first; a crash between two writes loses everything behind it (CO-14). */
  protected perform(effects: readonly ConsensusEffect[]): void {
    for (const effect of effects) {
      if (effect.type === "store-block") {
        this.stored.set(formatHex(effect.blockId), this.bodies.get(formatHex(effect.blockId))!);
      } else if (effect.type === "write-log") {
        this.log.push(effect.entry);
        if (this.world.diesAfterWrite(this.seat)) {
          this.crash();
          return;
        }
      }
    }
    for (const effect of effects) this.performOne(effect);
  }

  protected performOne(effect: ConsensusEffect): void {
    this.world.effect(this.seat, effect);
    switch (effect.type) {
      case "send":
        for (const seat of effect.to === "all" ? this.world.seats() : [Number(effect.to)]) {
          if (seat !== this.seat) this.sendMessage(seat, effect.message);
        }
        return;
      case "arm-timer":
        this.after(effect.at - this.world.now(this.seat), (now) =>
          this.step({ type: "timer-fired", now, timer: effect.timer }),
        );
        return;
      case "validate-block":
        this.after(this.world.workMs(), (now) => {
          const ok = this.judge(effect.header, effect.blockId);
          if (ok !== undefined) this.step({ type: "block-validated", now, blockId: effect.blockId, ok });
        });
        return;
      case "build-block":
        this.after(Math.max(0, effect.at - this.world.now(this.seat)) + this.world.workMs(), (now) => {
          if (this.state.height !== effect.height) return;
          const body = this.build(effect.round, effect.at);
          const id = blockId(body.header);
          this.bodies.set(formatHex(id), body);
          this.step({ type: "block-built", now, round: effect.round, header: body.header, blockId: id });
        });
        return;
      case "decide": {
        const body = this.bodies.get(formatHex(effect.blockId))!;
        this.commit({ body, blockId: effect.blockId, certificate: effect.certificate });
        return;
      }
      case "report-evidence":
      case "blame-peer":
      case "store-block":
      case "write-log":
        return;
      default:
        effect satisfies never;
    }
  }

  protected sendMessage(to: number, message: Extract<ConsensusEffect, { type: "send" }>["message"]): void {
    const frame: ConsensusFrame =
      message.type === "proposal"
        ? {
            type: "proposal",
            proposal: { ...message.proposal, body: this.bodies.get(formatHex(message.proposal.blockId))! },
          }
        : message;
    this.world.send(this.seat, to, encodeConsensusFrame(frame));
  }

  receive(bytes: Uint8Array, from: number): void {
    if (!this.isAlive) return;
    const frame = decodeConsensusFrame(bytes);
    const now = this.world.now(this.seat);
    const peer = String(from);
    const at = frameHeight(frame);
    if (at > this.height + 1) this.#catchUp(from);
    switch (frame.type) {
      case "vote":
        this.step({ type: "vote-received", now, vote: frame.vote, from: peer });
        return;
      case "have-set":
        this.step({ type: "have-set-received", now, set: frame.set, from: peer });
        return;
      case "proposal": {
        const { body, ...rest } = frame.proposal;
        const id = blockId(body.header);
        if (at === this.height + 1 || at === this.height + 2) this.bodies.set(formatHex(id), body);
        this.step({
          type: "proposal-received",
          now,
          proposal: { ...rest, header: body.header, blockId: id },
          from: peer,
        });
        return;
      }
      case "want":
      case "part":
        return;
      default:
        frame satisfies never;
    }
  }

  after(delayMs: number, run: (now: TimeMs) => void): void {
    const life = this.#life;
    this.world.wait(this.seat, Math.max(0, delayMs), () => {
      if (life === this.#life && this.isAlive) run(this.world.now(this.seat));
    });
  }

  protected build(round: number, at: TimeMs): BlockBody {
    const last = lastCertificate(this.deps.bls, this.state);
    const parent = this.chain.at(-1);
    const epochStart = this.#epochStart();
    const header = testHeader(this.deps.params, {
      height: height(this.height + 1),
      round,
      time: at,
      epoch: epoch((parent?.body.header.epoch ?? 0) + (parent === undefined || parent.body.header.isEpochEnd ? 1 : 0)),
      isEpochEnd: this.#parentTime() >= epochStart + this.deps.params.epochMs,
      proposer: this.seat,
      prev: parent?.blockId ?? GENESIS_ID,
      lastCertHash: certificateHash(last),
    });
    return { header, lastCertificate: last, evidence: [], shortIds: [] };
  }

  /** valid(v), as far as a simulation has rules; undefined while the body is not here. */
  protected judge(header: Header, id: Hash): boolean | undefined {
    const body = this.bodies.get(formatHex(id));
    if (body === undefined || header.auxRoot[0] === WITHHELD_MARK) return undefined;
    if (header.auxRoot[0] === INVALID_MARK) return false;
    if (header.time < this.#parentTime() + this.deps.params.minBlockMs) return false;
    if (!equalBytes(header.lastCertHash, certificateHash(body.lastCertificate))) return false;
    const parent = this.chain.at(-1);
    if (parent === undefined) return body.lastCertificate.signers.length === 0;
    const { set } = this.world.validators;
    return verifyCertificate(this.deps.bls, CHAIN_ID, height(this.height), parent.blockId, body.lastCertificate, set);
  }

  protected commit(block: FinalBlock): void {
    this.chain.push(block);
    this.log = [];
    this.stored = new Map();
    this.world.decided(this.seat, block);
    const next = this.height;
    this.after(this.world.workMs(), () => {
      if (this.height === next) this.startHeight([]);
    });
  }

  protected startHeight(log: readonly Uint8Array[]): void {
    const parent = this.chain.at(-1);
    const boundary = this.chain.findLast((block) => block.body.header.isEpochEnd);
    const { set } = this.world.validators;
    this.step({
      type: "height-started",
      now: this.world.now(this.seat),
      height: height(this.height + 1),
      validators: set,
      epochSeed: boundary?.blockId ?? EPOCH_SEED,
      parent: { blockId: parent?.blockId ?? GENESIS_ID, time: timeMs(this.#parentTime()) },
      epochStart: timeMs(this.#epochStart()),
      parentCommit: parent === undefined ? undefined : { certificate: parent.certificate, validators: set },
      transactionsSince: undefined,
      hasUndrawnClaims: false,
      log,
    });
  }

  #parentTime(): number {
    return this.chain.at(-1)?.body.header.time ?? GENESIS_TIME;
  }

  #epochStart(): number {
    return this.chain.findLast((block) => block.body.header.isEpochEnd)?.body.header.time ?? GENESIS_TIME;
  }

  #catchUp(peer: number): void {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    this.world.catchUp(this.seat, peer, this.height, (blocks) => {
      this.#isCatchingUp = false;
      if (!this.isAlive) return;
      for (const block of blocks) {
        if (block.body.header.height !== this.height + 1) continue;
        const { set } = this.world.validators;
        const at = height(this.height + 1);
        if (!verifyCertificate(this.deps.bls, CHAIN_ID, at, block.blockId, block.certificate, set)) return;
        this.chain.push(block);
        this.log = [];
        this.stored = new Map();
        this.world.decided(this.seat, block);
      }
      if (this.height >= this.state.height) this.startHeight([]);
    });
    const life = this.#life;
    this.world.wait(this.seat, 3_000, () => {
      if (life === this.#life) this.#isCatchingUp = false;
    });
  }
}

function frameHeight(frame: ConsensusFrame): number {
  switch (frame.type) {
    case "vote":
      return frame.vote.height;
    case "proposal":
      return frame.proposal.height;
    case "have-set":
      return frame.set.height;
    case "want":
      return frame.want.height;
    case "part":
      return frame.part.height;
    default:
      return frame satisfies never;
  }
}
