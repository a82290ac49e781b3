import type { Preferences } from "./preferences.svelte.ts";
import type { SafetyState } from "./safety.svelte.ts";
import type { Session } from "./session.svelte.ts";

const MINUTE_MS = 60_000;
/** Where it locks as soon as it is out of sight, it also does after this long in sight. */
const AT_ONCE_IDLE_MS = 5 * MINUTE_MS;
const LOOK_EVERY_MS = 5_000;
const TOUCHES = ["pointerdown", "keydown"] as const;

/** The part of a document that is needed. */
export type WatchedPage = Pick<Document, "addEventListener" | "removeEventListener" | "visibilityState">;

/** Locks the wallet when nobody has touched the app for a while, or it is out of sight, as its owner chose. */
export class AutoLock {
  readonly #session: Session;
  readonly #safety: SafetyState;
  readonly #preferences: Preferences;
  readonly #now: () => number;
  #touchedMs: number;

  constructor(session: Session, safety: SafetyState, preferences: Preferences, now: () => number) {
    this.#session = session;
    this.#safety = safety;
    this.#preferences = preferences;
    this.#now = now;
    this.#touchedMs = now();
  }

  /** Returns how to stop. */
  watch(page: WatchedPage): () => void {
    const touch = (): void => this.touch();
    const look = (): void => this.look(page.visibilityState === "hidden");
    for (const name of TOUCHES) page.addEventListener(name, touch, { capture: true, passive: true });
    page.addEventListener("visibilitychange", look);
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => {
      for (const name of TOUCHES) page.removeEventListener(name, touch, { capture: true });
      page.removeEventListener("visibilitychange", look);
      clearInterval(timer);
    };
  }

  touch(): void {
    // Timers sleep with the device: what was due meanwhile comes before the touch that wakes it.
    this.look(false);
    this.#touchedMs = this.#now();
  }

  look(isHidden: boolean): void {
    if (this.#session.phase !== "ready" || !this.#safety.hasLock) {
      this.#touchedMs = this.#now();
      return;
    }
    const { lockAfter } = this.#preferences;
    // A clock that was set back is no touch, and no time either.
    this.#touchedMs = Math.min(this.#touchedMs, this.#now());
    const idleMs = this.#now() - this.#touchedMs;
    const limitMs = lockAfter === 0 ? AT_ONCE_IDLE_MS : lockAfter * MINUTE_MS;
    if (idleMs >= limitMs || (lockAfter === 0 && isHidden)) void this.#safety.lockNow();
  }
}
