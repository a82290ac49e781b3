/** What lasts is said again after so long. */
const AGAIN_MS = 60_000;

/** A log for what may happen many times a second: a line of each code once a minute. */
export class SeldomLog {
  readonly #log: (line: string) => void;
  readonly #nowMs: () => number;
  readonly #toldAt = new Map<string, number>();

  /** `nowMs` is steady: what is told may be that the clock was set. */
  constructor(log: (line: string) => void, nowMs: () => number = () => performance.now()) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  tell(code: string, text: string): void {
    const now = this.#nowMs();
    const toldAt = this.#toldAt.get(code);
    if (toldAt !== undefined && now - toldAt < AGAIN_MS) return;
    this.#toldAt.set(code, now);
    this.#log(`${text} [${code}]`);
  }
}
