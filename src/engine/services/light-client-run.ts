import type { BlobWorkJob, BlobWorkResult } from "../../core/blob/blob-work.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import type { LightClientEffect, LightClientNotice } from "../../core/machines/light-client-effect.ts";
import type { LightClientEvent, RestoreWanted } from "../../core/machines/light-client-event.ts";
import { POOL_WAITING_MAX } from "../../core/machines/light-client-pool.ts";
import { proofRoot, type ProofRoot } from "../../core/machines/light-client-proof-root.ts";
import {
  INITIAL_LIGHT_CLIENT,
  type LightClientDeps,
  type LightClientState,
} from "../../core/machines/light-client-state.ts";
import { stepLightClient } from "../../core/machines/light-client.ts";
import { BUNDLED_CHECKPOINTS } from "../../core/params/bundled-checkpoints.ts";
import { coveredLeaves } from "../../core/sync/cover.ts";
import { decoySecret } from "../../core/sync/decoy.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { Hash } from "../../core/values/hash.ts";
import { timeMs, type TimeMs } from "../../core/values/height.ts";
import type { BucketJob, BucketResult } from "../../core/wallet/bucket-job.ts";
import type { BuildPaymentJob, BuildPaymentResult } from "../../core/wallet/built-payment.ts";
import type { BuildClaimResult } from "../../core/wallet/build-claim.ts";
import type { MakeClaimJob, PrepareClaimJob, PrepareClaimResult } from "../../core/wallet/make-claim.ts";
import type { PacketHistory, PacketReplay } from "../../core/red-packet/replay-packet.ts";
import type { PacketTryState, PacketTryStep } from "../../core/red-packet/packet-try.ts";
import type { AccountKeys, ScanKeys } from "../../core/wallet/keys.ts";
import type { WalletKeys } from "../../core/wallet/wallet-secrets.ts";
import { mergeChanges } from "../../core/wallet/stored-record.ts";
import { tagCount, type TagJob, type TagResult } from "../../core/wallet/scan-tags.ts";
import type { ScanJob, ScanResult } from "../../core/wallet/scan-outputs.ts";
import { startEngine, type Engine } from "../run-engine.ts";
import { ClientNetwork } from "./client-network.ts";
import type { UntimedEvent } from "./client-network-ports.ts";
import type { ClientStore } from "./client-store.ts";
import type { NetworkEdges } from "./network-edges.ts";

/** Heavy work, done elsewhere. undefined: it was cancelled, or its worker died under it. */
export interface ClientJobs {
  scan(keys: ScanKeys, job: ScanJob): Promise<ScanResult | undefined>;
  scanTags(keys: ScanKeys, job: TagJob): Promise<TagResult | undefined>;
  openBuckets(keys: ScanKeys, job: BucketJob): Promise<BucketResult | undefined>;
  buildPayment(keys: AccountKeys, job: BuildPaymentJob): Promise<BuildPaymentResult | undefined>;
  prepareClaim(keys: AccountKeys, job: PrepareClaimJob): Promise<PrepareClaimResult | undefined>;
  /** So many more evaluations of a try. */
  tryPacket(job: PacketTryStep): Promise<PacketTryState | undefined>;
  makeClaim(keys: AccountKeys, job: MakeClaimJob): Promise<BuildClaimResult | undefined>;
  /** Without the signatures of beacons, which `bls` checks elsewhere. */
  replayPacket(history: PacketHistory): Promise<PacketReplay | undefined>;
  findBlobWork(job: BlobWorkJob): Promise<BlobWorkResult | undefined>;
  /** Ends all that are open: nobody waits for them any more, and their keys should be nowhere. Later ones are done as ever. */
  cancel(): void;
}

/** What a light client needs of its platform. */
export interface LightClientEdges extends NetworkEdges {
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
  readonly store: ClientStore;
  readonly jobs: ClientJobs;
  /** A person has named where the network file comes from, as on a command line; false for the page's own origin. */
  readonly isOriginTrusted?: boolean;
}

export interface RunListener {
  notice(notice: LightClientNotice): void;
  /** A network file was read; true lets the machine have it. */
  admit(config: NetworkConfig): boolean;
  /** A write failed, or an invariant broke: nothing more will happen. */
  failed(error: unknown): void;
}

/** Ends the step in which it stands: the state after it is there to be read. */
interface StepDone {
  readonly type: "step-done";
}

type RunEffect = LightClientEffect | StepDone;
type ScanTagsEffect = Extract<LightClientEffect, { readonly type: "scan-tags" }>;

