import type { ConsensusFrame } from "../../../src/core/chain/consensus-frames.ts";
import type { CertifiedBlock } from "../../../src/core/machines/full-node-events.ts";
import { stepFullNode } from "../../../src/core/machines/full-node.ts";
import { behaviourOf, type Behaviour, type Outgoing } from "./behaviours.ts";
import type { Cheat } from "./cheat-blocks.ts";
import type { NodeSimulation } from "./node-simulation.ts";
import type { FullNodeMachine, Running } from "./node-world.ts";
import { publishBlock } from "./perform-effect.ts";
import type { FrameTwist } from "./snapshot-servers.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** The cheating validators of a run, and what becomes of what they send and serve. */
export class Cheats {
  readonly #simulation: NodeSimulation;

  constructor(simulation: NodeSimulation) {
    this.#simulation = simulation;
  }

  includes(node: { readonly number: number }): boolean {
    return this.#simulation.plan.cheats.has(node.number);
  }

  /** What a node runs. Planted bugs are for correct ones: a cheat follows its own interest. */
  machineOf(node: { readonly number: number }, correct: FullNodeMachine): FullNodeMachine {
    if (!this.includes(node)) return correct;
    return this.#behaviour(node)?.machine?.(stepFullNode) ?? stepFullNode;
  }

  /** What leaves a cheat for one receiver instead of a frame. */
  frames(node: SimulatedNode, running: Running, to: number, frame: ConsensusFrame): readonly Outgoing[] {
    return this.#behaviour(node)?.frames?.(this.#cheat(node, running), to, frame) ?? [{ frame, delayMs: 0 }];
  }

  /** The blocks that any node serves, true or not. */
  blocks(node: SimulatedNode, blocks: readonly CertifiedBlock[]): readonly CertifiedBlock[] {
    const serve = this.#behaviour(node)?.blocks;
    if (serve === undefined || node.running === undefined) return blocks;
    return serve(this.#cheat(node, node.running), blocks);
  }

  /** What becomes of the frames of a snapshot that a node serves; undefined leaves them as they are. */
  snapshots(node: SimulatedNode): FrameTwist | undefined {
    const { running } = node;
    const twist = this.#behaviour(node)?.snapshots;
    if (twist === undefined || running === undefined) return undefined;
    return (frame) => twist(this.#cheat(node, running), frame);
  }

  /** Gossips what cheats call final. */
  announce(): void {
    const simulation = this.#simulation;
    for (const node of simulation.nodes) {
      const announcements = this.#behaviour(node)?.announcements;
      if (announcements === undefined || node.running === undefined) continue;
      for (const block of announcements(this.#cheat(node, node.running))) publishBlock(simulation, node, block);
    }
  }

  #behaviour({ number }: { readonly number: number }): Behaviour | undefined {
    const name = this.#simulation.plan.cheats.get(number);
    return name === undefined ? undefined : behaviourOf(name);
  }

  #cheat(node: SimulatedNode, running: Running): Cheat {
    const { bls, numbers, plan } = this.#simulation;
    const name = plan.cheats.get(node.number);
    const friends = new Set([...plan.cheats].flatMap(([number, other]) => (other === name ? [number] : [])));
    return { running, bls, seed: node.seed!, numbers, friends };
  }
}
