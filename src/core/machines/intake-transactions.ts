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
import type { FullNodeEvent, TransactionSource, TransactionVerdict } from "./full-node-events.ts";
import { proofKey, withEntry, type FullNodeState, type FullNodeStep, type Intake } from "./full-node-state.ts";
import { admit, enterStem, takeStemAgain, verdictOf } from "./stem-transactions.ts";
import { takeWork } from "./work-pace.ts";

/** Transactions whose proofs may be waiting at once; more is somebody flooding us. */
export const INTAKE_COUNT_MAX = 256;
/** Their weight in all (TX-8): a proof costs the more the more values it is over, and a packet has up to 64. */
export const INTAKE_WEIGHT_MAX = INTAKE_COUNT_MAX * TX_OUTPUTS_MAX;

/** In front of the txid of a claim whose work is looked at; no name of a proof begins so. */
const WORK_PREFIX = "work:";

/** Does a key name work? That is asked for once; proofs are asked for again, by the block that holds them. */
export function isWorkKey(key: string): boolean {
  return key.startsWith(WORK_PREFIX);
}

/** First half of admission: every rule but TX-3 and the work of RP-5; both go to a thread of their own. */
export function receiveTransaction(
  step: FullNodeStep,
  { transaction, reply, source, from }: Extract<FullNodeEvent, { readonly type: "transaction-received" }>,
): void {
  const txid = transactionId(transaction);
  const key = formatHex(txid);
  const answer = (verdict: TransactionVerdict): void => step.emit({ type: "reply-transaction", reply, verdict });
  const { intake, stemPool, mempool, tip } = step.state;
  const stemmed = stemPool.held.entries.get(key);
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
  if (!hasIntakeRoom(intake, transactionWeight({ outputs: outputsOf(transaction) }))) {
    answer({ ok: false, txid, policy: "busy" });
    return;
  }
  const judged = judgeTransaction(step.deps.ledger, mempool, tip, step.deps.reader, transaction, step.now);
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
  const { work } = judged.candidate;
  if (work !== undefined) {
    const workPace = takeWork(step.state.workPace, from, step.now);
    // No strike: whoever passes claims on cannot know how many others do.
    if (workPace === undefined) {
      answer({ ok: false, txid, policy: "busy" });
      return;
    }
    step.update({ workPace });
  }
  step.update({ intake: withEntry(intake, key, { candidate: judged.candidate, replies: [reply], source }) });
  const coins = judged.candidate.coins.filter((coin) => !step.state.verifiedProofs.has(proofKey(coin)));
  const proofs = [...coins.map(proofKey), ...(work === undefined ? [] : [`${WORK_PREFIX}${key}`])];
  if (proofs.length === 0) finishIntake(step, key, true);
  else step.emit({ type: "verify-proofs", job: { id: key, proofs }, coins, work });
}

function hasIntakeRoom(intake: FullNodeState["intake"], weight: number): boolean {
  const waiting = [...intake.values()].reduce((sum, { candidate }) => sum + candidate.entry.weight, 0);
  return intake.size < INTAKE_COUNT_MAX && waiting + weight <= INTAKE_WEIGHT_MAX;
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

/** Does a transaction whose proofs are being verified take one of these places too? */
function isSpentInIntake(step: FullNodeStep, transaction: Transaction): boolean {
  const taken = new Set([...step.state.intake.values()].flatMap((each) => placesOf(each.candidate.entry.transaction)));
  return placesOf(transaction).some((place) => taken.has(place));
}

/** Second half: the proofs' verdict is in. */
export function finishIntake(step: FullNodeStep, key: string, areProofsGood: boolean): void {
  const intake = step.state.intake.get(key);
  if (intake === undefined) return;
  step.update({ intake: withEntry(step.state.intake, key, undefined) });
  const { txid, transaction } = intake.candidate.entry;
  const rule = transaction.kind === "claim" ? "RP-5" : "TX-3";
  const verdict = areProofsGood ? place(step, intake) : ({ ok: false, txid, rule } as const);
  for (const reply of intake.replies) step.emit({ type: "reply-transaction", reply, verdict });
}

function place(step: FullNodeStep, { candidate, source }: Intake): TransactionVerdict {
  if (source === "gossip") return admit(step, candidate.entry, { isPublic: true });
  if (source === "loop") return admit(step, candidate.entry, { isPublic: false });
  return enterStem(step, candidate.entry, source === "client" ? undefined : source.peer);
}