/** Events that may wait; above it streams pause. */
const WAITING_EVENTS_MAX = 64;
/** A restore of a million outputs has a thousand of each: a transaction for each would take longer than the scans. */
const BULK_EVENTS: ReadonlySet<LightClientEvent["type"]> = new Set([
  "range-received",
  "buckets-received",
  "buckets-opened",
  "restore-answer-ended",
  "tags-scanned",
]);
/** What is done elsewhere, with keys of the wallet. */
const JOBS: ReadonlySet<RunEffect["type"]> = new Set(["scan-outputs", "scan-tags", "open-buckets", "build-payment"]);
const SCAN_RETRY_MS = 1_000;
const SCAN_RETRY_MS_MAX = 60_000;

/** Whether a machine still waits for this scan. */
function isScanWanted({ scan, pool, restore }: LightClientState, jobId: number): boolean {
  const jobs = [scan, pool.scan, ...restore.scanning, ...restore.opening];
  return jobs.some((job) => job?.jobId === jobId);
}

/** One life of the light client's machine: from the records of a store to a stop, a failure or an erase. */
export class LightClientRun {
  readonly #edges: LightClientEdges;
  readonly #listener: RunListener;
  readonly #keys: () => WalletKeys | undefined;
  readonly #engine: Engine<LightClientState, LightClientEvent>;
  readonly #network: ClientNetwork;
  readonly #deps: LightClientDeps;
  readonly #waiters = new Set<() => void>();
  #waitingEvents = 0;
  #callOffTimer: () => void = () => undefined;
  #isOver = false;
  #failure: Error | undefined;

