import { compareBytes } from "../bytes/compare-bytes.ts";
import { outputHash, type StakeCore } from "../chain/output.ts";
import { encodeTransaction, transactionId, type UnsignedTransfer } from "../chain/transaction.ts";
import { checkAddress } from "../crypto/address-check.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { deriveTags, viewTagOf } from "../crypto/output-keys.ts";
import { ZERO_SCALAR, type Scalar } from "../crypto/scalar.ts";
import { schnorrSign } from "../crypto/schnorr.ts";
import type { Random } from "../ports/random.ts";
import type { Amount } from "../values/amount.ts";
import { timeMs, type TimeMs } from "../values/height.ts";
import type { BuildPaymentJob, BuildPaymentResult, BuiltPayment } from "./built-payment.ts";
import { buildChange, finishCoin, type BuiltOutput } from "./build-outputs.ts";
import { buildGift, buildPacket } from "./build-packet.ts";
import { buildTakeBack } from "./build-take-back.ts";
import { buildUnbond } from "./build-unbond.ts";
import { checkPayment } from "./check-payment.ts";
import { noteSecret } from "./gift-note.ts";
import type { AccountKeys } from "./keys.ts";
import { isCoinNote, type Note } from "./note.ts";
import { buildPaidCoin, derivePayment, type PaymentSecrets } from "./output-secrets.ts";
import { splitCount } from "./packet-order.ts";
import { buildEmptyPayload, buildMemo } from "./payload.ts";
import { paymentEnd } from "./payment-end.ts";
import type { PaymentProposal } from "./propose-payment.ts";
import { STAKE_PLACE, type StakeAcceptance } from "./stake-offer.ts";
import { isStakeNote } from "./stake-state.ts";

const ANCHOR_SOURCE_SIZE = 32;
const AUX_SIZE = 32;
const MESSAGE_ID_SIZE = 8;

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
  const { proposal, notes } = job;
  if (!areNotesOf(proposal, notes, keys.account)) return { ok: false, code: "notes_mismatch" };
  if (proposal.stake?.act === "unstake") return buildUnbond(curve, random, keys, job);
  if (proposal.packet?.act === "packet_back") return buildTakeBack(curve, random, keys, job);
  if (!isCovered(proposal, notes)) return { ok: false, code: "notes_mismatch" };
  const { packet } = proposal;
  if (packet?.act === "gift" || packet?.act === "packet") {
    const made =
      packet.act === "gift" ? buildGift(curve, random, keys, job) : buildPacket(curve, random, keys, job, packet);
    return signTransfer(curve, random, keys, job, made.outputs, made.ephemeralKey);
  }
  if (!checkAddress(curve, proposal.recipient).ok) return { ok: false, code: "bad_recipient" };
  const anchorSource = random.bytes(ANCHOR_SOURCE_SIZE);
  const secrets = derivePayment(curve, proposal.recipient, proposal.amount, anchorSource);
  if (secrets === undefined) return { ok: false, code: "bad_recipient" };

  const { stake } = proposal;
  if (stake?.act === "stake") {
    const { acceptance } = stake;
    const locked = buildStake(keys, acceptance, proposal.amount);
    const made = [locked, ...buildChange(curve, random, keys, job, acceptance, STAKE_PLACE.counter + 1)];
    return signTransfer(curve, random, keys, job, made, acceptance.ephemeralKey);
  }
  const made = takesOnly(proposal)
    ? buildChange(curve, random, keys, job, secrets, 0)
    : buildOutputs(curve, random, keys, job, secrets);
  return signTransfer(curve, random, keys, job, made, anchorSource);
}

