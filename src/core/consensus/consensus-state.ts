import type { Header } from "../chain/header.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import type { PeerId } from "../ports/network-port.ts";
import { ZERO_HASH, type Hash } from "../values/hash.ts";
import { height, timeMs, type Height, type TimeMs } from "../values/height.ts";
import { emptyFarRounds, type FarRounds } from "./far-rounds.ts";
import type { EarlyMessages } from "./early-messages.ts";
import type { HeldProposal } from "./held-proposal.ts";
import type { LastCommit } from "./last-commit.ts";
import { emptySignerGuard, type SignerGuard } from "./signer-guard.ts";
import type { VoteSet } from "./vote-set.ts";

/** Tendermint's step; `decided` waits for the next `height-started`. */
export type Step = "propose" | "prevote" | "precommit" | "decided";

/** A value and the round it belongs to: (lockedV, lockedR) or (validV, validR) of 6.2. */
export interface RoundValue {
  readonly round: number;
  readonly blockId: Hash;
}

/** A block somebody proposed at this height. */
export interface KnownBlock {
  readonly blockId: Hash;
  readonly header: Header;
  /** `unknown` until the full node has the whole block and has judged it. */
  readonly validity: "unknown" | "valid" | "invalid";
  /** The full node was asked to keep its bytes. */
  readonly isStored: boolean;
}

/** Everything held of one round. */
export interface RoundState {
  /** The first one is voted on; a second, different one is evidence. Never more than two. */
  readonly proposals: readonly HeldProposal[];
  readonly prevotes: VoteSet;
  readonly precommits: VoteSet;
  /** "First time" of CO-7, CO-8 and CO-10. */
  readonly isPrevoteTimerArmed: boolean;
  readonly isPolkaHandled: boolean;
  readonly isPrecommitTimerArmed: boolean;
}

/** What went to each peer and when, so that answers cannot be multiplied: votes for 2 s, proposals for the height. */
export type AnswerMemory = ReadonlyMap<PeerId, ReadonlyMap<string, TimeMs>>;

/** The consensus machine at one height (6.2). Replaced whole at the next. */
export interface ConsensusState {
  readonly height: Height;
  readonly validators: ValidatorSet;
  readonly epochSeed: Hash;
  readonly parent: { readonly blockId: Hash; readonly time: TimeMs };
  readonly epochStart: TimeMs;
  /** Own seat; undefined for a node that only watches. */
  readonly seat: number | undefined;

  readonly round: number;
  readonly step: Step;
  readonly locked: RoundValue | undefined;
  readonly valid: RoundValue | undefined;
  readonly decision: RoundValue | undefined;

  /** By hex of the id. */
  readonly blocks: ReadonlyMap<string, KnownBlock>;
  /** Rounds up to the current one and the next (CO-12). */
  readonly rounds: ReadonlyMap<number, RoundState>;
  /** Each sender's newest round above that (CO-12). */
  readonly far: FarRounds;
  /** Newest round in which each seat was seen; −1 for never. */
  readonly seen: readonly number[];

  /** CO-15: since when a transaction is held, whether claims wait, and whether the proposing moment of round 0 came. */
  readonly transactionsSince: TimeMs | undefined;
  readonly hasUndrawnClaims: boolean;
  readonly isPaced: boolean;
  /** Rounds for which a block was asked for and not yet answered. */
  readonly buildingRound: number | undefined;

  readonly guard: SignerGuard;
  readonly lastCommit: LastCommit | undefined;
  readonly answers: AnswerMemory;
  readonly early: EarlyMessages;
  /** Equivocations already reported, as `kind:key`: two a key at most. */
  readonly reported: ReadonlySet<string>;
}

/** Before the first `height-started`: every other event is ignored. */
export function createConsensusState(): ConsensusState {
  return {
    height: height(0),
    validators: [],
    epochSeed: ZERO_HASH,
    parent: { blockId: ZERO_HASH, time: timeMs(0) },
    epochStart: timeMs(0),
    seat: undefined,
    round: 0,
    step: "decided",
    locked: undefined,
    valid: undefined,
    decision: undefined,
    blocks: new Map(),
    rounds: new Map(),
    far: emptyFarRounds(),
    seen: [],
    transactionsSince: undefined,
    hasUndrawnClaims: false,
    isPaced: false,
    buildingRound: undefined,
    guard: emptySignerGuard(height(0)),
    lastCommit: undefined,
    answers: new Map(),
    early: new Map<PeerId, readonly never[]>(),
    reported: new Set(),
  };
}
