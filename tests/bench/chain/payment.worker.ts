import { parentPort, workerData } from "node:worker_threads";
import { encodeTransaction } from "../../../src/core/chain/transaction.ts";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import type { PaymentJob, PaymentsMade } from "./make-payments.ts";

/** Makes a part of the payments: two outputs each, proofs and signatures real. */
const { notes, params, time, seed } = workerData as PaymentJob;
const curve = await openBackend(buildKernel);
const builder = new LedgerBuilder({ curve, params, time, noteCount: 1, proofs: true, label: `payments ${seed}` });
for (const note of notes) {
  const { transaction } = builder.transfer([note]);
  const made: PaymentsMade = encodeTransaction(transaction);
  parentPort?.postMessage(made);
}
