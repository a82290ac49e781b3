import type {
  CheckpointResult,
  ClientApi,
  LockedResult,
  OpenOptions,
  OpenResult,
  RestoreBackupResult,
} from "../../api/client-api.ts";
import type { BackupRequest } from "../../api/backup.ts";
import type { ClientEvent, StopCode } from "../../api/events.ts";
import type { ChainView } from "../../api/views.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { BackendName } from "../../core/crypto/backend/open-backend.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import { LightClient } from "../../engine/services/light-client.ts";
import { streamRequests } from "../../net/requests/stream-requests.ts";
import { cryptoJobs } from "../crypto/crypto-jobs.ts";
import { CryptoPool, type CryptoWorker } from "../crypto/crypto-pool.ts";
import { platformRandom } from "../crypto/platform-random.ts";
import { fetchNetworkFile, loadBrowserHost, openBrowserHost, readBrowserAddress } from "../network/browser-network.ts";
import { askOrigin, ChainReader } from "../network/request-chain.ts";
import { requestFaucet } from "../network/request-faucet.ts";
import { later, type Later } from "../later.ts";
import { platformTimers } from "../platform-timers.ts";
import type { ClosedCode } from "../storage/open-database.ts";
import type { LockableStore, OpenedStore } from "../storage/wallet-store.ts";
import { takeEngineLock, type EngineHold } from "./engine-lock.ts";
import { FirstPicture } from "./first-picture.ts";
import { LockService } from "./lock-service.ts";
import { openStore } from "./open-store.ts";
import { packetCalls } from "./packet-calls.ts";
import { reportFailure } from "./report-failure.ts";
import { safetyCalls } from "./safety-calls.ts";
import { CLOSED_SAID_MS, openCode, STOP_OF_CLOSED, stopCode } from "./stop-codes.ts";

export interface StartClientOptions {
  /** `only`: the one backend to take, where somebody has asked for one. */
  readonly openCryptoWorker: (only: BackendName | undefined) => CryptoWorker;
  /**
   * Loads what makes single keys, addresses and proofs, once the last balance shows. Long work is the crypto workers', each
   * with a backend of its own.
   */
  readonly openCurve: () => Promise<CurveBackend>;
  /** Loads the library that checks certificates; not before one is to be checked. */
  readonly openBls: () => Promise<BlsBackend>;
  /** For tests: another database and lock than the app's. */
  readonly name?: string;
}

type Listener = (event: ClientEvent) => unknown;

