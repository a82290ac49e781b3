import type { NetworkParams } from "../params/network-params.ts";
import type { NetworkName } from "../values/network.ts";
import type { LeafIndex, TimeMs } from "../values/height.ts";
import { amount, AMOUNT_LIMIT, type Amount } from "../values/amount.ts";
import { listHistory, type HistoryEntry } from "../wallet/list-history.ts";
import type { OwnRequest } from "../wallet/own-request.ts";
import type { PaymentTerms } from "../wallet/propose-payment.ts";
import { requestsReceived } from "../wallet/request-book.ts";
import { findRewards, type Reward } from "../wallet/stake-rewards.ts";
import { walletBalance, type WalletBalance } from "../wallet/wallet-state.ts";
import { pendingArrivals } from "./light-client-pool-view.ts";
import { isUnconfirmed, type LightClientState } from "./light-client-state.ts";
import type { NodeFault } from "./light-client-effect.ts";

/** Where the client stands with the network; `SyncView` of the API has these fields. */
export interface LightClientSync {
  readonly state: "connecting" | "catching-up" | "live" | "offline";
  readonly height: number | undefined;
  readonly targetHeight: number | undefined;
  readonly network: NetworkName | undefined;
  readonly isFinalityLate: boolean;
  readonly problem:
    | "no_network_file"
    | "no_node_reachable"
    | "wrong_network"
    | "bad_certificate"
    | "checkpoint_too_old"
    | "clock_wrong"
    | "fork"
    | undefined;
}

/** Blocks a live client may lag behind the newest claim while they are proven and scanned. */
const LIVE_LAG_BLOCKS = 2;
/** Blocks that were due without one, until finality is called late (ST-6). */
const EMPTY_BLOCKS_LATE = 5;

export function viewSync(state: LightClientState, nowMs: TimeMs): LightClientSync {
  const scanned = state.durable.wallet?.scanned;
  const height = scanned?.height;
  const problem = findProblem(state);
  const claims = state.nodes.flatMap((node) => (node.status === undefined ? [] : [node.status.height]));
  const known = Math.max(...claims, state.sync?.trusted.header.height ?? -1, height ?? -1);
  const targetHeight = known < 0 ? undefined : known;
  const isBehind = height === undefined || targetHeight === undefined || height < targetHeight - LIVE_LAG_BLOCKS;
  // Anybody can claim any height, nobody can make a block that is both certified and young.
  const youngMs = (LIVE_LAG_BLOCKS + 1) * (state.config?.params.emptyBlockMs ?? 0);
  const isLagging = isBehind && (scanned === undefined || nowMs - scanned.timeMs > youngMs);
  const isStreaming = state.data?.stage === "blocks" && !isUnconfirmed(state);
  return {
    // A clock that runs ahead stops nobody from following the chain.
    state:
      problem !== undefined && !(problem === "clock_wrong" && isStreaming)
        ? "offline"
        : state.data === undefined
          ? "connecting"
          : isStreaming && !isLagging
            ? "live"
            : "catching-up",
    height,
    targetHeight,
    network: state.config?.network,
    isFinalityLate: isFinalityLate(state, nowMs) && isStreaming && !isLagging && problem !== "clock_wrong",
    problem,
  };
}

function isFinalityLate(state: LightClientState, nowMs: TimeMs): boolean {
  const { chain, config } = state;
  if (chain === undefined || config === undefined) return false;
  return nowMs - chain.header.time > EMPTY_BLOCKS_LATE * config.params.emptyBlockMs;
}

/** Offline only once every node was tried: before that we are connecting. */
function findProblem(state: LightClientState): LightClientSync["problem"] {
  const { nodes, config, problem } = state;
  const isClockWrong = state.trust.clock.verdict !== undefined;
  // A clock that is off makes trust look old, or young.
  if (isClockWrong && (problem === undefined || problem === "checkpoint_too_old")) return "clock_wrong";
  if (problem !== undefined) return problem;
  if (config === undefined || nodes.some((node) => node.phase === "connected")) return undefined;
  if (nodes.some((node) => node.failures === 0)) return undefined;
  const faults = new Set(nodes.map(({ fault }) => shownFault(fault)));
  if (nodes.length > 0 && faults.size === 1 && !faults.has(undefined)) return [...faults][0];
  return "no_node_reachable";
}

/** To a person all that nodes say wrongly of the chain is one thing. */
function shownFault(fault: NodeFault | undefined): "wrong_network" | "bad_certificate" | undefined {
  return fault === undefined || fault === "wrong_network" ? fault : "bad_certificate";
}

/** undefined until the first verified block, or found coin of a restore: show "checking", never 0. */
export function viewBalance(state: LightClientState): WalletBalance | undefined {
  const { wallet } = state.durable;
  const balance = wallet && walletBalance(wallet);
  // A restore that has found nothing yet has no balance to show, whatever it will be.
  return wallet?.restore !== undefined && balance?.total === 0n ? undefined : balance;
}

/** Newest first, with what is on its way to us. */
export function viewHistory(state: LightClientState): readonly HistoryEntry[] {
  const { durable, pool } = state;
  return durable.wallet === undefined ? [] : listHistory(durable.wallet, pendingArrivals(pool), viewRewards(state));
}

/** A request of this wallet with what has come for it, and what a node says is on its way (NW-13). */
export interface RequestStanding {
  readonly request: OwnRequest;
  readonly received: Amount;
  readonly incoming: Amount;
}

/** Newest first. */
export function viewRequests({ durable: { wallet }, pool }: LightClientState): readonly RequestStanding[] {
  if (wallet === undefined) return [];
  const received = requestsReceived(wallet);
  const waiting = [...pool.finds.values()].flatMap(({ notes }) => notes);
  const standings = [...wallet.requests.values()].map((request) => {
    const coming = waiting.filter((note) => !note.isInternal && note.addressIndex === request.addressIndex);
    const sum = coming.reduce((total, note) => total + note.amount, 0n);
    const incoming = amount(sum < AMOUNT_LIMIT ? sum : AMOUNT_LIMIT - 1n);
    return { request, received: received.get(request.id) ?? amount(0n), incoming };
  });
  return standings.reverse();
}

/** What the ledger paid for stakes of the wallet, by leaf; nothing before the network is known. */
export function viewRewards(state: LightClientState): ReadonlyMap<LeafIndex, Reward> {
  const { wallet, chain } = state.durable;
  const params = knownParams(state);
  if (wallet === undefined || chain === undefined || params === undefined) return new Map();
  const { chainId, epoch } = chain.header;
  return findRewards(wallet, { chainId, weekEpochs: params.weekEpochs, epoch });
}

/** Those of the chain that is followed, also before its file was read again. Every header names their hash (LC-1). */
export function knownParams({ config, durable }: LightClientState): NetworkParams | undefined {
  return config?.params ?? durable.known?.params;
}

/** What `proposePayment` needs beside the wallet (`state.durable.wallet`); undefined: not ready. */
export function paymentTerms(state: LightClientState, nowMs: TimeMs): PaymentTerms | undefined {
  const { config, chain } = state;
  if (config === undefined || chain === undefined || isUnconfirmed(state)) return undefined;
  if (state.phase === "halted") return undefined;
  // A restored coin may be spent already: only at the tip is it known.
  if (state.durable.wallet?.restore !== undefined && viewSync(state, nowMs).state !== "live") return undefined;
  return { network: config.network, params: config.params, feeMultiplier: chain.feeMultiplier, nowMs };
}
