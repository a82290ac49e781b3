import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Header } from "../chain/header.ts";
import type { HeaderItem } from "../sync/compact-item.ts";
import { planSkip, SKIP_BOUNDARIES_MAX, stepSkip, type SkipPlanFault, type SkipProgress } from "../sync/skip-plan.ts";
import { startChain, type TrustedChain } from "../sync/trusted-chain.ts";
import { beginProven, beginTrusted } from "./light-client-begin.ts";
import { noteBehind } from "./light-client-clock.ts";
import { dropNode, loseData } from "./light-client-nodes.ts";
import { askHeaders, changeTrust } from "./light-client-questions.ts";
import { update, type Draft } from "./light-client-state.ts";
import { statedFee } from "./light-client-trust.ts";

/** How long a boundary that was skipped to waits for a witness before it counts without one. */
export const WITNESS_WAIT_MS = 8_000;

/**
 * LC-2: whether the way from here to the present is skipped. Only those do it who have no use for the blocks in between:
 * a wallet whose coins are looked for in the state anyway, or one that can no longer have them. Everybody else reads
 * them, and so follows each header.
 */
export function isSkipWanted(draft: Draft, { time }: Header): boolean {
  const { config, wallet } = draft.state;
  const isRestore = wallet?.restore !== undefined && wallet.scanned === undefined;
  const isMissed = wallet?.scanned !== undefined;
  return (isRestore || isMissed) && config !== undefined && draft.nowMs - time > config.params.epochMs;
}

/** Goes from a trusted header towards the newest boundary of the node that our data comes from. */
export function beginClimb(draft: Draft, node: number, root: TrustedChain): void {
  const goal = draft.state.nodes[node]?.status?.height ?? 0;
  goOn(draft, node, root, planSkip(draft.state.config!.params, root, goal));
}

/** Answer to a question of the climb. */
export function climbAnswered(draft: Draft, node: number, items: readonly HeaderItem[] | undefined): void {
  const { climb } = draft.state.trust;
  if (climb?.node !== node || climb.plan === undefined) return;
  if (items === undefined) {
    dropNode(draft, node, undefined);
    return;
  }
  hear(draft);
  goOn(draft, node, climb.root, stepSkip(draft.deps.bls, climb.plan, items, draft.nowMs));
}

function goOn(draft: Draft, node: number, root: TrustedChain, progress: SkipProgress): void {
  switch (progress.type) {
    case "ask": {
      const { plan } = progress;
      changeTrust(draft, { climb: { node, root, plan, arrived: undefined, waitUntilMs: Infinity } });
      const range = { from: plan.from, count: SKIP_BOUNDARIES_MAX, boundariesOnly: true };
      if (!askHeaders(draft, node, "climb", range)) dropNode(draft, node, undefined);
      return;
    }
    case "arrived":
      arrive(draft, node, root, progress);
      return;
    case "refused":
      refuse(draft, node, progress.fault);
      return;
    default:
      progress satisfies never;
  }
}

function arrive(
  draft: Draft,
  node: number,
  root: TrustedChain,
  { trusted, proof }: Extract<SkipProgress, { readonly type: "arrived" }>,
): void {
  // No boundary above the one we have: nothing was skipped.
  if (proof === undefined) {
    changeTrust(draft, { climb: undefined });
    if (draft.state.chain?.header.height === root.header.height) dropNode(draft, node, undefined);
    else beginTrusted(draft, root);
    return;
  }
  const arrived = { ...trusted, certificate: proof.certificate };
  const climb = { node, root, plan: undefined, arrived, waitUntilMs: draft.nowMs + WITNESS_WAIT_MS };
  changeTrust(draft, { climb, compareAtMs: draft.nowMs });
  if (draft.state.nodes.length === 1) adoptClimb(draft);
}

/** Signs of life: a climb of many questions is not silence. */
function hear(draft: Draft): void {
  const { data } = draft.state;
  if (data !== undefined) update(draft, { data: { ...data, heardMs: draft.nowMs } });
}

function refuse(draft: Draft, node: number, fault: SkipPlanFault): void {
  switch (fault) {
    // Not the node's fault: our trust ran out, or our clock is behind.
    case "stale":
      loseData(draft);
      return;
    case "ahead":
      noteBehind(draft);
      dropNode(draft, node, undefined);
      return;
    // It may have dropped what we need, or have less than it says.
    case "no_boundary":
    case "too_many":
      dropNode(draft, node, undefined);
      return;
    default:
      dropNode(draft, node, "bad_certificate");
  }
}

/** After every event: a climb ends with its source, and counts without a witness once none has come for long enough. */
export function driveClimb(draft: Draft): void {
  const { trust, data } = draft.state;
  const { climb } = trust;
  if (climb === undefined) return;
  if (data?.node !== climb.node || data.stage !== "headers") {
    const questions = trust.questions.filter(({ purpose }) => purpose !== "climb");
    changeTrust(draft, { climb: undefined, questions });
    return;
  }
  if (climb.arrived === undefined) return;
  hear(draft);
  const { check } = trust;
  // Whoever has named another block is heard to the end first.
  const isContested = check !== undefined && (check.theirs !== undefined || check.claimed !== undefined);
  if (draft.nowMs >= climb.waitUntilMs && !isContested) adoptClimb(draft);
}

/** What was skipped to is where our chain begins. Where it began before stays what witnesses are judged from (LC-3). */
export function adoptClimb(draft: Draft): void {
  const { config, durable, trust } = draft.state;
  const { arrived, root } = trust.climb!;
  const stated = statedFee(config!);
  const isStated = stated !== undefined && equalBytes(stated.blockId, arrived!.blockId);
  const chain = startChain(arrived!, isStated ? stated.multiplier : undefined)!;
  const { header, blockId, nextValidators } = root;
  changeTrust(draft, { climb: undefined });
  update(draft, { durable: { ...durable, root: { header, blockId, nextValidators } } });
  beginProven(draft, chain);
}
