import { isTheme, type Theme } from "../client/theme.ts";

/** The part of localStorage that is needed; undefined where the browser forbids it. */
export type PreferenceStore = Pick<Storage, "getItem" | "setItem"> | undefined;

const HIDDEN_KEY = "balance-hidden";
const LANGUAGE_KEY = "language";
const THEME_KEY = "theme";
const WALLET_KEY = "wallet-here";
const LOCK_AFTER_KEY = "lock-after";

/** Minutes without a touch after which a locked wallet locks by itself; 0: also as soon as the app is out of sight. */
export const LOCK_AFTER_MINUTES = [0, 1, 5, 15] as const;
export type LockAfter = (typeof LOCK_AFTER_MINUTES)[number];

export function isLockAfter(text: string | null): text is `${LockAfter}` {
  return LOCK_AFTER_MINUTES.some((minutes) => String(minutes) === text);
}

/** Comforts of this browser; nothing that a wallet needs, so a store that fails costs only comfort. */
export class Preferences {
  isBalanceHidden = $state.raw(false);
  theme = $state.raw<Theme>("system");
  lockAfter = $state.raw<LockAfter>(5);
  readonly #store: PreferenceStore;

  constructor(store: PreferenceStore) {
    this.#store = store;
    this.isBalanceHidden = this.#read(HIDDEN_KEY) === "1";
    const theme = this.#read(THEME_KEY);
    if (isTheme(theme)) this.theme = theme;
    const lockAfter = this.#read(LOCK_AFTER_KEY);
    if (isLockAfter(lockAfter)) this.lockAfter = Number(lockAfter) as LockAfter;
  }

  readLanguage(): string | null {
    return this.#read(LANGUAGE_KEY);
  }

  writeLanguage(code: string): void {
    this.#write(LANGUAGE_KEY, code);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.#write(THEME_KEY, theme);
  }

  setLockAfter(minutes: LockAfter): void {
    this.lockAfter = minutes;
    this.#write(LOCK_AFTER_KEY, String(minutes));
  }

  toggleBalance(): void {
    this.isBalanceHidden = !this.isBalanceHidden;
    this.#write(HIDDEN_KEY, this.isBalanceHidden ? "1" : "0");
  }

  /** Whether this browser should hold a wallet. Where the browser drops its database alone, this is what remembers it. */
  get hadWallet(): boolean {
    return this.#read(WALLET_KEY) === "1";
  }

  rememberWallet(isHere: boolean): void {
    if (this.hadWallet !== isHere) this.#write(WALLET_KEY, isHere ? "1" : "0");
  }

  #read(key: string): string | null {
    try {
      return this.#store?.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  #write(key: string, value: string): void {
    try {
      this.#store?.setItem(key, value);
    } catch {
      // Full or forbidden: the choice then lasts as long as the page.
    }
  }
}
