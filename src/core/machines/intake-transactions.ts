import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { transactionId, type Transaction } from "../chain/transaction.ts";
import { admitCandidate, judgeTransaction, type AdmitRefusal } from "../mempool/admit-transaction.ts";
import type { Hash } from "../values/hash.ts";
import type { ReplyId, TransactionVerdict } from "./full-node-events.ts";
import { proofKey, withEntry, type FullNodeStep, type Intake } from "./full-node-state.ts";

/** Transactions whose proofs may be waiting at once; more is somebody flooding us. */
export const INTAKE_COUNT_MAX = 256;
/** Verified proofs remembered: far more than one full mempool of ordinary transactions. */
export const VERIFIED_PROOFS_MAX = 20_000;

/** First half of admission: every rule but TX-3, then the proofs go to a thread of their own. */
export function receiveTransaction(
  step: FullNodeStep,
  transaction: Transaction,
  reply: ReplyId,
  isGossip: boolean,
): void {
  const txid = transactionId(transaction);
  const key = formatHex(txid);
  const waiting = step.state.intake.get(key);
  if (waiting !== undefined) {
    // A txid does not cover the signatures: others than those that were checked must not be forwarded on their account.
    if (!hasSameSignatures(waiting.candidate.entry.transaction, transaction)) {
      step.emit({ type: "reply-transaction", reply, verdict: { ok: false, txid, policy: "conflicting" } });
      return;
    }
    const joined = { ...waiting, replies: [...waiting.replies, reply], isOurs: waiting.isOurs || !isGossip };
    step.update({ intake: withEntry(step.state.intake, key, joined) });
    return;
  }
  if (step.state.intake.size >= INTAKE_COUNT_MAX) {
    step.emit({ type: "reply-transaction", reply, verdict: { ok: false, txid, policy: "busy" } });
    return;
  }
  const { mempool, tip } = step.state;
  const judged = judgeTransaction(step.deps.ledger, mempool, tip, step.deps.reader, transaction, step.now);
  if (judged.verdict !== "accept") {
    step.emit({ type: "reply-transaction", reply, verdict: verdictOf(txid, judged) });
    return;
  }
  // Wrong proofs cost nothing, so one note must not keep the proof thread busy with many of them.
  if (isSpentInIntake(step, transaction)) {
    step.emit({ type: "reply-transaction", reply, verdict: { ok: false, txid, policy: "conflicting" } });
    return;
  }
  const intake: Intake = { candidate: judged.candidate, replies: [reply], isOurs: !isGossip };
  step.update({ intake: withEntry(step.state.intake, key, intake) });
  const coins = judged.candidate.coins.filter((coin) => !step.state.verifiedProofs.has(proofKey(coin)));
  if (coins.length === 0) finishIntake(step, key, true);
  else step.emit({ type: "verify-proofs", job: { for: "transaction", id: key, proofs: coins.map(proofKey) }, coins });
}

function hasSameSignatures(left: Transaction, right: Transaction): boolean {
  return left.signatures.every((signature, index) => equalBytes(signature, right.signatures[index]!));
}

/** Does a transaction whose proofs are being verified spend one of these inputs too? */
function isSpentInIntake(step: FullNodeStep, { inputs }: Transaction): boolean {
  const spent = new Set([...step.state.intake.values()].flatMap((each) => each.candidate.entry.transaction.inputs));
  return inputs.some((leaf) => spent.has(leaf));
}

/** Second half: the proofs' verdict is in. Returns true if the mempool now holds the transaction. */
export function finishIntake(step: FullNodeStep, key: string, areProofsGood: boolean): boolean {
  const intake = step.state.intake.get(key);
  if (intake === undefined) return false;
  const { txid, transaction } = intake.candidate.entry;
  step.update({ intake: withEntry(step.state.intake, key, undefined) });
  const verdict = areProofsGood ? admit(step, intake, txid) : ({ ok: false, txid, rule: "TX-3" } as const);
  for (const reply of intake.replies) step.emit({ type: "reply-transaction", reply, verdict });
  if (verdict.ok && intake.isOurs) step.emit({ type: "publish-transaction", transaction });
  return verdict.ok;
}

function admit(step: FullNodeStep, intake: Intake, txid: Hash): TransactionVerdict {
  const { mempool, tip } = step.state;
  const admitted = admitCandidate(mempool, tip, step.deps.reader, intake.candidate);
  if (admitted.verdict !== "accept") return verdictOf(txid, admitted);
  step.update({ mempool: admitted.mempool, transactionsSince: step.state.transactionsSince ?? step.now });
  step.emit({ type: "pool-changed", added: [admitted.added], removed: admitted.removed });
  return { ok: true, txid };
}

/** Keeps the newest verified proofs within their bound. */
export function rememberProofs(step: FullNodeStep, keys: readonly string[]): void {
  const proofs = new Set([...step.state.verifiedProofs, ...keys]);
  for (const oldest of proofs) {
    if (proofs.size <= VERIFIED_PROOFS_MAX) break;
    proofs.delete(oldest);
  }
  step.update({ verifiedProofs: proofs });
}

function verdictOf(txid: Hash, refusal: AdmitRefusal): TransactionVerdict {
  if (refusal.verdict === "reject") return { ok: false, txid, rule: refusal.rule };
  const policy = refusal.reason;
  return refusal.rule === undefined ? { ok: false, txid, policy } : { ok: false, txid, policy, rule: refusal.rule };
}
