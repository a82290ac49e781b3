import type { LookupProgress } from "../../api/explorer.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { heightsOf, STRETCH_BLOCKS, stretchOf } from "../../core/sync/block-stretch.ts";
import { BriefHosts } from "./brief-hosts.ts";
import type { ExploredBlock } from "./explored-block.ts";
import type { LookupGround } from "./lookup-ground.ts";
import { askingOrder, dialNode } from "./lookup-nodes.ts";
import { readStretch, type StretchAnswer, type StretchEdges } from "./read-stretch.ts";

/** What of stretches is remembered, each of 256 blocks: the oldest is forgotten. */
export const STRETCHES_KEPT_MAX = 12;
/** The time of one node for one stretch. */
const NODE_MS = 60_000;

export type StretchOutcome = StretchAnswer["outcome"] | "offline";

/** Blocks that were read to be looked at, in memory only: what somebody looks at is kept nowhere. */
export class BlockStretches {
  readonly #edges: StretchEdges;
  readonly #hosts: BriefHosts;
  /** By number; the one read last is the last. */
  readonly #kept = new Map<number, readonly ExploredBlock[]>();
  #progress: LookupProgress | undefined;

  constructor(edges: StretchEdges) {
    this.#edges = edges;
    this.#hosts = new BriefHosts(edges);
  }

  /** undefined while nothing is read. */
  get progress(): LookupProgress | undefined {
    return this.#progress;
  }

  block(height: number): ExploredBlock | undefined {
    return this.#kept.get(stretchOf(height))?.find(({ header }) => header.height === height);
  }

  /** Everything that is known, newest first. */
  *blocks(): Iterable<ExploredBlock> {
    for (const stretch of [...this.#kept.keys()].sort((left, right) => right - left)) {
      yield* this.#kept.get(stretch)!.toReversed();
    }
  }

  /**
   * Reads these, each over a connection of its own with an identity nobody has seen, but for those that are there as far
   * as `newest`. Which are asked for, and how, depends on nothing else.
   */
  async read(
    ground: LookupGround,
    stretches: readonly number[],
    newest: number | undefined,
  ): Promise<ReadonlyMap<number, StretchOutcome>> {
    const outcomes = new Map<number, StretchOutcome>();
    const missing = stretches.filter((stretch) => !this.#isThere(stretch, newest));
    for (const stretch of stretches) if (!missing.includes(stretch)) outcomes.set(stretch, "read");
    this.#progress = { read: 0, total: missing.length * STRETCH_BLOCKS };
    try {
      for (const [index, stretch] of missing.entries()) {
        this.#progress = { ...this.#progress, read: index * STRETCH_BLOCKS };
        outcomes.set(stretch, await this.#readOne(ground, stretch));
      }
    } finally {
      this.#progress = undefined;
    }
    return outcomes;
  }

  forget(): void {
    this.#kept.clear();
  }

  /** Ends what is being asked; resolves once no host is left. */
  endAll(): Promise<void> {
    return this.#hosts.endAll();
  }

  #isThere(stretch: number, newest: number | undefined): boolean {
    const top = this.#kept.get(stretch)?.at(-1)?.header.height;
    return top !== undefined && top >= Math.min(heightsOf(stretch).last, newest ?? Infinity);
  }

  async #readOne(ground: LookupGround, stretch: number): Promise<StretchOutcome> {
    let worst: StretchOutcome = "offline";
    for (const node of askingOrder(this.#edges.random, ground.nodes)) {
      if (!ground.isWanted()) return "offline";
      try {
        const answer = await this.#hosts.lend(ground.config.chainId, NODE_MS, async (host) => {
          const line = { host, peer: await dialNode(host, node) };
          return readStretch(this.#edges, line, ground, stretch, (count) => this.#count(count));
        });
        if (answer.outcome === "read") {
          this.#keep(stretch, answer.blocks);
          return "read";
        }
        // Another may keep it longer, or be further.
        worst = answer.outcome;
        if (worst === "too_large") return worst;
      } catch (error) {
        // Not reached, silent, slow, or not in order: the next node may do. Anything else is a mistake of ours.
        if (!(error instanceof DecodeError) && error instanceof TypeError) throw error;
      }
    }
    return worst;
  }

  #count(count: number): void {
    const { progress } = this;
    if (progress !== undefined) this.#progress = { ...progress, read: Math.min(progress.total, progress.read + count) };
  }

  #keep(stretch: number, blocks: readonly ExploredBlock[]): void {
    this.#kept.delete(stretch);
    this.#kept.set(stretch, blocks);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > STRETCHES_KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
  }
}
