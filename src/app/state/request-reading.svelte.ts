import type { ReadRequestResult } from "../../api/client-api.ts";
import { networkOfChainId } from "../../core/values/network.ts";
import { formatRequestFragment, isRequestOver, parseRequestLink } from "../../core/values/payment-request.ts";
import { type Address, formatAddress } from "../../core/values/address.ts";
import type { AskedView } from "../../api/views.ts";
import type { Session } from "./session.svelte.ts";

type ReadCode = Extract<ReadRequestResult, { ok: false }>["code"];
export type AskedProblem = ReadCode | "empty" | "expired" | "own" | "failed";

/** What a link asks for: read on the page at once, checked by the client before anything can be paid. */
export class RequestReading {
  isChecking = $state.raw(false);
  #link = $state.raw("");
  #checked = $state.raw<{
    readonly link: string;
    readonly result: ReadRequestResult | { ok: false; code: "failed" };
  }>();
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  readonly #parsed = $derived(parseRequestLink(this.#link));
  readonly #result = $derived(this.#checked?.link === this.#link ? this.#checked.result : undefined);
  /** What it says, whether it may be paid or not. */
  readonly request: AskedView | undefined = $derived.by(() => {
    if (this.#result?.ok === true) return this.#result.request;
    if (!this.#parsed.ok) return undefined;
    const { amount, expiresMs, note, reference, keys, chainId } = this.#parsed.request;
    const network = networkOfChainId(chainId);
    const to: Address | undefined = network && formatAddress(keys, network);
    return to && { to, amount, expiresMs, note, reference, ownId: undefined };
  });
  /** What stands behind `#` of its link, whatever was written around it; undefined for what is no request. */
  readonly fragment = $derived(this.#parsed.ok ? formatRequestFragment(this.#parsed.request) : undefined);
  /** The client has said that it may be paid, as far as the clock does not matter. */
  readonly isChecked = $derived(this.#result?.ok === true);

  /** Why it cannot be paid at this time. */
  problem(nowMs: number): AskedProblem | undefined {
    if (!this.#parsed.ok) return /#./.test(this.#link) ? this.#parsed.code : "empty";
    if (this.#result?.ok === false) return this.#result.code;
    const { request } = this;
    const network = networkOfChainId(this.#parsed.request.chainId);
    if (this.#session.network !== undefined && network !== this.#session.network) return "wrong_network";
    if (request?.ownId !== undefined) return "own";
    return request !== undefined && isRequestOver(request, nowMs) ? "expired" : undefined;
  }

  async read(link: string): Promise<void> {
    this.#link = link;
    if (!this.#parsed.ok) return;
    this.isChecking = true;
    let result: ReadRequestResult | { ok: false; code: "failed" };
    try {
      result = await this.#session.client.requests.read(link);
    } catch {
      result = { ok: false, code: "failed" };
    }
    // Unless another one was opened meanwhile.
    if (this.#link !== link) return;
    this.#checked = { link, result };
    this.isChecking = false;
  }

  /** What nobody could answer before the network was known. */
  async readAgain(): Promise<void> {
    if (this.#result?.ok === false && this.#result.code === "not_ready") await this.read(this.#link);
  }
}
