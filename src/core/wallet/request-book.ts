import { amount, AMOUNT_LIMIT, type Amount } from "../values/amount.ts";
import type { TimeMs } from "../values/height.ts";
import { requestStatus } from "../values/payment-request.ts";
import type { OwnRequest, RequestTerms } from "./own-request.ts";
import { ADDRESS_LOOKAHEAD } from "./subaddress-table.ts";
import type { WalletState } from "./wallet-state.ts";

/** Requests that hold an address nobody has paid to yet: the rest of the look-ahead is left for addresses (AD-7). */
export const REQUESTS_OPEN_MAX = 48;
/** Requests that a wallet keeps; for a new one the oldest that is over goes. */
export const REQUESTS_KEPT_MAX = 256;

/** What has come for each request, by id, final payments only. An address that was used again is the newest one's. */
export function requestsReceived(wallet: WalletState): ReadonlyMap<string, Amount> {
  const ofIndex = new Map<number, string>();
  for (const { id, addressIndex } of wallet.requests.values()) ofIndex.set(addressIndex, id);
  const sums = new Map<string, bigint>();
  if (ofIndex.size === 0) return new Map();
  for (const { note } of wallet.notes.values()) {
    const id = ofIndex.get(note.addressIndex);
    if (id === undefined || note.isInternal || note.account !== wallet.account) continue;
    sums.set(id, (sums.get(id) ?? 0n) + note.amount);
  }
  return new Map([...sums].map(([id, sum]) => [id, amount(sum < AMOUNT_LIMIT ? sum : AMOUNT_LIMIT - 1n)]));
}

/** Those that somebody may still be about to pay. */
function openRequests(wallet: WalletState, nowMs: number): readonly OwnRequest[] {
  const received = requestsReceived(wallet);
  return [...wallet.requests.values()].filter((request) => {
    const isCancelled = request.cancelledMs !== undefined;
    const sum = received.get(request.id) ?? amount(0n);
    const status = requestStatus({ ...request, received: sum, isCancelled }, nowMs);
    return status === "open" || status === "part_paid";
  });
}

/**
 * An address that nobody was shown yet, or else the next one that neither is on show nor has a request that may still be
 * paid (AD-7). A restore knows none beyond 64 past the highest paid, so no further one is ever given away.
 */
export function nextAddressIndex(wallet: WalletState, nowMs: number): number {
  const { addressIndex, addressUsedMax } = wallet;
  const given = [...wallet.requests.values()].map((request) => request.addressIndex);
  const next = Math.max(addressIndex, addressUsedMax, ...given) + 1;
  if (next <= addressUsedMax + ADDRESS_LOOKAHEAD) return next;
  const held = new Set(openRequests(wallet, nowMs).map((request) => request.addressIndex));
  const shown = Math.max(addressIndex, addressUsedMax) - addressUsedMax;
  for (let step = 0; step < ADDRESS_LOOKAHEAD; step++) {
    const index = addressUsedMax + 1 + ((shown + step) % ADDRESS_LOOKAHEAD);
    if (index !== addressIndex && !held.has(index)) return index;
  }
  throw new RangeError("requests hold all addresses");
}

/** Whether one more may be asked for. */
export function hasRoomForRequest(wallet: WalletState, nowMs: number): boolean {
  const open = openRequests(wallet, nowMs);
  const ahead = open.filter((request) => request.addressIndex > wallet.addressUsedMax);
  return ahead.length < REQUESTS_OPEN_MAX && open.length < REQUESTS_KEPT_MAX;
}

/** With one request more, at an address of its own; unchanged where there is no room, or where it is there already. */
export function addRequest(wallet: WalletState, id: string, terms: RequestTerms, nowMs: TimeMs): WalletState {
  if (wallet.requests.has(id) || !hasRoomForRequest(wallet, nowMs)) return wallet;
  const requests = new Map(wallet.requests);
  const open = new Set(openRequests(wallet, nowMs));
  const oldest = [...requests.values()].find((request) => !open.has(request));
  if (requests.size >= REQUESTS_KEPT_MAX && oldest !== undefined) requests.delete(oldest.id);
  const sequence = Math.max(-1, ...[...wallet.requests.values()].map((request) => request.sequence)) + 1;
  const addressIndex = nextAddressIndex(wallet, nowMs);
  requests.set(id, { ...terms, id, sequence, addressIndex, createdMs: nowMs, cancelledMs: undefined });
  return { ...wallet, requests };
}

/** The request is asked no more; what still comes to its address counts for it all the same. */
export function cancelRequest(wallet: WalletState, id: string, nowMs: TimeMs): WalletState {
  const request = wallet.requests.get(id);
  if (request === undefined || request.cancelledMs !== undefined) return wallet;
  return { ...wallet, requests: new Map(wallet.requests).set(id, { ...request, cancelledMs: nowMs }) };
}
