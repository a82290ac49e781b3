import { cpus } from "node:os";
import { OTHER_BENCHES, RECORDED_BENCHES } from "./benches.ts";
import { parseBenchArguments } from "./support/bench-arguments.ts";
import { recordFigures } from "./support/record-figures.ts";

/** `npm run bench -- NAME`: a report on this machine, never a test. The last line is one JSON object. */
const NAMES = [...Object.keys(RECORDED_BENCHES), ...Object.keys(OTHER_BENCHES)];
const USAGE = `usage: npm run bench -- NAME [--json] [--seconds N] [--outputs N] [--phones N] [--shares N] [--record], NAME one of: ${NAMES.join(", ")}
  --seconds N  length of a round of each candidate, or of the load of chain; a short one makes a quick run
  --outputs N  growth: fill the database with so many
  --phones N   packets: so many tap at once
  --shares N   packets: on so many shares
  --record     write the figures into docs/performance.md (${Object.keys(RECORDED_BENCHES).join(", ")}, packets; growth: its plot);
               report does it for all but growth and packets`;

/** Of those that only print: the others have rounds of their own length. */
const WITH_SECONDS: readonly string[] = ["report", "chain"];

const isRecorded = (name: string): name is keyof typeof RECORDED_BENCHES => name in RECORDED_BENCHES;
const isOther = (name: string): name is keyof typeof OTHER_BENCHES => name in OTHER_BENCHES;

const asked = parseBenchArguments(process.argv.slice(2));
const say = (line: string): void => {
  if (asked?.isQuiet === false) console.log(line);
};

async function run(): Promise<object | undefined> {
  if (asked === undefined) return undefined;
  const { name, seconds, outputs, phones, shares, isRecorded: isKept } = asked;
  if ((phones !== undefined || shares !== undefined) && name !== "packets") return undefined;
  if ((outputs !== undefined && name !== "growth") || (name === "growth" && seconds !== undefined)) return undefined;
  if (name === "growth") {
    const { runBench } = await OTHER_BENCHES.growth();
    return runBench(say, { outputs, isRecorded: isKept });
  }
  if (name === "packets") {
    if (seconds !== undefined) return undefined;
    const { runBench } = await OTHER_BENCHES.packets();
    return runBench(say, { phones, shares, isRecorded: isKept });
  }
  if (isRecorded(name)) {
    say(`${cpus().length} cores of ${cpus()[0]?.model ?? "unknown kind"}, Node.js ${process.version}`);
    const { runBench, tables, roundSeconds } = await RECORDED_BENCHES[name]();
    const figures = await runBench(say, { seconds });
    if (asked.isRecorded) await recordFigures(name, tables, figures, seconds ?? roundSeconds);
    return figures;
  }
  if (!isOther(name) || asked.isRecorded || (seconds !== undefined && !WITH_SECONDS.includes(name))) return undefined;
  const { runBench } = await OTHER_BENCHES[name]();
  return runBench(say, { seconds });
}

const figures = await run();
if (asked === undefined || figures === undefined) {
  console.error(USAGE);
  process.exit(2);
}
console.log(JSON.stringify({ bench: asked.name, ...figures }));
process.exit(0);
