import { buildKernel } from "../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../src/core/crypto/backend/open-backend.ts";
import { createBlstBls } from "../../src/node/crypto/blst-bls.ts";
import { openBlockVerifier, type BlockVerifier } from "./block/block-verifier.ts";
import { FULL_BLOCK_TRANSACTIONS, makeBlock } from "./block/full-block.ts";
import type { BenchOptions } from "./support/bench-arguments.ts";
import { cpuSeconds } from "./support/cpu-seconds.ts";
import type { FigureTable } from "./support/figure-tables.ts";
import {
  clockRate,
  clockRatio,
  cpuRate,
  measureInTurn,
  rateOf,
  type Candidate,
  type Figures,
  type Rates,
} from "./support/rates.ts";
import { sumOfWork, workFor } from "./support/work.ts";

const ROUNDS = 3;
/** At least one block. */
export const BLOCK_ROUND_SECONDS = 2;
const THREADS = 2;

/** The figures of `npm run bench -- block`: full blocks of two-output transactions through the rules of a node. */
export async function runBench(say: (line: string) => void, options: BenchOptions = {}): Promise<Figures> {
  const { seconds = BLOCK_ROUND_SECONDS } = options;
  const begunMs = performance.now();
  const curve = await openBackend(buildKernel);
  say(`making a block with ${2 * FULL_BLOCK_TRANSACTIONS} range proofs by ${curve.name}`);
  const sample = makeBlock({ curve, bls: createBlstBls() }, FULL_BLOCK_TRANSACTIONS);
  const { transactionCount, bytes } = sample;
  const made = Math.round((performance.now() - begunMs) / 1_000);
  say(`a block of ${transactionCount} transactions in ${bytes.length} bytes, made in ${made} s`);
  const verifiers = Array.from({ length: THREADS }, () => openBlockVerifier(sample));
  const candidates = verifiers.map((_, index) => candidateOf(verifiers.slice(0, index + 1), transactionCount));
  say(`one thread and two in turn, ${seconds} s or a block each, ${ROUNDS} rounds`);
  try {
    // Prepares tables and code, which is not what is measured.
    await Promise.all(verifiers.map((verifier) => verifier.verify()));
    return blockFigures(await measureInTurn(candidates, { rounds: ROUNDS, seconds, say }));
  } finally {
    await Promise.all(verifiers.map((verifier) => verifier.close()));
  }
}

const nameOf = (threads: number): string => `threads: ${threads}`;

function candidateOf(verifiers: readonly BlockVerifier[], transactionCount: number): Candidate {
  return {
    name: nameOf(verifiers.length),
    async round(seconds) {
      const before = cpuSeconds();
      const done = verifiers.map((verifier) =>
        workFor({ units: transactionCount, go: () => verifier.verify() }, seconds),
      );
      return rateOf(sumOfWork(await Promise.all(done)), cpuSeconds() - before);
    },
  };
}

/** What the rates say. */
export function blockFigures(rates: Rates): Figures {
  return {
    tx_per_s_1_thread: clockRate(rates, nameOf(1)),
    tx_per_s_2_threads: clockRate(rates, nameOf(2)),
    two_threads_vs_one: clockRatio(rates, nameOf(2), nameOf(1)),
    tx_per_cpu_s: cpuRate(rates, nameOf(1)),
  };
}

export const BLOCK_TABLES: readonly FigureTable[] = [
  {
    head: ["figure", "measured"],
    rows: [
      ["transactions a second, one thread", { key: "tx_per_s_1_thread" }],
      ["transactions a second, two threads", { key: "tx_per_s_2_threads" }],
      ["two threads / one", { key: "two_threads_vs_one" }],
      ["transactions in a second of processor time", { key: "tx_per_cpu_s" }],
    ],
  },
];
