import type { BenchOptions } from "./support/bench-arguments.ts";
import { BACKEND_NAMES } from "./curve/open-curves.ts";
import { CurveBrowser } from "./support/curve-browser.ts";
import { nodeCandidate } from "./support/curve-node.ts";
import { OPENSSL, opensslCandidate } from "./support/openssl-speed.ts";
import {
  clockRate,
  clockRatio,
  cpuRate,
  cpuRatio,
  measureInTurn,
  type Candidate,
  type Figure,
  type Figures,
  type Rates,
} from "./support/rates.ts";
import type { FigureTable } from "./support/figure-tables.ts";

const ROUNDS = 4;
export const SCAN_ROUND_SECONDS = 1;
const RIVALS = ["libsodium", "webcrypto"] as const;
const KEY_AGREEMENTS = [...BACKEND_NAMES, ...RIVALS];
const TWO_PIPELINES = "chromium pipeline on two workers";
const RANGES = "chromium ranges on two crypto workers";

/** The figures of `npm run bench -- scan`: key agreements and the scan of ranges against native OpenSSL. */
export async function runBench(say: (line: string) => void, options: BenchOptions = {}): Promise<Figures> {
  const { seconds = SCAN_ROUND_SECONDS } = options;
  const browser = await CurveBrowser.open(say);
  const works = [...KEY_AGREEMENTS.map((name) => `x25519 ${name}`), "pipeline"];
  const candidates: Candidate[] = [opensslCandidate(say)];
  for (const work of works) {
    if (browser !== undefined) candidates.push(browser.candidate(`chromium ${work}`, "scan", work));
    candidates.push(nodeCandidate(`node ${work}`, "scan", work));
  }
  if (browser !== undefined) {
    candidates.push(browser.candidate(TWO_PIPELINES, "scan", "pipeline", 2), browser.rangesCandidate(RANGES));
  }
  say(`${candidates.length} candidates in turn, ${seconds} s each, ${ROUNDS} rounds`);
  try {
    return scanFigures(await measureInTurn(candidates, { rounds: ROUNDS, seconds, say }));
  } finally {
    await browser?.close();
  }
}

/** What the rates say. Processor time wherever one thread works, the clock where several do. */
export function scanFigures(rates: Rates): Figures {
  const fastest = (place: string): string => {
    const name = BACKEND_NAMES.find((candidate) => rates.has(`${place} x25519 ${candidate}`)) ?? "noble";
    return `${place} x25519 ${name}`;
  };
  const [chromium, node] = [fastest("chromium"), fastest("node")];
  const others: Record<string, Figure> = {};
  for (const place of ["chromium", "node"]) {
    for (const name of KEY_AGREEMENTS) {
      others[`${place}_${name}_vs_openssl`] = cpuRatio(rates, `${place} x25519 ${name}`, OPENSSL);
    }
  }
  return {
    chromium_vs_openssl: cpuRatio(rates, chromium, OPENSSL),
    chromium_simd_vs_openssl: cpuRatio(rates, "chromium x25519 simd", OPENSSL),
    node_vs_openssl: cpuRatio(rates, node, OPENSSL),
    pipeline_vs_openssl: cpuRatio(rates, "chromium pipeline", OPENSSL),
    two_workers_vs_one: clockRatio(rates, TWO_PIPELINES, "chromium pipeline"),
    vs_webcrypto: clockRatio(rates, chromium, "chromium x25519 webcrypto"),
    vs_libsodium: cpuRatio(rates, chromium, "chromium x25519 libsodium"),
    outputs_per_s_2_workers: clockRate(rates, RANGES),
    outputs_per_cpu_s: cpuRate(rates, RANGES),
    node_pipeline_vs_openssl: cpuRatio(rates, "node pipeline", OPENSSL),
    node_vs_webcrypto: clockRatio(rates, node, "node x25519 webcrypto"),
    node_vs_libsodium: cpuRatio(rates, node, "node x25519 libsodium"),
    openssl_per_s: cpuRate(rates, OPENSSL),
    chromium_per_s: cpuRate(rates, chromium),
    ...others,
  };
}

export const SCAN_TABLES: readonly FigureTable[] = [
  {
    head: ["figure", "measured", "asked"],
    rows: [
      ["X25519 batch / native OpenSSL, Chromium worker", "chromium_vs_openssl", ">= 1.2"],
      ["the same without relaxed SIMD", "chromium_simd_vs_openssl", ">= 0.6"],
      ["the same in Node.js", "node_vs_openssl", ">= 1.0"],
      ["whole pipeline / native OpenSSL, Chromium worker", "pipeline_vs_openssl", ">= 1.15"],
      ["pipeline on two workers / on one", "two_workers_vs_one", ">= 1.9"],
      ["X25519 batch / WebCrypto, 64 in flight", "vs_webcrypto", ">= 1.8"],
      ["X25519 batch / libsodium.js", "vs_libsodium", ">= 3"],
      ["outputs a second through two crypto workers", "outputs_per_s_2_workers", ""],
    ].map(([text, key, asked]) => [text!, { key: key! }, asked!]),
  },
  {
    head: ["X25519 / native OpenSSL", "Chromium", "Node.js"],
    rows: KEY_AGREEMENTS.map((name) => [
      name,
      { key: `chromium_${name}_vs_openssl` },
      { key: `node_${name}_vs_openssl` },
    ]),
  },
];
