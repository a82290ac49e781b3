/** What `npm run bench -- NAME` was asked for. */
export interface BenchArguments {
  readonly name: string;
  /** Only the last line. */
  readonly isQuiet: boolean;
  /** Write the figures into docs/performance.md. */
  readonly isRecorded: boolean;
  /** Instead of the benchmark's own length of a round. */
  readonly seconds: number | undefined;
  /** Instead of the benchmark's own number of outputs. */
  readonly outputs: number | undefined;
  /** Instead of the benchmark's own number of phones, and of shares. */
  readonly phones: number | undefined;
  readonly shares: number | undefined;
}

/** What a benchmark is told. */
export interface BenchOptions {
  readonly seconds?: number | undefined;
  readonly outputs?: number | undefined;
  readonly phones?: number | undefined;
  readonly shares?: number | undefined;
  /** What is recorded besides figures is written too. */
  readonly isRecorded?: boolean;
}

/** More than a machine has room for. */
const SWARM_MAX = 10_000;

/** undefined if it makes no sense. */
export function parseBenchArguments(words: readonly string[]): BenchArguments | undefined {
  const [name, ...flags] = words;
  if (name === undefined || name.startsWith("-")) return undefined;
  const none = { seconds: undefined, outputs: undefined, phones: undefined, shares: undefined };
  let parsed: BenchArguments = { name, isQuiet: false, isRecorded: false, ...none };
  for (let index = 0; index < flags.length; index++) {
    const flag = flags[index];
    if (flag === "--json") parsed = { ...parsed, isQuiet: true };
    else if (flag === "--record") parsed = { ...parsed, isRecorded: true };
    else if (flag === "--seconds") {
      const seconds = Number(flags[++index]);
      if (!(seconds > 0 && seconds <= 60)) return undefined;
      parsed = { ...parsed, seconds };
    } else if (flag === "--outputs") {
      const outputs = Number(flags[++index]);
      if (!Number.isInteger(outputs) || outputs < 1_000 || outputs > 10_000_000) return undefined;
      parsed = { ...parsed, outputs };
    } else if (flag === "--phones" || flag === "--shares") {
      const count = Number(flags[++index]);
      if (!Number.isInteger(count) || count < 1 || count > SWARM_MAX) return undefined;
      parsed = { ...parsed, [flag === "--phones" ? "phones" : "shares"]: count };
    } else return undefined;
  }
  return parsed;
}
