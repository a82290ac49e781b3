import type { ClientApi, MakeRequestResult, ReadRequestResult } from "../../api/client-api.ts";
import type { RequestView } from "../../api/views.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { checkAddress } from "../../core/crypto/address-check.ts";
import { viewRequests } from "../../core/machines/light-client-views.ts";
import type { LightClientState } from "../../core/machines/light-client-state.ts";
import { formatAddress, type AddressKeys } from "../../core/values/address.ts";
import {
  cleanRequestText,
  formatRequestFragment,
  isRequestOver,
  parseRequestLink,
  REQUEST_TEXT_BYTES_MAX,
  requestExpiry,
  requestTextBytes,
} from "../../core/values/payment-request.ts";
import { deriveAddress } from "../../core/wallet/keys.ts";
import type { OwnRequest, RequestTerms } from "../../core/wallet/own-request.ts";
import { hasRoomForRequest } from "../../core/wallet/request-book.ts";
import type { WalletKeys } from "../../core/wallet/wallet-secrets.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { untilConfigured } from "./until-configured.ts";
import { networkOf } from "./views.ts";

const ID_SIZE = 16;

/** The requests area of the client's API: what this device asks for, and what others ask of it (AD-8, AD-9). */
export class RequestsService {
  readonly #edges: LightClientEdges;
  readonly #run: () => LightClientRun | undefined;
  readonly #keys: () => WalletKeys | undefined;
  /** One after the other: whether there is room is asked before, and the machine says nothing where there is none. */
  #lastMade: Promise<unknown> = Promise.resolve();

  constructor(edges: LightClientEdges, run: () => LightClientRun | undefined, keys: () => WalletKeys | undefined) {
    this.#edges = edges;
    this.#run = run;
    this.#keys = keys;
  }

  readonly api: ClientApi["requests"] = {
    make: (terms) => {
      const turn = this.#lastMade.then(() => this.#make(terms));
      this.#lastMade = turn.catch(() => undefined);
      return turn;
    },
    fragment: (id) => Promise.resolve(this.#fragment(id)),
    cancel: (id) => this.#cancel(id),
    read: (text) => this.#read(text),
  };

  async #make(asked: Parameters<ClientApi["requests"]["make"]>[0]): Promise<MakeRequestResult> {
    const run = this.#run();
    const wallet = run?.state.durable.wallet;
    // Before the network is known, nobody could pay to an address of it.
    if (run === undefined || wallet === undefined || chainIdOf(run.state) === undefined) {
      return { ok: false, code: "not_ready" };
    }
    if (asked.amount === 0n) return { ok: false, code: "amount_zero" };
    const terms = termsOf(asked);
    const bytes = requestTextBytes(terms.note ?? "") + requestTextBytes(terms.reference ?? "");
    if (bytes > REQUEST_TEXT_BYTES_MAX) return { ok: false, code: "note_too_long" };
    if (isRequestOver(terms, run.now())) return { ok: false, code: "already_over" };
    if (!hasRoomForRequest(wallet, run.now())) return { ok: false, code: "too_many_open" };
    const id = formatHex(this.#edges.random.bytes(ID_SIZE));
    run.post({ type: "request-made", id, terms });
    await run.until(({ durable }) => durable.wallet?.requests.has(id) === true);
    return { ok: true, id };
  }

  async #cancel(id: string): Promise<void> {
    const run = this.#run();
    if (run?.state.durable.wallet?.requests.has(id) !== true) return;
    run.post({ type: "request-cancelled", id });
    await run.until(({ durable }) => durable.wallet?.requests.get(id)?.cancelledMs !== undefined);
  }

  #fragment(id: string): string | undefined {
    const state = this.#run()?.state;
    const request = state?.durable.wallet?.requests.get(id);
    const chainId = chainIdOf(state);
    const keys = request && this.#addressKeys(request);
    if (request === undefined || keys === undefined || chainId === undefined) return undefined;
    const { amount, expiresMs, note, reference } = request;
    return formatRequestFragment({ chainId, keys, amount, expiresMs, note, reference });
  }

  #addressKeys({ addressIndex }: OwnRequest): AddressKeys | undefined {
    const keys = this.#keys();
    return keys && deriveAddress(this.#edges.curve, keys.view, addressIndex);
  }

  async #read(text: string): Promise<ReadRequestResult> {
    const parsed = parseRequestLink(text);
    if (!parsed.ok) return parsed;
    const run = this.#run();
    if (run !== undefined) await untilConfigured(run, this.#edges.timers);
    const state = this.#run()?.state;
    const [network, chainId] = [networkOf(state), chainIdOf(state)];
    if (network === undefined || chainId === undefined) return { ok: false, code: "not_ready" };
    const { request, fragment } = parsed;
    if (request.chainId !== chainId) return { ok: false, code: "wrong_network" };
    if (!checkAddress(this.#edges.curve, request.keys).ok) return { ok: false, code: "bad_points" };
    const { amount, expiresMs, note, reference } = request;
    const to = formatAddress(request.keys, network);
    return { ok: true, request: { to, amount, expiresMs, note, reference, ownId: this.#ownId(state, fragment) } };
  }

  /** The newest of ours that says exactly this. Addresses are derived only for those that ask for the same. */
  #ownId(state: LightClientState | undefined, fragment: string): string | undefined {
    const requests = [...(state?.durable.wallet?.requests.values() ?? [])].reverse();
    return requests.find(({ id }) => this.#fragment(id) === fragment)?.id;
  }
}

/** Of the chain that is followed, also before its file was read again. */
function chainIdOf(state: LightClientState | undefined): number | undefined {
  return state?.config?.chainId ?? state?.durable.anchor?.chainId;
}

function termsOf(asked: Parameters<ClientApi["requests"]["make"]>[0]): RequestTerms {
  const textOf = (text: string | undefined): string | undefined => {
    const clean = cleanRequestText(text ?? "");
    return clean === "" ? undefined : clean;
  };
  return {
    amount: asked.amount,
    expiresMs: asked.expiresMs === undefined ? undefined : requestExpiry(asked.expiresMs),
    note: textOf(asked.note),
    reference: textOf(asked.reference),
  };
}

export function requestsView(state: LightClientState): readonly RequestView[] {
  return viewRequests(state).map(({ request, received, incoming }) => {
    const { id, createdMs, amount, expiresMs, note, reference, cancelledMs } = request;
    const isCancelled = cancelledMs !== undefined;
    return { id, createdMs, amount, expiresMs, note, reference, received, incoming, isCancelled };
  });
}
