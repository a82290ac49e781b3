import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import {
  outputsOf,
  placesOf,
  signaturesOf,
  transactionId,
  transactionWeight,
  type Transaction,
} from "../chain/transaction.ts";
import { judgeTransaction } from "../mempool/admit-transaction.ts";
import { isConflicting } from "../mempool/mempool.ts";
import { TX_OUTPUTS_MAX } from "../params/limits.ts";
import type { WorkClaim } from "../state/spend-claims.ts";
import type { FullNodeEvent, ProofJob, TransactionSource, TransactionVerdict } from "./full-node-events.ts";
import { proofKey, withEntry, type FullNodeState, type FullNodeStep, type Intake } from "./full-node-state.ts";
import { admit, enterStem, takeStemAgain, verdictOf } from "./stem-transactions.ts";
import { takeWork } from "./work-pace.ts";

/** Transactions whose proofs may be waiting at once; more is somebody flooding us. */
export const INTAKE_COUNT_MAX = 256;
/** With so many waiting no claim is taken: claims cost nothing, and their signatures are looked at within milliseconds. */
export const INTAKE_CLAIMS_MAX = 64;
/** Their weight in all (TX-8): a proof costs the more the more values it is over, and a packet has up to 64. */
export const INTAKE_WEIGHT_MAX = INTAKE_COUNT_MAX * TX_OUTPUTS_MAX;

/** In front of the key of a claim whose signatures, or work, are looked at; no name of a proof begins so. */
const SIGNED_PREFIX = "signed:";
const WORK_PREFIX = "work:";

/** Does a key name what is asked for once? Proofs are asked for again, by the block that holds them. */
export function isAskedOnce(key: string): boolean {
  return key.startsWith(SIGNED_PREFIX) || key.startsWith(WORK_PREFIX);
}

/**
 * First half of admission: every rule but TX-3, and of claims all but their signatures and work (RP-5): these go to a
 * thread of their own, since claims cost their sender nothing and there may be thousands of wrong ones.
 */
export function receiveTransaction(
  step: FullNodeStep,
  { transaction, reply, source, from }: Extract<FullNodeEvent, { readonly type: "transaction-received" }>,
): void {
  const txid = transactionId(transaction);
  const name = formatHex(txid);
  const key = intakeKey(transaction, name);
  const answer = (verdict: TransactionVerdict): void => step.emit({ type: "reply-transaction", reply, verdict });
  const { intake, stemPool, mempool, packetReads, tip } = step.state;
  const stemmed = stemPool.held.entries.get(name);
  if (stemmed !== undefined && hasSameSignatures(stemmed.transaction, transaction)) {
    answer(takeStemAgain(step, stemmed, source));
    return;
  }
  const waiting = intake.get(key);
  if (waiting !== undefined) {
    // A txid does not cover the signatures: others than those that were checked must not be forwarded on their account.
    if (!hasSameSignatures(waiting.candidate.entry.transaction, transaction)) {
      answer({ ok: false, txid, policy: "conflicting" });
      return;
    }
    const joined = { ...waiting, replies: [...waiting.replies, reply], source: joinSources(waiting.source, source) };
    step.update({ intake: withEntry(intake, key, joined) });
    return;
  }
  if (!hasIntakeRoom(intake, transaction)) {
    answer({ ok: false, txid, policy: "busy" });
    return;
  }
  const { ledger, reader } = step.deps;
  const judged = judgeTransaction(ledger, mempool, tip, reader, transaction, step.now, packetReads);
  if (judged.verdict !== "accept") {
    answer(verdictOf(txid, judged));
    return;
  }
  // Wrong proofs cost nothing, so one note must not keep the proof thread busy with many of them. What is public goes
  // before what is in its stem; the other way round its owner could block his own payment, and nobody else.
  const isRival = source !== "gossip" && isConflicting(stemPool.held, placesOf(transaction));
  if (isRival || isSpentInIntake(step, transaction)) {
    answer({ ok: false, txid, policy: "conflicting" });
    return;
  }
  const { candidate } = judged;
  step.update({
    intake: withEntry(intake, key, { candidate, places: placesOf(transaction), replies: [reply], source, from }),
  });
  if (candidate.claim !== undefined) {
    const { work: _work, ...signed } = candidate.claim;
    step.emit({ type: "verify-proofs", job: { id: key, proofs: [`${SIGNED_PREFIX}${key}`] }, coins: [], signed });
    return;
  }
  const coins = candidate.coins.filter((coin) => !step.state.verifiedProofs.has(proofKey(coin)));
  const job = { id: key, proofs: coins.map(proofKey) };
  if (coins.length === 0) finishIntake(step, job, true);
  else step.emit({ type: "verify-proofs", job, coins });
}

