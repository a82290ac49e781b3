import { parentPort, workerData } from "node:worker_threads";
import { openBackend } from "../../core/crypto/backend/open-backend.ts";
import { firstBrokenRule, verifyClaims, type SpendClaims } from "../../core/state/spend-claims.ts";
import { systemRandom } from "../edges.ts";
import { createBlstBls } from "./blst-bls.ts";
import { CompiledKernels, type KernelsForThread } from "./compiled-kernels.ts";
import type { Verdicts } from "./proof-pool.ts";

/** One batch to check: of a block until it is found wrong, of transactions each for itself. */
export type ProofJob =
  | { readonly purpose: "transaction"; readonly claims: readonly SpendClaims[] }
  | { readonly purpose: "block"; readonly claims: readonly SpendClaims[]; readonly isDoubted: boolean };

/** One verdict per claim, in order; of a block one alone. */
export interface ProofAnswer {
  readonly verdicts: Verdicts;
}

const bls = createBlstBls();
const opening = openBackend(new CompiledKernels(workerData as KernelsForThread).source);

async function answer(job: ProofJob): Promise<void> {
  const deps = { curve: await opening, bls };
  const verdicts =
    job.purpose === "transaction"
      ? verifyClaims(deps, job.claims, systemRandom)
      : [firstBrokenRule(deps, job.claims, systemRandom, job.isDoubted)];
  const answered: ProofAnswer = { verdicts };
  parentPort?.postMessage(answered);
}

// What throws here ends the thread, and the node with it.
parentPort?.on("message", (job: ProofJob) => void answer(job));
