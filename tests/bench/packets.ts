import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { measureSizes } from "../../tools/sizes.ts";
import { openBackend } from "../../src/core/crypto/backend/open-backend.ts";
import { CompiledKernels } from "../../src/node/crypto/compiled-kernels.ts";
import { measureBadClaims } from "./packets/bad-claims.ts";
import { measureClaims } from "./packets/measure-claims.ts";
import { makePackets, type BenchPacket } from "./packets/make-packets.ts";
import { fetchNetworkFile } from "./packets/network-file.ts";
import { sharedBls } from "./packets/phone-edges.ts";
import { Phone, type TapResult } from "./packets/phone.ts";
import type { PhonesData, PhonesMessage, PhonesOrder } from "./packets/phones.worker.ts";
import { percentile } from "./product/percentile.ts";
import type { BenchOptions } from "./support/bench-arguments.ts";
import { startBenchDevnet } from "./support/bench-devnet.ts";
import { buildApp } from "./support/build-app.ts";
import { CleanUp } from "./support/clean-up.ts";
import { cpuSeconds } from "./support/cpu-seconds.ts";
import { processSeconds } from "./support/process-time.ts";
import { recordFigures } from "./support/record-figures.ts";
import type { FigureTable } from "./support/figure-tables.ts";
import type { Figures } from "./support/rates.ts";

const PHONES = 1_000;
const SHARES = 500;
/** Browsers that had nothing, for the page. */
const STRANGERS = 20;
/** Threads that the phones live in. */
const THREADS = 2;
const WORKER = new URL("./packets/phones.worker.ts", import.meta.url);

const TABLES: readonly FigureTable[] = [
  {
    head: ["", "measured", "asked"],
    rows: [
      ["link opened to sealed packet painted (p95)", { key: "open_to_painted_ms_p95", unit: "ms" }, "<= 1,500"],
      ["tap to coins final (p95)", { key: "tap_to_final_ms_p95", unit: "ms" }, "<= 6,000"],
      ["both together (p95)", { key: "total_ms_p95", unit: "ms" }, "<= 8,000"],
      ["scripts of the page before the tap, brotli", { key: "claim_js_kb_br", unit: "kB" }, "<= 60"],
      ["all bytes until the coins", { key: "bytes_to_coins_kb", unit: "kB" }, "<= 600"],
    ],
  },
  {
    head: ["", "measured"],
    rows: [
      ["phones", { key: "phones" }],
      ["shares", { key: "shares" }],
      ["winners", { key: "winners" }],
      ["phones whose answer is wrong or missing", { key: "wrong" }],
      ["µSTG that the winners hold less than the packets held", { key: "missing_micro" }],
      ["last final answer behind the tap", { key: "answered_s_max", unit: "s" }],
      ["half of them by", { key: "answered_s_p50", unit: "s" }],
      ["claims stored, which is before they leave, by", { key: "stored_s_max", unit: "s" }],
      ["processor time of all phones meanwhile", { key: "phones_cpu_s", unit: "s" }],
      ["processor time of the four nodes", { key: "nodes_cpu_s", unit: "s" }],
      ["time to build a block under 10,000 bad claims a second / alone", { key: "bad_claims_block_ratio" }],
      ["time of the thread that builds, for each bad claim", { key: "bad_claim_us", unit: "µs" }],
    ],
  },
];

/**
 * The figures of `npm run bench -- packets`: phones without a coin, connected beforehand, tap at once on fewer shares than
 * there are phones, over a local network of four real validators that shares this machine with all of them.
 */
export async function runBench(say: (line: string) => void, options: BenchOptions = {}): Promise<Figures> {
  const { phones = PHONES, shares = SHARES } = options;
  say(`${cpus().length} cores of ${cpus()[0]?.model ?? "unknown kind"}, Node.js ${process.version}`);
  const cleanUp = new CleanUp();
  try {
    const badClaims = await measureBadClaims(say);
    await buildApp();
    const directory = await mkdtemp(join(tmpdir(), "stegos-packets-"));
    cleanUp.add(() => rm(directory, { recursive: true, force: true }));
    const { devnet } = await startBenchDevnet(directory, cleanUp, ["--clients", `${2 * phones + 100}`]);
    const page = await measurePage(devnet.url, cleanUp, say);
    const swarm = startSwarm(devnet.url, phones, cleanUp, say);
    const creator = await openCreator(devnet.url);
    cleanUp.add(() => creator.client.stop());
    const [packets] = await Promise.all([makePackets(creator, devnet.url, shares, say), swarm.begun]);
    await swarm.prepare();
    say("all have dialled what a tap needs");
    const pids = devnet.file.validators.map(({ pid }) => pid);
    const before = await cpuOf(pids);
    const results = await swarm.tap(
      Array.from({ length: phones }, (_, phone) => packets[phone % packets.length]!.link),
    );
    const after = await cpuOf(pids);
    const cpu = { phones_cpu_s: tenths(after.own - before.own), nodes_cpu_s: tenths(after.nodes - before.nodes) };
    const figures = { ...figuresOf(results, packets, shares), ...cpu, ...page, ...badClaims };
    say(describe(results));
    if (options.isRecorded === true) await recordFigures("packets", TABLES, figures, undefined);
    return { ...figures, load: tenths(loadavg()[0]!) };
  } finally {
    await cleanUp.run();
  }
}

