import type { ClientApi, OpenCode, OpenResult } from "../../api/client-api.ts";
import type { ClientEvent } from "../../api/events.ts";
import type { DrawRecheck, WalletView } from "../../api/views.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { LightClientNotice } from "../../core/machines/light-client-effect.ts";
import { peerOfAddress } from "../../core/sync/known-nodes.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { TimeMs } from "../../core/values/height.ts";
import { networkOfChainId, type NetworkName } from "../../core/values/network.ts";
import type { RestoreWanted } from "../../core/machines/light-client-event.ts";
import type { WalletState } from "../../core/wallet/wallet-state.ts";
import type { WalletTier } from "../../core/wallet/wallet-secrets.ts";
import { AccountsService } from "./accounts.ts";
import { AwardRechecks } from "./award-rechecks.ts";
import { ExplorerService } from "./explorer.ts";
import { LightClientRun, type LightClientEdges } from "./light-client-run.ts";
import { NetworkMeter } from "./network-meter.ts";
import { BlobsService } from "./blobs.ts";
import { clientEvents, EVERYTHING, type Changed } from "./client-events.ts";
import { CheckpointsService } from "./checkpoints.ts";
import { PaymentsService } from "./payments.ts";
import { PacketsService } from "./packets.ts";
import { ProofsService } from "./proofs.ts";
import { DATA_USED_KEY } from "./data-used.ts";
import { openBackup, SafetyService, type WalletSafety } from "./safety.ts";
import { readSafetyRecord, SAFETY_KEY } from "./safety-record.ts";
import { RequestsService, requestsView } from "./requests.ts";
import { StakesService, stakesView, stakingView } from "./stakes.ts";
import { balanceView, CONNECTING, historyView, networkOf, restoreView, syncView } from "./views.ts";

/**
 * Keys without a wallet, and not made here, are what a kill has left between the two. Nobody knows any more where they come
 * from: to look for coins that are not there only costs time, and to call words seen that nobody has seen may cost the
 * coins.
 */
const KEYS_ALONE: RestoreWanted = { birthdayMs: undefined };

/** Records that are about no chain: what was checked of the ways back, and what all of it has cost in data. */
const OF_THE_DEVICE = [SAFETY_KEY, DATA_USED_KEY];

/** What a platform adds around a light client. */
export interface LightClientPorts extends LightClientEdges {
  /** Events for whoever shows them. */
  readonly emit: (event: ClientEvent) => void;
  /** The loop has ended by an error of the store, or by a mistake of ours. Nothing more is written. */
  readonly failed: (error: unknown) => void;
  /** A line for whoever looks into what happened. */
  readonly log?: (line: string) => void;
  /** The code under which a page hears of a store's error. */
  readonly openCode: (error: unknown) => OpenCode;
}

export type RestoreViewResult =
  OpenResult | { readonly ok: false; readonly code: "view_key_invalid" | "wallet_exists" };

