import type { SafetyView } from "../../api/views.ts";
import { type SafetyLevel, safetyLevel, wantedLevel } from "./safety-level.ts";
import type { Session } from "./session.svelte.ts";

/** What a page may ask about how long its storage lives. */
export type PersistentStorage = Pick<StorageManager, "persist" | "persisted"> | undefined;

/** Recovery words, erasing, and whether the browser promised to keep the wallet. */
export class SafetyState {
  /** Only while they are looked at. */
  words = $state.raw<readonly string[]>();
  isWordsFailed = $state.raw(false);
  isErasing = $state.raw(false);
  isEraseFailed = $state.raw(false);
  isPersisted = $state.raw<boolean>();
  /** The browser was asked by a tap, and did not promise. */
  isRefused = $state.raw(false);
  /** undefined before the first answer. */
  view = $state.raw<SafetyView>();
  isUnknown = $state.raw(false);
  /** Counts the times the words were put away: an answer that comes after is not shown. */
  #hidings = 0;
  readonly #session: Session;
  readonly #storage: PersistentStorage;

  constructor(session: Session, storage: PersistentStorage) {
    this.#session = session;
    this.#storage = storage;
  }

  readonly level: SafetyLevel | undefined = $derived(this.view && safetyLevel(this.view));

  /** What the balance is worth, of ways back that stood their check. */
  get wanted(): SafetyLevel {
    return wantedLevel(this.#session.balance?.total, this.view?.thresholds);
  }

  /** Whether a person should be asked to keep the wallet better. */
  get isAsked(): boolean {
    return this.#session.restore === undefined && this.level !== undefined && this.level < this.wanted;
  }

  /** Whether opening the wallet asks for anything. */
  get hasLock(): boolean {
    return this.view !== undefined && (this.view.hasPin || this.view.passkeys.length > 0);
  }

  async lockNow(): Promise<void> {
    this.hideWords();
    this.view = undefined;
    await this.#session.lockNow();
  }

  /** Asks what protects the wallet. */
  async look(): Promise<void> {
    try {
      this.view = await this.#session.client.safety.view();
      this.isUnknown = false;
    } catch {
      this.isUnknown = true;
    }
  }

  async showWords(): Promise<void> {
    this.isWordsFailed = false;
    const hidings = this.#hidings;
    try {
      const words = (await this.#session.client.accounts.recoveryWords()).split(" ");
      if (hidings === this.#hidings) this.words = words;
    } catch {
      if (hidings === this.#hidings) this.isWordsFailed = true;
    }
  }

  hideWords(): void {
    this.#hidings += 1;
    this.words = undefined;
    this.isWordsFailed = false;
  }

  /** True when nothing of the wallet is left here; see {@link Session.erase}. */
  async erase(clearRest: () => Promise<void>): Promise<boolean> {
    this.isErasing = true;
    this.isEraseFailed = false;
    try {
      await this.#session.erase(clearRest);
      this.hideWords();
      this.view = undefined;
      return true;
    } catch {
      this.isEraseFailed = true;
      return false;
    } finally {
      this.isErasing = false;
    }
  }

  /** Asks the browser to keep the storage; worth it once there is something to keep. */
  async askToKeep(): Promise<void> {
    try {
      this.isPersisted = await this.#storage?.persist();
    } catch {
      this.isPersisted = undefined;
    }
  }

  /** The same by a tap: a refusal is then said as well. */
  async askAgain(): Promise<void> {
    await this.askToKeep();
    this.isRefused = this.isPersisted === false;
  }

  async readKept(): Promise<void> {
    try {
      this.isPersisted = await this.#storage?.persisted();
    } catch {
      this.isPersisted = undefined;
    }
  }
}
