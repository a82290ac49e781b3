import { timeMs } from "../values/height.ts";
import { driveClimb } from "./light-client-climb.ts";
import { driveClock } from "./light-client-clock.ts";
import { followClock } from "./light-client-clock-back.ts";
import { headersReceived, itemReceived, LINKED_WAIT_MS, proveLinked } from "./light-client-chain.ts";
import type { ClientViewName, LightClientEffect } from "./light-client-effect.ts";
import type { LightClientEvent } from "./light-client-event.ts";
import { claimBuilt, packetSeen } from "./light-client-claims.ts";
import { checkpointEntered, driveEntry } from "./light-client-entered.ts";
import { askPeers, nodeMet, peersReceived } from "./light-client-learnt.ts";
import {
  askStatus,
  dialFailed,
  dialNodes,
  dropNode,
  nodeConnected,
  nodeFailed,
  nodeOfPeer,
  statusMissing,
  statusReceived,
} from "./light-client-nodes.ts";
import {
  applyToWallet,
  paymentBuilt,
  paymentConfirmed,
  sendPayments,
  transactionAnswered,
  transactionUnanswered,
} from "./light-client-payments.ts";
import { drivePool, poolEnded, poolItemReceived, poolScanned } from "./light-client-pool.ts";
import { diffDurable } from "./light-client-records.ts";
import { askBirthday } from "./light-client-birthday.ts";
import { openGenesis } from "./light-client-genesis.ts";
import { proveStored } from "./light-client-proven.ts";
import { driveRestore } from "./light-client-restore.ts";
import {
  bucketsOpened,
  bucketsReceived,
  bucketsScanned,
  rangeReceived,
  restoreAnswerEnded,
  tagsScanned,
} from "./light-client-restore-answers.ts";
import { tellRestore } from "./light-client-restore-view.ts";
import { driveFetch, fetchAnswered, fetchEnded } from "./light-client-fetch.ts";
import { blockTagsScanned, outputsScanned, paceStream, scanQueue } from "./light-client-scan.ts";
import { chooseData, followPaceOf, watchData } from "./light-client-source.ts";
import { configure, configureWithout, openWallet, start } from "./light-client-start.ts";
import { update, type Draft, type LightClientDeps, type LightClientState } from "./light-client-state.ts";
import { driveFee } from "./light-client-trust.ts";
import { endLostQuestions, headersAnswered } from "./light-client-trust-answers.ts";
import { compareStatus, driveWitness } from "./light-client-witness.ts";
import { viewBalance, viewSync } from "./light-client-views.ts";

const TICK_MS = 1_000;

/**
 * The light client: chain, wallet and outbox as one machine. A step's `write` comes first among its effects and holds
 * everything that changed; whatever follows may leave only once it is stored (house rule 9), so a restart from the
 * records goes on wherever the last run was cut.
 */
export function stepLightClient(
  deps: LightClientDeps,
  state: LightClientState,
  event: LightClientEvent,
): readonly [LightClientState, readonly LightClientEffect[]] {
  if ((state.phase === "new") !== (event.type === "started")) return [state, []];
  // Over a damaged record nothing moves at all.
  if (state.phase === "halted" && state.durable.fork === undefined) return [state, []];
  const draft: Draft = { state, stored: state.durable, effects: [], nowMs: event.nowMs, deps };
  followClock(draft);
  if (state.phase === "halted") handleHalted(draft, event);
  else handleEvent(draft, event);
  if (draft.state.phase === "halted" && draft.state.durable.fork === undefined) return [draft.state, draft.effects];
  if (draft.state.phase !== "halted") {
    arrange(draft);
    armTimer(draft, event.type === "ticked");
  }
  const write = diffDurable(draft.stored, draft.state.durable);
  const changed = listChanges(draft, state);
  const notices: LightClientEffect[] = changed.length === 0 ? [] : [{ type: "notify", changed }];
  return [draft.state, [...(write === undefined ? [] : [write]), ...draft.effects, ...notices]];
}

