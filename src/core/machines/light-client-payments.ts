import { formatHex } from "../bytes/hex.ts";
import type { Hash } from "../values/hash.ts";
import { timeMs, type TimeMs } from "../values/height.ts";
import type { BuildPaymentResult } from "../wallet/built-payment.ts";
import { PACKET_PAYMENT_LIFE_MS } from "../wallet/payment-end.ts";
import type { PaymentProposal } from "../wallet/propose-payment.ts";
import { stepWallet, type WalletEffect, type WalletEvent } from "../wallet/step-wallet.ts";
import { pendingPayments, claimsToSend } from "../wallet/wallet-state.ts";
import { isTried } from "./light-client-learnt.ts";
import { isUnconfirmed, update, type Draft, type LightClientState, type SendingState } from "./light-client-state.ts";

/** A payment that is not final after this long goes to another node (NW-3). */
export const RESEND_MS = 30_000;
const RETRY_MS = 1_000;
const REFUSED_RETRY_MS = 5_000;
/** Random wait before a submission (NW-3). */
const TAP_DELAY_MS_MAX = 100;
const RESEND_DELAY_MS_MAX = 2_000;
/** Nodes that just failed, or that we were only told of, among those a submission may go to. */
const BAD_NODES_MAX = 3;
/** A proposal on a screen that nobody touched for this long is made anew. */
export const PROPOSAL_AGE_MS_MAX = 10 * 60_000;

const NOT_SENT: SendingState = { nextAtMs: 0, attempts: 0, lastNode: undefined };

/** An event of the wallet that no block caused: it counts for the stored state and for the one ahead of it. */
export function applyToWallet(draft: Draft, event: WalletEvent): readonly WalletEffect[] {
  const { wallet, durable } = draft.state;
  if (wallet === undefined || durable.wallet === undefined) return [];
  const [stored, effects] = stepWallet(durable.wallet, event);
  const ahead = isUnconfirmed(draft.state) ? stepWallet(wallet, event)[0] : stored;
  update(draft, { wallet: ahead, durable: { ...durable, wallet: stored } });
  return effects;
}

/** A tap on *Pay*: the notes are taken at once, the worker signs, and only signed bytes are stored. */
export function paymentConfirmed(draft: Draft, proposalId: string, proposal: PaymentProposal): void {
  const { state, nowMs } = draft;
  const { config, chain, building } = state;
  const isCurrent =
    config !== undefined &&
    chain !== undefined &&
    !isUnconfirmed(state) &&
    chain.feeMultiplier === proposal.feeMultiplier &&
    nowMs - proposal.madeMs <= PROPOSAL_AGE_MS_MAX &&
    isInTime(proposal, Math.max(nowMs, chain.header.time));
  if (building.has(proposalId)) return;
  if (!isCurrent) {
    draft.effects.push({ type: "payment-refused", proposalId, code: "proposal_expired" });
    return;
  }
  const refused = applyToWallet(draft, { type: "payment-confirmed", proposalId, inputs: proposal.inputs });
  if (refused.length > 0) {
    draft.effects.push({ type: "payment-refused", proposalId, code: "funds_changed" });
    return;
  }
  update(draft, { building: new Map(building).set(proposalId, proposal) });
  const notes = proposal.inputs.map((leaf) => draft.state.wallet!.notes.get(leaf)!.note);
  // The chain's time counts, so that a device whose clock is behind makes no payment that is late already (TX-2).
  const laterMs: TimeMs = timeMs(Math.max(nowMs, chain.header.time));
  const job = { chainId: config.chainId, proposal, notes, nowMs: laterMs };
  draft.effects.push({ type: "build-payment", proposalId, job });
}

/** A packet that waited on a screen may have grown too short for any block (RP-1). */
function isInTime({ packet }: PaymentProposal, nowMs: number): boolean {
  return packet?.act !== "packet" || nowMs + PACKET_PAYMENT_LIFE_MS <= packet.latest;
}

