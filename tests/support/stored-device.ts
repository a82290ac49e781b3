import { IDBFactory } from "fake-indexeddb";
import { openWalletStore } from "../../src/client/storage/wallet-store.ts";
import { StorageError } from "../../src/client/storage/storage-error.ts";
import type { LightClientEffect } from "../../src/core/machines/light-client-effect.ts";
import type { LightClientEvent } from "../../src/core/machines/light-client-event.ts";
import { INITIAL_LIGHT_CLIENT, type LightClientState } from "../../src/core/machines/light-client-state.ts";
import { stepLightClient } from "../../src/core/machines/light-client.ts";
import type { TimeMs } from "../../src/core/values/height.ts";
import { startEngine, type Engine } from "../../src/engine/run-engine.ts";
import type { ClientStore } from "../../src/engine/services/client-store.ts";
import { type CutPlan, interceptChanges } from "./cut-storage.ts";
import { fakeBls } from "./fake-bls.ts";
import { testCurve } from "./test-curve.ts";
import type { LightClientWorld, WorldEvent } from "./light-client-world.ts";

/**
 * killed: the process is gone. overtaken: another tab takes the engine, and the one before goes on as if it had not.
 * no-room: the next change finds no room, and the engine stops by itself.
 */
export type EndOfLife = "killed" | "overtaken" | "no-room";

const SEED = new Uint8Array(32).fill(7);
/** What is said after them says nothing new: a device that ends before them ended after the effect before. */
const QUIET: readonly LightClientEffect["type"][] = ["notify", "arm-timer"];

interface Life {
  readonly store: ClientStore;
  readonly engine: Engine<LightClientState, LightClientEvent>;
  /** Its process is no more, or it has stopped by itself. */
  isOver: boolean;
  /** Another one has the database. */
  isOvertaken: boolean;
}

/**
 * The light client's machine in the engine's loop, over the browser's store and an IndexedDB that can be cut. It lives
 * in a world, dies where its plan says so and goes on from what was stored.
 */
export class StoredDevice {
  readonly world: LightClientWorld;
  readonly plan: CutPlan;
  readonly end: EndOfLife;
  /** Proposals whose payment was said to be stored. */
  readonly stored = new Set<string>();
  /** Proposals that came to nothing. */
  readonly refused = new Set<string>();
  cuts = 0;
  /** Writes of overtaken lives that the store refused. */
  staleWrites = 0;
  /** What no life may do. */
  readonly wrongs: string[] = [];
  #life: Life | undefined;
  #isCut = false;
  #isFull = false;
  readonly #restoreStorage: () => void;

  constructor(world: LightClientWorld, plan: CutPlan, end: EndOfLife) {
    this.world = world;
    this.plan = plan;
    this.end = end;
    globalThis.indexedDB = new IDBFactory();
    this.#restoreStorage = interceptChanges(() => this.#refuseChange());
  }

  get isAlive(): boolean {
    return this.#life?.isOver === false && !this.#life.isOvertaken;
  }

  get state(): LightClientState {
    return this.#life?.engine.state() ?? INITIAL_LIGHT_CLIENT;
  }

  /** Starts, and starts again where it dies on the way. */
  async open(): Promise<void> {
    while (!this.isAlive) {
      this.world.loseDevice();
      await this.#open();
    }
  }

  /** Nothing goes wrong any more. */
  endTrouble(): void {
    this.plan.end();
    this.#isFull = false;
  }

  /** A person has it closed. */
  async close(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    this.world.loseDevice();
    await life?.engine.stop();
    await life?.store.close();
  }

  async dispose(): Promise<void> {
    await this.close();
    this.#restoreStorage();
  }

