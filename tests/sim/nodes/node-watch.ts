import { formatHex } from "../../../src/core/bytes/hex.ts";
import { decodeCertificate } from "../../../src/core/chain/certificate.ts";
import type { ConsensusFrame } from "../../../src/core/chain/consensus-frames.ts";
import type { Evidence } from "../../../src/core/chain/evidence.ts";
import type { FullNodeWrite } from "../../../src/core/machines/full-node-events.ts";
import type { BlockCommit } from "../../../src/core/ports/full-node-store.ts";
import type { LedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { ChainChecks, SimulationFault } from "./chain-checks.ts";
import type { NodeSimulation } from "./node-simulation.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import { VoteChecks } from "./vote-checks.ts";

/** What a run went through: a run in which nothing happened proves nothing. */
export interface RunCounts {
  kills: number;
  powerCuts: number;
  rollBacks: number;
  messages: number;
  drops: number;
  accusations: number;
  refusedBlocks: number;
  /** Jailed validators that said they were back. */
  unjails: number;
  /** Nodes that joined by a snapshot, and peers that lied to them. */
  joins: number;
  falseSnapshots: number;
  /** Of a certificate. */
  roundMax: number;
}

export function noCounts(): RunCounts {
  return {
    kills: 0,
    powerCuts: 0,
    rollBacks: 0,
    messages: 0,
    drops: 0,
    accusations: 0,
    refusedBlocks: 0,
    unjails: 0,
    joins: 0,
    falseSnapshots: 0,
    roundMax: 0,
  };
}

/** Everything a run is watched for; what breaks a rule throws {@link SimulationFault} and ends it. */
export class NodeWatch {
  readonly chain: ChainChecks;
  readonly #votes: VoteChecks;
  readonly #simulation: NodeSimulation;

  constructor(simulation: NodeSimulation, genesis: LedgerTip) {
    const { bls, curve, nodes } = simulation;
    this.#simulation = simulation;
    this.chain = new ChainChecks({ curve, bls }, genesis);
    const seeds = nodes.flatMap((node) => (node.seed === undefined || !simulation.isCorrect(node) ? [] : [node.seed]));
    this.#votes = new VoteChecks(this.chain, new Set(seeds.map((seed) => formatHex(bls.publicKey(seed)))));
  }

  /** A node sends a frame; a cheat what it has made of one. */
  sent(node: SimulatedNode, frame: ConsensusFrame): void {
    if (this.#simulation.isCorrect(node)) this.#votes.sent(frame);
    else this.#votes.cheated(frame);
  }

  writing(writes: readonly FullNodeWrite[]): void {
    for (const write of writes) if (write.type === "write-log") this.#votes.logged(write.entry);
  }

  /** A correct node has stored this; gives the blocks that no other correct node had yet. */
  async written(node: SimulatedNode, writes: readonly FullNodeWrite[]): Promise<readonly BlockCommit[]> {
    const fresh: BlockCommit[] = [];
    const { counts } = this.#simulation;
    for (const write of writes) {
      if (write.type !== "commit-block") continue;
      counts.roundMax = Math.max(counts.roundMax, decodeCertificate(write.commit.certificate).round);
      if (await this.chain.committed(node.name, write.commit, node.disk.store)) fresh.push(write.commit);
    }
    return fresh;
  }

  /** The machine threw, or its log and its signer file contradict each other. */
  broke(node: SimulatedNode, error: unknown): void {
    if (!this.#simulation.isCorrect(node)) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new SimulationFault("exception", `${node.name}: ${text}`);
  }

  accused(node: SimulatedNode, evidence: Evidence): void {
    this.#simulation.counts.accusations++;
    if (this.#simulation.isCorrect(node)) this.#votes.accused(node.name, evidence);
  }

  /** A node lets go of a peer that sent it something wrong, which no correct node does. */
  dropped(node: SimulatedNode, other: SimulatedNode, reason: string): void {
    const simulation = this.#simulation;
    simulation.counts.drops++;
    if (!simulation.isCorrect(node) || !simulation.isCorrect(other)) return;
    throw new SimulationFault("accusation", `${node.name} dropped ${other.name}, which is correct: ${reason}`);
  }

  /** A jailed validator has said that it is back (ST-3). */
  returned(node: SimulatedNode): void {
    if (this.#simulation.isCorrect(node)) this.#simulation.counts.unjails++;
  }

  reported(node: SimulatedNode, code: string): void {
    const { counts } = this.#simulation;
    if (this.#simulation.isCorrect(node) && code.startsWith("invalid_block")) counts.refusedBlocks++;
  }
}
