import { parentPort } from "node:worker_threads";
import { createNobleBackend } from "../../core/crypto/backend/noble-backend.ts";
import { buildPayment, type BuildPaymentJob, type BuildPaymentResult } from "../../core/wallet/build-payment.ts";
import { devFaucetSeed } from "../../core/wallet/dev-genesis.ts";
import { deriveAccount } from "../../core/wallet/keys.ts";
import { systemRandom } from "../edges.ts";

/** One payment to build; `id` returns with the answer. */
export interface FaucetJob {
  readonly id: number;
  readonly job: BuildPaymentJob;
}

export interface FaucetJobAnswer {
  readonly id: number;
  readonly result: BuildPaymentResult;
}

const curve = createNobleBackend();
const keys = deriveAccount(curve, devFaucetSeed(), 0);

parentPort?.on("message", ({ id, job }: FaucetJob) => {
  const answer: FaucetJobAnswer = { id, result: buildPayment(curve, systemRandom, keys, job) };
  parentPort?.postMessage(answer);
});
