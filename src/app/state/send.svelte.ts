import type { ConfirmResult } from "../../api/client-api.ts";
import type { ProposeResult } from "../../api/propose-result.ts";
import { MEMO_BYTES_MAX } from "../../api/limits.ts";
import type { AskedView, ProposalView } from "../../api/views.ts";
import { type Amount, formatAmount, parseAmount } from "../../core/values/amount.ts";
import { type TimeMs, timeMs } from "../../core/values/height.ts";
import { isRequestOver } from "../../core/values/payment-request.ts";
import { addressProblem, cleanAddress } from "./address-problem.ts";
import { ambiguousAmount, amountProblem } from "./amount-problem.ts";
import { NEWEST_PAYMENT } from "./router.svelte.ts";
import type { Session } from "./session.svelte.ts";
import type { Draft } from "./update.svelte.ts";

export type ProposeCode = Extract<ProposeResult, { ok: false }>["code"];
export type ConfirmCode = Extract<ConfirmResult, { ok: false }>["code"];

/** What the client refused, and for which draft: it no longer counts once the draft has changed. */
interface Refusal {
  readonly draft: string;
  readonly code: ProposeCode | "failed";
  readonly missing: Amount | undefined;
}

/** The request behind a draft: it counts as long as the same address is to be paid. */
interface Asked {
  readonly to: string;
  readonly expiresMs: TimeMs | undefined;
}

/** A payment half typed. */
interface Typed {
  readonly to: string;
  readonly amount: string;
  readonly note: string;
  readonly asked?: Asked | undefined;
}

const AGAIN_MS = 60_000;
const encoder = new TextEncoder();

/** The same for two drafts that mean the same. */
function nameOf({ to, amount, note }: Typed): string {
  return JSON.stringify([cleanAddress(to), amount, note]);
}

/** The draft of a payment, from the first letter to the yes. */
export class SendState {
  to = $state("");
  amount = $state("");
  note = $state("");
  isToFinished = $state.raw(false);
  isAmountFinished = $state.raw(false);
  isProposing = $state.raw(false);
  isConfirming = $state.raw(false);
  proposal = $state.raw<ProposalView>();
  confirmProblem = $state.raw<ConfirmCode | "failed">();
  /** When somebody last looked at the clock for a request that may end. */
  nowMs = $state.raw(0);
  #asked = $state.raw<Asked>();
  /** What was there before a whole draft came from elsewhere, and that draft. */
  #replaced = $state.raw<{ readonly by: string; readonly typed: Typed }>();
  #refusal = $state.raw<Refusal>();
  /** The payment stored last; the history may say so a moment later. */
  #stored = $state.raw<string>();
  #badPoints = $state.raw<string>();
  readonly #session: Session;
  readonly #now: () => number;

  constructor(session: Session, now: () => number) {
    this.#session = session;
    this.#now = now;
  }

