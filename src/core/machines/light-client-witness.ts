import { equalBytes } from "../bytes/compare-bytes.ts";
import { blockId, type Header } from "../chain/header.ts";
import type { HeaderItem, PeerStatus } from "../sync/compact-item.ts";
import { planSkip, SKIP_BOUNDARIES_MAX, stepSkip, type SkipProgress } from "../sync/skip-plan.ts";
import { skipHeader, type TrustedHeader } from "../sync/skip-header.ts";
import type { Hash } from "../values/hash.ts";
import { adoptClimb } from "./light-client-climb.ts";
import { dropNode } from "./light-client-nodes.ts";
import { applyToWallet } from "./light-client-payments.ts";
import { askHeaders, changeTrust } from "./light-client-questions.ts";
import { isUnconfirmed, update, type Draft } from "./light-client-state.ts";
import type { HeaderQuestion, ProvenHeader, WitnessCheck } from "./light-client-trust-state.ts";

/** How often a witness is asked (LC-3). */
export const COMPARE_EVERY_MS = 10 * 60_000;
/** The same after one that had nothing to say. */
export const COMPARE_RETRY_MS = 5_000;
/** And after one of the source's own operator, where there are others. */
const COMPARE_AGAIN_MS = 60_000;
/** How long a witness may take to show that its other block is final. */
export const JUDGE_MS_MAX = 60_000;

/** LC-3: at start and every ten minutes our newest block is compared with what another operator's node has there. */
export function driveWitness(draft: Draft): void {
  const { trust } = draft.state;
  endLateCheck(draft);
  if (trust.check !== undefined || draft.nowMs < trust.compareAtMs || isUnconfirmed(draft.state)) return;
  const known = trust.climb?.arrived === undefined ? trust.proven : [trust.climb.arrived];
  const node = chooseWitness(draft);
  if (node === undefined) return;
  // Its status is seconds old: it may well have more by now, and if not it says so.
  const claimed = draft.state.nodes[node]!.status!.height;
  const ours = known.findLast(({ header }) => header.height <= claimed) ?? known[0];
  if (ours !== undefined) openCheck(draft, node, ours, undefined);
}

/** NW-10: on another connection than the data's, of another operator where one is connected, in turn. */
function chooseWitness(draft: Draft): number | undefined {
  const { nodes, data, trust } = draft.state;
  const able = [...nodes.keys()].filter((node) => {
    return node !== data?.node && nodes[node]!.peer !== undefined && nodes[node]!.status !== undefined;
  });
  const rank = (node: number): number => {
    return (isOtherOperator(draft, node) ? 0 : 2) + (node === trust.lastWitness ? 1 : 0);
  };
  return able.sort((left, right) => rank(left) - rank(right) || left - right)[0];
}

function isOtherOperator(draft: Draft, node: number): boolean {
  const { config, data } = draft.state;
  const own = data === undefined ? undefined : config?.nodes[data.node]?.operator;
  return own === undefined || config?.nodes[node]?.operator !== own;
}

function openCheck(draft: Draft, node: number, ours: ProvenHeader, claimed: Hash | undefined): void {
  const deadlineMs = draft.nowMs + JUDGE_MS_MAX;
  const check = { node, ours, claimed, theirs: undefined, plan: undefined, deadlineMs };
  changeTrust(draft, { check, lastWitness: node });
  const range = { from: ours.header.height, count: 1, boundariesOnly: false };
  if (!askHeaders(draft, node, "compare", range)) endCheck(draft, COMPARE_RETRY_MS);
}

function endCheck(draft: Draft, waitMs: number): void {
  const isOver = ({ purpose }: HeaderQuestion): boolean => purpose === "compare" || purpose === "judge";
  const questions = draft.state.trust.questions.filter((question) => !isOver(question));
  changeTrust(draft, { check: undefined, compareAtMs: draft.nowMs + waitMs, questions });
}

/** It claims another block and cannot show that it is final: it lied. */
function refuteCheck(draft: Draft, { node }: WitnessCheck): void {
  endCheck(draft, 0);
  dropNode(draft, node, "false_witness");
}

/** No answer is no lie, but whoever has claimed another block is no use until it has shown it. */
function giveUpCheck(draft: Draft, { node, claimed, theirs }: WitnessCheck): void {
  endCheck(draft, COMPARE_RETRY_MS);
  const isOpen = claimed !== undefined || theirs !== undefined;
  if (isOpen && draft.state.nodes[node]?.peer !== undefined) dropNode(draft, node, undefined);
}

function endLateCheck(draft: Draft): void {
  const { check } = draft.state.trust;
  if (check !== undefined && draft.nowMs >= check.deadlineMs) giveUpCheck(draft, check);
}

/** A status that names another block at a height we have: it is asked to show that block. */
export function compareStatus(draft: Draft, node: number, status: PeerStatus): void {
  const { trust, nodes } = draft.state;
  if (trust.check !== undefined || nodes[node]?.peer === undefined) return;
  const ours = trust.proven.find(({ header }) => header.height === status.height);
  if (ours === undefined || equalBytes(ours.blockId, status.blockId)) return;
  openCheck(draft, node, ours, status.blockId as Hash);
}

/**
 * A source whose next block does not follow on ours may be on another chain that is final, too. True if it is asked to
 * show what it has in our block's place; it is no source until then.
 */
