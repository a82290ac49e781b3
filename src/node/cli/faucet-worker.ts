import { parentPort } from "node:worker_threads";
import { createNobleBackend } from "../../core/crypto/backend/noble-backend.ts";
import { proveRange } from "../../core/crypto/range-proof-prover.ts";
import { scalarOf } from "../../core/crypto/scalar.ts";
import { buildPayment } from "../../core/wallet/build-payment.ts";
import type { BuildPaymentJob, BuildPaymentResult } from "../../core/wallet/built-payment.ts";
import { devFaucetSeed } from "../../core/wallet/dev-genesis.ts";
import { deriveAccount } from "../../core/wallet/keys.ts";
import { systemRandom } from "../edges.ts";

/** Makes the tables of the first range proof ahead of the first request. */
export type FaucetWarmUp = "warm-up";

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

function warmUp(): void {
  proveRange(curve, { chainId: 0, context: new Uint8Array(), values: [0n], blindings: [scalarOf(1n)] }, systemRandom);
}

parentPort?.on("message", (message: FaucetJob | FaucetWarmUp) => {
  if (message === "warm-up") {
    warmUp();
    return;
  }
  const { id, job } = message;
  const answer: FaucetJobAnswer = { id, result: buildPayment(curve, systemRandom, keys, job) };
  parentPort?.postMessage(answer);
});
