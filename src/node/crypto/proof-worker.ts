import { parentPort } from "node:worker_threads";
import { buildKernel } from "../../core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../core/crypto/backend/open-backend.ts";
import { verifyClaims, type SpendClaims } from "../../core/state/spend-claims.ts";
import { systemRandom } from "../edges.ts";
import type { Verdicts } from "./proof-pool.ts";

/** One batch to check. */
export interface ProofJob {
  readonly claims: readonly SpendClaims[];
}

/** One verdict per claim, in order. */
export interface ProofAnswer {
  readonly verdicts: Verdicts;
}

const opening = openBackend(buildKernel);

async function answer({ claims }: ProofJob): Promise<void> {
  const answered: ProofAnswer = { verdicts: verifyClaims(await opening, claims, systemRandom) };
  parentPort?.postMessage(answered);
}

// What throws here ends the thread, and the node with it.
parentPort?.on("message", (job: ProofJob) => void answer(job));