/**
 * A txid does not cover the signatures. Of a claim every version is looked at by itself, as long as none is known to be
 * right: else whoever has seen one could send it with other signatures, and keep the true one away meanwhile.
 */
function intakeKey(transaction: Transaction, txid: string): string {
  if (transaction.kind !== "claim") return txid;
  return `${txid}:${signaturesOf(transaction).map(formatHex).join(":")}`;
}

function hasIntakeRoom(intake: FullNodeState["intake"], transaction: Transaction): boolean {
  // Cheap first, for whoever is flooded.
  if (intake.size >= (transaction.kind === "claim" ? INTAKE_CLAIMS_MAX : INTAKE_COUNT_MAX)) return false;
  const weight = transactionWeight({ outputs: outputsOf(transaction) });
  if (weight === 0) return true;
  let waiting = 0;
  for (const { candidate } of intake.values()) waiting += candidate.entry.weight;
  return waiting + weight <= INTAKE_WEIGHT_MAX;
}

function hasSameSignatures(left: Transaction, right: Transaction): boolean {
  const others = signaturesOf(right);
  return signaturesOf(left).every((signature, index) => equalBytes(signature, others[index]!));
}

/** What came by gossip is public; a second time over the stem is a loop; a client who asks again changes nothing. */
function joinSources(before: Intake["source"], again: TransactionSource): Intake["source"] {
  if (before === "gossip" || again === "gossip") return "gossip";
  return again === "client" ? before : "loop";
}

/**
 * Does another transaction whose proofs are being verified take one of these places too? Of claims that is asked once
 * their signatures hold: else whoever has seen one could send another for the same coin, and keep the true one away.
 */
function isSpentInIntake(step: FullNodeStep, transaction: Transaction): boolean {
  if (transaction.kind === "claim") return false;
  const txid = transactionId(transaction);
  const wanted = placesOf(transaction);
  for (const { candidate, places } of step.state.intake.values()) {
    const isTaken = wanted.some((place) => places.includes(place));
    if (isTaken && !equalBytes(candidate.entry.txid, txid)) return true;
  }
  return false;
}

/** Second half: the proofs' verdict is in. Of a claim with work that is its signatures' first. */
export function finishIntake(step: FullNodeStep, { id: key, proofs }: ProofJob, areProofsGood: boolean): void {
  const intake = step.state.intake.get(key);
  if (intake === undefined) return;
  const work = intake.candidate.claim?.work;
  if (areProofsGood && work !== undefined && proofs[0]?.startsWith(SIGNED_PREFIX) === true) {
    lookAtWork(step, key, intake, work);
    return;
  }
  step.update({ intake: withEntry(step.state.intake, key, undefined) });
  const { txid, transaction } = intake.candidate.entry;
  const rule = transaction.kind === "claim" ? "RP-5" : "TX-3";
  const verdict = areProofsGood ? place(step, intake) : ({ ok: false, txid, rule } as const);
  for (const reply of intake.replies) step.emit({ type: "reply-transaction", reply, verdict });
}

/** RP-12: only what holders of the link have signed costs work, at the pace of those who brought it. */
function lookAtWork(step: FullNodeStep, key: string, { candidate, replies, from }: Intake, work: WorkClaim): void {
  const workPace = takeWork(step.state.workPace, from, step.now);
  if (workPace !== undefined) {
    step.update({ workPace });
    step.emit({ type: "verify-proofs", job: { id: key, proofs: [`${WORK_PREFIX}${key}`] }, coins: [], work });
    return;
  }
  step.update({ intake: withEntry(step.state.intake, key, undefined) });
  const { txid } = candidate.entry;
  // No strike: whoever passes claims on cannot know how many others do.
  const verdict: TransactionVerdict = { ok: false, txid, policy: "not_now" };
  for (const reply of replies) step.emit({ type: "reply-transaction", reply, verdict });
}

function place(step: FullNodeStep, { candidate, source }: Intake): TransactionVerdict {
  if (source === "gossip") return admit(step, candidate.entry, { isPublic: true });
  if (source === "loop") return admit(step, candidate.entry, { isPublic: false });
  return enterStem(step, candidate.entry, source === "client" ? undefined : source.peer);
}
