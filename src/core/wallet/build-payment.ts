import { compareBytes } from "../bytes/compare-bytes.ts";
import { OUTPUT_TYPE, outputHash, type CoinCore, type Output } from "../chain/output.ts";
import { encodeTransaction, transactionId, type UnsignedTransfer } from "../chain/transaction.ts";
import { checkAddress } from "../crypto/address-check.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { outputRangeContext } from "../crypto/range-proof.ts";
import { proveRange } from "../crypto/range-proof-prover.ts";
import { ZERO_SCALAR, type Scalar } from "../crypto/scalar.ts";
import { schnorrSign } from "../crypto/schnorr.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import type { Random } from "../ports/random.ts";
import type { Hash } from "../values/hash.ts";
import { timeMs, type TimeMs } from "../values/height.ts";
import type { BuildPaymentJob, BuildPaymentResult, BuiltPayment } from "./built-payment.ts";
import { checkPayment } from "./check-payment.ts";
import { deriveAddress, deriveOutputSecret, type AccountKeys } from "./keys.ts";
import type { Note } from "./note.ts";
import { buildOwnCoin, buildPaidCoin, derivePayment, type CoinSecrets, type PaymentSecrets } from "./output-secrets.ts";
import { buildEmptyPayload, buildMemo, type SealedPayload } from "./payload.ts";
import type { PaymentProposal } from "./propose-payment.ts";

/** Life of a payment, and the step to which its end is rounded up so that it tells nothing about our clock (TX-2). */
export const PAYMENT_LIFE_MS = 10 * 60_000;
const ANCHOR_SOURCE_SIZE = 32;
const AUX_SIZE = 32;
const MESSAGE_ID_SIZE = 8;

interface BuiltOutput {
  readonly output: Output;
  readonly hash: Hash;
  readonly coin: CoinSecrets;
  readonly isOwn: boolean;
  readonly counter: number;
}

/** not_after of TX-2: ten minutes ahead, rounded up to ten minutes. */
export function paymentEnd(nowMs: TimeMs): TimeMs {
  return timeMs(Math.ceil((nowMs + PAYMENT_LIFE_MS) / PAYMENT_LIFE_MS) * PAYMENT_LIFE_MS);
}

/**
 * Makes and signs a payment: one coin for the payee with the memo inside, one or two of our own, all under the payee's
 * D (OU-6). The anchor is fresh, so no (secret, D, n) ever returns, also not when a payment is built again (OU-8).
 * The result was decoded and judged by the rules others will use, on the reference curve: a wrong sum would cost coins.
 * Whoever stores payments for sending stores `ok` ones alone.
 */
export function buildPayment(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  job: BuildPaymentJob,
): BuildPaymentResult {
  const { chainId, proposal, notes, nowMs } = job;
  if (!isCovered(proposal, notes, keys.account)) return { ok: false, code: "notes_mismatch" };
  if (!checkAddress(curve, proposal.recipient).ok) return { ok: false, code: "bad_recipient" };
  const anchorSource = random.bytes(ANCHOR_SOURCE_SIZE);
  const secrets = derivePayment(curve, proposal.recipient, proposal.amount, anchorSource);
  if (secrets === undefined) return { ok: false, code: "bad_recipient" };

  const built = buildOutputs(curve, random, keys, chainId, proposal, secrets);
  built.sort((left, right) => compareBytes(left.hash, right.hash));
  const unsigned: UnsignedTransfer = {
    kind: "transfer",
    chainId,
    notBefore: timeMs(0),
    notAfter: paymentEnd(nowMs),
    fee: proposal.fee,
    gamma: blindingDifference(
      curve,
      notes,
      built.map((each) => each.coin),
    ),
    inputs: proposal.inputs,
    outputs: built.map((each) => each.output),
  };
  const txid = transactionId(unsigned);
  const signatures = notes.map((note) => {
    const secret = deriveOutputSecret(curve, keys, note.addressIndex, note.keyOffset);
    return schnorrSign(curve, secret, txid, random.bytes(AUX_SIZE));
  });
  const payment: BuiltPayment = {
    transaction: encodeTransaction({ ...unsigned, signatures }),
    txid,
    outputs: built.map(({ hash, isOwn, coin, counter }) => ({ outputHash: hash, isOwn, amount: coin.amount, counter })),
    anchorSource,
    notAfter: unsigned.notAfter,
  };
  return checkPayment(random, keys, job, payment) ? { ok: true, payment } : { ok: false, code: "check_failed" };
}

/** The notes are those of the proposal, ours, and worth exactly what goes out. */
function isCovered(proposal: PaymentProposal, notes: readonly Note[], account: number): boolean {
  const isSame =
    notes.length === proposal.inputs.length &&
    notes.length > 0 &&
    notes.every((note, index) => note.leaf === proposal.inputs[index] && note.account === account);
  const paidIn = notes.reduce((sum, note) => sum + note.amount, 0n);
  const paidOut = proposal.change.reduce((sum, part) => sum + part, proposal.amount + proposal.fee);
  return isSame && paidIn === paidOut;
}

function buildOutputs(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  chainId: number,
  proposal: PaymentProposal,
  secrets: PaymentSecrets,
): BuiltOutput[] {
  const { recipient, memo } = proposal;
  const paid = buildPaidCoin(curve, secrets, recipient, proposal.amount, 0);
  const payload =
    memo === undefined
      ? buildEmptyPayload(random)
      : buildMemo(
          paid.fields,
          { ...secrets, amount: proposal.amount, spendKey: recipient.spendKey },
          0,
          random.bytes(MESSAGE_ID_SIZE),
          { text: memo },
        );
  const outputs = [finishOutput(curve, random, chainId, paid, payload, { isOwn: false, counter: 0 })];
  const home = deriveAddress(curve, keys.view, 0);
  proposal.change.forEach((part, counter) => {
    const coin = buildOwnCoin(curve, keys.view.viewAllSecret, secrets.ephemeralKey, home, part, counter);
    outputs.push(finishOutput(curve, random, chainId, coin, buildEmptyPayload(random), { isOwn: true, counter }));
  });
  return outputs;
}

function finishOutput(
  curve: CurveBackend,
  random: Random,
  chainId: number,
  coin: CoinSecrets,
  sealed: SealedPayload,
  owner: { readonly isOwn: boolean; readonly counter: number },
): BuiltOutput {
  const { oneTimeKey, ephemeralKey } = coin.fields;
  const context = outputRangeContext(OUTPUT_TYPE.coin, oneTimeKey, ephemeralKey);
  const witness = { chainId, context, values: [coin.amount], blindings: [coin.blinding] };
  const { proof } = proveRange(curve, witness, random);
  const core: CoinCore = {
    type: "coin",
    ...coin.fields,
    payloadTag: sealed.payloadTag,
    payloadHash: sha256Hash(sealed.payload),
    rangeProofHash: sha256Hash(proof),
  };
  return { output: { core, payload: sealed.payload, rangeProof: proof }, hash: outputHash(core), coin, ...owner };
}

type Blinded = readonly { readonly blinding: Scalar }[];

/** gamma: Σ z of what is spent less Σ z of what is made. */
function blindingDifference({ scalars }: CurveBackend, spent: Blinded, made: Blinded): Scalar {
  const sumOf = (coins: Blinded): Scalar =>
    coins.reduce<Scalar>((sum, { blinding }) => scalars.add(sum, blinding), ZERO_SCALAR);
  return scalars.subtract(sumOf(spent), sumOf(made));
}
