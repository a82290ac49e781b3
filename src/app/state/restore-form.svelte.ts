import { type TimeMs, timeMs } from "../../core/values/height.ts";
import { RECOVERY_WORD_COUNT } from "../../core/values/recovery-words.ts";
import { checkPhrase, cleanPhrase, type PhraseCheck } from "./phrase-check.ts";
import type { Session } from "./session.svelte.ts";

const DAY_MS = 86_400_000;
/** People remember roughly, and days begin at another time elsewhere. */
const BIRTHDAY_MARGIN_MS = 7 * DAY_MS;

/** The form that makes a wallet from words. The words themselves stay in the text field, which ends with the screen. */
export class RestoreForm {
  check = $state.raw<PhraseCheck>(checkPhrase("", false));
  /** `YYYY-MM-DD` as date fields give it. */
  birthday = $state("");
  isRestoring = $state.raw(false);
  isRefused = $state.raw(false);
  readonly #session: Session;
  readonly #now: () => number;

  constructor(session: Session, now: () => number) {
    this.#session = session;
    this.#now = now;
  }

  readonly #birthdayMs = $derived(this.birthday === "" ? undefined : Date.parse(`${this.birthday}T00:00:00Z`));
  /** A day ahead may have begun where the person is. */
  readonly isBirthdayAhead = $derived.by(() => (this.#birthdayMs ?? 0) > this.#now() + DAY_MS);

  look(text: string, isFinished: boolean): void {
    this.#look(text, isFinished);
    // All of them are there and right: the tap comes next.
    if (this.check.count === RECOVERY_WORD_COUNT && this.check.problem === undefined) {
      this.#session.client.accounts.prepareRestore().catch(() => undefined);
    }
  }

  /** True when the wallet is stored: the words have done their work then. */
  async submit(text: string): Promise<boolean> {
    this.#look(text, true);
    if (this.isRestoring || this.check.problem !== undefined || this.isBirthdayAhead) return false;
    this.isRestoring = true;
    try {
      const since = this.#since();
      const words = cleanPhrase(text);
      const outcome = await this.#session.restoreWallet(since === undefined ? { words } : { words, birthdayMs: since });
      this.isRefused = outcome === "words_invalid";
      // Made meanwhile, in another tab perhaps: a new look at what is stored shows it.
      if (outcome === "wallet_exists") await this.#session.start();
      return outcome === "ok";
    } finally {
      this.isRestoring = false;
    }
  }

  #look(text: string, isFinished: boolean): void {
    this.isRefused = false;
    this.check = checkPhrase(text, isFinished);
  }

  #since(): TimeMs | undefined {
    const day = this.#birthdayMs;
    return day === undefined || Number.isNaN(day) ? undefined : timeMs(Math.max(0, day - BIRTHDAY_MARGIN_MS));
  }
}