  constructor(edges: LightClientEdges, keys: () => WalletKeys | undefined, listener: RunListener) {
    this.#edges = edges;
    this.#keys = keys;
    this.#listener = listener;
    this.#network = new ClientNetwork({
      ...edges,
      post: (event) => this.post(event),
      room: () => this.#until(() => this.#waitingEvents < WAITING_EVENTS_MAX),
      poolRoom: () =>
        this.#until(() => this.#waitingEvents < WAITING_EVENTS_MAX && this.state.pool.waiting.size < POOL_WAITING_MAX),
      decoySecret: () => this.decoySecret(),
      configured: (config) => {
        if (listener.admit(config)) this.post({ type: "network-configured", config });
      },
    });
    const { bls, curve, isOriginTrusted = false } = edges;
    const deps = { bls, curve, checkpoints: BUNDLED_CHECKPOINTS, isOriginTrusted };
    this.#deps = deps;
    this.#engine = startEngine<LightClientState, LightClientEvent, RunEffect>(
      {
        initial: INITIAL_LIGHT_CLIENT,
        step: (state, event) => {
          const [next, effects] = stepLightClient(deps, state, event);
          return [next, [...effects, { type: "step-done" }]];
        },
        isWrite: (effect) => effect.type === "write",
        isBulk: ({ type }) => BULK_EVENTS.has(type),
      },
      {
        write: (effects) => edges.store.write(mergeChanges(effects.filter((effect) => effect.type === "write"))),
        perform: (effect) => this.#perform(effect),
        failed: (error) => void this.#fail(error),
      },
    );
  }

  /** Goes on from the store's records; `restore` counts where keys have none yet. The first step is done before this returns. */
  start(restore: RestoreWanted | undefined, hasKeys: boolean): void {
    this.post({ type: "started", records: this.#edges.store.records() });
    if (hasKeys) this.post({ type: "wallet-opened", restore });
  }

  get state(): LightClientState {
    return this.#engine.state();
  }

  get network(): ClientNetwork {
    return this.#network;
  }

  /** NW-7; undefined without keys. */
  decoySecret(): Hash | undefined {
    const own = this.#keys();
    // Who only sees what others pay has no s_vb; its decoys are stable all the same.
    return own && decoySecret(own.view.viewAllSecret ?? own.view.viewSecret);
  }

  /** What is believed of the chain right now; undefined before there is anything, or where it is too old (LC-4). */
  proofRoot(): ProofRoot | undefined {
    return proofRoot({ state: this.state, deps: this.#deps, nowMs: this.now() });
  }

  now(): TimeMs {
    return timeMs(this.#edges.timers.now());
  }

  post(event: UntimedEvent): void {
    if (this.#isOver) return;
    this.#waitingEvents++;
    this.#engine.post({ ...event, nowMs: this.now() });
  }

  /** Resolves with the first state that is as wanted, stored; rejects when the run ends before. */
  async until(isWanted: (state: LightClientState) => boolean): Promise<LightClientState> {
    await this.#until(() => isWanted(this.state));
    if (!isWanted(this.state)) throw this.#failure ?? new Error("the engine has stopped");
    return this.state;
  }

  /** Finishes the write in progress and ends everything. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#callOffTimer();
    this.#edges.jobs.cancel();
    await Promise.all([this.#engine.stop(), this.#network.stop()]);
    this.#wake();
  }

  #until(isReady: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!this.#isOver && !isReady()) return;
        this.#waiters.delete(check);
        resolve();
      };
      this.#waiters.add(check);
      check();
    });
  }

  #wake(): void {
    for (const check of [...this.#waiters]) check();
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#isOver) return;
    this.#failure = error instanceof Error ? error : new Error("the engine has stopped", { cause: error });
    this.#listener.failed(error);
    await this.stop();
  }

  #perform(effect: RunEffect): void {
    // The last step's effects come after the end where its write was on its way: work with keys is not begun any more.
    if (this.#isOver && JOBS.has(effect.type)) return;
    switch (effect.type) {
      case "step-done":
        this.#waitingEvents--;
        // LC-3: over a fork no connection stays, nor one that is still being made or was made ahead.
        if (this.state.phase === "halted") void this.#network.stop();
        this.#wake();
        return;
      case "arm-timer":
        this.#armTimer(effect.atMs);
        return;
      case "scan-outputs":
        void this.#scan(effect.jobId, effect.job, SCAN_RETRY_MS);
        return;
      case "scan-tags":
        void this.#scanTags(effect, SCAN_RETRY_MS);
        return;
      case "open-buckets":
        void this.#openBuckets(effect.jobId, effect.job, SCAN_RETRY_MS);
        return;
      case "build-payment":
        void this.#build(effect.proposalId, effect.job);
        return;
      case "notify":
      case "checkpoint-judged":
      case "payment-stored":
      case "payment-refused":
      case "claim-stored":
      case "claim-rejected":
      case "storage-unreadable":
      case "node-dropped":
        this.#listener.notice(effect);
        return;
      case "write":
        return;
      default:
        this.#network.perform(effect);
    }
  }

  #armTimer(atMs: TimeMs): void {
    this.#callOffTimer();
    const { timers } = this.#edges;
    this.#callOffTimer = timers.after(Math.max(0, atMs - timers.now()), () => this.post({ type: "ticked" }));
  }

  /** A scan that was lost is run again: it costs time, never coins. */
  async #scan(jobId: number, job: ScanJob, retryMs: number): Promise<void> {
    const keys = this.#keys();
    const result = keys === undefined ? undefined : await this.#edges.jobs.scan(keys.view, job);
    if (result !== undefined) this.post({ type: "outputs-scanned", jobId, result });
    else this.#scanAgain(jobId, retryMs, (nextMs) => void this.#scan(jobId, job, nextMs));
  }

  async #scanTags(effect: ScanTagsEffect, retryMs: number): Promise<void> {
    const { jobId, job } = effect;
    const keys = this.#keys();
    const result = keys === undefined ? undefined : await this.#edges.jobs.scanTags(keys.view, job);
    if (result !== undefined) this.post({ type: "tags-scanned", jobId, result: this.#withCovers(effect, result) });
    else this.#scanAgain(jobId, retryMs, (nextMs) => void this.#scanTags(effect, nextMs));
  }

  async #openBuckets(jobId: number, job: BucketJob, retryMs: number): Promise<void> {
    const keys = this.#keys();
    const result = keys === undefined ? undefined : await this.#edges.jobs.openBuckets(keys.view, job);
    if (result !== undefined) this.post({ type: "buckets-opened", jobId, result });
    else this.#scanAgain(jobId, retryMs, (nextMs) => void this.#openBuckets(jobId, job, nextMs));
  }

  /** NW-8: covers count as hits, and nobody behind this line can tell them apart. */
  #withCovers({ job, coverFrom }: ScanTagsEffect, { places }: TagResult): TagResult {
    const secret = this.decoySecret();
    if (coverFrom === undefined || secret === undefined) return { places };
    const covers = coveredLeaves(secret, coverFrom, tagCount(job)).map((leaf) => leaf - coverFrom);
    return { places: [...new Set([...places, ...covers])].sort((left, right) => left - right) };
  }

  #scanAgain(jobId: number, retryMs: number, scan: (nextMs: number) => void): void {
    if (this.#isOver) return;
    this.#edges.timers.after(retryMs, () => {
      if (!this.#isOver && isScanWanted(this.state, jobId)) scan(Math.min(2 * retryMs, SCAN_RETRY_MS_MAX));
    });
  }

  async #build(proposalId: string, job: BuildPaymentJob): Promise<void> {
    const keys = this.#keys()?.spend;
    const result = keys === undefined ? undefined : await this.#edges.jobs.buildPayment(keys, job);
    this.post({ type: "payment-built", proposalId, result: result ?? { ok: false, code: "check_failed" } });
  }
}
