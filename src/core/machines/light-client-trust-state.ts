import type { Certificate } from "../chain/certificate.ts";
import type { CheckpointName } from "../sync/checkpoint-words.ts";
import type { HeaderItem } from "../sync/compact-item.ts";
import type { SkipPlan } from "../sync/skip-plan.ts";
import type { TrustedHeader } from "../sync/skip-header.ts";
import type { TrustedChain } from "../sync/trusted-chain.ts";
import type { Hash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";

/** A header we trust, with what made it final: both are shown where somebody names another block (LC-3). */
export interface ProvenHeader extends TrustedHeader {
  readonly certificate: Certificate;
}

/** One `hdr` question to one node, and what for. */
export interface HeaderQuestion {
  readonly questionId: number;
  readonly node: number;
  readonly peer: string;
  readonly purpose: "compare" | "judge" | "climb" | "entered" | "clock" | "birthday";
  readonly from: number;
  readonly deadlineMs: number;
}

/** A comparison with one node (LC-3). */
export interface WitnessCheck {
  readonly node: number;
  readonly ours: ProvenHeader;
  /** What it has said of this height already, in a status or by its stream; undefined: it is only being asked. */
  readonly claimed: Hash | undefined;
  /** Another block of this height, on its way to being judged from what we trusted before. */
  readonly theirs: HeaderItem | undefined;
  readonly plan: SkipPlan | undefined;
  readonly deadlineMs: number;
}

/** On the way to the newest boundary by skipping (LC-2). */
export interface Climb {
  readonly node: number;
  /** Where it began: what a witness of another block is judged from. */
  readonly root: TrustedChain;
  /** undefined once arrived. */
  readonly plan: SkipPlan | undefined;
  /** Arrived; a witness is asked before it counts. */
  readonly arrived: ProvenHeader | undefined;
  /** When it counts without one. */
  readonly waitUntilMs: number;
}

/** A checkpoint that a person has entered and nodes are asked about (LC-4). */
export interface EnteredCheckpoint {
  readonly entryId: string;
  readonly name: CheckpointName;
  readonly asked: ReadonlySet<number>;
  /** A node has answered with another block, or with none. */
  readonly isContradicted: boolean;
  readonly deadlineMs: number;
}

/** How a node's newest block compares with our clock, where our trust is too old to check it. */
export interface ClockSample {
  readonly height: number;
  readonly timeMs: TimeMs;
  /** It has made blocks since we first looked. */
  readonly isMoving: boolean;
}

export interface ClockRun {
  /** What certified blocks say of our clock: behind them, or far ahead of all of them. */
  readonly verdict: "behind" | "ahead" | undefined;
  /** New blocks in a row that were an hour old when they came. */
  readonly oldBlocks: number;
  readonly samples: ReadonlyMap<number, ClockSample>;
  /** When each node was asked for one, whatever came of it. */
  readonly askedMs: ReadonlyMap<number, number>;
}

export const IDLE_CLOCK: ClockRun = { verdict: undefined, oldBlocks: 0, samples: new Map(), askedMs: new Map() };

/** Trust at work. In memory only: a restart asks again. */
export interface TrustRun {
  /** The newest blocks whose certificates we have checked, oldest first. */
  readonly proven: readonly ProvenHeader[];
  /** What the last run stored, until its certificate is checked. */
  readonly stored: TrustedChain | undefined;
  readonly questions: readonly HeaderQuestion[];
  readonly nextQuestionId: number;
  /** When the next comparison is due (LC-3). */
  readonly compareAtMs: number;
  /** Who was asked last, so that another one comes next. */
  readonly lastWitness: number | undefined;
  readonly check: WitnessCheck | undefined;
  readonly climb: Climb | undefined;
  readonly entered: EnteredCheckpoint | undefined;
  readonly clock: ClockRun;
}

export const IDLE_TRUST: TrustRun = {
  proven: [],
  stored: undefined,
  questions: [],
  nextQuestionId: 1,
  compareAtMs: 0,
  lastWitness: undefined,
  check: undefined,
  climb: undefined,
  entered: undefined,
  clock: IDLE_CLOCK,
};
