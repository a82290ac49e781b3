import { isArrival } from "./arrivals.ts";
import type { WatchedPage } from "./auto-lock.svelte.ts";
import type { Session } from "./session.svelte.ts";

/** Shows a number on the app's icon; 0 takes it away. Undefined where the platform has none. */
export type ShowBadge = ((count: number) => Promise<void>) | undefined;

/**
 * The number of payments that came in while nobody looked, on the app's icon. It is this page that counts them, from
 * what this device has verified: nobody is told, and nothing counts while the app is closed.
 */
export class ArrivalBadge {
  /** Payments that were listed when somebody last looked; undefined before the first list. */
  #seen: ReadonlySet<string> | undefined;
  /** Undefined: an earlier run may have left a number. */
  #shown: number | undefined;
  readonly #session: Session;
  readonly #show: ShowBadge;

  constructor(session: Session, show: ShowBadge) {
    this.#session = session;
    this.#show = show;
  }

  /** Follows the list of payments as it is now. Where it is not known, or hidden behind a lock, nothing changes. */
  look(isVisible: boolean): void {
    const { history } = this.#session;
    if (history === undefined) return;
    const arrivals = history.filter(isArrival).map((row) => this.#session.keyOf(row));
    if (isVisible || this.#seen === undefined) this.#seen = new Set(arrivals);
    const seen = this.#seen;
    this.#put(arrivals.filter((key) => !seen.has(key)).length);
  }

  /** Looks now and whenever the page comes into sight or leaves it; returns how to stop. */
  follow(page: WatchedPage): () => void {
    const look = (): void => this.look(page.visibilityState === "visible");
    look();
    page.addEventListener("visibilitychange", look);
    return () => page.removeEventListener("visibilitychange", look);
  }

  /** The wallet is gone, and its number with it. */
  forget(): void {
    this.#seen = undefined;
    this.#put(0);
  }

  #put(count: number): void {
    if (count === this.#shown) return;
    this.#shown = count;
    // Some platforms have it by name only, or want to be asked in their settings first.
    this.#show?.(count).catch(() => undefined);
  }
}
