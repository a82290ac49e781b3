import { formatAmount, type Amount } from "../../core/values/amount.ts";
import type { ShownLanguage } from "./languages.ts";

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

/** Numbers, amounts and times the way a language writes them. */
export class Formats {
  readonly #amount: Intl.NumberFormat;
  readonly #number: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #time: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #dateTime: Intl.DateTimeFormat;
  readonly #bytes: readonly Intl.NumberFormat[];
  readonly #locale: string;

  constructor(code: ShownLanguage) {
    const locale = LOCALES[code];
    this.#locale = locale;
    this.#amount = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
    this.#number = new Intl.NumberFormat(locale);
    this.#percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
    this.#time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
    this.#day = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
    this.#bytes = BYTE_UNITS.map((unit) => {
      return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: unit === "byte" ? 0 : 1 });
    });
    this.#dateTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  }

  /** All decimals, grouped, without the unit. From text, since a double cannot hold every amount's six decimals. */
  amount(value: Amount): string {
    return this.#amount.format(formatAmount(value) as `${number}`);
  }

  number(value: number): string {
    return this.#number.format(value);
  }

  /** Of a share from 0 to 1. */
  percent(share: number): string {
    return this.#percent.format(share);
  }

  /** In the largest unit that leaves a digit before the point. */
  bytes(count: number): string {
    const step = count < 1 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), BYTE_UNITS.length - 1);
    return this.#bytes[step]!.format(count / 1_000 ** step);
  }

  /** In the largest unit that fits once, with one decimal at most. */
  duration(ms: number): string {
    const [unit, unitMs] = TIME_UNITS.find(([, each]) => ms >= each) ?? TIME_UNITS.at(-1)!;
    const style = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 } as const;
    return new Intl.NumberFormat(this.#locale, style).format(ms / unitMs);
  }

  date(timeMs: number): string {
    return this.#day.format(timeMs);
  }

  time(timeMs: number): string {
    return this.#time.format(timeMs);
  }

  dateTime(timeMs: number): string {
    return this.#dateTime.format(timeMs);
  }

  day(timeMs: number, nowMs: number): Day {
    const text = this.#day.format(timeMs);
    if (text === this.#day.format(nowMs)) return { type: "today" };
    // By the calendar: where clocks are put forward, a day has 23 hours.
    const yesterday = new Date(nowMs);
    yesterday.setDate(yesterday.getDate() - 1);
    if (text === this.#day.format(yesterday)) return { type: "yesterday" };
    return { type: "named", text };
  }
}