export function suspectSource(draft: Draft, node: number, { height, prev }: Header): boolean {
  const { sync, trust } = draft.state;
  const trusted = sync?.trusted;
  if (trusted === undefined || trust.check !== undefined || height !== trusted.header.height + 1) return false;
  const ours = trust.proven.find((each) => equalBytes(each.blockId, trusted.blockId));
  if (ours === undefined) return false;
  openCheck(draft, node, ours, prev);
  return draft.state.trust.check !== undefined;
}

/** Answer to the first question of a check. */
export function compareAnswered(draft: Draft, node: number, items: readonly HeaderItem[] | undefined): void {
  const { check } = draft.state.trust;
  if (check?.node !== node || check.theirs !== undefined) return;
  const theirs = items?.[0];
  if (theirs === undefined) {
    if (items === undefined || check.claimed === undefined) giveUpCheck(draft, check);
    else refuteCheck(draft, check);
    return;
  }
  const id = blockId(theirs.header);
  const isSelfMade = check.claimed !== undefined && !equalBytes(check.claimed, id);
  if (theirs.header.height !== check.ours.header.height || isSelfMade) refuteCheck(draft, check);
  else if (equalBytes(id, check.ours.blockId)) agree(draft, check);
  else beginJudging(draft, { ...check, theirs });
}

function agree(draft: Draft, { node, ours }: WitnessCheck): void {
  const { config, data, trust } = draft.state;
  const own = data === undefined ? undefined : config?.nodes[data.node]?.operator;
  const hasOthers = config?.nodes.some(({ operator }) => operator !== own) ?? false;
  endCheck(draft, isOtherOperator(draft, node) || !hasOthers ? COMPARE_EVERY_MS : COMPARE_AGAIN_MS);
  if (trust.climb?.arrived === ours) adoptClimb(draft);
  const { header, blockId: id, nextValidators } = ours;
  update(draft, { durable: { ...draft.state.durable, root: { header, blockId: id, nextValidators } } });
}

/** Theirs is final for us if it is for somebody who trusts only what we trusted before anybody could have lied to us. */
function beginJudging(draft: Draft, check: WitnessCheck & { readonly theirs: HeaderItem }): void {
  const root = findRoot(draft, check.ours);
  changeTrust(draft, { check });
  // Nothing that we trust is young enough to judge from.
  if (root === undefined) giveUpCheck(draft, check);
  else goOn(draft, check, planSkip(draft.state.config!.params, root, check.theirs.header.height - 1));
}

function findRoot(draft: Draft, ours: ProvenHeader): TrustedHeader | undefined {
  const { config, durable, trust } = draft.state;
  const roots = [trust.climb?.root, durable.root, ...trust.proven, durable.chain];
  return roots.find((root): root is TrustedHeader => {
    if (root === undefined || root.header.height >= ours.header.height) return false;
    return draft.nowMs < root.header.time + config!.params.trustingMs;
  });
}

/** Answer to a question on the way to judging what it has shown. */
export function judgeAnswered(draft: Draft, node: number, items: readonly HeaderItem[] | undefined): void {
  const { check } = draft.state.trust;
  if (check?.node !== node || check.theirs === undefined || check.plan === undefined) return;
  if (items === undefined) giveUpCheck(draft, check);
  else goOn(draft, check, stepSkip(draft.deps.bls, check.plan, items, draft.nowMs));
}

function goOn(draft: Draft, check: WitnessCheck, progress: SkipProgress): void {
  switch (progress.type) {
    case "ask": {
      const { plan } = progress;
      changeTrust(draft, { check: { ...check, plan } });
      const range = { from: plan.from, count: SKIP_BOUNDARIES_MAX, boundariesOnly: true };
      if (!askHeaders(draft, check.node, "judge", range)) giveUpCheck(draft, check);
      return;
    }
    case "arrived":
      judge(draft, check, progress.trusted);
      return;
    case "refused":
      refuteCheck(draft, check);
      return;
    default:
      progress satisfies never;
  }
}

function judge(draft: Draft, check: WitnessCheck, trusted: TrustedHeader): void {
  const { bls } = draft.deps;
  const { params } = draft.state.config!;
  const theirs = check.theirs!;
  const result = skipHeader(bls, params, trusted, theirs, trusted.nextValidators, draft.nowMs);
  if (result.outcome === "trusted") halt(draft, check.ours, theirs);
  else refuteCheck(draft, check);
}

/** Both are final: no client can tell which one counts. What shows it is kept, and everything stops. */
function halt(draft: Draft, ours: ProvenHeader, { header, certificate }: HeaderItem): void {
  answerWhoWaits(draft);
  const { durable, nodes } = draft.state;
  const fork = {
    foundMs: draft.nowMs,
    ours: { header: ours.header, certificate: ours.certificate },
    theirs: { header, certificate },
  };
  for (const { peer } of nodes) if (peer !== undefined) draft.effects.push({ type: "disconnect", peer });
  changeTrust(draft, { check: undefined, climb: undefined, entered: undefined, questions: [] });
  update(draft, { phase: "halted", problem: "fork", durable: { ...durable, fork }, data: undefined });
}

/** What a person waits for comes no more: a payment that a worker still signs, and a checkpoint that nodes are asked for. */
function answerWhoWaits(draft: Draft): void {
  const { building, trust } = draft.state;
  for (const proposalId of building.keys()) {
    applyToWallet(draft, { type: "payment-dropped", proposalId });
    draft.effects.push({ type: "payment-refused", proposalId, code: "proposal_expired" });
  }
  update(draft, { building: new Map() });
  if (trust.entered === undefined) return;
  draft.effects.push({ type: "checkpoint-judged", entryId: trust.entered.entryId, code: "not_ready" });
}