/** Over a fork nothing moves but what is this device's own business (LC-3). */
function handleHalted(draft: Draft, event: LightClientEvent): void {
  switch (event.type) {
    case "fresh-address-wanted":
    case "request-made":
    case "request-cancelled":
    case "line-labelled":
    case "words-seen":
      applyToWallet(draft, event);
      return;
    case "payment-confirmed":
      draft.effects.push({ type: "payment-refused", proposalId: event.proposalId, code: "proposal_expired" });
      return;
    case "claim-built":
      claimBuilt(draft, event.target, event.built);
      return;
    case "checkpoint-entered":
      draft.effects.push({ type: "checkpoint-judged", entryId: event.entryId, code: "not_ready" });
      return;
    default:
  }
}

function handleEvent(draft: Draft, event: LightClientEvent): void {
  switch (event.type) {
    case "started":
      start(draft, event.records);
      return;
    case "wallet-opened":
      openWallet(draft, event.restore);
      return;
    case "network-configured":
      configure(draft, event.config);
      return;
    case "network-missing":
      configureWithout(draft);
      return;
    case "ticked":
      update(draft, { timerAtMs: undefined });
      return;
    case "outputs-scanned":
      outputsScanned(draft, event.jobId, event.result);
      bucketsScanned(draft, event.jobId, event.result.notes);
      poolScanned(draft, event.jobId, event.result.notes);
      return;
    case "buckets-opened":
      bucketsOpened(draft, event.jobId, event.result);
      return;
    case "tags-scanned":
      tagsScanned(draft, event.jobId, event.result.places);
      blockTagsScanned(draft, event.jobId, event.result.places);
      return;
    case "payment-confirmed":
      paymentConfirmed(draft, event.proposalId, event.proposal);
      return;
    case "checkpoint-entered":
      proveStored(draft);
      checkpointEntered(draft, event.entryId, event.name);
      return;
    case "claim-built":
      claimBuilt(draft, event.target, event.built);
      return;
    case "packet-seen":
      packetSeen(draft, event.seen);
      return;
    case "payment-built":
      paymentBuilt(draft, event.proposalId, event.result);
      return;
    case "transaction-answered":
      transactionAnswered(draft, event.txid, event.rule);
      return;
    case "transaction-unanswered":
      transactionUnanswered(draft, event.txid);
      return;
    case "foreground-changed":
      update(draft, { isForeground: event.isForeground });
      return;
    case "fresh-address-wanted":
    case "request-made":
    case "request-cancelled":
    case "line-labelled":
    case "words-seen":
    case "gift-opened":
      applyToWallet(draft, event);
      return;
    case "peer-connected":
      proveStored(draft);
      nodeConnected(draft, event);
      return;
    case "connect-failed":
      dialFailed(draft, event);
      return;
    case "peer-disconnected":
    case "status-received":
    case "status-missing":
    case "peers-received":
    case "headers-received":
    case "headers-answered":
    case "compact-block-received":
    case "range-received":
    case "buckets-received":
    case "newest-buckets-received":
    case "restore-answer-ended":
    case "pool-item-received":
    case "pool-ended":
    case "stream-ended":
    case "frame-refused":
      handlePeer(draft, event);
      return;
    default:
      return event satisfies never;
  }
}

type FromPeer = Extract<LightClientEvent, { readonly peer: string }>;

