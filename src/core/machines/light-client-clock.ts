import type { Header } from "../chain/header.ts";
import type { HeaderItem } from "../sync/compact-item.ts";
import { askHeaders, changeTrust, isAsked } from "./light-client-questions.ts";
import type { Draft } from "./light-client-state.ts";
import { IDLE_CLOCK, type ClockRun } from "./light-client-trust-state.ts";

/** A clock further off than this from the blocks as they are made is wrong. */
export const CLOCK_OFF_MS = 60 * 60_000;
/** New blocks in a row that must be old before our clock is blamed. */
export const OLD_BLOCKS_MIN = 3;
/** Another node's status may be so many blocks newer than the source's. */
const CLAIM_LAG_BLOCKS = 2;
/** Nodes that must agree where nothing can be verified; all of them where there are fewer. */
const SAMPLES_MIN = 2;
/** How often one node is asked: an answer may be empty, or of no use, for as long as nobody looks. */
const SAMPLE_EVERY_MS = 5_000;

function changeClock(draft: Draft, change: Partial<ClockRun>): void {
  const { clock } = draft.state.trust;
  const isSame = (Object.keys(change) as (keyof ClockRun)[]).every((key) => clock[key] === change[key]);
  if (!isSame) changeTrust(draft, { clock: { ...clock, ...change } });
}

/**
 * A certified block lies in our future: more than two thirds of the validators, each with a clock of his own, say that
 * it is later than we think.
 */
export function noteBehind(draft: Draft): void {
  changeClock(draft, { verdict: "behind", oldBlocks: 0 });
}

/**
 * A block was proven right after it was made, as far as nodes say. If it is an hour old then, and so are those that
 * follow it, it is our clock that runs ahead: a chain that stands still makes no blocks.
 */
export function noteNewBlock(draft: Draft, { height, time }: Header): void {
  const { trust, nodes, data } = draft.state;
  const { clock } = trust;
  const others = nodes.filter(({ status }, node) => node !== data?.node && status !== undefined);
  const isNewest = others.length === 0 || others.some(({ status }) => status!.height <= height + CLAIM_LAG_BLOCKS);
  if (!isNewest) return;
  if (draft.nowMs - time <= CLOCK_OFF_MS) {
    changeClock(draft, { verdict: undefined, oldBlocks: 0, samples: IDLE_CLOCK.samples });
    return;
  }
  const oldBlocks = clock.oldBlocks + 1;
  changeClock(draft, oldBlocks >= OLD_BLOCKS_MIN ? { oldBlocks, verdict: "ahead" } : { oldBlocks });
}

/**
 * While our trust is too old to check anything, each node is asked for its newest block. If several keep making blocks
 * and all of these are an hour old, then it is our clock that has aged our trust. This changes what we say, nothing else.
 */
export function driveClock(draft: Draft): void {
  const { problem, nodes, trust } = draft.state;
  if (problem !== "checkpoint_too_old") {
    const { samples, askedMs } = IDLE_CLOCK;
    if (trust.clock.samples.size > 0) changeClock(draft, { samples, verdict: undefined });
    changeClock(draft, { askedMs });
    return;
  }
  for (const [node, { status, peer }] of nodes.entries()) {
    const known = trust.clock.samples.get(node);
    const isNew = status !== undefined && (known === undefined || (!known.isMoving && status.height > known.height));
    const isSoon = draft.nowMs - (trust.clock.askedMs.get(node) ?? -Infinity) < SAMPLE_EVERY_MS;
    if (!isNew || isSoon || peer === undefined || isAsked(draft, node, "clock")) continue;
    changeClock(draft, { askedMs: new Map(draft.state.trust.clock.askedMs).set(node, draft.nowMs) });
    askHeaders(draft, node, "clock", { from: status.height, count: 1, boundariesOnly: false });
  }
}

export function clockAnswered(draft: Draft, node: number, items: readonly HeaderItem[] | undefined): void {
  const header = items?.[0]?.header;
  if (header === undefined || draft.state.problem !== "checkpoint_too_old") return;
  const before = draft.state.trust.clock.samples.get(node);
  const isMoving = before !== undefined && header.height > before.height && header.time > before.timeMs;
  const samples = new Map(draft.state.trust.clock.samples);
  samples.set(node, { height: header.height, timeMs: header.time, isMoving });
  changeClock(draft, { samples });
  const seen = [...samples.values()].filter((sample) => sample.isMoving);
  const isOff = seen.every((sample) => Math.abs(draft.nowMs - sample.timeMs) > CLOCK_OFF_MS);
  const isEnough = seen.length >= Math.min(SAMPLES_MIN, draft.state.nodes.length);
  changeClock(draft, { verdict: isEnough && isOff ? "ahead" : undefined });
}
