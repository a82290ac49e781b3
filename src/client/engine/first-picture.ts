import { platformTimers } from "../platform-timers.ts";

/** A page that says nothing, for whatever reason, keeps nobody waiting longer. */
const PATIENCE_MS = 1_000;

/**
 * The page's first picture of what is stored. A phone has few processors: what is loaded for keys and the network would
 * be in its way, and waits for it.
 */
export class FirstPicture {
  #resolve: () => void = () => undefined;
  /** Resolves once the page has drawn it. */
  readonly drawn = new Promise<void>((resolve) => (this.#resolve = resolve));

  /** The page has drawn it. */
  tell(): void {
    this.#resolve();
  }

  /** From here on the page can draw: it is waited for, but not for ever. */
  expect(): void {
    platformTimers.after(PATIENCE_MS, this.#resolve);
  }
}
