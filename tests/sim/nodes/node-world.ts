import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import type { FullNodeEffect, FullNodeEvent, FullNodeWrite } from "../../../src/core/machines/full-node-events.ts";
import type { FullNodeDeps, FullNodeState } from "../../../src/core/machines/full-node-state.ts";
import type { stepFullNode } from "../../../src/core/machines/full-node.ts";
import type { SeededNumbers } from "../../support/seeded-numbers.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { Weather } from "./simulation-plan.ts";

/** The full node's step: the product's, or one that a test has wrapped. */
export type FullNodeMachine = typeof stepFullNode;

/** What a node needs of the world it runs in. */
export interface NodeWorld {
  readonly now: number;
  readonly weather: Weather;
  readonly numbers: SeededNumbers;
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
  readonly genesis: Uint8Array;
  /** Runs something later; virtual time waits for what it gives back. */
  at(moment: number, run: () => void | Promise<void>): void;
  /** A step is about to be stored. */
  writing(writes: readonly FullNodeWrite[]): void;
  /** It is stored. */
  written(node: SimulatedNode, writes: readonly FullNodeWrite[]): Promise<void>;
  perform(node: SimulatedNode, running: Running, effect: FullNodeEffect): void;
  /** The power failed while a node wrote, or right behind it. */
  powerFailed(): void;
  /** The process is over and may be started again. */
  ended(node: SimulatedNode): void;
  /** The machine threw, which no event may make it do. */
  broke(node: SimulatedNode, error: unknown): void;
}

/** One process. What is on the disk outlives it. */
export interface Running {
  state: FullNodeState;
  readonly deps: FullNodeDeps;
  readonly queue: FullNodeEvent[];
  /** By job: tells the machine what became of the claims it asked for. */
  readonly verdicts: Map<number, () => void>;
  /** A step is being stored or its effects are being performed. */
  isBusy: boolean;
}
