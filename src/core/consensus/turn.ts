import { formatHex } from "../bytes/hex.ts";
import { proposer } from "../chain/proposer.ts";
import { isZeroHash, type Hash } from "../values/hash.ts";
import { timeMs, type TimeMs } from "../values/height.ts";
import type { ConsensusDeps, ConsensusEffect, ConsensusTimer } from "./consensus-events.ts";
import type { ConsensusState, KnownBlock, RoundState } from "./consensus-state.ts";
import { emptyVoteSet, type VoteContext } from "./vote-set.ts";

/** One step in the making: the state so far and the effects so far. It never outlives the call that made it. */
export class Turn {
  readonly deps: ConsensusDeps;
  readonly now: TimeMs;
  readonly effects: ConsensusEffect[] = [];
  state: ConsensusState;

  constructor(deps: ConsensusDeps, state: ConsensusState, now: TimeMs) {
    this.deps = deps;
    this.state = state;
    this.now = now;
  }

  patch(changes: Partial<ConsensusState>): void {
    this.state = { ...this.state, ...changes };
  }

  emit(effect: ConsensusEffect): void {
    this.effects.push(effect);
  }

  armTimer(kind: ConsensusTimer["kind"], at: number): void {
    const timer = { kind, height: this.state.height, round: this.state.round };
    this.emit({ type: "arm-timer", timer, at: timeMs(at) });
  }

  /** The round as held, or an empty one. */
  round(round: number): RoundState {
    return this.state.rounds.get(round) ?? emptyRound(this.state.validators.length);
  }

  patchRound(round: number, changes: Partial<RoundState>): void {
    const rounds = new Map(this.state.rounds).set(round, { ...this.round(round), ...changes });
    this.patch({ rounds });
  }

  block(blockId: Hash): KnownBlock | undefined {
    return this.state.blocks.get(formatHex(blockId));
  }

  patchBlock(block: KnownBlock): void {
    this.patch({ blocks: new Map(this.state.blocks).set(formatHex(block.blockId), block) });
  }

  /** [CO-16] The seat that proposes in a round of this height. */
  proposerOf(round: number): number {
    const { epochSeed, height, validators } = this.state;
    return proposer(epochSeed, height, round, validators);
  }

  get voteContext(): VoteContext {
    return { bls: this.deps.bls, chainId: this.deps.chainId, validators: this.state.validators };
  }

  /** Blocks for which even an equivocator's further votes are kept: nil and everything proposed here. */
  readonly isWanted = (blockId: Hash): boolean => isZeroHash(blockId) || this.block(blockId) !== undefined;
}

function emptyRound(seats: number): RoundState {
  return {
    proposals: [],
    prevotes: emptyVoteSet(seats),
    precommits: emptyVoteSet(seats),
    isPrevoteTimerArmed: false,
    isPolkaHandled: false,
    isPrecommitTimerArmed: false,
  };
}
