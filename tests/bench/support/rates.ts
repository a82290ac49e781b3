import type { WorkDone } from "./work.ts";

/** How fast something was: units in a second, and in a second of processor time, which a busy machine leaves alone. */
export interface Rate {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

/** Best of all rounds, by the names of the candidates. */
export type Rates = ReadonlyMap<string, Rate>;

export interface Candidate {
  readonly name: string;
  /** One round of about so many seconds; undefined where there is no such thing here. */
  readonly round: (seconds: number) => Promise<Rate | undefined>;
}

export type Figure = number | null;
export type Figures = Readonly<Record<string, Figure>>;

/**
 * Rounds' lengths that a work goes on before its first round. Engines bring code to its last tier while it runs: a proof
 * takes a quarter longer until some 300 are made.
 */
export const WARM_UP_ROUNDS = 2;

/** A round that is preceded, once, by a warm-up: opening, tables and tiers of code are not what is measured. */
export function warmedUp(
  run: (seconds: number) => Promise<WorkDone | undefined>,
  measure: (seconds: number) => Promise<Rate | undefined>,
): Candidate["round"] {
  let warming: Promise<WorkDone | undefined> | undefined;
  return async (seconds) => {
    await (warming ??= run(WARM_UP_ROUNDS * seconds));
    return measure(seconds);
  };
}

/** `cpuSeconds` may be 0 or less where they are counted coarsely: {@link measureInTurn} takes no such round. */
export function rateOf({ units, seconds }: WorkDone, cpuSeconds: number): Rate {
  return { perSecond: units / seconds, perCpuSecond: units / cpuSeconds };
}

/**
 * Measures the candidates in turn, round by round, so that what else the machine does hits all alike, and takes the
 * best round of each. Who is not there in the first round is not asked again. A round that took no processor time, as
 * far as could be told, does not count.
 */
export async function measureInTurn(
  candidates: readonly Candidate[],
  options: { readonly rounds: number; readonly seconds: number; readonly say: (line: string) => void },
): Promise<Rates> {
  const { rounds, seconds, say } = options;
  const best = new Map<string, Rate>();
  let present = candidates;
  for (let round = 1; round <= rounds; round++) {
    const missing = new Set<Candidate>();
    for (const candidate of present) {
      const rate = await candidate.round(seconds);
      if (rate === undefined) missing.add(candidate);
      else if (isMeasured(rate)) best.set(candidate.name, bestOf(best.get(candidate.name), rate));
    }
    present = present.filter((candidate) => !missing.has(candidate));
    for (const { name } of missing) say(`${name}: not to be had here`);
    say(`round ${round} of ${rounds} is over`);
  }
  for (const { name } of present) say(`${name}: ${printRate(best.get(name))}`);
  return best;
}

/** Else it would be the best of all rounds, and wrong. */
function isMeasured({ perCpuSecond }: Rate): boolean {
  return perCpuSecond > 0 && Number.isFinite(perCpuSecond);
}

function bestOf(known: Rate | undefined, rate: Rate): Rate {
  if (known === undefined) return rate;
  return {
    perSecond: Math.max(known.perSecond, rate.perSecond),
    perCpuSecond: Math.max(known.perCpuSecond, rate.perCpuSecond),
  };
}

function printRate(rate: Rate | undefined): string {
  if (rate === undefined) return "no round took any processor time";
  return `${round(rate.perSecond, 4)} a second, ${round(rate.perCpuSecond, 4)} in a second of processor time`;
}

/** Digits that mean something: a figure of a benchmark has no more than four. */
export function round(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}

/** How many times as fast by processor time; null where one was not measured. */
export function cpuRatio(rates: Rates, name: string, reference: string): Figure {
  const [rate, other] = [rates.get(name), rates.get(reference)];
  return rate === undefined || other === undefined ? null : round(rate.perCpuSecond / other.perCpuSecond);
}

/** How many times as fast by the clock, where several threads work together. */
export function clockRatio(rates: Rates, name: string, reference: string): Figure {
  const [rate, other] = [rates.get(name), rates.get(reference)];
  return rate === undefined || other === undefined ? null : round(rate.perSecond / other.perSecond);
}

/** Processor time of one unit, in units of `perSecond` to the second: 1e3 for ms, 1e6 for µs. */
export function cpuTime(rates: Rates, name: string, perSecond: number): Figure {
  const rate = rates.get(name);
  return rate === undefined ? null : round(perSecond / rate.perCpuSecond);
}

/** Units in a second by the clock. */
export function clockRate(rates: Rates, name: string): Figure {
  const rate = rates.get(name);
  return rate === undefined ? null : round(rate.perSecond);
}

/** Units in a second of processor time. */
export function cpuRate(rates: Rates, name: string): Figure {
  const rate = rates.get(name);
  return rate === undefined ? null : round(rate.perCpuSecond);
}
