import {
  createFullNodeState,
  type FullNodeDeps,
  type FullNodeState,
} from "../../../src/core/machines/full-node-state.ts";
import {
  isFullNodeWrite,
  type FullNodeEffect,
  type FullNodeEvent,
  type FullNodeWrite,
} from "../../../src/core/machines/full-node-events.ts";
import { hash32 } from "../../../src/core/crypto/tagged-hash.ts";
import { nextHeight } from "../../../src/core/state/ledger-tip.ts";
import { timeMs, type TimeMs } from "../../../src/core/values/height.ts";
import { openEvidence } from "../../../src/node/open-evidence.ts";
import { openLedger } from "../../../src/node/open-ledger.ts";
import { startSigning, storeWrites } from "../../../src/node/perform-effects.ts";
import type { FullNodeMachine, NodeWorld, Running } from "./node-world.ts";
import { countParts, PowerCut, SimulatedDisk } from "./simulated-disk.ts";
import { openSeatHistory } from "../../../src/node/open-seat-history.ts";

/** A full node: the product's machine in a loop like the engine's, over a disk that may fail it. */
export class SimulatedNode {
  readonly number: number;
  readonly name: string;
  /** Of its validator key; undefined for a node without a stake. */
  readonly seed: Uint8Array | undefined;
  readonly disk: SimulatedDisk;
  /** Added to virtual time on this node's clock. */
  readonly skewMs: number;
  running: Running | undefined;
  /** Parts of each step that wrote, over all processes. */
  readonly writes: number[] = [];
  /** The power is to fail in this step, counted from 0, behind so many of its parts. */
  cutAt: { readonly write: number; readonly parts: number } | undefined;
  readonly #machine: FullNodeMachine;
  readonly #unjails: boolean;
  readonly #world: NodeWorld;
  #starts = 0;

  constructor(
    world: NodeWorld,
    given: {
      number: number;
      seed: Uint8Array | undefined;
      skewMs: number;
      machine: FullNodeMachine;
      unjails: boolean;
      forgetsSignatures: boolean;
    },
  ) {
    this.#unjails = given.unjails;
    this.disk = new SimulatedDisk(given.forgetsSignatures);
    this.#world = world;
    this.number = given.number;
    this.name = `node${given.number}`;
    this.seed = given.seed;
    this.skewMs = given.skewMs;
    this.#machine = given.machine;
  }

  /** What its own clock shows. */
  get now(): TimeMs {
    return timeMs(this.#world.now + this.skewMs);
  }

  /** As `start-full-node.ts` does it: ledger, signer file, log of the height to come. */
  async start(): Promise<void> {
    const { curve, bls, genesis } = this.#world;
    const { store, signer: signerFile } = this.disk;
    const { seed } = this;
    const { tip, certificate, boundary } = await openLedger(store, genesis, { curve, bls });
    const { chainId, params } = tip.chain;
    const next = nextHeight(tip);
    const evidence = await openEvidence(store);
    const stored = await store.log(next);
    const { signsFrom, log } =
      seed === undefined ? { signsFrom: next, log: stored } : await startSigning(signerFile, chainId, next, stored);
    const signer =
      seed === undefined
        ? undefined
        : { publicKey: bls.publicKey(seed), signsFrom, sign: (message: Uint8Array) => bls.sign(seed, message) };
    const deps: FullNodeDeps = {
      ledger: { curve, bls },
      reader: store,
      consensus: { bls, params, chainId, signer },
      stemSecret: hash32("test/stem", Uint8Array.of(this.number, this.#starts++)),
      unjails: this.#unjails,
    };
    this.running = {
      state: createFullNodeState(tip, certificate, boundary, await openSeatHistory(store, tip)),
      deps,
      queue: [],
      verdicts: new Map(),
      isBusy: false,
    };
    this.post({ type: "started", now: this.now, log, evidence });
  }

  /** Ends the process as a kill does: what is not on the disk is gone. */
  kill(): void {
    if (this.running === undefined) return;
    this.running = undefined;
    this.#world.ended(this);
  }

  post(event: FullNodeEvent): void {
    if (this.running === undefined) return;
    this.running.queue.push(event);
    this.#pump(this.running);
  }

  #pump(running: Running): void {
    while (!running.isBusy && running === this.running) {
      const event = running.queue.shift();
      if (event === undefined) return;
      running.isBusy = true;
      let stepped: ReturnType<FullNodeMachine>;
      try {
        stepped = this.#machine(running.deps, running.state, event);
      } catch (error) {
        this.#world.broke(this, error);
        this.kill();
        return;
      }
      const [state, effects] = stepped;
      const writes = effects.filter(isFullNodeWrite);
      const others = effects.filter((effect) => !isFullNodeWrite(effect));
      if (writes.length > 0) {
        const { numbers, weather, now } = this.#world;
        this.#world.writing(writes);
        const doneAt = now + numbers.between(0, weather.diskMsMax);
        this.#world.at(doneAt, () => this.#store(running, state, writes, others));
        return;
      }
      running.state = state;
      this.#perform(running, others);
    }
  }

  /** Writes before anything else of the step leaves; the power may fail behind any part of them. */
  async #store(
    running: Running,
    state: FullNodeState,
    writes: readonly FullNodeWrite[],
    others: readonly FullNodeEffect[],
  ): Promise<void> {
    if (running !== this.running) return;
    const parts = this.#cutPoint(countParts(writes));
    if (parts !== undefined) this.disk.cutAfter(parts);
    try {
      await storeWrites(
        this.disk.store,
        this.seed === undefined ? undefined : this.disk.signer,
        state.tip.chain.chainId,
        writes,
      );
    } catch (error) {
      if (!(error instanceof PowerCut)) this.#world.broke(this, error);
    }
    this.disk.powerUp();
    if (parts !== undefined) {
      this.#world.powerFailed();
      this.kill();
      return;
    }
    running.state = state;
    await this.#world.written(this, writes);
    this.#perform(running, others);
    this.#pump(running);
  }

  #cutPoint(parts: number): number | undefined {
    const { numbers, weather } = this.#world;
    const write = this.writes.push(parts) - 1;
    if (this.cutAt?.write === write) return this.cutAt.parts;
    return numbers.chance(weather.powerCutShare) ? numbers.between(0, parts) : undefined;
  }

  #perform(running: Running, effects: readonly FullNodeEffect[]): void {
    const { numbers, weather } = this.#world;
    const killAt = numbers.chance(weather.killShare) ? numbers.between(0, effects.length) : Infinity;
    for (const [index, effect] of effects.entries()) {
      if (index === killAt) break;
      this.#world.perform(this, running, effect);
    }
    if (killAt <= effects.length) this.kill();
    running.isBusy = false;
  }
}
