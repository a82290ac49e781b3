import { equalBytes } from "../bytes/compare-bytes.ts";
import { isBoundary } from "../chain/header.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { TimeMs } from "../values/height.ts";
import type { HeaderItem } from "./compact-item.ts";
import { skipHeader, type SkipFault, type TrustedHeader } from "./skip-header.ts";

/** Boundaries asked for at once: with full sets of a hundred validators they fill half of an answer. */
export const SKIP_BOUNDARIES_MAX = 64;
/** Heights that one answer covers (11.1): no epoch of a known network is longer. */
export const SKIP_WINDOW = 4_096;
/** Questions after which a node has wasted enough of our time; an epoch each would still fit. */
export const SKIP_REQUESTS_MAX = 512;

/** A header further up that we know too few signers of, and who signs it. */
interface Candidate {
  readonly item: HeaderItem;
  readonly signers: ValidatorSet;
}

/**
 * The way from a trusted header to the newest boundary of a node, by as few headers as the change of validators allows.
 * Questions are `hdr` with step 1: its first item brings the set that it announces, which signs the second one.
 */
export interface SkipPlan {
  readonly params: NetworkParams;
  readonly trusted: TrustedHeader;
  /** The newest item that led here; undefined at the start. */
  readonly proof: HeaderItem | undefined;
  /** Height below which the newest boundary is wanted, this one included. */
  readonly goal: number;
  /** What is asked for now: boundaries from here on. */
  readonly from: number;
  /** Too far so far, the nearest last. At most one for each time the span was halved. */
  readonly waiting: readonly Candidate[];
  readonly requests: number;
}

/** `no_boundary`: the node has none where one must be, `too_many`: it led us nowhere for too long. */
export type SkipPlanFault = SkipFault | "bad_answer" | "no_boundary" | "too_many";

export type SkipProgress =
  | { readonly type: "ask"; readonly plan: SkipPlan }
  | { readonly type: "arrived"; readonly trusted: TrustedHeader; readonly proof: HeaderItem | undefined }
  | { readonly type: "refused"; readonly fault: SkipPlanFault };

/** Begins at the top: with few changes of validators one question is enough. */
export function planSkip(params: NetworkParams, trusted: TrustedHeader, goal: number): SkipProgress {
  const plan = { params, trusted, proof: undefined, goal, from: 0, waiting: [], requests: 0 };
  return goal <= trusted.header.height ? arrived(plan) : askTop(plan);
}

/** The answer to what the plan asks for. */
export function stepSkip(bls: BlsBackend, plan: SkipPlan, items: readonly HeaderItem[], nowMs: TimeMs): SkipProgress {
  if (!isInOrder(plan, items)) return { type: "refused", fault: "bad_answer" };
  const limit = plan.waiting.at(-1)?.item.header.height ?? plan.goal + 1;
  const below = items.filter(({ header }) => header.height < limit);
  const candidates = below.flatMap((item, index) => {
    const signers = signersOf(plan, items, index);
    return signers === undefined ? [] : [{ item, signers }];
  });
  if (candidates.length === 0) return below.length === 0 ? askBelow(plan, items) : askForSigners(plan, below[0]!);
  const climbed = climb(bls, plan, candidates, nowMs);
  if (climbed.type === "refused") return climbed;
  const { plan: next, left } = climbed;
  // Too far even for the lowest of them: halve the way to it.
  if (left[0] !== undefined) return askMiddle({ ...next, waiting: [...next.waiting, left[0]] });
  return tryWaiting(bls, next, items.length, nowMs);
}

/** Takes the farthest header that we know enough signers of, as often as there is one. */
function climb(
  bls: BlsBackend,
  plan: SkipPlan,
  candidates: readonly Candidate[],
  nowMs: TimeMs,
): { readonly type: "climbed"; readonly plan: SkipPlan; readonly left: readonly Candidate[] } | Refusal {
  let current = plan;
  let left = candidates;
  for (let index = left.length - 1; index >= 0; index--) {
    const { item, signers } = left[index]!;
    const result = skipHeader(bls, plan.params, current.trusted, item, signers, nowMs);
    if (result.outcome === "fault") return { type: "refused", fault: result.fault };
    if (result.outcome === "too-far") continue;
    current = { ...current, trusted: result.trusted, proof: item };
    left = left.slice(index + 1);
    index = left.length;
  }
  return { type: "climbed", plan: current, left };
}