  /** Makes the wallet, as accounts do: keys first, then the wallet that goes with them. */
  async makeWallet(restore?: { readonly birthdayMs: TimeMs | undefined }): Promise<void> {
    await this.open();
    while (this.#life!.store.secrets() === undefined) {
      const isPut = await this.#life!.store.putSecrets(SEED).then(
        () => true,
        () => false,
      );
      if (isPut && this.isAlive) await this.send({ type: "wallet-opened", restore });
      await this.open();
    }
  }

  async send(event: WorldEvent): Promise<void> {
    await this.hear({ ...event, nowMs: this.world.deviceMs });
  }

  /** One event, done to its end or to this life's. */
  readonly hear = async (event: LightClientEvent): Promise<void> => {
    const life = this.#life;
    if (life === undefined || !this.isAlive) return;
    await life.engine.postAndWait(event);
    if (!life.isOvertaken) return;
    await this.open();
    // The tab that was overtaken stays open, and believes that it may go on.
    await this.#writeOnceMore(life);
  };

  async #open(): Promise<void> {
    this.#isCut = false;
    const store = await openWalletStore().catch((error: unknown) => {
      if (!this.#isCut) throw error;
    });
    if (store === undefined) return;
    const deps = {
      bls: fakeBls,
      curve: testCurve,
      checkpoints: this.world.bundled,
      isOriginTrusted: this.world.isOriginTrusted,
    };
    const engine = startEngine<LightClientState, LightClientEvent, LightClientEffect>(
      {
        initial: INITIAL_LIGHT_CLIENT,
        step: (state, event) => stepLightClient(deps, state, event),
        isWrite: (effect) => effect.type === "write",
      },
      {
        write: (effects) => this.#write(life, effects),
        perform: (effect) => this.#perform(life, effect),
        failed: (error) => this.#failed(life, error),
      },
    );
    const life: Life = { store, engine, isOver: false, isOvertaken: false };
    this.#life = life;
    await this.send({ type: "started", records: store.records() });
    if (store.secrets() === undefined && store.record("wallet") !== undefined)
      this.wrongs.push("a wallet without keys");
    // Nobody knows any more whether these keys are new.
    if (store.secrets() !== undefined) await this.send({ type: "wallet-opened", restore: { birthdayMs: undefined } });
  }

  /** The process ends here and now: nothing after this is stored or leaves. */
  #die(): void {
    this.cuts++;
    this.#isCut = true;
    if (this.#life !== undefined) this.#life.isOver = true;
    this.world.loseDevice();
  }

  /** What a change of the database fails with, if it does. */
  #refuseChange(): DOMException | undefined {
    const isCutHere = this.plan.isCutHere();
    if (isCutHere && this.end !== "no-room") {
      this.#die();
      return new DOMException("cut", "AbortError");
    }
    if (isCutHere) this.cuts++;
    if (!isCutHere && !this.#isFull) return undefined;
    this.#isFull = false;
    this.#isCut = true;
    return new DOMException("no room", "QuotaExceededError");
  }

  async #write(life: Life, effects: readonly LightClientEffect[]): Promise<void> {
    if (life.isOver) throw new Error("dead");
    await this.#place(life);
    for (const effect of effects) if (effect.type === "write") await life.store.write(effect);
    await this.#place(life);
  }

  /** A place where a life can end, outside of a transaction. */
  async #place(life: Life): Promise<void> {
    if (life !== this.#life || !this.plan.isCutHere()) return;
    if (this.end === "killed") {
      this.#die();
      throw new Error("killed");
    }
    this.cuts++;
    if (this.end === "no-room") {
      this.#isFull = true;
      return;
    }
    life.isOvertaken = true;
    await this.open();
  }

  #perform(life: Life, effect: LightClientEffect): void {
    if (life.isOver) return;
    if (life === this.#life && !life.isOvertaken && !QUIET.includes(effect.type) && this.plan.isCutHere()) {
      if (this.end === "killed") {
        this.#die();
        return;
      }
      this.cuts++;
      if (this.end === "no-room") this.#isFull = true;
      else life.isOvertaken = true;
    }
    // Whatever else it does ends with its connections; what it has signed and stored may still go out.
    if (life.isOvertaken && effect.type !== "submit-transaction") return;
    if (effect.type === "payment-stored") this.stored.add(effect.proposalId);
    if (effect.type === "payment-refused") this.refused.add(effect.proposalId);
    if (effect.type === "storage-unreadable") this.wrongs.push(`unreadable: ${effect.key}`);
    this.world.perform(effect);
  }

  #failed(life: Life, error: unknown): void {
    if (life.isOver) return;
    life.isOver = true;
    const code = error instanceof StorageError ? error.code : undefined;
    if (code === "storage_full" && this.end === "no-room") this.world.loseDevice();
    else if (code === "stale") this.staleWrites++;
    else this.wrongs.push(String(error instanceof Error ? error.stack : error));
  }

  async #writeOnceMore(life: Life): Promise<void> {
    if (life.isOver) return;
    const before = life.engine.state().durable;
    life.engine.post({ type: "fresh-address-wanted", nowMs: this.world.deviceMs });
    await life.engine.postAndWait({ type: "ticked", nowMs: this.world.deviceMs });
    await life.engine.stop();
    if (life.engine.state().durable !== before) this.wrongs.push("an overtaken life wrote");
  }
}
