import type { MakeRequestResult } from "../../api/client-api.ts";
import type { RequestView } from "../../api/views.ts";
import { type Amount, parseAmount } from "../../core/values/amount.ts";
import { cleanRequestText, REQUEST_TEXT_BYTES_MAX, requestTextBytes } from "../../core/values/payment-request.ts";
import { ambiguousAmount } from "./amount-problem.ts";
import type { Drafts } from "./drafts.svelte.ts";
import type { Session } from "./session.svelte.ts";

type MakeCode = Extract<MakeRequestResult, { ok: false }>["code"];
type AmountCode = "not_a_number" | "too_many_decimals" | "too_large" | "amount_zero";

const HOUR_MS = 3_600_000;
/** How long a request is good for. */
export const EXPIRIES = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
  never: undefined,
} as const;
export type Expiry = keyof typeof EXPIRIES;
const USUAL_EXPIRY: Expiry = "week";

const isExpiry = (text: string): text is Expiry => Object.hasOwn(EXPIRIES, text);

/** What this device asks others to pay, and the draft of a new request. */
export class OwnRequestsState {
  /** undefined before the first answer. */
  requests = $state.raw<readonly RequestView[]>();
  isLookFailed = $state.raw(false);
  readonly draft: Drafts["request"];
  isMaking = $state.raw(false);
  isCancelling = $state.raw(false);
  isCancelFailed = $state.raw(false);
  #isFinished = $state.raw(false);
  #refusal = $state.raw<{ readonly draft: string; readonly code: MakeCode | "failed" }>();
  readonly #session: Session;
  readonly #now: () => number;

  constructor(session: Session, draft: Drafts["request"], now: () => number) {
    this.#session = session;
    this.draft = draft;
    this.#now = now;
  }

  readonly #asked = $derived.by(() => JSON.stringify(this.draft));
  /** The refusal of exactly this draft. */
  readonly refusal = $derived(this.#refusal?.draft === this.#asked ? this.#refusal.code : undefined);
  readonly bytesLeft = $derived.by(
    () =>
      REQUEST_TEXT_BYTES_MAX -
      requestTextBytes(cleanRequestText(this.draft.note)) -
      requestTextBytes(cleanRequestText(this.draft.reference)),
  );
  readonly ambiguousAmount = $derived.by(() => ambiguousAmount(this.draft.amount));
  /** An empty amount is none, and no problem. */
  readonly amountProblem: AmountCode | undefined = $derived.by(() => {
    if (!this.#isFinished || this.draft.amount.trim() === "") return undefined;
    const parsed = parseAmount(this.draft.amount);
    if (parsed.ok) return parsed.amount === 0n ? "amount_zero" : undefined;
    return parsed.code === "empty" ? undefined : parsed.code;
  });

  get expiry(): Expiry {
    return isExpiry(this.draft.expiry) ? this.draft.expiry : USUAL_EXPIRY;
  }

  set expiry(expiry: Expiry) {
    this.draft.expiry = expiry;
  }

  /** Called when the screen opens, and with every payment. */
  async look(): Promise<void> {
    try {
      this.requests = await this.#session.client.views.requests();
      this.isLookFailed = false;
    } catch {
      this.isLookFailed = true;
    }
  }

  /** The id of the request that was made, or undefined with the reason beside its field. */
  async make(): Promise<string | undefined> {
    this.#isFinished = true;
    this.#refusal = undefined;
    if (this.isMaking || this.amountProblem !== undefined || this.bytesLeft < 0) return undefined;
    this.isMaking = true;
    const draft = this.#asked;
    try {
      const made = await this.#session.client.requests.make({
        amount: this.#amount(),
        note: this.draft.note,
        reference: this.draft.reference,
        expiresMs: EXPIRIES[this.expiry] && this.#now() + EXPIRIES[this.expiry]!,
      });
      if (made.ok) {
        this.clear();
        await this.look();
        return made.id;
      }
      this.#refusal = { draft, code: made.code };
    } catch {
      this.#refusal = { draft, code: "failed" };
    } finally {
      this.isMaking = false;
    }
    return undefined;
  }

  async cancel(id: string): Promise<void> {
    this.isCancelling = true;
    this.isCancelFailed = false;
    try {
      await this.#session.client.requests.cancel(id);
      await this.look();
    } catch {
      this.isCancelFailed = true;
    } finally {
      this.isCancelling = false;
    }
  }

  /** What stands behind `/p#` in the link; undefined where there is none. */
  async fragment(id: string): Promise<string | undefined> {
    return this.#session.client.requests.fragment(id);
  }

  finishAmount(): void {
    this.#isFinished = this.draft.amount !== "";
  }

  clear(): void {
    Object.assign(this.draft, { amount: "", note: "", reference: "", expiry: "" });
    this.#isFinished = false;
  }

  #amount(): Amount | undefined {
    const parsed = parseAmount(this.draft.amount);
    return parsed.ok ? parsed.amount : undefined;
  }
}