/** A wallet that follows a chain: the machine, its edges and the areas of the client's API that need no browser. */
export class LightClient {
  readonly #ports: LightClientPorts;
  readonly #accounts: AccountsService;
  readonly #payments: PaymentsService;
  readonly #requests: RequestsService;
  readonly #stakes: StakesService;
  readonly #packets: PacketsService;
  readonly #proofs: ProofsService;
  readonly #checkpoints: CheckpointsService;
  readonly #safety: SafetyService;
  readonly #explorer: ExplorerService;
  readonly #rechecks: AwardRechecks;
  readonly #blobs: BlobsService;
  readonly #meter: NetworkMeter;
  #run: LightClientRun | undefined;
  #creating: Promise<OpenResult> | undefined;
  #notice: WalletView["notice"];
  #unreadable: OpenCode | undefined;
  #isForeground = true;
  /** What ends a run and begins the next goes one after the other: two runs on one store would spoil it. */
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(ports: LightClientPorts) {
    this.#meter = new NetworkMeter(ports);
    this.#ports = this.#meter.meter(ports);
    this.#accounts = new AccountsService(ports);
    this.#payments = new PaymentsService(ports, () => this.#run);
    this.#requests = new RequestsService(
      ports,
      () => this.#run,
      () => this.#accounts.keys(),
    );
    this.#stakes = new StakesService(
      ports,
      () => this.#run,
      () => this.#accounts.keys(),
      this.#payments,
    );
    this.#blobs = new BlobsService(this.#ports, () => this.#run);
    this.#packets = new PacketsService(
      this.#ports,
      () => this.#run,
      () => this.#accounts.keys(),
      this.#payments,
      this.#blobs,
    );
    this.#proofs = new ProofsService(ports, () => this.#run);
    this.#checkpoints = new CheckpointsService(ports, () => this.#run);
    this.#safety = new SafetyService(ports, () => this.networkName);
    this.#explorer = new ExplorerService(this.#ports, () => this.#run);
    this.#rechecks = new AwardRechecks(ports.bls, () => this.#run);
  }

  /** Reads the store and starts; the network follows by itself. */
  async start(): Promise<OpenResult> {
    // Records without their seed can never be spent from: nothing good comes of going on.
    if (!this.#accounts.exists && this.#ports.store.record("wallet") !== undefined) {
      return { ok: false, code: "storage_broken" };
    }
    if (!this.#accounts.isReadable) return { ok: false, code: "storage_broken" };
    // A device that ended while it changed to another chain has the keys and no wallet record, and still knows this.
    const isTyped = readSafetyRecord(this.#ports.store).wordsCheckedMs !== undefined;
    this.#begin(this.#accounts.isMadeHere ? undefined : { ...KEYS_ALONE, isTyped });
    await this.#run!.until((state) => {
      return state.phase === "halted" || (state.phase === "running" && this.#hasWalletState(state.durable.wallet));
    });
    if (this.#unreadable === undefined) return { ok: true, wallet: this.walletView() };
    await this.stop();
    return { ok: false, code: this.#unreadable };
  }

  /** Finishes the write in progress and ends. */
  async stop(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    const services = [this.#packets, this.#proofs, this.#stakes, this.#explorer, this.#blobs];
    await Promise.all([run?.stop(), ...services.map((service) => service.stopped())]);
    this.#packets.ended();
    this.#payments.stopped();
    this.#checkpoints.stopped();
    this.#accounts.forget();
    await this.#meter.used.keep();
  }

  /** What the wallet of this device can do; undefined without one. */
  get tier(): WalletTier | undefined {
    return this.#accounts.keys()?.tier;
  }

  /** undefined until the network file was read, or the store has known it. */
  get networkName(): NetworkName | undefined {
    return networkOf(this.#run?.state);
  }

  walletView(): WalletView {
    const wallet = this.#run?.state.durable.wallet;
    const view = { exists: this.#accounts.exists, wordsSeen: wallet?.wordsSeen ?? false, notice: this.#notice };
    return wallet?.isRestored === true ? { ...view, isRestored: true } : view;
  }

  /** Every view as an event: what a new listener hears first. */
  currentEvents(): readonly ClientEvent[] {
    return this.#events(EVERYTHING);
  }

  readonly accounts: ClientApi["accounts"] = {
    create: () => {
      this.#creating ??= this.#inTurn(() => this.#create()).finally(() => (this.#creating = undefined));
      return this.#creating;
    },
    prepareRestore: () => Promise.resolve(),
    restore: ({ words, birthdayMs }) => {
      return this.#inTurn(async () => {
        const restored = await this.#restoring((run) => this.#accounts.restore(run, words, birthdayMs));
        // Whoever has typed all of them has them written down.
        if (restored.ok) await this.#safety.wordsChecked();
        return restored;
      });
    },
    restoreBackup: (request) => {
      const opened = openBackup(request);
      if (!opened.ok) return Promise.resolve(opened);
      return this.#inTurn(async () => {
        const { secrets } = opened.contents;
        const restored = await this.#restoring((run) => this.#accounts.restoreSecrets(run, secrets));
        if (restored.ok && request.type === "file") await this.#safety.kitChecked();
        return restored;
      });
    },
    address: async ({ fresh }) => this.#accounts.address(this.#running(), fresh),
    recoveryWords: async () => this.#accounts.recoveryWords(this.#running()),
    erase: () => this.#inTurn(() => this.#erase()),
  };

  /** A wallet that only sees, from a view key as text. Not for the page. */
  restoreView(viewKey: string, birthdayMs: TimeMs | undefined): Promise<RestoreViewResult> {
    return this.#inTurn(() => this.#restoring((run) => this.#accounts.restoreView(run, viewKey, birthdayMs)));
  }

  get safety(): WalletSafety {
    return this.#safety.api;
  }

  get payments(): ClientApi["payments"] {
    return this.#payments.api;
  }

  get requests(): ClientApi["requests"] {
    return this.#requests.api;
  }

  get stakes(): ClientApi["stakes"] {
    return this.#stakes.api;
  }

  get packets(): ClientApi["packets"] {
    return this.#packets.api;
  }

  get proofs(): ClientApi["proofs"] {
    return this.#proofs.api;
  }

  get explorer(): ClientApi["explorer"] {
    return this.#explorer.api;
  }

  get blobs(): BlobsService {
    return this.#blobs;
  }

  /** Bytes that the platform exchanged with its own origin beside what goes through the edges. */
  countOrigin(bytesSent: number, bytesReceived: number): void {
    this.#meter.sent(bytesSent);
    this.#meter.received(bytesReceived);
  }

  /** What this device finds of past draws that somebody tells of (AW-4); to be called once for each look at them. */
  lookAtDraws(): (draw: unknown) => DrawRecheck {
    return this.#rechecks.look();
  }

  get network(): ClientApi["network"] {
    return {
      ...this.#checkpoints.api,
      foreground: (isForeground) => {
        this.#isForeground = isForeground;
        this.#run?.post({ type: "foreground-changed", isForeground });
        return Promise.resolve();
      },
    };
  }

  /** What a page asks beside it is which backend its workers run: the platform's to say. */
  readonly views: Omit<ClientApi["views"], "backend" | "chain"> = {
    sync: () => Promise.resolve(this.#run === undefined ? CONNECTING : syncView(this.#run.state, this.#run.now())),
    balance: () => Promise.resolve(this.#run && balanceView(this.#run.state)),
    history: () => Promise.resolve(this.#run === undefined ? [] : historyView(this.#run.state)),
    requests: () => Promise.resolve(this.#run === undefined ? [] : requestsView(this.#run.state)),
    stakes: () => Promise.resolve(this.#run === undefined ? [] : stakesView(this.#run.state)),
    staking: () => Promise.resolve(this.#run && stakingView(this.#run.state)),
    network: async () => {
      // Whoever looks at a figure should not see it fall.
      await this.#meter.used.keep();
      return this.#meter.view(this.#run?.state);
    },
    restore: () => Promise.resolve(this.#run && restoreView(this.#run.state)),
  };

  #running(): LightClientRun {
    if (this.#run === undefined) throw new Error("the client is not open");
    return this.#run;
  }

  #hasWalletState(wallet: unknown): boolean {
    return !this.#accounts.exists || wallet !== undefined;
  }

  #begin(restore: RestoreWanted | undefined): void {
    const run: LightClientRun = new LightClientRun(this.#ports, () => this.#accounts.keys(), {
      notice: (notice) => {
        // A stop finishes the step in progress: what it has stored will be sent, so it must not be called lost.
        if (this.#run === run || notice.type.endsWith("-stored")) this.#hear(notice);
      },
      admit: (config) => this.#run === run && this.#admit(run, config),
      failed: (error) => {
        if (this.#run === run) this.#fail(error);
      },
    });
    this.#run = run;
    run.start(restore, this.#accounts.exists);
    this.#blobs.begun();
    this.#packets.begun();
    if (!this.#isForeground) run.post({ type: "foreground-changed", isForeground: false });
  }

  #fail(error: unknown): void {
    void this.#packets.stopped();
    void this.#proofs.stopped();
    void this.#stakes.stopped();
    void this.#explorer.stopped();
    void this.#blobs.stopped();
    this.#packets.ended();
    this.#payments.stopped();
    this.#checkpoints.stopped();
    this.#ports.failed(error);
  }

  #hear(notice: LightClientNotice): void {
    if (notice.type === "notify") this.#emit(notice.changed);
    else if (notice.type === "checkpoint-judged") this.#checkpoints.judged(notice);
    else if (notice.type === "node-dropped") this.#reportNode(notice.node, notice.fault);
    else if (notice.type === "storage-unreadable")
      this.#unreadable = notice.isNewer ? "storage_newer" : "storage_broken";
    else if (notice.type === "claim-stored" || notice.type === "claim-rejected") this.#packets.notice(notice);
    else this.#payments.notice(notice);
  }

  /** Names who sent what no honest node sends. Operators are public, and nothing of the wallet is in it. */
  #reportNode(node: number, fault: string): void {
    const { operator, addresses } = this.#run?.state.config?.nodes[node] ?? { operator: "", addresses: [] };
    const name = operator === "" ? (peerOfAddress(addresses[0] ?? "") ?? "unknown") : operator;
    this.#ports.log?.(`node ${node} (${name}) was left: ${fault}`);
  }

  #emit(changed: Changed): void {
    for (const event of this.#events(changed)) this.#ports.emit(event);
  }

  #events(changed: Changed): readonly ClientEvent[] {
    return this.#run === undefined ? [] : clientEvents(this.#run, changed, () => this.walletView());
  }

  async #create(): Promise<OpenResult> {
    try {
      await this.#accounts.create(this.#running());
    } catch (error) {
      return { ok: false, code: this.#ports.openCode(error) };
    }
    this.#emit(["wallet"]);
    return { ok: true, wallet: this.walletView() };
  }

  async #restoring<Code extends string>(
    restore: (run: LightClientRun) => Promise<"ok" | Code>,
  ): Promise<OpenResult | { readonly ok: false; readonly code: Code }> {
    try {
      const outcome = await restore(this.#running());
      if (outcome !== "ok") return { ok: false, code: outcome };
    } catch (error) {
      return { ok: false, code: this.#ports.openCode(error) };
    }
    this.#emit(["wallet"]);
    return { ok: true, wallet: this.walletView() };
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#lastChange.then(change);
    this.#lastChange = turn.catch(() => undefined);
    return turn;
  }

  async #erase(): Promise<void> {
    await this.stop();
    try {
      await this.#ports.store.erase();
      this.#accounts.forget();
      this.#meter.used.forget();
      this.#explorer.forget();
      this.#notice = undefined;
    } finally {
      // What could not be erased is still there, and goes on.
      this.#begin(KEYS_ALONE);
      this.#emit(EVERYTHING);
    }
  }

  /**
   * A dev network begins anew under its old address; what this wallet knew of the old chain is then dropped, with a
   * notice, and the same keys go on. Any other change of chain is for the machine to refuse.
   */
  #admit(run: LightClientRun, config: NetworkConfig): boolean {
    const { anchor, wallet } = run.state.durable;
    if (anchor === undefined || wallet === undefined || equalBytes(anchor.genesisHash, config.genesisHash)) return true;
    if (config.network !== "dev" || networkOfChainId(anchor.chainId) !== "dev") return true;
    // Unless an erase was faster: there is no wallet to go on with then.
    void this.#inTurn(async () => this.#run === run && (await this.#replaceChain(wallet)));
    return false;
  }

  async #replaceChain({ wordsSeen, restore }: WalletState): Promise<void> {
    try {
      await this.stop();
      await this.#ports.store.forgetRecords(OF_THE_DEVICE);
      this.#explorer.forget();
      this.#notice = "chain_replaced";
      this.#begin(restore);
      if (wordsSeen) this.#run?.post({ type: "words-seen" });
      this.#emit(EVERYTHING);
    } catch (error) {
      this.#fail(error);
    }
  }
}
