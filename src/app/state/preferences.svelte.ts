import { COMFORT_NAMES, isOneOf, MOTIONS, TEXT_SIZES, THEMES, type Comforts } from "../client/comforts.ts";

/** The part of localStorage that is needed; undefined where the browser forbids it. */
export type PreferenceStore = Pick<Storage, "getItem" | "setItem"> | undefined;

const HIDDEN_KEY = "balance-hidden";
const LANGUAGE_KEY = "language";
const WALLET_KEY = "wallet-here";
const LOCK_AFTER_KEY = "lock-after";
const SOUND_KEY = "sound";

/** Minutes without a touch after which a locked wallet locks by itself; 0: also as soon as the app is out of sight. */
export const LOCK_AFTER_MINUTES = [0, 1, 5, 15] as const;
export type LockAfter = (typeof LOCK_AFTER_MINUTES)[number];

export function isLockAfter(text: string | null): text is `${LockAfter}` {
  return LOCK_AFTER_MINUTES.some((minutes) => String(minutes) === text);
}

/** Comforts of this browser; nothing that a wallet needs, so a store that fails costs only comfort. */
export class Preferences {
  isBalanceHidden = $state.raw(false);
  comforts = $state.raw<Comforts>({ theme: "system", textSize: "system", motion: "system" });
  lockAfter = $state.raw<LockAfter>(5);
  /** Sound and vibration; off until somebody chooses them. */
  hasSound = $state.raw(false);
  readonly #store: PreferenceStore;

  constructor(store: PreferenceStore) {
    this.#store = store;
    this.isBalanceHidden = this.#read(HIDDEN_KEY) === "1";
    this.comforts = {
      theme: this.#choice(COMFORT_NAMES.theme, THEMES),
      textSize: this.#choice(COMFORT_NAMES.textSize, TEXT_SIZES),
      motion: this.#choice(COMFORT_NAMES.motion, MOTIONS),
    };
    this.hasSound = this.#read(SOUND_KEY) === "on";
    const lockAfter = this.#read(LOCK_AFTER_KEY);
    if (isLockAfter(lockAfter)) this.lockAfter = Number(lockAfter) as LockAfter;
  }

  readLanguage(): string | null {
    return this.#read(LANGUAGE_KEY);
  }

  writeLanguage(code: string): void {
    this.#write(LANGUAGE_KEY, code);
  }

  setComfort<Name extends keyof Comforts>(name: Name, choice: Comforts[Name]): void {
    this.comforts = { ...this.comforts, [name]: choice };
    this.#write(COMFORT_NAMES[name], choice);
  }

  setSound(isOn: boolean): void {
    this.hasSound = isOn;
    this.#write(SOUND_KEY, isOn ? "on" : "off");
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

  /** The first of them where nothing else was chosen. */
  #choice<Choice extends string>(key: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const text = this.#read(key);
    return isOneOf(choices, text) ? text : choices[0];
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
