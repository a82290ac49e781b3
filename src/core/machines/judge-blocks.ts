import { equalBytes } from "../bytes/compare-bytes.ts";
import { parseHex } from "../bytes/hex.ts";
import type { Block } from "../chain/block.ts";
import { isProvenOutput, type ProvenOutput } from "../chain/output.ts";
import { outputsOf } from "../chain/transaction.ts";
import { encodeTransaction } from "../chain/transaction.ts";
import { hasQuorumFor } from "../consensus/vote-set.ts";
import type { PeerId } from "../ports/network-port.ts";
import { examineBlock, type ExaminedBlock } from "../state/examine-block.ts";
import { executeBlock } from "../state/execute-block.ts";
import { isAboutSignatures } from "../state/spend-claims.ts";
import { hash } from "../values/hash.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import { proofKey, withEntry, type FullNodeStep, type WaitingBlock } from "./full-node-state.ts";

/** Verified proofs remembered; the older half is forgotten at once, and the rest is a full mempool of ordinary transactions. */
export const VERIFIED_PROOFS_MAX = 20_000;

/**
 * Versions of one block in parts whose claims are verified at once. The others wait, all of them whole and each of another
 * peer, until one is found forged; a block that comes with its certificate does not wait for them.
 */
export const VERSIONS_JUDGED_MAX = 4;

/** Where a whole block came from: from a peer in parts, from a peer with its certificate, or from nobody in particular. */
export type BlockSource = { readonly peer: PeerId } | "fetched" | "own";

/** What became of a whole block that has been judged; `forged` says that it has another's signatures, and no more. */
export interface Judgement {
  /** Block id as hex. */
  readonly key: string;
  readonly block: Block;
  readonly verdict: "valid" | "invalid" | "forged";
}

/**
 * Judges a whole block, whose transactions give its txs_root. A block id does not cover signatures, so a block may come
 * in several versions, and one under forged signatures must neither stand for the block nor keep the true one from its
 * turn. Each is judged by what it claims: a version that came before waits for the same verdict, and any other gets its
 * own. Undefined: no verdict yet, {@link claimsVerified} goes on; or it is forged, and the block remains open.
 */
export function judgeBlock(step: FullNodeStep, key: string, block: Block, source: BlockSource): boolean | undefined {
  if (step.state.executed.has(key)) return true;
  if (source === "fetched") withdrawClaims(step, (waiting) => waiting.key !== key);
  if (joinVersion(step, key, block, source)) return undefined;
  const { examined, claimJobs, doubted, tip } = step.state;
  const from = typeof source === "string" ? [] : [source.peer];
  const result = examineBlock(step.ledgerDeps(), tip, step.deps.reader, block);
  if (!result.ok) return refuse(step, { key, block, from }, result.rule) === "forged" ? undefined : false;
  const { claims, content } = result;
  if (claims.length === 0) return execute(step, { key, block, content }) === "valid";
  const isUrgent = source === "fetched" || isDecisive(step, key);
  const isDoubted = doubted.has(key) || versionsJudged(step, key) > 0;
  const waiting = { key, block, content, from, isUrgent };
  step.update({ examined: withEntry(examined, claimJobs, waiting), claimJobs: claimJobs + 1 });
  step.emit({ type: "verify-claims", job: claimJobs, claims, round: block.header.round, isUrgent, isDoubted });
  return undefined;
}

/** What a verdict makes of the block that was waiting for it; undefined where none is, or none any more. */
export function claimsVerified(step: FullNodeStep, job: number, rule: RuleNumber | undefined): Judgement | undefined {
  const waiting = step.state.examined.get(job);
  if (waiting === undefined) return undefined;
  const { key, block } = waiting;
  step.update({ examined: withEntry(step.state.examined, job, undefined) });
  if (rule !== undefined) return { key, block, verdict: refuse(step, waiting, rule) };
  rememberProofs(step, coinsOf(block).map(proofKey));
  return { key, block, verdict: execute(step, waiting) };
}

/** How many versions of this block are on their way to a verdict. */
export function versionsJudged(step: FullNodeStep, key: string): number {
  return [...step.state.examined.values()].filter((waiting) => waiting.key === key).length;
}

/** Is what this peer sent of the block on its way to a verdict? */
export function isJudgedFrom(step: FullNodeStep, key: string, peer: PeerId | undefined): boolean {
  const { examined } = step.state;
  return peer !== undefined && [...examined.values()].some(({ key: of, from }) => of === key && from.includes(peer));
}

/** Blocks that have a certificate or two thirds of the votes of a round by now go before all others. */
export function hurryDecisive(step: FullNodeStep): void {
  for (const [job, waiting] of step.state.examined) {
    if (!waiting.isUrgent && isDecisive(step, waiting.key)) hurry(step, job, waiting);
  }
}

