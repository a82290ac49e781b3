import { parentPort } from "node:worker_threads";
import { webcrypto } from "node:crypto";
import { createNobleBackend } from "../../core/crypto/backend/noble-backend.ts";
import { verifyRangeBatch, type RangeClaim } from "../../core/crypto/range-proof-verifier.ts";

/** One batch to check. */
export interface ProofJob {
  readonly claims: readonly RangeClaim[];
}

/** One verdict per claim, in order. */
export interface ProofAnswer {
  readonly good: readonly boolean[];
}

const curve = createNobleBackend();
const random = { bytes: (size: number): Uint8Array => webcrypto.getRandomValues(new Uint8Array(size)) };

parentPort?.on("message", (job: ProofJob) => {
  const verdict = verifyRangeBatch(curve, job.claims, random);
  const bad = new Set(verdict.ok ? [] : verdict.bad);
  const answer: ProofAnswer = { good: job.claims.map((_, index) => !bad.has(index)) };
  parentPort?.postMessage(answer);
});
