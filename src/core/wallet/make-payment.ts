import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { createNobleBackend } from "../crypto/backend/noble-backend.ts";
import type { Random } from "../ports/random.ts";
import { buildPayment } from "./build-payment.ts";
import type { BuildPaymentJob, BuildPaymentResult } from "./built-payment.ts";
import type { AccountKeys } from "./keys.ts";

/**
 * Makes a payment with the backend of this thread, and where the reference finds the result wrong, anew with the
 * reference: who has a kernel that computes wrong pays too, only slower, and there not in fixed time (PR-9). Nothing of
 * the first attempt is used again, its anchor and nonces are fresh (OU-8), and nobody has seen it.
 */
export function makePayment(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  job: BuildPaymentJob,
): BuildPaymentResult {
  const made = buildPayment(curve, random, keys, job);
  // Whether notes fit a proposal is told without a curve.
  if (made.ok || made.code === "notes_mismatch") return made;
  const reference = createNobleBackend();
  return curve.name === reference.name ? made : buildPayment(reference, random, keys, job);
}
