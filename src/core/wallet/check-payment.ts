import { equalBytes } from "../bytes/compare-bytes.ts";
import { tryDecode } from "../bytes/decode-error.ts";
import { scanEntryOf } from "../chain/compact-block.ts";
import {
  encodeOutputCore,
  isCoinOutput,
  isProvenOutput,
  OUTPUT_TYPE,
  type Output,
  type OutputCore,
  type StakeCore,
} from "../chain/output.ts";
import { packetCommitment } from "../chain/packet-coins.ts";
import { packetRangeStatement, type PacketCore, type PacketGate } from "../chain/packet-output.ts";
import { decodeTransfer, type Transfer } from "../chain/transaction.ts";
import { validateTransaction } from "../chain/validate-transaction.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { createNobleBackend } from "../crypto/backend/noble-backend.ts";
import { commit, commitPublic, commitmentGenerators } from "../crypto/commitment.ts";
import { decodePoint } from "../crypto/point.ts";
import { guardedLinkSecret } from "../crypto/packet-password.ts";
import { outputRangeContext } from "../crypto/range-proof.ts";
import { verifyRangeBatch } from "../crypto/range-proof-verifier.ts";
import { bigintOf, scalarOf } from "../crypto/scalar.ts";
import { deriveTags, viewTagOf } from "../crypto/output-keys.ts";
import { schnorrVerify } from "../crypto/schnorr.ts";
import type { Random } from "../ports/random.ts";
import { checkShares } from "../red-packet/check-shares.ts";
import { deriveGiftLinkSecret, deriveGiftViewSecret } from "../red-packet/gift-secrets.ts";
import { deriveLinkSecret } from "../red-packet/packet-secrets.ts";
import type { Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import type { BuildPaymentJob, BuiltPayment } from "./built-payment.ts";
import { openGift } from "./gift-note.ts";
import type { AccountKeys } from "./keys.ts";
import type { Note } from "./note.ts";
import { openOutput } from "./open-output.ts";
import { verifyPaymentProof } from "./payment-proof.ts";
import type { PaymentProposal } from "./propose-payment.ts";
import { scanOutputs } from "./scan-hits.ts";
import { STAKE_PLACE } from "./stake-offer.ts";
import { SubaddressTable } from "./subaddress-table.ts";

/**
 * Judges a payment of ours from its bytes alone, by the rules others will use, and then by what only we can check: that
 * the payee's coin is his and that every own coin will be found again. We never send what we would refuse.
 *
 * The reference judges, whatever backend made the payment: one that computes wrong would find its own mistakes right. It
 * costs a tenth of a second once in a thread for its tables, and then some 15 ms for each output. It is not in fixed time
 * (PR-9), and so sees amounts and blinding factors, but no spend key and no nonce.
 */
export function checkPayment(random: Random, keys: AccountKeys, job: BuildPaymentJob, payment: BuiltPayment): boolean {
  const curve = createNobleBackend();
  const decoded = tryDecode(decodeTransfer, payment.transaction);
  if (!decoded.ok) return false;
  const transaction = decoded.value;
  const valid = validateTransaction(curve, job.chainId, transaction);
  if (!valid.ok || !equalBytes(valid.txid, payment.txid)) return false;
  return (
    transaction.outputs.filter(isCoinOutput).length >= (isOpenly(job) ? 1 : 2) &&
    isInTime(job, transaction) &&
    areInRange(curve, random, transaction) &&
    isBalanced(curve, transaction, job.notes) &&
    areSigned(curve, transaction, job.notes, valid.txid) &&
    transaction.outputs.every((output, index) => reachesOwner(curve, keys, job, payment, output, index))
  );
}

/** A stake and a packet are seen for what they are, so their change needs no second coin to hide beside (OU-9). */
const isOpenly = ({ proposal }: BuildPaymentJob): boolean =>
  proposal.stake?.act === "stake" || proposal.packet?.act === "packet";

/** A packet is in no block that would refuse it for its expiry (RP-1). */
function isInTime({ proposal: { packet } }: BuildPaymentJob, { notAfter }: Transfer): boolean {
  return packet?.act !== "packet" || notAfter <= packet.latest;
}

/** TX-3. */
function areInRange(curve: CurveBackend, random: Random, { chainId, outputs }: Transfer): boolean {
  const claims = outputs.filter(isProvenOutput).map(({ core, rangeProof }) => {
    if (core.type === "packet") return { ...packetRangeStatement(chainId, core), proof: rangeProof };
    const context = outputRangeContext(OUTPUT_TYPE.coin, core.oneTimeKey, core.ephemeralKey);
    return { chainId, context, commitments: [core.commitment], proof: rangeProof };
  });
  return verifyRangeBatch(curve, claims, random).ok;
}

/** TX-4: Σ C_in − Σ C_out − fee·H = gamma·G, with C_in recomputed from what the notes say. */
function isBalanced(curve: CurveBackend, transaction: Transfer, notes: readonly Note[]): boolean {
  const outputs = transaction.outputs.filter(isProvenOutput).map(({ core }) => {
    return core.type === "packet" ? packetCommitment(curve, core, 0n) : decodePoint(curve, core.commitment);
  });
  if (outputs.some((point) => point === undefined)) return false;
  const locked = transaction.outputs.reduce((sum, { core }) => (core.type === "stake" ? sum + core.amount : sum), 0n);
  const inputs = notes.map((note) => commit(curve, note.blinding, note.amount));
  const points = [
    ...inputs,
    ...outputs.map((point) => point!),
    commitPublic(curve, transaction.fee + locked),
    commitmentGenerators(curve).blinding,
  ];
  const [plus, minus] = [scalarOf(1n), scalarOf(-1n)];
  const gamma = scalarOf(-bigintOf(transaction.gamma));
  const scalars = [...inputs.map(() => plus), ...outputs.map(() => minus), minus, gamma];
  return curve.isIdentity(curve.msm(points, scalars));
}

/** TX-5. */
function areSigned(curve: CurveBackend, transaction: Transfer, notes: readonly Note[], txid: Hash): boolean {
  return notes.every((note, index) => schnorrVerify(curve, note.oneTimeKey, txid, transaction.signatures[index]!));
}

/** The payee's coin by the proof he could be shown (PP-1), ours by scanning it as it will come back. */
function reachesOwner(
  curve: CurveBackend,
  keys: AccountKeys,
  job: BuildPaymentJob,
  payment: BuiltPayment,
  output: Output,
  index: number,
): boolean {
  const { chainId, proposal } = job;
  const planned = payment.outputs[index]!;
  if (output.core.type === "stake") return isOurStake(curve, keys, job, output.core, planned.amount);
  if (output.core.type === "packet") return isOurPacket(curve, keys, job, output.core);
  if (!planned.isOwn && proposal.packet?.act === "gift") return isOurGift(curve, keys, proposal, output.core);
  if (!planned.isOwn) {
    const proof = {
      chainId,
      outputHash: planned.outputHash,
      to: proposal.recipient,
      amount: planned.amount,
      n: planned.counter,
      anchorSource: payment.anchorSource,
    };
    return verifyPaymentProof(curve, proof, chainId, encodeOutputCore(output.core)).ok;
  }
  const { core } = output;
  const { viewAllSecret } = keys.view;
  // A scan opens what carries one of its tags, and nothing else.
  if (core.type !== "coin") return false;
  if (!equalBytes(core.viewTag, viewTagOf(deriveTags(viewAllSecret, core.ephemeralKey), planned.counter))) return false;
  const addresses = new SubaddressTable(curve);
  addresses.extend(keys.account, keys.view, 1);
  const guess = { origin: "internal", n: planned.counter, secret: viewAllSecret } as const;
  return openOutput(curve, addresses, core, guess)?.amount === planned.amount;
}

/** A gift that its link opens, and that a scan will find again. */
function isOurGift(
  curve: CurveBackend,
  keys: AccountKeys,
  { amount: meant }: PaymentProposal,
  core: OutputCore,
): boolean {
  if (core.type !== "coin") return false;
  const linkSecret = deriveGiftLinkSecret(keys.view.viewAllSecret, core.ephemeralKey);
  const opened = openGift(curve, linkSecret, core, { account: keys.account, isOwn: true });
  const tags = deriveTags(deriveGiftViewSecret(linkSecret), core.ephemeralKey);
  return opened?.amount === meant && equalBytes(core.viewTag, viewTagOf(tags, 0));
}

/** A packet as it was ordered: its link opens every share, and what nobody claims comes back to us, also after a restore. */
function isOurPacket(curve: CurveBackend, keys: AccountKeys, { proposal }: BuildPaymentJob, core: PacketCore): boolean {
  const { packet: order } = proposal;
  if (order?.act !== "packet" || core.claimFee !== order.claimFee || core.expiry !== order.expiry) return false;
  const { viewAllSecret } = keys.view;
  const linkSecret = deriveLinkSecret(viewAllSecret, core.ephemeralKey);
  const guardedSecret = order.password && guardedLinkSecret(order.password, linkSecret);
  const { checks, total, greeting } = checkShares(curve, core, { linkSecret, guardedSecret });
  if (checks.some(({ held }) => held === false) || total !== proposal.amount) return false;
  if (greeting?.text !== order.text || !isSameBlob(greeting.adBlobId, order.adBlobId)) return false;
  if (!isSameGate(core.gate, order.gate)) return false;
  const addresses = new SubaddressTable(curve);
  addresses.extend(keys.account, keys.view, 1);
  const [hit] = scanOutputs(curve, keys.view, [scanEntryOf(core)], () => true).coins;
  const opened = hit && openOutput(curve, addresses, core, hit);
  return opened?.packet?.type === "packet" && opened.packet.hasPassword === (order.password !== undefined);
}

function isSameBlob(left: Hash | undefined, right: Hash | undefined): boolean {
  return left === undefined || right === undefined ? left === right : equalBytes(left, right);
}

function isSameGate(left: PacketGate, right: PacketGate): boolean {
  switch (left.mode) {
    case "open":
      return right.mode === "open";
    case "chance":
      return right.mode === "chance" && left.powBits === right.powBits;
    case "ticket":
      return right.mode === "ticket" && equalBytes(left.ticketRoot, right.ticketRoot);
    default:
      return left satisfies never;
  }
}

/** A stake as it was accepted, that a scan will find again. */
function isOurStake(
  curve: CurveBackend,
  keys: AccountKeys,
  { proposal }: BuildPaymentJob,
  core: StakeCore,
  planned: Amount,
): boolean {
  if (proposal.stake?.act !== "stake" || core.amount !== proposal.amount || planned !== proposal.amount) return false;
  const { acceptance } = proposal.stake;
  const isAccepted =
    equalBytes(core.blsKey, acceptance.blsKey) &&
    equalBytes(core.oneTimeKey, acceptance.oneTimeKey) &&
    equalBytes(core.possessionProof, acceptance.possessionProof) &&
    equalBytes(core.reward.spendKey, acceptance.reward.spendKey) &&
    equalBytes(core.reward.viewKey, acceptance.reward.viewKey);
  const { viewAllSecret } = keys.view;
  const [hit] = scanOutputs(curve, keys.view, [scanEntryOf(core)], () => true).coins;
  const addresses = new SubaddressTable(curve);
  addresses.extend(keys.account, keys.view, 1);
  const guess = { origin: "internal", n: STAKE_PLACE.counter, secret: viewAllSecret } as const;
  return isAccepted && hit?.n === guess.n && openOutput(curve, addresses, core, guess) !== undefined;
}
