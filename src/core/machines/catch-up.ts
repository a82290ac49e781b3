import type { Block } from "../chain/block.ts";
import { blockId } from "../chain/header.ts";
import { formatHex } from "../bytes/hex.ts";
import type { PeerId } from "../ports/network-port.ts";
import { SHOWN_PEERS_MAX } from "../params/limits.ts";
import { nextHeight } from "../state/ledger-tip.ts";
import { timeMs, type Height } from "../values/height.ts";
import { isUnderItsId } from "./block-assembly.ts";
import type { CertifiedBlock } from "./full-node-events.ts";
import { withEntry, type FullNodeStep } from "./full-node-state.ts";
import { commitExecuted, isCertified } from "./handle-blocks.ts";
import { judgeBlock } from "./judge-blocks.ts";

/** How long a single missing height may stay missing before blocks are fetched: what is told among those who are there brings it. */
export const CATCH_UP_PATIENCE_MS = 1_500;
/** Blocks asked for at once; the wire allows 16. */
export const CATCH_UP_BLOCKS = 16;

/** A peer has shown a height, in its status or by what it votes on. */
export function peerShowed(step: FullNodeStep, peer: PeerId, shown: Height): void {
  const known = step.state.peers.get(peer);
  if (known !== undefined && known >= shown) return;
  const peers = new Map(step.state.peers).set(peer, shown);
  const [oldest] = peers.keys();
  // Whoever is still connected shows its height again within seconds.
  if (peers.size > SHOWN_PEERS_MAX && oldest !== undefined) peers.delete(oldest);
  step.update({ peers });
  if (shown <= step.state.tip.header.height) return;
  // What a peer has at its first word was told before we could hear it: nobody tells it again.
  if (shown > nextHeight(step.state.tip) || known === undefined) fetchMissing(step);
  else armCatchUp(step);
}

/** Looks again a little later whether the missing height has come by itself. */
function armCatchUp(step: FullNodeStep): void {
  step.emit({ type: "arm-timer", timer: { kind: "catch-up" }, at: timeMs(step.now + CATCH_UP_PATIENCE_MS) });
}

/**
 * Asks for the blocks we lack; one fetch at a time. A claim costs nothing, so how much a peer claims does not matter: who
 * delivered goes on, who failed is asked when nobody else is left.
 */
export function fetchMissing(step: FullNodeStep): void {
  const { peers, tip, fetchingFrom, backlog, fetchFailures, deliveredBy } = step.state;
  // What was fetched is judged first: another answer would take its place, and its sender would never be blamed.
  if (fetchingFrom !== undefined || backlog !== undefined) return;
  const ahead = [...peers].filter(([, shown]) => shown > tip.header.height);
  const failures = (peer: PeerId): number => fetchFailures.get(peer) ?? 0;
  ahead.sort(
    ([left], [right]) =>
      failures(left) - failures(right) || Number(right === deliveredBy) - Number(left === deliveredBy),
  );
  const [next] = ahead;
  if (next === undefined) return;
  const [peer, shown] = next;
  const count = Math.min(shown - tip.header.height, CATCH_UP_BLOCKS);
  step.update({ fetchingFrom: peer });
  step.emit({ type: "fetch-blocks", peer, from: nextHeight(tip), count });
}

/** The peer did not deliver: forget what it showed and try another. */
export function fetchFailed(step: FullNodeStep, peer: PeerId): void {
  if (step.state.fetchingFrom !== peer) return;
  const { peers, fetchFailures } = step.state;
  step.update({
    fetchingFrom: undefined,
    peers: withEntry(peers, peer, undefined),
    fetchFailures: withEntry(fetchFailures, peer, (fetchFailures.get(peer) ?? 0) + 1),
  });
  fetchMissing(step);
}

/** Blocks that wait to be executed one after the other, because each needs the one before on disk. */
export function takeFetched(step: FullNodeStep, peer: PeerId, blocks: readonly CertifiedBlock[]): void {
  if (step.state.fetchingFrom !== peer) return;
  // It has less than it showed: asked again and again, it would keep us from everybody else.
  if (!blocks.some(({ block }) => block.header.height >= nextHeight(step.state.tip))) {
    fetchFailed(step, peer);
    return;
  }
  step.update({ fetchingFrom: undefined, backlog: { peer, blocks } });
  continueBacklog(step);
}

/** Is this block, by its id as hex, the next one of the backlog? */
export function isBacklogNext(step: FullNodeStep, key: string): boolean {
  const next = nextOfBacklog(step);
  return next !== undefined && formatHex(blockId(next.block.header)) === key;
}

/** Did this very block come from the peer that blocks were fetched from? */
export function isFetched(step: FullNodeStep, block: Block): boolean {
  return step.state.backlog?.blocks.some((item) => item.block === block) === true;
}

function nextOfBacklog(step: FullNodeStep): CertifiedBlock | undefined {
  return step.state.backlog?.blocks.find((item) => item.block.header.height >= nextHeight(step.state.tip));
}

/** Executes the next fetched block, if it is the one that follows and certified; a lie costs the peer its place. */
export function continueBacklog(step: FullNodeStep): void {
  const next = nextOfBacklog(step);
  if (next === undefined) {
    const hasFetched = step.state.backlog !== undefined;
    step.update({ backlog: undefined });
    lookAround(step, hasFetched);
    return;
  }
  const id = blockId(next.block.header);
  const isNext = next.block.header.height === nextHeight(step.state.tip);
  // A certified block that we find invalid: either our code or two thirds of the power are wrong. Do not follow it.
  const isTrue = isNext && isUnderItsId(next.block) && isCertified(step, id, next.certificate);
  const verdict = isTrue && judgeBlock(step, formatHex(id), next.block, "fetched");
  if (verdict === true) {
    delivered(step);
    commitExecuted(step, id, next.certificate);
  } else if (verdict === false) dropBacklog(step);
}

function delivered(step: FullNodeStep): void {
  const peer = step.state.backlog?.peer;
  if (peer === undefined) return;
  step.update({ deliveredBy: peer, fetchFailures: withEntry(step.state.fetchFailures, peer, undefined) });
}

/** The peer that fetched blocks came from lied: forget them and it. */
export function dropBacklog(step: FullNodeStep): void {
  const peer = step.state.backlog?.peer;
  if (peer === undefined) return;
  const peers = new Map(step.state.peers);
  peers.delete(peer);
  step.update({ backlog: undefined, peers });
  step.emit({ type: "drop-peer", peer, reason: "bad_block" });
  fetchMissing(step);
}

/**
 * After a block: far behind means fetch at once. One behind is given its time, unless we were behind until now: what was
 * told of the next block meanwhile came too early to be held.
 */
function lookAround(step: FullNodeStep, hasFetched: boolean): void {
  const { peers, tip } = step.state;
  const best = [...peers.values()].reduce((highest, shown) => Math.max(highest, shown), Number(tip.header.height));
  if (best > nextHeight(tip) || (hasFetched && best > tip.header.height)) fetchMissing(step);
  else if (best > tip.header.height) armCatchUp(step);
}
