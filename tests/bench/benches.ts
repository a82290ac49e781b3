import type { BenchOptions } from "./support/bench-arguments.ts";
import type { FigureTable } from "./support/figure-tables.ts";
import type { Figures } from "./support/rates.ts";

type Run<Result> = (say: (line: string) => void, options?: BenchOptions) => Promise<Result>;

/** A benchmark whose figures stand in docs/performance.md as it writes them. */
interface RecordedBench {
  readonly runBench: Run<Figures>;
  readonly tables: readonly FigureTable[];
  /** Length of a round of each candidate, unless another one is asked for. */
  readonly roundSeconds: number;
}

/** Those that `report` runs, in its order. */
export const RECORDED_BENCHES = {
  scan: async () => {
    const { runBench, SCAN_TABLES, SCAN_ROUND_SECONDS } = await import("./scan.ts");
    return { runBench, tables: SCAN_TABLES, roundSeconds: SCAN_ROUND_SECONDS };
  },
  proofs: async () => {
    const { runBench, PROOF_TABLES, PROOF_ROUND_SECONDS } = await import("./proofs.ts");
    return { runBench, tables: PROOF_TABLES, roundSeconds: PROOF_ROUND_SECONDS };
  },
  msm: async () => {
    const { runBench, MSM_TABLES, MSM_ROUND_SECONDS } = await import("./msm.ts");
    return { runBench, tables: MSM_TABLES, roundSeconds: MSM_ROUND_SECONDS };
  },
  block: async () => {
    const { runBench, BLOCK_TABLES, BLOCK_ROUND_SECONDS } = await import("./block.ts");
    return { runBench, tables: BLOCK_TABLES, roundSeconds: BLOCK_ROUND_SECONDS };
  },
} as const satisfies Readonly<Record<string, () => Promise<RecordedBench>>>;

/** Those that only print, and `report`, which runs and records the others. */
export const OTHER_BENCHES = {
  pay: () => import("./pay.ts"),
  growth: () => import("./growth.ts"),
  restore: () => import("./restore.ts"),
  chain: () => import("./chain.ts"),
  packets: () => import("./packets.ts"),
  product: () => import("./product.ts"),
  report: () => import("./report.ts"),
} as const satisfies Readonly<Record<string, () => Promise<{ readonly runBench: Run<object> }>>>;
