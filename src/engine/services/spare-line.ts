import type { NodeConfig } from "../../core/sync/network-config.ts";
import type { Line } from "./held-line.ts";
import { dialNode } from "./lookup-nodes.ts";
import type { NetworkEdges } from "./network-edges.ts";

/** A line that nobody has used for so long ends. */
const LIFE_MS = 60_000;

interface Held {
  readonly line: Promise<Line | undefined>;
  readonly callOff: () => void;
}

/** One connection with an identity nobody has seen, dialled before it is wanted and good for one errand (NW-11). */
export class SpareLine {
  readonly #edges: Pick<NetworkEdges, "openHost" | "timers">;
  #held: Held | undefined;

  constructor(edges: Pick<NetworkEdges, "openHost" | "timers">) {
    this.#edges = edges;
  }

  /** Resolves once it is there, or cannot be had; where there is one already nothing is dialled. */
  async prepare(chainId: number, node: NodeConfig): Promise<void> {
    this.#held ??= {
      line: this.#dial(chainId, node),
      callOff: this.#edges.timers.after(LIFE_MS, () => void this.end()),
    };
    await this.#held.line;
  }

  /** Gives it away; undefined where there is none, or the node has hung up. */
  async take(): Promise<Line | undefined> {
    const held = this.#held;
    this.#held = undefined;
    held?.callOff();
    const line = await held?.line;
    if (line === undefined || line.host.peers().includes(line.peer)) return line;
    await line.host.stop().catch(() => undefined);
    return undefined;
  }

  async end(): Promise<void> {
    const line = await this.take();
    await line?.host.stop().catch(() => undefined);
  }

  async #dial(chainId: number, node: NodeConfig): Promise<Line | undefined> {
    const host = await this.#edges.openHost(chainId).catch(() => undefined);
    if (host === undefined) return undefined;
    try {
      return { host, peer: await dialNode(host, node) };
    } catch {
      await host.stop().catch(() => undefined);
      return undefined;
    }
  }
}
