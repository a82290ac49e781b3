import type { BackupFault, BackupRequest } from "../../api/backup.ts";
import type { ClientApi, OpenCode, OpenOptions } from "../../api/client-api.ts";
import type { ClientEvent } from "../../api/events.ts";
import type { LockView, Unlock } from "../../api/lock.ts";
import type { BalanceView, HistoryRow, RestoreView, ShownView, SyncView, WalletView } from "../../api/views.ts";
import { callsUntil } from "./calls-until.ts";
import type { Problem } from "./problem.ts";
import { findSuccessors } from "./successors.ts";

/** A running client. `close` ends it; nothing is heard from it afterwards. */
export interface Connection {
  readonly client: ClientApi;
  close(): void;
}

/** Starts a client; `onFailed` is called when it could not be loaded or died. */
export type Connect = (onFailed: () => void) => Connection;

const STORAGE_CODES: readonly string[] = [
  "storage_denied",
  "storage_full",
  "storage_newer",
  "storage_broken",
  "open_elsewhere",
  "no_crypto",
] satisfies readonly OpenCode[];

/** What a person may mend by another file, code or passkey; everything else is storage's and stops the session. */
function isBackupFault<Code extends string>(code: Code): code is Exclude<Code, OpenCode> {
  return !STORAGE_CODES.includes(code);
}

/** Remembers beside the client's own storage that a wallet is here. */
export interface WalletMemory {
  readonly hadWallet: boolean;
  rememberWallet(isHere: boolean): void;
}

/** The client and the newest views it sent. */
export class Session {
  phase = $state.raw<"opening" | "locked" | "ready" | "stopped">("opening");
  /** Of a locked wallet. */
  lock = $state.raw<LockView>();
  isUnlocking = $state.raw(false);
  problem = $state.raw<Problem>();
  wallet = $state.raw<WalletView>();
  sync = $state.raw<SyncView>();
  /** undefined is "checking", never 0. */
  balance = $state.raw<BalanceView>();
  /** undefined before the first answer. */
  history = $state.raw<readonly HistoryRow[]>();
  /** undefined: no restore is running. */
  restore = $state.raw<RestoreView>();
  /** How the restore ended that this page has seen. */
  restored = $state.raw<RestoreView>();
  isCreating = $state.raw(false);
  /** While it is being opened: what was last verified shows already, and calls are answered once it is open. */
  isFamiliar = $state.raw(false);
  readonly network = $derived(this.sync?.network);
  readonly #connect: Connect;
  readonly #memory: WalletMemory | undefined;
  /** The announced payment that a final one was before, by the final one's id. */
  #origins: Record<string, string> = {};
  #isErasing = false;
  #connection: Connection | undefined;
  #endCalls: () => void = () => undefined;

  constructor(connect: Connect, memory?: WalletMemory) {
    this.#connect = connect;
    this.#memory = memory;
  }

  /** The client; only screens that need an open wallet ask for it. */
  get client(): ClientApi {
    if (this.#connection === undefined) throw new Error("the session is not started");
    return this.#connection.client;
  }

  /** Starts a client, or starts over with a new one: also the way on after every problem. */
  async start(options: OpenOptions = {}): Promise<void> {
    this.#close();
    this.phase = "opening";
    this.problem = undefined;
    this.#forgetViews();
    const connection = this.#open(() => {
      if (this.#connection === connection) this.#stop("start_failed");
    });
    this.#connection = connection;
    await this.#enter(connection, options);
  }

