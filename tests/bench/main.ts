/** `npm run bench -- NAME [--json]`: a report on this machine, never a test. The last line is one JSON object. */
const BENCHES: Readonly<
  Record<string, () => Promise<{ readonly runBench: (say: (line: string) => void) => Promise<object> }>>
> = {
  pay: () => import("./pay.ts"),
  restore: () => import("./restore.ts"),
};

const [name, ...flags] = process.argv.slice(2);
const load = name === undefined ? undefined : BENCHES[name];
if (load === undefined || flags.some((flag) => flag !== "--json")) {
  console.error(`usage: npm run bench -- NAME [--json], NAME one of: ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}
const isQuiet = flags.includes("--json");
const { runBench } = await load();
const figures = await runBench((line) => {
  if (!isQuiet) console.log(line);
});
console.log(JSON.stringify({ bench: name, ...figures }));
process.exit(0);

export {};
