import type { BenchOptions } from "./support/bench-arguments.ts";
import type { FigureTable } from "./support/figure-tables.ts";
import type { Figures } from "./support/rates.ts";

type Run<Result> = (say: (line: string) => void, options?: BenchOptions) => Promise<Result>;

/** A benchmark whose figures stand in docs/performance.md as it writes them. */
interface RecordedBench {
  readonly runBench: Run<Figures>;
  readonly tables: readonly FigureTable[];
}

/** Those that `report` runs, in its order. */
export const RECORDED_BENCHES = {
  scan: async () => {
    const { runBench, SCAN_TABLES } = await import("./scan.ts");
    return { runBench, tables: SCAN_TABLES };
  },
  proofs: async () => {
    const { runBench, PROOF_TABLES } = await import("./proofs.ts");
    return { runBench, tables: PROOF_TABLES };
  },
  msm: async () => {
    const { runBench, MSM_TABLES } = await import("./msm.ts");
    return { runBench, tables: MSM_TABLES };
  },
  block: async () => {
    const { runBench, BLOCK_TABLES } = await import("./block.ts");
    return { runBench, tables: BLOCK_TABLES };
  },
} as const satisfies Readonly<Record<string, () => Promise<RecordedBench>>>;

/** Those that only print, and `report`, which runs and records the others. */
export const OTHER_BENCHES = {
  pay: () => import("./pay.ts"),
  restore: () => import("./restore.ts"),
  report: () => import("./report.ts"),
} as const satisfies Readonly<Record<string, () => Promise<{ readonly runBench: Run<object> }>>>;