/** Events of a connection we gave up are late and mean nothing. */
function handlePeer(draft: Draft, event: Exclude<FromPeer, { readonly type: "peer-connected" }>): void {
  const node = nodeOfPeer(draft, event.peer);
  if (node === undefined) return;
  switch (event.type) {
    case "peer-disconnected":
      nodeFailed(draft, node);
      return;
    case "status-received":
      statusReceived(draft, node, event.status);
      compareStatus(draft, node, event.status);
      if (draft.state.nodes[node]?.peer === event.peer) nodeMet(draft, node);
      return;
    case "status-missing":
      statusMissing(draft, node);
      return;
    case "peers-received":
      peersReceived(draft, event.addresses);
      return;
    case "headers-received":
      headersReceived(draft, node, event.items);
      return;
    case "headers-answered":
      headersAnswered(draft, event.questionId, event.items);
      return;
    case "compact-block-received":
      itemReceived(draft, node, event.item);
      return;
    case "range-received":
      rangeReceived(draft, node, event.requestId, event.range, event.answer);
      return;
    case "buckets-received":
      bucketsReceived(draft, node, event.requestId, event.answers);
      return;
    case "newest-buckets-received":
      fetchAnswered(draft, node, event.requestId, event.answers);
      return;
    case "restore-answer-ended":
      restoreAnswerEnded(draft, node, event.requestId, event.end);
      fetchEnded(draft, node, event.requestId);
      return;
    case "pool-item-received":
      poolItemReceived(draft, node, event.item);
      return;
    case "pool-ended":
      poolEnded(draft, node);
      return;
    case "stream-ended":
      if (draft.state.data?.node === node) dropNode(draft, node, undefined);
      return;
    case "frame-refused":
      dropNode(draft, node, "bad_certificate");
      return;
    default:
      return event satisfies never;
  }
}

/** After every event: whatever is due by now. */
function arrange(draft: Draft): void {
  const { fetchAtMs } = draft.state;
  if (fetchAtMs !== undefined && fetchAtMs <= draft.nowMs) {
    update(draft, { fetchAtMs: undefined });
    draft.effects.push({ type: "fetch-network" });
  }
  proveLinked(draft);
  followPaceOf(draft);
  watchData(draft);
  endLostQuestions(draft);
  driveClimb(draft);
  dialNodes(draft);
  askStatus(draft);
  askPeers(draft);
  chooseData(draft);
  driveWitness(draft);
  driveEntry(draft);
  driveFee(draft);
  driveClock(draft);
  scanQueue(draft);
  driveFetch(draft);
  paceStream(draft);
  sendPayments(draft);
  askBirthday(draft);
  openGenesis(draft);
  driveRestore(draft);
  drivePool(draft);
}

/** One tick a second, sooner where blocks wait for their proof. */
function armTimer(draft: Draft, hasFired: boolean): void {
  const { timerAtMs, sync } = draft.state;
  const wanted = draft.nowMs + ((sync?.linked.length ?? 0) > 0 ? LINKED_WAIT_MS : TICK_MS);
  if (!hasFired && timerAtMs !== undefined && timerAtMs <= wanted && timerAtMs > draft.nowMs - TICK_MS) return;
  update(draft, { timerAtMs: wanted });
  draft.effects.push({ type: "arm-timer", atMs: timeMs(wanted) });
}

function listChanges(draft: Draft, before: LightClientState): ClientViewName[] {
  const after = draft.state;
  const [old, now] = [before.durable.wallet, after.durable.wallet];
  const changed: ClientViewName[] = [];
  // Compared with what was last told: time alone can change it.
  const shown = JSON.stringify(viewSync(after, draft.nowMs));
  if (shown !== after.shownSync) {
    update(draft, { shownSync: shown });
    changed.push("sync");
  }
  if (tellRestore(draft)) changed.push("restore");
  const isNew = (old === undefined) !== (now === undefined);
  const notesChanged = old?.notes !== now?.notes || old?.payments !== now?.payments;
  const isKnown = old !== now && (viewBalance(before) === undefined) !== (viewBalance(after) === undefined);
  if (isNew || notesChanged || isKnown || old?.reserved !== now?.reserved) changed.push("balance");
  const linesChanged = old?.claims !== now?.claims || old?.labels !== now?.labels;
  if (isNew || notesChanged || linesChanged || before.pool.finds !== after.pool.finds) changed.push("history");
  if (isNew || old?.wordsSeen !== now?.wordsSeen || old?.addressIndex !== now?.addressIndex) changed.push("wallet");
  return changed;
}
