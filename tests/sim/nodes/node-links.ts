import { height } from "../../../src/core/values/height.ts";
import type { NodeSimulation } from "./node-simulation.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { Cut } from "./simulation-plan.ts";

const STREAM_OPEN_MS_MAX = 40;
/** How long a node stays away from one that sent it something wrong. */
const DROPPED_MS = 20_000;

/** The streams between nodes: which are open, and what both ends hear of it. */
export class NodeLinks {
  readonly #simulation: NodeSimulation;

  constructor(simulation: NodeSimulation) {
    this.#simulation = simulation;
  }

  /** Streams that a cut breaks, and that are opened again when it is over. */
  foresee(cuts: readonly Cut[]): void {
    const simulation = this.#simulation;
    const { now, nodes } = simulation;
    const pairs = nodes.flatMap((node) => nodes.slice(node.number + 1).map((other) => [node, other] as const));
    for (const cut of cuts) {
      if (!cut.isNoticed) continue;
      const crossing = pairs.filter(([left, right]) => cut.nodes.has(left.number) !== cut.nodes.has(right.number));
      simulation.at(now + cut.from, () => crossing.forEach(([left, right]) => this.#part(left, right)));
      simulation.at(now + cut.until, () => crossing.forEach(([left, right]) => this.#join(left, right)));
    }
  }

  /** A process is there: it dials the others and is dialled. */
  started(node: SimulatedNode): void {
    for (const other of this.#simulation.others(node)) {
      if (!this.#simulation.network.isApart(node.number, other.number)) this.#open(node, other);
    }
  }

  /** A process is gone, and with it its streams. */
  ended(node: SimulatedNode): void {
    for (const other of this.#simulation.others(node)) {
      other.post({ type: "peer-disconnected", now: other.now, peer: node.name });
    }
  }

  /** A node wants nothing more to do with another one for a while. */
  drop(node: SimulatedNode, other: SimulatedNode): void {
    this.#part(node, other);
    this.#simulation.at(this.#simulation.now + DROPPED_MS, () => this.#join(node, other));
  }

  /** Everybody tells everybody its height. */
  sendStatus(): void {
    const simulation = this.#simulation;
    for (const node of simulation.nodes) {
      if (node.running === undefined) continue;
      const shown = height(simulation.heightOf(node));
      for (const other of simulation.others(node)) {
        simulation.deliver(node, other, "status", (now) => {
          return { type: "status-received", now, peer: node.name, height: shown };
        });
      }
    }
  }

  #part(left: SimulatedNode, right: SimulatedNode): void {
    if (!this.#simulation.network.setApart(left.number, right.number, true)) return;
    left.post({ type: "peer-disconnected", now: left.now, peer: right.name });
    right.post({ type: "peer-disconnected", now: right.now, peer: left.name });
  }

  #join(left: SimulatedNode, right: SimulatedNode): void {
    if (this.#simulation.network.setApart(left.number, right.number, false)) this.#open(left, right);
  }

  /** A moment later, if both processes still run then. */
  #open(left: SimulatedNode, right: SimulatedNode): void {
    const simulation = this.#simulation;
    const ends = [left.running, right.running];
    if (ends.includes(undefined)) return;
    simulation.at(simulation.now + simulation.numbers.between(1, STREAM_OPEN_MS_MAX), () => {
      if (left.running !== ends[0] || right.running !== ends[1]) return;
      if (simulation.network.isApart(left.number, right.number)) return;
      for (const [node, peer] of [
        [left, right],
        [right, left],
      ] as const) {
        node.post({ type: "peer-connected", now: node.now, peer: peer.name });
        node.post({ type: "stem-peer-found", now: node.now, peer: peer.name, isDialled: node === left });
      }
    });
  }
}