  /** What this device last showed, unless the client has said more by now. */
  showLast({ wallet, balance }: ShownView): void {
    if (this.phase !== "opening" || this.#connection === undefined || this.wallet !== undefined) return;
    this.wallet = wallet;
    this.balance = balance;
    this.isFamiliar = true;
  }

  /** Opens a locked wallet. What comes of it is `phase`, and `lock.refused`. */
  async unlock(unlock: Unlock): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.isUnlocking) return;
    this.isUnlocking = true;
    await this.#enter(connection, { unlock });
    this.isUnlocking = false;
  }

  /** Hides everything at once, has the client finish its write and wipe its keys, and ends it with its memory. */
  async lockNow(): Promise<void> {
    if (this.phase !== "ready") return;
    this.phase = "opening";
    this.#forgetViews();
    // A client that has died holds nothing either.
    await this.client.safety.lock().catch(() => undefined);
    await this.start();
  }

  async #enter(connection: Connection, options: OpenOptions): Promise<void> {
    try {
      const opening = connection.client.open(options);
      // Asked for at once: the views then come with the answer, not a round trip later. What comes before it waits.
      const early: ClientEvent[] = [];
      let hear = (event: ClientEvent): void => void early.push(event);
      const subscribed = connection.client.subscribe((event) => {
        if (this.#connection === connection) hear(event);
      });
      // Awaited below, unless the opening fails first.
      subscribed.catch(() => undefined);
      const opened = await opening;
      if (this.#connection !== connection) return;
      if (!opened.ok) {
        if (opened.code === "locked") this.#showLock(opened.lock);
        else this.#stop(opened.code);
        return;
      }
      this.lock = undefined;
      // An empty store where a wallet was: nobody may take what comes next for that wallet.
      if (!opened.wallet.exists && this.#memory?.hadWallet === true) {
        this.#stop("storage_lost");
        return;
      }
      this.#show(opened.wallet);
      hear = (event) => this.#receive(event);
      for (const event of early) if (this.#connection === connection) hear(event);
      await subscribed;
      // A stop may have been the first thing that the listener heard.
      if (this.#connection === connection) this.phase = "ready";
    } catch {
      if (this.#connection === connection) this.#stop("start_failed");
    }
  }

  /** Makes the wallet of this device. */
  async create(): Promise<void> {
    const connection = this.#connection;
    this.isCreating = true;
    try {
      const created = await this.client.accounts.create();
      if (created.ok) this.#show(created.wallet);
      else this.#stop(created.code);
    } catch {
      // Unless it has stopped already, for a reason of its own.
      if (this.#connection === connection) this.#stop("storage_failed");
    } finally {
      this.isCreating = false;
    }
  }

  /** Makes the wallet of this device from words. What is refused comes back; anything worse stops the session. */
  async restoreWallet(
    request: Parameters<ClientApi["accounts"]["restore"]>[0],
  ): Promise<"ok" | "words_invalid" | "wallet_exists" | "stopped"> {
    const connection = this.#connection;
    try {
      const restored = await this.client.accounts.restore(request);
      if (restored.ok) {
        this.#show(restored.wallet);
        return "ok";
      }
      const { code } = restored;
      if (code === "words_invalid" || code === "wallet_exists") return code;
      this.#stop(code);
    } catch {
      // As above.
      if (this.#connection === connection) this.#stop("storage_failed");
    }
    return "stopped";
  }

  /** The same from a backup. */
  async restoreBackup(request: BackupRequest): Promise<"ok" | BackupFault | "wallet_exists" | "stopped"> {
    const connection = this.#connection;
    try {
      const restored = await this.client.accounts.restoreBackup(request);
      if (restored.ok) {
        this.#show(restored.wallet);
        return "ok";
      }
      const { code } = restored;
      if (isBackupFault(code)) return code;
      this.#stop(code);
    } catch {
      // As above.
      if (this.#connection === connection) this.#stop("storage_failed");
    }
    return "stopped";
  }

  /**
   * Erases the wallet; rejects where the client could not. `clearRest`, which never rejects, follows the client's own
   * erase, and only then are the views gone: whoever sees the start may go on at once, and nothing of this undoes it.
   */
  async erase(clearRest: () => Promise<void>): Promise<void> {
    this.#isErasing = true;
    try {
      await this.client.accounts.erase();
      // First, so that a page closed within what follows misses no wallet when it is opened again.
      this.acceptLoss();
      await clearRest();
      const { sync } = this;
      this.#forgetViews();
      this.sync = sync;
      this.wallet = { exists: false, wordsSeen: false };
    } finally {
      this.#isErasing = false;
    }
  }

  #forgetViews(): void {
    this.isFamiliar = false;
    this.sync = undefined;
    this.balance = undefined;
    this.history = undefined;
    this.restore = undefined;
    this.restored = undefined;
    this.lock = undefined;
    this.#origins = {};
  }

  #showLock(lock: LockView): void {
    this.#forgetViews();
    this.lock = lock;
    this.phase = "locked";
  }

  /** From here on no wallet is missed on this device. */
  acceptLoss(): void {
    this.#memory?.rememberWallet(false);
  }

  /** The payment of this id, or what an announced one of this id has become. */
  payment(id: string): HistoryRow | undefined {
    return this.history?.find((row) => row.id === id || this.#origins[row.id] === id);
  }

  /** What stays the same on screens when an announced payment becomes final. */
  keyOf(row: HistoryRow): string {
    return this.#origins[row.id] ?? row.id;
  }

  #receive(event: ClientEvent): void {
    switch (event.type) {
      case "sync-changed":
        this.sync = event.sync;
        break;
      case "wallet-changed":
        if (event.wallet.exists || !this.#isErasing) this.#show(event.wallet);
        break;
      case "balance-changed":
        this.balance = event.balance;
        break;
      case "history-changed":
        for (const [from, to] of findSuccessors(this.history, event.history)) this.#origins[to] = from;
        this.history = event.history;
        break;
      case "restore-changed":
        if (event.restore === undefined && this.restore !== undefined) this.restored = this.restore;
        this.restore = event.restore;
        break;
      case "engine-stopped":
        this.#stop(event.code);
        break;
      default:
        event satisfies never;
    }
  }

  #show(wallet: WalletView): void {
    this.wallet = wallet;
    if (wallet.exists) this.#memory?.rememberWallet(true);
  }

  #open(onFailed: () => void): Connection {
    const connection = this.#connect(onFailed);
    const closed = new Promise<never>((_resolve, reject) => {
      this.#endCalls = () => reject(new Error("the client is closed"));
    });
    // Each call that is still open hears of it; with none open nobody has to.
    closed.catch(() => undefined);
    return { client: callsUntil(connection.client, closed), close: () => connection.close() };
  }

  #close(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#endCalls();
  }

  #stop(problem: Problem): void {
    this.#close();
    // The tab that goes on may lock; this one has nothing more to show.
    this.#forgetViews();
    this.problem = problem;
    this.phase = "stopped";
  }
}
