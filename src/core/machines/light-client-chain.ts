import { equalBytes } from "../bytes/compare-bytes.ts";
import type { CompactItem, HeaderItem } from "../sync/compact-item.ts";
import { startAtCheckpoint, stepSync, type LinkedBlock, type SyncEvent, type SyncFault } from "../sync/step-sync.ts";
import { beginTrusted } from "./light-client-begin.ts";
import { beginClimb, isSkipWanted } from "./light-client-climb.ts";
import { noteBehind, noteNewBlock } from "./light-client-clock.ts";
import { dropNode, loseData } from "./light-client-nodes.ts";
import { rememberProven } from "./light-client-proven.ts";
import { storeScanned } from "./light-client-scan.ts";
import { isUnconfirmed, update, type Draft } from "./light-client-state.ts";
import { judgeHeader, statedFee } from "./light-client-trust.ts";
import { suspectSource } from "./light-client-witness.ts";

/** Linked blocks wait for more this long before their certificate is checked. */
export const LINKED_WAIT_MS = 150;

/** The checkpoint's header: from here on we follow the chain, or skip to where it stands now. */
export function headersReceived(draft: Draft, node: number, items: readonly HeaderItem[]): void {
  const { config, data, durable, wallet } = draft.state;
  if (data?.node !== node || data.stage !== "headers" || config === undefined || wallet === undefined) return;
  const { checkpoint } = durable.anchor!;
  // The file may speak of a later block than the one this device began at; its price then counts from there on.
  const stated = statedFee(config);
  const isStated = stated !== undefined && equalBytes(stated.blockId, checkpoint.blockId);
  const multiplier = isStated ? stated.multiplier : undefined;
  const chain = items[0] && startAtCheckpoint(checkpoint, config.chainId, multiplier, items[0]);
  if (chain === undefined) {
    dropNode(draft, node, "bad_certificate");
    return;
  }
  if (!judgeHeader(draft, chain.header)) {
    loseData(draft);
    return;
  }
  if (isSkipWanted(draft, chain.header)) beginClimb(draft, node, chain);
  else beginTrusted(draft, chain);
}

export function itemReceived(draft: Draft, node: number, item: CompactItem): void {
  const { data } = draft.state;
  if (data?.node !== node || data.stage !== "blocks") return;
  if ((item.outputs !== undefined) !== data.isFull) {
    // Left over from the stream that the present one has replaced, or not what was asked for.
    if (!data.isTurning) dropNode(draft, node, "bad_certificate");
    return;
  }
  update(draft, { data: { ...data, isTurning: false, heardMs: draft.nowMs } });
  const isNewest = item.header.height >= data.claimedHeight;
  feedSync(draft, { type: "item-received", item, nowMs: draft.nowMs, isNewest });
}

/** Checks the certificate of what came since; called when the stream has paused for a moment. */
export function proveLinked(draft: Draft): void {
  const { data, sync } = draft.state;
  if (data === undefined || sync === undefined || sync.linked.length === 0) return;
  if (draft.nowMs - data.heardMs >= LINKED_WAIT_MS) feedSync(draft, { type: "paused", nowMs: draft.nowMs });
}

function feedSync(draft: Draft, event: SyncEvent): void {
  const { sync } = draft.state;
  if (sync === undefined) return;
  const [next, effects] = stepSync(draft.deps, sync, event);
  const wasUnconfirmed = isUnconfirmed(draft.state);
  update(draft, { sync: next });
  for (const effect of effects) {
    switch (effect.type) {
      case "blocks-proven":
        update(draft, { queue: [...draft.state.queue, ...effect.blocks] });
        if (effect.isConfirmed) blocksProven(draft, effect.blocks.at(-1)!, event);
        // The checkpoint was reached, so all that was scanned on the way to it counts from now on.
        if (wasUnconfirmed && effect.isConfirmed) storeScanned(draft);
        break;
      case "stream-refused":
        streamRefused(draft, effect.fault, event);
        break;
      default:
        effect satisfies never;
    }
  }
}

/** The last one carries the certificate that was checked. */
function blocksProven(draft: Draft, { chain }: LinkedBlock, event: SyncEvent): void {
  rememberProven(draft, chain);
  if (event.type === "item-received" && event.isNewest) noteNewBlock(draft, chain.header);
}

function streamRefused(draft: Draft, fault: SyncFault, event: SyncEvent): void {
  const { node } = draft.state.data!;
  switch (fault) {
    // Not the node's fault: our trust ran out. A fresh checkpoint will tell.
    case "stale":
      leaveData(draft);
      return;
    // Certified, and in our future: nobody but our clock can be wrong.
    case "ahead":
      noteBehind(draft);
      dropNode(draft, node, undefined);
      return;
    case "not_next":
      if (event.type === "item-received" && suspectSource(draft, node, event.item.header)) leaveData(draft);
      else dropNode(draft, node, "bad_certificate");
      return;
    default:
      dropNode(draft, node, "bad_certificate");
  }
}

/** Without hanging up: the node is of use for something else. */
function leaveData(draft: Draft): void {
  draft.effects.push({ type: "close-compact-stream", peer: draft.state.data!.peer });
  loseData(draft);
}