/** Forgets verdicts that nobody waits for: of another height, of a round that is forgotten, of what is not final. */
export function withdrawClaims(step: FullNodeStep, isOver: (waiting: WaitingBlock) => boolean): void {
  const over = [...step.state.examined].filter(([, waiting]) => isOver(waiting));
  if (over.length === 0) return;
  for (const [job] of over) step.emit({ type: "withdraw-claims", job });
  const jobs = new Set(over.map(([job]) => job));
  step.update({ examined: new Map([...step.state.examined].filter(([job]) => !jobs.has(job))) });
}

/** Keeps the newest verified proofs within their bound. */
export function rememberProofs(step: FullNodeStep, keys: readonly string[]): void {
  if (keys.length === 0) return;
  let proofs = step.state.verifiedProofs;
  for (const key of keys) {
    if (proofs.has(key)) continue;
    if (proofs.size === VERIFIED_PROOFS_MAX)
      proofs = proofs.without([...proofs.keys()].slice(0, VERIFIED_PROOFS_MAX / 2));
    proofs = proofs.with(key, true);
  }
  step.update({ verifiedProofs: proofs });
}

/** Every output of a block with a proof of its own, in block order. */
export function coinsOf(block: Block): readonly ProvenOutput[] {
  return block.transactions.flatMap((transaction) => outputsOf(transaction).filter(isProvenOutput));
}

/** Lets a version that is being judged already answer for this sender too. */
function joinVersion(step: FullNodeStep, key: string, block: Block, source: BlockSource): boolean {
  const same = [...step.state.examined].find(([, waiting]) => waiting.key === key && isSame(waiting.block, block));
  if (same === undefined) return false;
  const [job, waiting] = same;
  // As the backlog has it, so that its sender answers for it.
  const joined =
    typeof source === "string" ? { ...waiting, block } : { ...waiting, from: [...waiting.from, source.peer] };
  step.update({ examined: withEntry(step.state.examined, job, joined) });
  if (source === "fetched" && !waiting.isUrgent) hurry(step, job, joined);
  return true;
}

function hurry(step: FullNodeStep, job: number, waiting: WaitingBlock): void {
  step.update({ examined: withEntry(step.state.examined, job, { ...waiting, isUrgent: true }) });
  step.emit({ type: "hurry-claims", job });
}

/** Has it a certificate, or two thirds of the votes of a round? Votes count by their signatures, not by who passes them on. */
function isDecisive(step: FullNodeStep, key: string): boolean {
  const { certified, consensus } = step.state;
  const id = hash(parseHex(key));
  const has = (votes: Parameters<typeof hasQuorumFor>[0]): boolean => hasQuorumFor(votes, consensus.validators, id);
  return (
    certified.has(key) || [...consensus.rounds.values()].some((round) => has(round.prevotes) || has(round.precommits))
  );
}

/** The last part of a block's judgement, behind its claims. Whatever it is, no other version needs one any more. */
function execute(
  step: FullNodeStep,
  examined: { readonly key: string } & Omit<ExaminedBlock, "claims">,
): "valid" | "invalid" {
  const { key, block } = examined;
  const result = executeBlock(step.deps.ledger.curve, step.state.tip, step.deps.reader, examined);
  if (!result.ok) {
    refuse(step, { key, block, from: [] }, result.rule);
    return "invalid";
  }
  withdrawClaims(step, (waiting) => waiting.key === key);
  step.update({ executed: withEntry(step.state.executed, key, { block, outcome: result }) });
  return "valid";
}

/**
 * A rule about signatures is the fault of whoever sent them, since nobody honest passes on what he has not verified; any
 * other is the block's own, in whatever version.
 */
function refuse(
  step: FullNodeStep,
  { key, block, from }: Pick<WaitingBlock, "key" | "block" | "from">,
  rule: RuleNumber,
): "invalid" | "forged" {
  step.emit({ type: "report", code: `invalid_block ${rule}`, height: block.header.height });
  if (!isAboutSignatures(rule)) {
    withdrawClaims(step, (waiting) => waiting.key === key);
    return "invalid";
  }
  for (const peer of from) step.emit({ type: "drop-peer", peer, reason: "bad_block" });
  step.update({ doubted: new Set([...step.state.doubted, key]) });
  return "forged";
}

/** Of two blocks of one id: do they hold the same to the last signature? */
function isSame(left: Block, right: Block): boolean {
  return left.transactions.every((transaction, place) => {
    const other = right.transactions[place]!;
    return transaction === other || equalBytes(encodeTransaction(transaction), encodeTransaction(other));
  });
}
