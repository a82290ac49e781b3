import { formatAmount, type Amount } from "../../core/values/amount.ts";
import type { ShownLanguage } from "./language-codes.ts";

const LOCALES: Readonly<Record<ShownLanguage, string>> = { en: "en", zh: "zh-CN", long: "en", rtl: "en" };
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** The largest first. */
const TIME_UNITS = [
  ["day", 24 * HOUR_MS],
  ["hour", HOUR_MS],
  ["minute", MINUTE_MS],
  ["second", SECOND_MS],
] as const;
const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Which heading a payment stands under; `named` has a date of its own. */
export type Day = { readonly type: "today" | "yesterday" } | { readonly type: "named"; readonly text: string };

/** Made at first use, since a page pays for each with milliseconds before it is drawn, and shows few of them. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Numbers, amounts and times the way a language writes them. */
export class Formats {
  readonly #locale: string;
  readonly #number = once(() => new Intl.NumberFormat(this.#locale, { maximumFractionDigits: 6 }));
  readonly #percent = once(() => {
    return new Intl.NumberFormat(this.#locale, { style: "percent", maximumFractionDigits: 1 });
  });
  readonly #time = once(() => new Intl.DateTimeFormat(this.#locale, { timeStyle: "short" }));
  readonly #day = once(() => new Intl.DateTimeFormat(this.#locale, { dateStyle: "long" }));
  readonly #dateTime = once(() => new Intl.DateTimeFormat(this.#locale, { dateStyle: "medium", timeStyle: "short" }));
  readonly #units = new Map<string, Intl.NumberFormat>();

  constructor(code: ShownLanguage) {
    this.#locale = LOCALES[code];
  }

  /**
   * All decimals, grouped, without the unit: what `Intl` writes in every language that we have (a test compares). The
   * first format of a page costs a slow phone 64 ms, and the balance would wait for it.
   */
  amount(value: Amount): string {
    const [whole = "", decimals] = formatAmount(value).split(".");
    const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
    return decimals === undefined ? grouped : `${grouped}.${decimals}`;
  }

  number(value: number): string {
    return this.#number().format(value);
  }

  /** Of a share from 0 to 1. */
  percent(share: number): string {
    return this.#percent().format(share);
  }

  /** In the largest unit that leaves a digit before the point. */
  bytes(count: number): string {
    const step = count < 1 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), BYTE_UNITS.length - 1);
    const unit = BYTE_UNITS[step]!;
    const options = { unitDisplay: "short", maximumFractionDigits: unit === "byte" ? 0 : 1 } as const;
    return this.#unit(unit, options).format(count / 1_000 ** step);
  }

  /** In the largest unit that fits once, with one decimal at most. */
  duration(ms: number): string {
    const [unit, unitMs] = TIME_UNITS.find(([, each]) => ms >= each) ?? TIME_UNITS.at(-1)!;
    return this.#unit(unit, { unitDisplay: "long", maximumFractionDigits: 1 }).format(ms / unitMs);
  }

  date(timeMs: number): string {
    return this.#day().format(timeMs);
  }

  time(timeMs: number): string {
    return this.#time().format(timeMs);
  }

  dateTime(timeMs: number): string {
    return this.#dateTime().format(timeMs);
  }

  day(timeMs: number, nowMs: number): Day {
    const text = this.#day().format(timeMs);
    if (text === this.#day().format(nowMs)) return { type: "today" };
    // By the calendar: where clocks are put forward, a day has 23 hours.
    const yesterday = new Date(nowMs);
    yesterday.setDate(yesterday.getDate() - 1);
    if (text === this.#day().format(yesterday)) return { type: "yesterday" };
    return { type: "named", text };
  }

  #unit(unit: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const known = this.#units.get(unit);
    if (known !== undefined) return known;
    const made = new Intl.NumberFormat(this.#locale, { style: "unit", unit, ...options });
    this.#units.set(unit, made);
    return made;
  }
}