/** Puts outputs and notes together, signs, and checks the result. */
function signTransfer(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  job: BuildPaymentJob,
  made: readonly BuiltOutput[],
  anchorSource: Uint8Array,
): BuildPaymentResult {
  const { chainId, proposal, notes, nowMs } = job;
  const built = [...made];
  built.sort((left, right) => compareBytes(left.hash, right.hash));
  const unsigned: UnsignedTransfer = {
    kind: "transfer",
    chainId,
    notBefore: timeMs(0),
    notAfter: endOf(proposal, nowMs),
    fee: proposal.fee,
    gamma: blindingDifference(curve, notes, built),
    inputs: proposal.inputs,
    outputs: built.map((each) => each.output),
  };
  const txid = transactionId(unsigned);
  const signatures = notes.map((note) => {
    return schnorrSign(curve, noteSecret(curve, keys, note), txid, random.bytes(AUX_SIZE));
  });
  const payment: BuiltPayment = {
    transaction: encodeTransaction({ ...unsigned, signatures }),
    txid,
    outputs: built.map(({ hash, isOwn, amount, counter }) => ({ outputHash: hash, isOwn, amount, counter })),
    anchorSource,
    notAfter: unsigned.notAfter,
  };
  return checkPayment(random, keys, job, payment) ? { ok: true, payment } : { ok: false, code: "check_failed" };
}

/** A packet that came into a block later would end too soon after it (RP-1). */
function endOf({ packet }: PaymentProposal, nowMs: TimeMs): TimeMs {
  const end = paymentEnd(nowMs);
  return packet?.act === "packet" && packet.latest < end ? packet.latest : end;
}

/** The notes are those of the proposal, ours, and of the kind that it is about: coins, or one stake, gift or packet. */
function areNotesOf(proposal: PaymentProposal, notes: readonly Note[], account: number): boolean {
  const { inputs, stake, packet } = proposal;
  const isMeant = (note: Note): boolean => {
    if (stake !== undefined && stake.act !== "stake") return isStakeNote(note);
    if (packet?.act === "packet_back") return note.packet?.type === "packet";
    return packet?.act === "gift_taken" || packet?.act === "gift_back"
      ? note.packet?.type === "gift"
      : isCoinNote(note);
  };
  return (
    notes.length === inputs.length &&
    notes.length > 0 &&
    notes.every((note, index) => note.leaf === inputs[index] && note.account === account && isMeant(note))
  );
}

/** What is withdrawn, or taken by a link, comes to us as change and nothing else. */
const takesOnly = ({ stake, packet }: PaymentProposal): boolean =>
  stake?.act === "withdraw" || packet?.act === "gift_taken" || packet?.act === "gift_back";

/** The notes are worth exactly what goes out. */
function isCovered(proposal: PaymentProposal, notes: readonly Note[]): boolean {
  const { change, fee, amount: paid, packet } = proposal;
  const paidIn = notes.reduce((sum, note) => sum + note.amount, 0n);
  const claimFees = packet?.act === "packet" ? packet.claimFee * BigInt(splitCount(packet.plan)) : 0n;
  const paidOut = takesOnly(proposal) ? fee : paid + claimFees + fee;
  return paidIn === change.reduce((sum, part) => sum + part, paidOut);
}

/** ST-1; its keys are those that the validator has signed. */
function buildStake({ view }: AccountKeys, acceptance: StakeAcceptance, amount: Amount): BuiltOutput {
  const { blsKey, oneTimeKey, ephemeralKey, possessionProof, reward } = acceptance;
  const viewTag = viewTagOf(deriveTags(view.viewAllSecret, ephemeralKey), STAKE_PLACE.counter);
  const core: StakeCore = { type: "stake", oneTimeKey, amount, ephemeralKey, viewTag, blsKey, possessionProof, reward };
  return {
    output: { core },
    hash: outputHash(core),
    blinding: ZERO_SCALAR,
    amount,
    isOwn: false,
    counter: STAKE_PLACE.counter,
  };
}

function buildOutputs(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  job: BuildPaymentJob,
  secrets: PaymentSecrets,
): readonly BuiltOutput[] {
  const { chainId, proposal } = job;
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
  const output = finishCoin(curve, random, chainId, paid, payload, { isOwn: false, counter: 0 });
  return [output, ...buildChange(curve, random, keys, job, secrets, 0)];
}

type Blinded = readonly { readonly blinding: Scalar }[];

/** gamma: Σ z of what is spent less Σ z of what is made. */
function blindingDifference({ scalars }: CurveBackend, spent: Blinded, made: Blinded): Scalar {
  const sumOf = (coins: Blinded): Scalar =>
    coins.reduce<Scalar>((sum, { blinding }) => scalars.add(sum, blinding), ZERO_SCALAR);
  return scalars.subtract(sumOf(spent), sumOf(made));
}
