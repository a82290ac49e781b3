import { equalBytes } from "../bytes/compare-bytes.ts";
import type { NetworkConfig } from "../sync/network-config.ts";
import { timeMs } from "../values/height.ts";
import { EMPTY_WALLET } from "../wallet/wallet-state.ts";
import { isNewerRecord, type StoredRecord } from "../wallet/wallet-records.ts";
import {
  chooseData,
  headersReceived,
  itemReceived,
  LINKED_WAIT_MS,
  outputsScanned,
  paceStream,
  proveLinked,
  scanQueue,
  watchData,
} from "./light-client-chain.ts";
import type { LightClientEffect } from "./light-client-effect.ts";
import type { LightClientEvent } from "./light-client-event.ts";
import {
  askStatus,
  dialNodes,
  dropNode,
  nodeConnected,
  nodeFailed,
  nodeOfPeer,
  resetNodes,
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
import { diffDurable, restoreDurable } from "./light-client-records.ts";
import { update, type Draft, type LightClientDeps, type LightClientState } from "./light-client-state.ts";
import { viewSync } from "./light-client-views.ts";

const TICK_MS = 1_000;
const FETCH_AGAIN_MS = 5_000;

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
  if (state.phase === "halted" || (state.phase === "new") !== (event.type === "started")) return [state, []];
  const draft: Draft = { state, effects: [], nowMs: event.nowMs, deps };
  handleEvent(draft, event);
  if (draft.state.phase === "halted") return [draft.state, draft.effects];
  arrange(draft);
  armTimer(draft, event.type === "ticked");
  const write = diffDurable(state.durable, draft.state.durable);
  const changed = listChanges(draft, state);
  const notices: LightClientEffect[] = changed.length === 0 ? [] : [{ type: "notify", changed }];
  return [draft.state, [...(write === undefined ? [] : [write]), ...draft.effects, ...notices]];
}

function handleEvent(draft: Draft, event: LightClientEvent): void {
  switch (event.type) {
    case "started":
      return start(draft, event.records);
    case "wallet-opened":
      return openWallet(draft);
    case "network-configured":
      return configure(draft, event.config);
    case "network-missing":
      if (draft.state.config === undefined) update(draft, { problem: "no_network_file" });
      return update(draft, { fetchAtMs: draft.nowMs + FETCH_AGAIN_MS });
    case "ticked":
      return update(draft, { timerAtMs: undefined });
    case "outputs-scanned":
      return outputsScanned(draft, event.jobId, event.result.notes);
    case "payment-confirmed":
      return paymentConfirmed(draft, event.proposalId, event.proposal);
    case "payment-built":
      return paymentBuilt(draft, event.proposalId, event.result);
    case "transaction-answered":
      return transactionAnswered(draft, event.txid, event.rule);
    case "transaction-unanswered":
      return transactionUnanswered(draft, event.txid);
    case "fresh-address-wanted":
    case "words-seen":
      applyToWallet(draft, { type: event.type });
      return;
    case "peer-connected":
      return nodeConnected(draft, event.node, event.peer);
    case "connect-failed":
      return nodeFailed(draft, event.node);
    case "peer-disconnected":
    case "status-received":
    case "headers-received":
    case "compact-block-received":
    case "stream-ended":
    case "frame-refused":
      return handlePeer(draft, event);
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
      return nodeFailed(draft, node);
    case "status-received":
      return statusReceived(draft, node, event.status);
    case "headers-received":
      return headersReceived(draft, node, event.items);
    case "compact-block-received":
      return itemReceived(draft, node, event.item);
    case "stream-ended":
      if (draft.state.data?.node === node) dropNode(draft, node, undefined);
      return;
    case "frame-refused":
      return dropNode(draft, node, "bad_certificate");
    default:
      return event satisfies never;
  }
}

function start(draft: Draft, records: readonly StoredRecord[]): void {
  const restored = restoreDurable(records);
  if (!restored.ok) {
    const key = restored.key ?? "";
    const isNewer = records.some((record) => isNewerRecord(record.bytes));
    update(draft, { phase: "halted" });
    draft.effects.push({ type: "storage-unreadable", key, isNewer });
    return;
  }
  const { wallet, chain } = restored.value;
  update(draft, { phase: "running", durable: restored.value, wallet, chain });
  draft.effects.push({ type: "fetch-network" });
}

/** The first time makes the wallet; its birthday is the checkpoint we know, or the first one we will. */
function openWallet(draft: Draft): void {
  if (draft.state.wallet !== undefined) return;
  update(draft, { wallet: EMPTY_WALLET, durable: { ...draft.state.durable, wallet: EMPTY_WALLET } });
}

function configure(draft: Draft, config: NetworkConfig): void {
  const { durable, config: before } = draft.state;
  const { anchor } = durable;
  const isOther =
    anchor !== undefined && (anchor.chainId !== config.chainId || !equalBytes(anchor.genesisHash, config.genesisHash));
  // Another chain under the old address: the coins of this wallet are not there, and nothing may mix them up.
  if (isOther && durable.wallet !== undefined) {
    update(draft, { problem: "wrong_network", fetchAtMs: draft.nowMs + FETCH_AGAIN_MS });
    return;
  }
  const isSameList = before !== undefined && JSON.stringify(before.nodes) === JSON.stringify(config.nodes);
  if (!isSameList) resetNodes(draft, config.nodes.length);
  update(draft, { config, problem: undefined, fetchAtMs: undefined });
  // A wallet may be paid as soon as it has an address, so its chain begins at the first checkpoint it has seen.
  if (anchor === undefined || isOther || durable.wallet === undefined) {
    const { chainId, genesisHash, checkpoint } = config;
    update(draft, { durable: { ...draft.state.durable, anchor: { chainId, genesisHash, checkpoint } } });
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
  watchData(draft);
  dialNodes(draft);
  askStatus(draft);
  chooseData(draft);
  scanQueue(draft);
  paceStream(draft);
  sendPayments(draft);
}

/** One tick a second, sooner where blocks wait for their proof. */
function armTimer(draft: Draft, hasFired: boolean): void {
  const { timerAtMs, sync } = draft.state;
  const wanted = draft.nowMs + ((sync?.linked.length ?? 0) > 0 ? LINKED_WAIT_MS : TICK_MS);
  if (!hasFired && timerAtMs !== undefined && timerAtMs <= wanted && timerAtMs > draft.nowMs - TICK_MS) return;
  update(draft, { timerAtMs: wanted });
  draft.effects.push({ type: "arm-timer", atMs: timeMs(wanted) });
}

function listChanges(draft: Draft, before: LightClientState): ("sync" | "balance" | "history" | "wallet")[] {
  const after = draft.state;
  const [old, now] = [before.durable.wallet, after.durable.wallet];
  const changed: ("sync" | "balance" | "history" | "wallet")[] = [];
  // Compared with what was last told: time alone can change it.
  const shown = JSON.stringify(viewSync(after, draft.nowMs));
  if (shown !== after.shownSync) {
    update(draft, { shownSync: shown });
    changed.push("sync");
  }
  const isNew = (old === undefined) !== (now === undefined);
  const notesChanged = old?.notes !== now?.notes || old?.payments !== now?.payments;
  const isKnown = (old?.scanned === undefined) !== (now?.scanned === undefined);
  if (isNew || notesChanged || isKnown || old?.reserved !== now?.reserved) changed.push("balance");
  if (isNew || notesChanged) changed.push("history");
  if (isNew || old?.wordsSeen !== now?.wordsSeen || old?.addressIndex !== now?.addressIndex) changed.push("wallet");
  return changed;
}