type Refusal = Extract<SkipProgress, { readonly type: "refused" }>;

/** From the new place those that waited may be near enough. */
function tryWaiting(bls: BlsBackend, plan: SkipPlan, count: number, nowMs: TimeMs): SkipProgress {
  const climbed = climb(bls, { ...plan, waiting: [] }, [...plan.waiting].reverse(), nowMs);
  if (climbed.type === "refused") return climbed;
  const waiting = [...climbed.left].reverse();
  const next = { ...climbed.plan, waiting };
  if (waiting.length > 0) return askMiddle(next);
  // A full answer may go on; a short one covers all up to the goal.
  const isWhole = count < SKIP_BOUNDARIES_MAX && plan.from + SKIP_WINDOW > plan.goal;
  return isWhole || next.trusted.header.height >= plan.goal ? arrived(next) : askTop(next);
}

function arrived({ trusted, proof }: SkipPlan): SkipProgress {
  return { type: "arrived", trusted, proof };
}

function ask(plan: SkipPlan, from: number): SkipProgress {
  if (plan.requests >= SKIP_REQUESTS_MAX) return { type: "refused", fault: "too_many" };
  return { type: "ask", plan: { ...plan, from, requests: plan.requests + 1 } };
}

function askTop(plan: SkipPlan): SkipProgress {
  return ask(plan, Math.max(plan.trusted.header.height + 1, plan.goal - SKIP_WINDOW + 1));
}

function askMiddle(plan: SkipPlan): SkipProgress {
  const low = plan.trusted.header.height + 1;
  const high = plan.waiting.at(-1)!.item.header.height;
  // What one answer covers needs no halving: each boundary in it leads to the next.
  return ask(plan, high - low < SKIP_WINDOW ? low : Math.floor((low + high) / 2));
}

/** Nothing there: the boundaries we look for are further down, or there are none above the trusted one. */
function askBelow(plan: SkipPlan, items: readonly HeaderItem[]): SkipProgress {
  const low = plan.trusted.header.height + 1;
  const top = plan.waiting.at(-1)?.item.header.height;
  const isCovered = plan.from + SKIP_WINDOW > (top ?? plan.goal);
  if (!isCovered) return { type: "refused", fault: "no_boundary" };
  if (top === undefined) return plan.from === low ? arrived(plan) : { type: "refused", fault: "no_boundary" };
  // The header that waits is itself a boundary, so an honest answer has it.
  if (items.length === 0) return { type: "refused", fault: "bad_answer" };
  // Nothing lies between it and us, yet others sign it than the trusted header announces.
  if (plan.from <= low) return { type: "refused", fault: "bad_set" };
  return ask(plan, Math.floor((low + plan.from) / 2));
}

/** One boundary alone does not say who signs it: the one below it does. */
function askForSigners(plan: SkipPlan, { header }: HeaderItem): SkipProgress {
  const low = plan.trusted.header.height + 1;
  const from = Math.max(low, header.height - SKIP_WINDOW + 1);
  if (from < plan.from) return ask(plan, from);
  // Right above the trusted header, and signed by others than those it announces.
  return { type: "refused", fault: plan.from === low ? "bad_set" : "no_boundary" };
}

/** Boundaries one epoch after the other, each signed by the set that the one before announces. */
function isInOrder(plan: SkipPlan, items: readonly HeaderItem[]): boolean {
  if (items.length > SKIP_BOUNDARIES_MAX) return false;
  return items.every(({ header }, index) => {
    const before = items[index - 1]?.header;
    if (!isBoundary(header) || header.height < plan.from) return false;
    if (before === undefined) return true;
    const isNext = header.height > before.height && header.epoch === before.epoch + 1;
    return isNext && equalBytes(header.valHash, before.nextValHash);
  });
}

function signersOf(plan: SkipPlan, items: readonly HeaderItem[], index: number): ValidatorSet | undefined {
  const { valHash } = items[index]!.header;
  if (equalBytes(valHash, plan.trusted.header.nextValHash)) return plan.trusted.nextValidators;
  // The set came with the newest item below that changed it; the first one of an answer always brings its own.
  return items.slice(0, index).findLast((item) => item.nextValidators !== undefined)?.nextValidators;
}
