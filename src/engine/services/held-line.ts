import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import { askingOrder, dialNode, type LookupNodes } from "./lookup-nodes.ts";
import type { NetworkEdges } from "./network-edges.ts";

/** A node that was reached over a host of its own. */
export interface Line {
  readonly host: NetworkPort;
  readonly peer: PeerId;
}

/** Nobody has used it for so long: whoever looked has gone. */
const IDLE_MS = 20_000;
/** No identity is used for longer (NW-11). */
const LINE_MS_MAX = 10 * 60_000;

/**
 * A connection beside the client's own with an identity nobody has seen, for questions that are asked every few seconds
 * as long as somebody looks. One errand at a time; a node that fails one is left for another.
 */
export class HeldLine {
  readonly #edges: Pick<NetworkEdges, "openHost" | "timers" | "random">;
  #line: (Line & { readonly openedMs: number }) | undefined;
  #callOff: () => void = () => undefined;
  #generation = 0;

  constructor(edges: Pick<NetworkEdges, "openHost" | "timers" | "random">) {
    this.#edges = edges;
  }

  /** undefined: no node did the errand, or the line was ended meanwhile. */
  async use<Result>(
    { chainId }: Pick<NetworkConfig, "chainId">,
    nodes: LookupNodes,
    errand: (line: Line) => Promise<Result>,
  ): Promise<Result | undefined> {
    this.#callOff();
    const generation = this.#generation;
    const now = this.#edges.timers.now();
    const ageMs = now - (this.#line?.openedMs ?? now);
    if (ageMs < 0 || ageMs > LINE_MS_MAX) await this.#drop();
    if (this.#line !== undefined) {
      const done = await this.#run(generation, this.#line, errand);
      if (done !== undefined) return done;
    }
    for (const node of askingOrder(this.#edges.random, nodes)) {
      if (generation !== this.#generation) return undefined;
      const host = await this.#edges.openHost(chainId).catch(() => undefined);
      if (host === undefined) return undefined;
      const peer = await dialNode(host, node).catch(() => undefined);
      if (peer === undefined || generation !== this.#generation) {
        await host.stop().catch(() => undefined);
        continue;
      }
      this.#line = { host, peer, openedMs: this.#edges.timers.now() };
      const done = await this.#run(generation, this.#line, errand);
      if (done !== undefined) return done;
    }
    return undefined;
  }

  /** Resolves once no host is left; what is being asked fails. */
  async end(): Promise<void> {
    this.#generation++;
    await this.#drop();
  }

  async #run<Result>(
    generation: number,
    line: Line,
    errand: (line: Line) => Promise<Result>,
  ): Promise<Result | undefined> {
    try {
      const result = await errand(line);
      if (generation !== this.#generation) return undefined;
      this.#callOff = this.#edges.timers.after(IDLE_MS, () => void this.end());
      return result;
    } catch {
      // Silent, slow, without these blocks, or not in order: another node may do.
      await this.#drop();
      return undefined;
    }
  }

  async #drop(): Promise<void> {
    this.#callOff();
    const line = this.#line;
    this.#line = undefined;
    await line?.host.stop().catch(() => undefined);
  }
}