/** The client of this worker; nothing is opened before {@link ClientApi.open}. */
export function startClient(options: StartClientOptions): ClientApi {
  const client = new BrowserClient(options);
  return {
    open: (asked) => client.open(asked ?? {}),
    subscribe: (listener) => client.subscribe(listener),
    accounts: {
      create: async () => (await client.opened()).accounts.create(),
      prepareRestore: async () => client.prepareRestore(),
      restore: async (request) => client.restore(request),
      restoreBackup: async (request) => client.restoreBackup(request),
      address: async (which) => (await client.opened()).accounts.address(which),
      recoveryWords: async () => (await client.opened()).accounts.recoveryWords(),
      erase: async () => (await client.opened()).accounts.erase(),
    },
    safety: safetyCalls(client),
    payments: {
      checkAddress: async (text) => (await client.opened()).payments.checkAddress(text),
      propose: async (request) => (await client.opened()).payments.propose(request),
      confirm: async (proposalId) => (await client.opened()).payments.confirm(proposalId),
      retry: async (txid) => (await client.opened()).payments.retry(txid),
      label: async (id, text) => (await client.opened()).payments.label(id, text),
    },
    requests: {
      make: async (terms) => (await client.opened()).requests.make(terms),
      fragment: async (id) => (await client.opened()).requests.fragment(id),
      cancel: async (id) => (await client.opened()).requests.cancel(id),
      read: async (text) => (await client.opened()).requests.read(text),
    },
    stakes: {
      offer: async (validatorKey) => (await client.opened()).stakes.offer(validatorKey),
      propose: async (request) => (await client.opened()).stakes.propose(request),
      proposeUnstake: async (leaf) => (await client.opened()).stakes.proposeUnstake(leaf),
      proposeWithdrawal: async (leaf) => (await client.opened()).stakes.proposeWithdrawal(leaf),
      validators: async () => (await client.opened()).stakes.validators(),
    },
    explorer: {
      recent: async () => (await client.opened()).explorer.recent(),
      block: async (height) => client.explore((explorer) => explorer.block(height)),
      search: async (text, further) => client.explore((explorer) => explorer.search(text, further)),
      progress: async () => (await client.opened()).explorer.progress(),
    },
    packets: packetCalls(client),
    proofs: {
      make: async (txid) => (await client.opened()).proofs.make(txid),
      check: async (text) => (await client.opened()).proofs.check(text),
    },
    network: {
      checkpoint: async () => (await client.opened()).network.checkpoint(),
      enterCheckpoint: (text) => client.enterCheckpoint(text),
      foreground: async (isForeground) => {
        client.firstPicture.tell();
        return (await client.opened()).network.foreground(isForeground);
      },
    },
    views: {
      sync: async () => (await client.opened()).views.sync(),
      balance: async () => (await client.opened()).views.balance(),
      history: async () => (await client.opened()).views.history(),
      requests: async () => (await client.opened()).views.requests(),
      stakes: async () => (await client.opened()).views.stakes(),
      staking: async () => (await client.opened()).views.staking(),
      restore: async () => (await client.opened()).views.restore(),
      backend: async () => client.backend(),
      chain: () => client.chain(),
      network: async () => (await client.opened()).views.network(),
    },
    faucet: {
      async request() {
        const { accounts, views } = await client.opened();
        const { network } = await views.sync();
        if (network !== undefined && network !== "dev") return { ok: false, code: "not_a_dev_network" };
        return requestFaucet(await accounts.address({ fresh: false }));
      },
    },
  };
}

