import type { SeededNumbers } from "../../support/seeded-numbers.ts";
import type { Traffic, Weather } from "./simulation-plan.ts";

/** Which nodes hear each other, and how late. */
export class VirtualNetwork {
  weather: Weather;
  /** When the weather began. */
  since: number;
  readonly #numbers: SeededNumbers;
  /** Pairs without a stream, as `a b`, a < b. */
  readonly #apart = new Set<string>();

  constructor(weather: Weather, since: number, numbers: SeededNumbers) {
    this.weather = weather;
    this.since = since;
    this.#numbers = numbers;
  }

  /** After how many milliseconds each copy of a message arrives: none if it is lost, several if it is doubled. */
  arrivals(now: number, from: number, to: number, traffic: Traffic): readonly number[] {
    const { weather } = this;
    const isLost = this.#numbers.chance(weather.loss.get(traffic) ?? 0);
    if (isLost || this.isApart(from, to) || this.#isCut(now, from, to)) return [];
    const delay = (): number => this.#numbers.between(1, weather.delayMsMax);
    return this.#numbers.chance(weather.duplicateShare) ? [delay(), delay()] : [delay()];
  }

  isApart(left: number, right: number): boolean {
    return this.#apart.has(pairOf(left, right));
  }

  /** Takes the stream between two nodes away or gives it back; false if nothing changed. */
  setApart(left: number, right: number, isApart: boolean): boolean {
    if (this.isApart(left, right) === isApart) return false;
    const pair = pairOf(left, right);
    if (isApart) this.#apart.add(pair);
    else this.#apart.delete(pair);
    return true;
  }

  #isCut(now: number, from: number, to: number): boolean {
    const at = now - this.since;
    return this.weather.cuts.some((cut) => {
      if (at < cut.from || at >= cut.until || cut.nodes.has(from) === cut.nodes.has(to)) return false;
      return !cut.isOneWay || cut.nodes.has(from);
    });
  }
}

function pairOf(left: number, right: number): string {
  return left < right ? `${left} ${right}` : `${right} ${left}`;
}
