import type { BoundaryBlock } from "../core/machines/full-node-state.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { FullNodeStore, KeptFrom } from "../core/ports/full-node-store.ts";
import { decodeHeader } from "../core/chain/header.ts";
import { retentionAt } from "../core/sync/retention.ts";
import type { LedgerTip } from "../core/state/ledger-tip.ts";
import { height, timeMs, type Height } from "../core/values/height.ts";
import type { DiskStore } from "./storage/level-store.ts";
import type { StoreSizes } from "./storage/store-sizes.ts";

/** Heights of one slice; a commit that comes meanwhile waits for no more than one. */
const SLICE_HEIGHTS = 16;
/** Between two slices, for votes and blocks: a whole day of blocks is gone within two minutes. */
const PAUSE_MS = 10;
/** Boundaries looked at together. */
const BOUNDARIES_AT_ONCE = 16;
/** How often the log says what is held. */
const HOLDINGS_EVERY_MS = 60 * 60 * 1000;

/** How often everything that lives is written anew to give back what lay between. */
const THOROUGH_EVERY_MS = 24 * 60 * 60 * 1000;

/** What pruning needs of the node. */
export interface PruneParts {
  readonly store: Pick<DiskStore, "prune" | "reclaim" | "sizes" | "keptFrom" | "boundaries" | "header">;
  readonly state: () => { readonly tip: LedgerTip; readonly boundary: BoundaryBlock };
  readonly clock: Clock;
  /** Keeps everything. */
  readonly isArchive: boolean;
  readonly log: (line: string) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Deletes what 5.5 no longer keeps, after each boundary, in slices between which the node goes on. A kill costs the
 * slice that was being written: the next start goes on there.
 */
export class DatabasePruner {
  readonly #parts: PruneParts;
  #done: Height | undefined;
  #running: Promise<void> | undefined;
  #saidAt: number | undefined;
  #isStopped = false;
  /** When all live records were last written anew: not at once, for a start has enough to do. */
  #thoroughAt: number;

  constructor(parts: PruneParts) {
    this.#parts = parts;
    this.#thoroughAt = parts.clock.now();
  }

  /** To be called at the start and after each block; returns at once. */
  wake(): void {
    const { boundary } = this.#parts.state();
    if (this.#isStopped || this.#running !== undefined || this.#done === boundary.height) return;
    this.#running = this.#run()
      .then(() => {
        this.#done = boundary.height;
      }, this.#parts.failed)
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when no slice is being written any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    if (!this.#parts.isArchive) await this.#prune();
    if (!this.#isStopped) await this.#sayHoldings();
  }

  async #prune(): Promise<void> {
    const { store, state } = this.#parts;
    const { header, chain } = state().tip;
    const { blocksSince, windowSince, payloadsSince } = retentionAt(header.time, chain.params);
    const kept = store.keptFrom();
    const keep: KeptFrom = {
      blocks: await keepFrom(store, kept.blocks, blocksSince),
      window: await keepFrom(store, kept.window, windowSince),
      payloads: await keepFrom(store, kept.payloads, payloadsSince),
    };
    let isAny = false;
    while (!this.#isStopped && (await store.prune(keep, SLICE_HEIGHTS))) {
      isAny = true;
      await this.#pause();
    }
    if (isAny && !this.#isStopped) await this.#reclaim();
  }

  async #reclaim(): Promise<void> {
    const { store, clock } = this.#parts;
    const isThorough = clock.now() >= this.#thoroughAt + THOROUGH_EVERY_MS;
    if (isThorough) this.#thoroughAt = clock.now();
    await store.reclaim(isThorough);
  }

  #pause(): Promise<void> {
    const { clock } = this.#parts;
    return new Promise((resolve) => clock.wakeAt(timeMs(clock.now() + PAUSE_MS), resolve));
  }

  async #sayHoldings(): Promise<void> {
    const { store, clock, log, isArchive } = this.#parts;
    if (this.#saidAt !== undefined && clock.now() < this.#saidAt + HOLDINGS_EVERY_MS) return;
    this.#saidAt = clock.now();
    log(holdingsText(await store.sizes(), store.keptFrom(), isArchive));
  }
}

/** The first height of which something is younger than that: blocks of an epoch go together, with its boundary. */
export async function keepFrom(
  store: Pick<FullNodeStore, "boundaries" | "header">,
  from: Height,
  since: number,
): Promise<Height> {
  let kept = from;
  for (;;) {
    const boundaries = await store.boundaries(kept, BOUNDARIES_AT_ONCE);
    for (const at of boundaries) {
      const header = await store.header(at);
      if (header === undefined || decodeHeader(header).time >= since) return kept;
      kept = height(at + 1);
    }
    if (boundaries.length < BOUNDARIES_AT_ONCE) return kept;
  }
}

/** One line on what a node holds: sizes by class in MB, and from where on. */
export function holdingsText(sizes: StoreSizes, kept: KeptFrom, isArchive: boolean): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const classes = Object.entries(sizes).map(([name, bytes]) => `${name} ${megabytes(bytes)}`);
  const total = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
  const from = `blocks from height ${kept.blocks}, compact data from ${kept.window}, payloads from ${kept.payloads}`;
  return `holds ${megabytes(total)} MB${isArchive ? " (archive)" : ""}: ${classes.join(", ")}; ${from}`;
}