/** Lock, storage and light client of one worker, opened once and closed for good. */
class BrowserClient {
  readonly #options: StartClientOptions;
  readonly #listeners: Listener[] = [];
  readonly #pool: CryptoPool;
  readonly #curve: Later<CurveBackend>;
  readonly #bls: Later<BlsBackend>;
  readonly #chain = new ChainReader(
    () => platformTimers.now(),
    async (body) => {
      const text = await askOrigin(body);
      this.#client?.countOrigin(body.length, text?.length ?? 0);
      return text;
    },
  );
  #opening: Promise<OpenResult | LockedResult> | undefined;
  #client: LightClient | undefined;
  #closing: Promise<void> | undefined;
  #engine: { readonly hold: EngineHold; readonly store: LockableStore } | undefined;
  #stopped: StopCode | undefined;
  /** Why the database was closed under the client; undefined: it was not. */
  #databaseClosed: StopCode | undefined;
  /** What the page's address asks for. */
  #asked: BackendName | undefined;
  #backendQuestions = 0;
  readonly firstPicture = new FirstPicture();

  constructor(options: StartClientOptions) {
    this.#options = options;
    this.#curve = later("the curve", options.openCurve);
    this.#bls = later("BLS", options.openBls);
    this.#pool = new CryptoPool({ openWorker: () => options.openCryptoWorker(this.#only) });
  }

  open(options: OpenOptions): Promise<OpenResult | LockedResult> {
    if (this.#opening === undefined) {
      this.#asked = options.backend;
      if (options.isHurried === true) this.#hurry();
      this.#opening = this.#open(options);
    }
    return this.#opening;
  }

  /** While the store opens. Whoever needs what could not be loaded hears of it when he asks for it. */
  #hurry(): void {
    this.firstPicture.tell();
    for (const load of [this.#curve.load, this.#bls.load, loadBrowserHost]) void load().catch(() => undefined);
  }

  /** Of the store that is open. */
  lockService(): LockService {
    if (this.#engine === undefined) throw new Error("the client is not open");
    return new LockService({ store: this.#engine.store, random: platformRandom });
  }

  async lock(): Promise<void> {
    await this.#opening;
    if (this.#engine !== undefined) await this.#close(this.#engine.hold, this.#engine.store, undefined);
  }

  /** A backend is asked for in tests: elsewhere than on a dev network an address could only make the app slow. */
  get #only(): BackendName | undefined {
    return this.#client?.networkName === "dev" ? this.#asked : undefined;
  }

  /** Whether a worker that is started now gets the backend it should: what was asked for counts on some networks only. */
  get #isBackendKnown(): boolean {
    return this.#asked === undefined || this.#client?.networkName !== undefined;
  }

  async backend(): Promise<string | undefined> {
    await this.opened();
    if (!this.#isBackendKnown) return undefined;
    const result = await this.#pool.run(`backend ${this.#backendQuestions++}`, (service) => service.backendName());
    return result.ok ? result.value : undefined;
  }

  /** The light client, once it is open and can do what it is asked. Everything else is a call too early or too late. */
  async opened(): Promise<LightClient> {
    const result = await this.#opening;
    if (result?.ok === true) await this.firstPicture.drawn.then(() => this.#curve.load());
    if (result?.ok !== true || this.#client === undefined) throw new Error("the client is not open");
    return this.#client;
  }

  /** What the origin says; past draws are rechecked once the chain is followed and the library for it is there. */
  async chain(): Promise<ChainView | undefined> {
    await this.firstPicture.drawn;
    const hasBls = await this.#bls.load().then(
      () => true,
      () => false,
    );
    return this.#chain.read((hasBls ? this.#client?.lookAtDraws() : undefined) ?? (() => "unchecked"));
  }

  /** What others show of a block is tied to the chain by certificates. */
  async explore<Result>(look: (explorer: ClientApi["explorer"]) => Promise<Result>): Promise<Result> {
    const { explorer } = await this.opened();
    await this.#bls.load().catch(() => undefined);
    return look(explorer);
  }

  /** What is stored is judged by its certificate before a person's word is compared with it. */
  async enterCheckpoint(text: string): Promise<CheckpointResult> {
    const { network } = await this.opened();
    try {
      await this.#bls.load();
    } catch {
      return { ok: false, code: "not_ready" };
    }
    return network.enterCheckpoint(text);
  }

  async prepareRestore(): Promise<void> {
    await this.opened();
    this.warm();
  }

  /** Starts crypto workers for work that is about to come: so many, or all that there may be. */
  warm(workers?: number): void {
    if (this.#isBackendKnown) this.#pool.warm(workers);
  }

  async restore(
    request: Parameters<ClientApi["accounts"]["restore"]>[0],
  ): ReturnType<ClientApi["accounts"]["restore"]> {
    const { accounts } = await this.opened();
    this.warm();
    return accounts.restore(request);
  }

  async restoreBackup(request: BackupRequest): Promise<RestoreBackupResult> {
    const { accounts } = await this.opened();
    this.warm();
    const restored = await accounts.restoreBackup(request);
    // Whatever comes of it, the wallet is here.
    if (restored.ok && request.type === "passkey") await this.lockService().addPasskey({ ...request, holdsSeed: true });
    return restored;
  }

  async subscribe(listener: Listener): Promise<void> {
    const opened = await this.#opening;
    // Whoever opens it listens anew.
    if (opened?.ok === false && opened.code === "locked") return;
    this.#listeners.push(listener);
    for (const event of this.#client?.currentEvents() ?? []) tell(listener, event);
    if (this.#stopped !== undefined) tell(listener, { type: "engine-stopped", code: this.#stopped });
  }

  async #open({ discardBroken = false, ...options }: OpenOptions): Promise<OpenResult | LockedResult> {
    const { name } = this.#options;
    const hold = await takeEngineLock(name === undefined ? {} : { name }).catch(() => undefined);
    if (hold === undefined) return { ok: false, code: "open_elsewhere" };
    const onClosed = (why: ClosedCode): void => {
      // While it is being opened, the opening itself fails.
      if (this.#engine?.hold !== hold) return;
      this.#databaseClosed = STOP_OF_CLOSED[why];
      void this.#close(hold, this.#engine.store, this.#databaseClosed);
    };
    let opened: OpenedStore;
    try {
      const storeOptions = { ...(name === undefined ? {} : { name }), onClosed };
      opened = await openStore(storeOptions, { ...options, discardBroken });
    } catch (error) {
      hold.release();
      return { ok: false, code: openCode(error) };
    }
    if (!opened.ok) {
      hold.release();
      this.#opening = undefined;
      return { ok: false, code: "locked", lock: opened.lock };
    }
    const { store } = opened;
    this.#engine = { hold, store };
    this.#client = this.#createClient(hold, store);
    this.firstPicture.expect();
    let result = await this.#start(hold, store, this.#client.start());
    if (!result.ok && result.code === "storage_broken" && discardBroken && this.#closing === undefined) {
      const client = this.#createClient(hold, store);
      this.#client = client;
      result = await this.#start(
        hold,
        store,
        store.erase().then(() => client.start()),
      );
    }
    if (!result.ok) await this.#close(hold, store, undefined);
    void hold.wanted.then(() => this.#close(hold, store, "moved_to_other_tab"));
    return result;
  }

  /** What fails here is storage, which has its codes, or a mistake of ours, which the page hears of as it is. */
  async #start(hold: EngineHold, store: LockableStore, starting: Promise<OpenResult>): Promise<OpenResult> {
    try {
      return await starting;
    } catch (error) {
      await this.#close(hold, store, undefined);
      return { ok: false, code: openCode(error) };
    }
  }

  #createClient(hold: EngineHold, store: LockableStore): LightClient {
    return new LightClient({
      curve: this.#curve.library,
      bls: this.#bls.library,
      store,
      jobs: cryptoJobs(this.#pool),
      random: platformRandom,
      timers: platformTimers,
      requests: streamRequests,
      // What it names may be scanned before anybody is connected: outputs of genesis.
      fetchNetworkFile: async () => {
        await this.firstPicture.drawn;
        const text = await fetchNetworkFile();
        if (text === undefined) return undefined;
        return this.#curve.load().then(
          () => text,
          () => undefined,
        );
      },
      openHost: async (chainId) => {
        await this.firstPicture.drawn;
        await Promise.all([this.#curve.load(), this.#bls.load()]);
        return openBrowserHost(chainId);
      },
      readAddress: readBrowserAddress,
      openCode,
      emit: (event) => this.#emit(event),
      log: (line) => console.warn(line),
      failed: (error) => {
        const code = stopCode(error);
        if (code !== "moved_to_other_tab") reportFailure(error);
        void this.#close(hold, store, code);
      },
    });
  }

  #emit(event: ClientEvent): void {
    for (const listener of this.#listeners) tell(listener, event);
  }

  /** Finishes the write in progress, lets go, and only then says so: whoever waits may start at once. */
  #close(hold: EngineHold, store: LockableStore, code: StopCode | undefined): Promise<void> {
    this.#closing ??= (async () => {
      await this.#client?.stop();
      this.#pool.close();
      // The browser may be clearing the data of this site.
      if (code === "storage_failed") await new Promise((resolve) => setTimeout(resolve, CLOSED_SAID_MS));
      await store.close();
      hold.release();
      this.#stopped = code === "storage_failed" ? (this.#databaseClosed ?? code) : code;
      if (this.#stopped !== undefined) this.#emit({ type: "engine-stopped", code: this.#stopped });
    })();
    return this.#closing;
  }
}

/** A page that has gone cannot hear; its worker ends with it. */
function tell(listener: Listener, event: ClientEvent): void {
  try {
    void Promise.resolve(listener(event)).catch(() => undefined);
  } catch {
    // As above.
  }
}