async function openCreator(url: string): Promise<Phone> {
  const curve = await openBackend(new CompiledKernels().source);
  const creator = new Phone(curve, sharedBls(), () => fetchNetworkFile(url));
  await creator.begin();
  return creator;
}

/** Strangers open one packet on the page, one after the other, before the crowd comes. */
async function measurePage(url: string, cleanUp: CleanUp, say: (line: string) => void): Promise<Figures> {
  const creator = await openCreator(url);
  const stop = cleanUp.add(() => creator.client.stop());
  const [packet] = await makePackets(creator, url, STRANGERS, say);
  await stop();
  return {
    ...(await measureClaims(packet!.link, STRANGERS, say)),
    claim_js_kb_br: measureSizes().claimJsBytes / 1_000,
  };
}

interface Swarm {
  readonly begun: Promise<void>;
  /** A tap is near. */
  prepare(): Promise<void>;
  /** Everybody at once, each on his link. */
  tap(links: readonly string[]): Promise<readonly TapResult[]>;
}

function startSwarm(url: string, phones: number, cleanUp: CleanUp, say: (line: string) => void): Swarm {
  const parts = Array.from({ length: THREADS }, (_, thread) =>
    Array.from({ length: phones }, (_none, phone) => phone).filter((phone) => phone % THREADS === thread),
  );
  let connected = 0;
  const workers = parts.map((part) => {
    const worker = new Worker(WORKER, { workerData: { url, phones: part } satisfies PhonesData });
    cleanUp.add(() => worker.terminate());
    return worker;
  });
  const begun = new Promise<void>((resolve, reject) => {
    for (const worker of workers) {
      worker.on("error", reject);
      worker.on("message", (message: PhonesMessage) => {
        if (message.type !== "begun") return;
        connected += message.count;
        if (connected % 100 === 0 || connected === phones) say(`${connected} phones connected`);
        if (connected === phones) resolve();
      });
    }
  });
  return {
    begun,
    async prepare() {
      await Promise.all(workers.map((worker) => told(worker, { type: "prepare" }, "prepared")));
    },
    async tap(links) {
      const all = workers.map((worker, thread) => {
        const own = links.filter((_, phone) => phone % THREADS === thread);
        return told(worker, { type: "tap", links: own }, "tapped");
      });
      return (await Promise.all(all)).flatMap(({ results }) => results);
    },
  };
}

type Told<Type extends PhonesMessage["type"]> = Extract<PhonesMessage, { readonly type: Type }>;

/** Resolves with the message of this type. */
function told<Type extends PhonesMessage["type"]>(worker: Worker, order: PhonesOrder, type: Type): Promise<Told<Type>> {
  return new Promise((resolve, reject) => {
    worker.on("error", reject);
    worker.on("message", (message: PhonesMessage) => {
      if (message.type === type) resolve(message as Told<Type>);
    });
    worker.postMessage(order);
  });
}

function figuresOf(results: readonly TapResult[], packets: readonly BenchPacket[], shares: number): Figures {
  const won = results.filter(({ end }) => end === "won");
  const total = packets.reduce((sum, each) => sum + each.total, 0n);
  const held = won.reduce((sum, { amount }) => sum + (amount ?? 0n), 0n);
  const begun = Math.min(...results.map(({ tappedMs }) => tappedMs));
  const seconds = (ms: number): number => Math.round((ms - begun) / 10) / 100;
  const answered = results.map(({ answeredMs }) => answeredMs);
  const isRight = ({ end }: TapResult): boolean => ["won", "empty", "gone"].includes(end);
  return {
    phones: results.length,
    shares,
    winners: won.length,
    sum_exact: won.length === shares && held === total ? 1 : 0,
    missing_micro: Number(total - held),
    wrong: results.filter((each) => !isRight(each)).length,
    answered_s_max: seconds(Math.max(...answered)),
    answered_s_p50: seconds(percentile(answered, 50)),
    stored_s_max: seconds(Math.max(...results.map(({ storedMs }) => storedMs))),
  };
}

/** Processor time so far of the phones, which this process is, and of the nodes. */
async function cpuOf(pids: readonly number[]): Promise<{ readonly own: number; readonly nodes: number }> {
  const nodes = await Promise.all(pids.map(processSeconds));
  return { own: cpuSeconds(), nodes: nodes.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0) };
}

const tenths = (value: number): number => Math.round(10 * value) / 10;

/** How many ended how. */
function describe(results: readonly TapResult[]): string {
  const ends = new Map<string, number>();
  for (const { end } of results) ends.set(end, (ends.get(end) ?? 0) + 1);
  return [...ends].map(([end, count]) => `${count} ${end}`).join(", ");
}
