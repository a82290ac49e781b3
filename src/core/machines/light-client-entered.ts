import { blockId, isBoundary } from "../chain/header.ts";
import { isNamed, type CheckpointName } from "../sync/checkpoint-words.ts";
import type { HeaderItem } from "../sync/compact-item.ts";
import type { Checkpoint } from "../sync/network-config.ts";
import type { CheckpointCode } from "./light-client-effect.ts";
import { askHeaders, changeTrust, isAsked } from "./light-client-questions.ts";
import { update, type Draft } from "./light-client-state.ts";
import { placeAnchor } from "./light-client-trust.ts";
import type { EnteredCheckpoint } from "./light-client-trust-state.ts";

/** How long nodes are asked about a checkpoint that a person has entered. */
export const ENTRY_MS = 20_000;

/** A person has named a block: nodes are asked for its header. The newest entry counts, an earlier one is given up. */
export function checkpointEntered(draft: Draft, entryId: string, name: CheckpointName): void {
  const { config, trust, durable } = draft.state;
  if (trust.entered !== undefined) settleEntry(draft, "not_found");
  if (config === undefined) {
    draft.effects.push({ type: "checkpoint-judged", entryId, code: "not_ready" });
    return;
  }
  const entered = {
    entryId,
    name,
    asked: new Set<number>(),
    isContradicted: false,
    deadlineMs: draft.nowMs + ENTRY_MS,
  };
  changeTrust(draft, { entered });
  const known = durable.chain;
  if (known === undefined || known.header.height < name.height) return;
  // What we know for certain needs no node: it is the block we know, another one, or one that we are past.
  const ours = [known.boundary, ...trust.proven.map(nameOf)].find((each) => each?.height === name.height);
  if (ours === undefined) settleEntry(draft, "already_newer");
  else settleEntry(draft, isNamed(name, ours.height, ours.blockId) ? undefined : "other_chain");
}

function nameOf({
  header,
  blockId: id,
}: {
  readonly header: HeaderItem["header"];
  readonly blockId: Checkpoint["blockId"];
}) {
  return { height: header.height, blockId: id, timeMs: header.time };
}

function settleEntry(draft: Draft, code: CheckpointCode | undefined): void {
  const { entryId } = draft.state.trust.entered!;
  const questions = draft.state.trust.questions.filter(({ purpose }) => purpose !== "entered");
  changeTrust(draft, { entered: undefined, questions });
  draft.effects.push({ type: "checkpoint-judged", entryId, code });
}

/** Asks everybody who is connected, each once. */
export function driveEntry(draft: Draft): void {
  const { entered } = draft.state.trust;
  if (entered === undefined) return;
  const { nodes } = draft.state;
  for (const [node, { peer, status }] of nodes.entries()) {
    if (peer === undefined || entered.asked.has(node) || (status?.height ?? -1) < entered.name.height) continue;
    changeEntry(draft, { asked: new Set(draft.state.trust.entered!.asked).add(node) });
    askHeaders(draft, node, "entered", { from: entered.name.height, count: 1, boundariesOnly: false });
  }
  const isOpen = [...nodes.keys()].some((node) => isAsked(draft, node, "entered"));
  const { isContradicted, deadlineMs, asked } = draft.state.trust.entered!;
  const hasEverybody = asked.size === nodes.length && !isOpen;
  if (hasEverybody || draft.nowMs >= deadlineMs) settleEntry(draft, isContradicted ? "not_found" : "no_node");
}

function changeEntry(draft: Draft, change: Partial<EnteredCheckpoint>): void {
  const { entered } = draft.state.trust;
  if (entered !== undefined) changeTrust(draft, { entered: { ...entered, ...change } });
}

/** Whoever sends the header whose id begins as the person said tells the truth: 128 bits cannot be made to fit. */
export function entryAnswered(draft: Draft, items: readonly HeaderItem[] | undefined): void {
  const { trust, config, durable } = draft.state;
  const { entered } = trust;
  if (entered === undefined || config === undefined || items === undefined) return;
  const header = items[0]?.header;
  const id = header && blockId(header);
  if (header === undefined || id === undefined || !isNamed(entered.name, header.height, id)) {
    changeEntry(draft, { isContradicted: true });
    return;
  }
  if (header.chainId !== config.chainId || !isBoundary(header)) {
    settleEntry(draft, "not_a_boundary");
    return;
  }
  if (draft.nowMs >= header.time + config.params.trustingMs) {
    settleEntry(draft, "too_old");
    return;
  }
  const checkpoint = { height: header.height, blockId: id, timeMs: header.time };
  update(draft, { durable: { ...durable, checkpoint } });
  placeAnchor(draft);
  settleEntry(draft, undefined);
}