  readonly #address = $derived(cleanAddress(this.to));
  readonly #draft = $derived(nameOf(this));
  /** The refusal of exactly this draft. */
  readonly refusal = $derived(this.#refusal?.draft === this.#draft ? this.#refusal : undefined);
  /** What somebody had begun to type, as long as the draft that took its place is as it came. */
  readonly replaced = $derived(this.#replaced?.by === this.#draft ? this.#replaced.typed : undefined);
  /** Whose payment that was, where the address was whole. */
  readonly replacedTo = $derived.by(() => {
    const to = cleanAddress(this.replaced?.to ?? "");
    return to === "" || addressProblem(to, this.#session.network, true) !== undefined ? undefined : to;
  });
  readonly toProblem = $derived.by(() => {
    if (this.#badPoints === this.#address && this.#address !== "") return "bad_points";
    const problem = addressProblem(this.#address, this.#session.network, this.isToFinished);
    return problem ?? (this.refusal?.code === "address_invalid" ? "bad_encoding" : undefined);
  });
  readonly amountProblem = $derived.by(() => {
    const problem = amountProblem(this.amount, this.#session.balance, this.isAmountFinished);
    if (problem !== undefined) return problem;
    const code = this.refusal?.code;
    return code === "amount_zero" || code === "insufficient_funds" || code === "funds_busy" ? code : undefined;
  });
  /** Until when the one who asked expects this payment; undefined where nobody asked, or asked without an end. */
  readonly expiresMs = $derived(this.#asked?.to === this.#address ? this.#asked.expiresMs : undefined);
  /** The request behind this draft had ended when the clock was last looked at. */
  readonly isOver = $derived(isRequestOver({ expiresMs: this.expiresMs }, this.nowMs));
  /** Set where the text can be read in two ways. */
  readonly ambiguousAmount = $derived(ambiguousAmount(this.amount));
  readonly noteBytesLeft = $derived(MEMO_BYTES_MAX - encoder.encode(this.note).length);
  readonly isNoteTooLong = $derived(this.noteBytesLeft < 0 || this.refusal?.code === "memo_too_long");
  /** The payment just before was the same: easily a second tap. */
  readonly isRepeated = $derived.by(() => {
    const { proposal } = this;
    if (proposal === undefined) return false;
    const since = this.#now() - AGAIN_MS;
    return (this.#session.history ?? []).some((row) => {
      const isAlike = row.direction === "out" && row.to === proposal.to && row.amount === proposal.amount;
      // This payment itself may be listed a moment before its sheet is gone.
      return isAlike && row.state !== "failed" && row.timeMs > since && row.id !== this.#stored;
    });
  });

  /** Asks the client whether somebody can hold this address at all; local checks only see the letters. */
  async checkPoints(): Promise<void> {
    const text = this.#address;
    if (text === "" || this.toProblem !== undefined) return;
    try {
      const checked = await this.#session.client.payments.checkAddress(text);
      if (!checked.ok && checked.code === "bad_points") this.#badPoints = text;
    } catch {
      // The proposal checks it again.
    }
  }

  /** True when a proposal is there to be looked at. */
  async review(): Promise<boolean> {
    this.isToFinished = true;
    this.isAmountFinished = true;
    // What was refused a moment ago may be fine by now: the change is back, the network is reached.
    this.#refusal = undefined;
    const parsed = parseAmount(this.amount);
    const isReady = this.toProblem === undefined && this.amountProblem === undefined && !this.isNoteTooLong;
    if (!isReady || !parsed.ok) return false;
    const request = { to: this.#address, amount: parsed.amount, memo: this.note.trim() };
    return this.#propose(() => this.#session.client.payments.propose(request));
  }

  /** Proposes a failed payment once more; its fields become the draft. */
  async rebuild(txid: string): Promise<boolean> {
    const row = this.#session.payment(txid);
    if (row !== undefined) {
      const typed = { to: row.to ?? "", amount: formatAmount(row.amount), note: row.memo ?? "" };
      this.#replace(this.#asked?.to === typed.to ? { ...typed, asked: this.#asked } : typed);
    }
    return this.#propose(() => this.#session.client.payments.retry(txid));
  }

  lookAtClock(): void {
    this.nowMs = this.#now();
  }

  /**
   * The id of the stored payment, or undefined with the reason in `confirmProblem`, or in `isOver`: a yes to a request
   * that has ended counts only from whoever could read that before.
   */
  async confirm(): Promise<string | undefined> {
    const { proposal, isOver: wasOver } = this;
    if (proposal === undefined || this.isConfirming) return undefined;
    this.lookAtClock();
    if (this.isOver && !wasOver) return undefined;
    this.isConfirming = true;
    this.confirmProblem = undefined;
    try {
      const confirmed = await this.#session.client.payments.confirm(proposal.proposalId);
      if (confirmed.ok) {
        this.#stored = confirmed.txid;
        return confirmed.txid;
      }
      this.confirmProblem = confirmed.code;
    } catch {
      this.confirmProblem = "failed";
    } finally {
      this.isConfirming = false;
    }
    return undefined;
  }

  /** The payment a screen was asked for; undefined where this wallet does not hold it, as one of an erased wallet. */
  shown(asked: string | undefined): string | undefined {
    const { history } = this.#session;
    if (asked === NEWEST_PAYMENT) return history?.find((row) => row.direction === "out" && row.act === undefined)?.id;
    if (asked === undefined || history === undefined || asked === this.#stored) return asked;
    return this.#session.payment(asked)?.id;
  }

  /** From here on a stored payment is in the history, or it was another wallet's. */
  forgetStored(): void {
    this.#stored = undefined;
  }

  /** What is typed, for the page after this one. */
  get texts(): Draft {
    const { to, amount, note, expiresMs } = this;
    const typed = { "send.to": to, "send.amount": amount, "send.note": note };
    return expiresMs === undefined ? typed : { ...typed, "send.expires": String(expiresMs) };
  }

  /** Goes on with what a page before this one gave away. */
  takeUp(draft: Draft): void {
    this.to = draft["send.to"] ?? "";
    this.amount = draft["send.amount"] ?? "";
    this.note = draft["send.note"] ?? "";
    const expires = draft["send.expires"] ?? "";
    this.#asked = /^\d{1,15}$/.test(expires) ? { to: this.#address, expiresMs: timeMs(Number(expires)) } : undefined;
  }

  /** Nothing typed or stored for the wallet of before counts. */
  forget(): void {
    this.forgetStored();
    this.clear();
  }

  /** What somebody asks for becomes the draft; the note stays the payer's to change. */
  fill({ to, amount, note, reference, expiresMs }: Omit<AskedView, "ownId">): void {
    this.#replace({
      to,
      amount: amount === undefined ? "" : formatAmount(amount),
      note: [note, reference].filter((text) => text !== undefined).join("\n"),
      asked: { to, expiresMs },
    });
    this.isToFinished = true;
  }

  /** Fills in who is to be paid, and nothing else. */
  takeAddress(address: string): void {
    this.to = address;
    this.isToFinished = true;
    void this.checkPoints();
  }

  /** A payment to somebody who was found elsewhere begins. */
  begin(address: string): void {
    this.#replace({ to: address, amount: "", note: "" });
    this.takeAddress(address);
  }

  /** What had been begun before comes back in place of what took its place. */
  putBack(): void {
    if (this.replaced !== undefined) this.#show(this.replaced);
  }

  /** What was written is stored as a payment. What it took the place of was never sent, and is the draft again. */
  finish(): void {
    if (this.replaced === undefined) this.clear();
    else this.putBack();
  }

  clear(): void {
    this.#show({ to: "", amount: "", note: "" });
  }

  dropProposal(): void {
    this.proposal = undefined;
    this.confirmProblem = undefined;
  }

  /** Nothing typed is lost by it: what is there can be put back. */
  #replace(draft: Typed): void {
    // Where one from elsewhere follows another, neither was typed.
    const typed = this.replaced ?? { to: this.to, amount: this.amount, note: this.note, asked: this.#asked };
    const isEmpty = [typed.to, typed.amount, typed.note].every((text) => text.trim() === "");
    const isSame = nameOf(typed) === nameOf(draft);
    this.#show(draft);
    this.#replaced = isEmpty || isSame ? undefined : { by: this.#draft, typed };
  }

  #show({ to, amount, note, asked }: Typed): void {
    this.to = to;
    this.amount = amount;
    this.note = note;
    this.#asked = asked;
    this.#replaced = undefined;
    this.isToFinished = false;
    this.isAmountFinished = false;
    this.#refusal = undefined;
    this.dropProposal();
  }

  async #propose(ask: () => Promise<ProposeResult>): Promise<boolean> {
    if (this.isProposing) return false;
    this.isProposing = true;
    this.#refusal = undefined;
    const draft = this.#draft;
    let proposal: ProposalView | undefined;
    try {
      const proposed = await ask();
      // It may have taken seconds. Whoever has typed on meanwhile wants another payment than this one.
      if (draft !== this.#draft) return false;
      if (proposed.ok) proposal = proposed.proposal;
      else this.#refusal = { draft, code: proposed.code, missing: proposed.missing };
      return proposed.ok;
    } catch {
      this.#refusal = { draft, code: "failed", missing: undefined };
      return false;
    } finally {
      this.lookAtClock();
      // Not before: a sheet that asks for another one stays with what it shows until there is an answer.
      this.proposal = proposal;
      this.confirmProblem = undefined;
      this.isProposing = false;
    }
  }
}
