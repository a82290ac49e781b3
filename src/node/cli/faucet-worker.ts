import { parentPort, workerData } from "node:worker_threads";
import { openBackend } from "../../core/crypto/backend/open-backend.ts";
import { proveRange } from "../../core/crypto/range-proof-prover.ts";
import { scalarOf } from "../../core/crypto/scalar.ts";
import type { BuildPaymentJob, BuildPaymentResult } from "../../core/wallet/built-payment.ts";
import { devFaucetSeed } from "../../core/wallet/dev-genesis.ts";
import { deriveAccount } from "../../core/wallet/keys.ts";
import { makePayment } from "../../core/wallet/make-payment.ts";
import { systemRandom } from "../edges.ts";
import { CompiledKernels, type KernelsForThread } from "../crypto/compiled-kernels.ts";

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

const opening = openBackend(new CompiledKernels(workerData as KernelsForThread).source);
const account = opening.then((curve) => deriveAccount(curve, devFaucetSeed(), 0));

async function warmUp(): Promise<void> {
  const witness = { chainId: 0, context: new Uint8Array(), values: [0n], blindings: [scalarOf(1n)] };
  proveRange(await opening, witness, systemRandom);
}

async function answer({ id, job }: FaucetJob): Promise<void> {
  const answered: FaucetJobAnswer = { id, result: makePayment(await opening, systemRandom, await account, job) };
  parentPort?.postMessage(answered);
}

parentPort?.on("message", (message: FaucetJob | FaucetWarmUp) => {
  void (message === "warm-up" ? warmUp() : answer(message));
});
