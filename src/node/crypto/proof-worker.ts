import { parentPort } from "node:worker_threads";
import { webcrypto } from "node:crypto";
import { buildKernel } from "../../core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../core/crypto/backend/open-backend.ts";
import { verifyRangeBatch, type RangeClaim } from "../../core/crypto/range-proof-verifier.ts";

/** One batch to check. */
export interface ProofJob {
  readonly claims: readonly RangeClaim[];
}

/** One verdict per claim, in order. */
export interface ProofAnswer {
  readonly good: readonly boolean[];
}

const opening = openBackend(buildKernel);
const random = { bytes: (size: number): Uint8Array => webcrypto.getRandomValues(new Uint8Array(size)) };

async function answer(job: ProofJob): Promise<void> {
  const verdict = verifyRangeBatch(await opening, job.claims, random);
  const bad = new Set(verdict.ok ? [] : verdict.bad);
  const answered: ProofAnswer = { good: job.claims.map((_, index) => !bad.has(index)) };
  parentPort?.postMessage(answered);
}

// What throws here ends the thread, and the node with it.
parentPort?.on("message", (job: ProofJob) => void answer(job));
