import { equalBytes } from "../bytes/compare-bytes.ts";
import { encodeEvidence, type Evidence } from "../chain/evidence.ts";
import type { Verdict } from "../ports/network-port.ts";
import type { ExaminedEvidence } from "../state/examine-evidence.ts";
import { evidenceClaims } from "../state/spend-claims.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import { withEntry, type FullNodeStep, type JudgedEvidence } from "./full-node-state.ts";
import {
  encodeHeldEvidence,
  examineBehind,
  holdEvidence,
  isCovered,
  openEvidence,
  type HeldEvidence,
} from "./hold-evidence.ts";

/** Evidence of others whose signatures are being verified: in all, and of one peer. */
export const EVIDENCE_JUDGED_MAX = 16;
export const EVIDENCE_JUDGED_PER_PEER_MAX = 2;
/** How long a node waits for a block before it sends what it holds to all once more: some may have been behind. */
export const EVIDENCE_REPEAT_MS = 120_000;
/** Blocks go first: their rounds count from 0. */
const ROUND_BEHIND_BLOCKS = -1;

const ignore = (reason: string): Verdict => ({ verdict: "ignore", reason });

/** [ST-4] [ST-10] What a peer sent over gossip: what is cheap to know first, then the signatures, on a thread of their own. */
export function receiveEvidence(step: FullNodeStep, received: JudgedEvidence): void {
  const verdict = judgeEvidence(step, received);
  if (verdict !== undefined) step.emit({ type: "reply-evidence", reply: received.reply, verdict });
}

/** Undefined while signatures are verified. */
function judgeEvidence(step: FullNodeStep, received: JudgedEvidence): Verdict | undefined {
  const { tip, seatHistory, evidence: held, judgedEvidence, claimJobs } = step.state;
  const examined = examineBehind(tip, seatHistory, received.evidence);
  if (!examined.ok) return examined.isWrong ? { verdict: "reject", reason: "ST-4" } : ignore("not_open");
  if (isCovered(held, tip, examined)) return ignore("already_known");
  if (holdEvidence(held, received.evidence, examined, step.now) === undefined) return ignore("pool_full");
  const waiting = [...judgedEvidence.values()];
  const bytes = encodeEvidence(received.evidence);
  if (waiting.some(({ evidence }) => equalBytes(encodeEvidence(evidence), bytes))) return ignore("already_known");
  const ofPeer = waiting.filter(({ peer }) => peer === received.peer).length;
  if (waiting.length >= EVIDENCE_JUDGED_MAX || ofPeer >= EVIDENCE_JUDGED_PER_PEER_MAX) return ignore("busy");
  step.update({ judgedEvidence: withEntry(judgedEvidence, claimJobs, received), claimJobs: claimJobs + 1 });
  const claims = [evidenceClaims(examined.claims)];
  step.emit({
    ...{ type: "verify-claims", job: claimJobs, claims },
    ...{ round: ROUND_BEHIND_BLOCKS, isUrgent: false, isDoubted: false },
  });
  return undefined;
}

/** The verdict on what a peer sent; false where the job was none of evidence. The tip may have moved on meanwhile. */
export function evidenceVerified(step: FullNodeStep, job: number, rule: RuleNumber | undefined): boolean {
  const judged = step.state.judgedEvidence.get(job);
  if (judged === undefined) return false;
  const { evidence, reply } = judged;
  step.update({ judgedEvidence: withEntry(step.state.judgedEvidence, job, undefined) });
  const verdict: Verdict =
    rule !== undefined
      ? { verdict: "reject", reason: rule }
      : keepEvidence(step, evidence)
        ? { verdict: "accept" }
        : ignore("not_open");
  step.emit({ type: "reply-evidence", reply, verdict });
  return true;
}

/** What this node saw itself, and has verified: kept, and sent to all. */
export function reportEvidence(step: FullNodeStep, evidence: Evidence): void {
  if (keepEvidence(step, evidence)) step.emit({ type: "publish-evidence", evidence });
}

/** At a start: what was held when the node ended, and still convicts somebody, is sent to all once more. */
export function restoreEvidence(step: FullNodeStep, stored: readonly Evidence[]): void {
  const { tip, seatHistory } = step.state;
  for (const evidence of stored) {
    const examined = examineBehind(tip, seatHistory, evidence);
    const held = examined.ok ? holdEvidence(step.state.evidence, evidence, examined, step.now) : undefined;
    if (held === undefined) continue;
    step.update({ evidence: held });
    step.emit({ type: "publish-evidence", evidence });
  }
  if (step.state.evidence.length < stored.length) write(step);
}

/** Behind a block: what has convicted nobody yet is sent once more now and then, and the rest is forgotten. */
export function evidenceAfterBlock(step: FullNodeStep): void {
  const { tip, seatHistory, evidence } = step.state;
  if (evidence.length === 0) return;
  const open = openEvidence(evidence, tip, seatHistory);
  if (open !== evidence) step.update({ evidence: open });
  if (open.length < evidence.length) write(step);
  const isDue = ({ publishedAt }: HeldEvidence): boolean => step.now - publishedAt >= EVIDENCE_REPEAT_MS;
  if (!open.some(isDue)) return;
  for (const each of open) if (isDue(each)) step.emit({ type: "publish-evidence", evidence: each.evidence });
  step.update({ evidence: open.map((each) => (isDue(each) ? { ...each, publishedAt: step.now } : each)) });
}

/** Verified evidence joins what is held, if it is news. */
function keepEvidence(step: FullNodeStep, evidence: Evidence): boolean {
  const { tip, seatHistory } = step.state;
  const examined = examineBehind(tip, seatHistory, evidence);
  if (!examined.ok || isCovered(step.state.evidence, tip, examined)) return false;
  return hold(step, evidence, examined);
}

function hold(step: FullNodeStep, evidence: Evidence, examined: ExaminedEvidence): boolean {
  const held = holdEvidence(step.state.evidence, evidence, examined, step.now);
  if (held === undefined) return false;
  step.update({ evidence: held });
  write(step);
  step.emit({ type: "report-evidence", evidence });
  return true;
}

function write(step: FullNodeStep): void {
  step.emit({ type: "write-evidence", encoded: encodeHeldEvidence(step.state.evidence) });
}