export function paymentBuilt(draft: Draft, proposalId: string, result: BuildPaymentResult): void {
  const proposal = draft.state.building.get(proposalId);
  if (proposal === undefined) return;
  const building = new Map(draft.state.building);
  building.delete(proposalId);
  update(draft, { building });
  if (!result.ok || isUnconfirmed(draft.state)) {
    applyToWallet(draft, { type: "payment-dropped", proposalId });
    draft.effects.push({ type: "payment-refused", proposalId, code: result.ok ? "funds_changed" : "build_failed" });
    return;
  }
  const event = { type: "payment-built", proposalId, proposal, built: result.payment, nowMs: draft.nowMs } as const;
  for (const effect of applyToWallet(draft, event)) {
    if (effect.type === "payment-refused") draft.effects.push(effect);
    if (effect.type === "payment-stored") {
      draft.effects.push({ type: "payment-stored", proposalId, txid: effect.payment.txid });
    }
  }
}

/** Sends what is due, payments and claims, to a node other than the source of our blocks where there is one (NW-3). Same bytes every time. */
export function sendPayments(draft: Draft): void {
  const { config, wallet, sending } = draft.state;
  if (config === undefined || wallet === undefined || config.nodes.length === 0) return;
  // A claim is a transaction like any: a block takes it once, however often it is sent.
  const pending = [...claimsToSend(wallet), ...pendingPayments(wallet)];
  const next = new Map<string, SendingState>();
  for (const { txid, transaction, createdMs } of pending) {
    const key = formatHex(txid);
    const before = sending.get(key) ?? NOT_SENT;
    next.set(key, before);
    if (transaction === undefined || draft.nowMs < before.nextAtMs) continue;
    const node = nextNode(submissionOrder(draft.state), before);
    // Only what this very step has stored was just tapped; what a restart finds is sent by itself.
    const isTap = before.attempts === 0 && createdMs === draft.nowMs;
    next.set(key, { nextAtMs: draft.nowMs + RESEND_MS, attempts: before.attempts + 1, lastNode: node });
    draft.effects.push({
      type: "submit-transaction",
      txid,
      bytes: transaction,
      node,
      addresses: config.nodes[node]!.addresses,
      delayMaxMs: isTap ? TAP_DELAY_MS_MAX : RESEND_DELAY_MS_MAX,
    });
  }
  if (next.size > 0 || sending.size > 0) update(draft, { sending: next });
}

/** The next in turn; never the same one twice where there is another. */
function nextNode(order: readonly number[], { attempts, lastNode }: SendingState): number {
  const node = order[attempts % order.length]!;
  return node === lastNode ? order[(attempts + 1) % order.length]! : node;
}

/**
 * The nodes that a submission goes to in turn: round the list from the data source on, without it unless it is the only
 * one (NW-3). Those that fail just now come last and only a few of them, since somebody may still swallow what he gets;
 * so do those that we were only told of.
 */
export function submissionOrder(state: LightClientState): readonly number[] {
  const { data, nodes } = state;
  const count = state.config?.nodes.length ?? 0;
  const start = (data?.node ?? -1) + 1;
  const round = Array.from({ length: count }, (_, step) => (start + step) % count);
  const others = round.filter((node) => node !== data?.node);
  const isGood = (node: number): boolean => {
    return (nodes[node]?.failures ?? 0) === 0 && nodes[node]?.fault === undefined && isTried(state, node);
  };
  const good = others.filter(isGood);
  const order = [...good, ...others.filter((node) => !good.includes(node)).slice(0, BAD_NODES_MAX)];
  return order.length > 0 ? order : round;
}

/** A node's word for it changes what we show, never what we believe: only a block makes a payment final. */
export function transactionAnswered(draft: Draft, txid: Hash, rule: string | undefined): void {
  if (rule === undefined) {
    applyToWallet(draft, { type: "payment-sent", txid });
    applyToWallet(draft, { type: "claim-sent", txid });
  } else sendSooner(draft, txid, REFUSED_RETRY_MS);
}

/** The next node is tried soon, and ever more slowly while none can be reached. */
export function transactionUnanswered(draft: Draft, txid: Hash): void {
  const attempts = draft.state.sending.get(formatHex(txid))?.attempts ?? 0;
  sendSooner(draft, txid, RETRY_MS * attempts);
}

function sendSooner(draft: Draft, txid: Hash, waitMs: number): void {
  const key = formatHex(txid);
  const before = draft.state.sending.get(key);
  if (before === undefined) return;
  const nextAtMs = Math.min(before.nextAtMs, draft.nowMs + waitMs);
  update(draft, { sending: new Map(draft.state.sending).set(key, { ...before, nextAtMs }) });
}
