import type { PacketProposalView, PacketTermsView, ProposePacketResult } from "../../api/packets.ts";
import { type Amount, parseAmount } from "../../core/values/amount.ts";
import { ambiguousAmount, amountProblem } from "./amount-problem.ts";
import type { Drafts } from "./drafts.svelte.ts";
import { PictureChoice } from "./picture-choice.svelte.ts";
import type { ConfirmCode } from "./send.svelte.ts";
import type { Session } from "./session.svelte.ts";

type Refused = Extract<ProposePacketResult, { ok: false }>;
export type PacketCode = Refused["code"] | "failed";

export const PACKET_KINDS = ["lucky", "equal", "one"] as const;
export type PacketKind = (typeof PACKET_KINDS)[number];

const HOUR_MS = 3_600_000;
/** How long a packet can be opened, the longest last. */
const LIVES = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const;
export type PacketLife = keyof typeof LIVES;
const LIFE_NAMES = Object.keys(LIVES) as readonly PacketLife[];
const USUAL_LIFE: PacketLife = "day";

/** Whoever types is not asked about each letter. */
const ASK_AFTER_MS = 250;
/** Its time is counted from the answer, and what it costs may change. */
const ASK_ANEW_MS = 60_000;
const TOTAL_CODES = [
  "amount_zero",
  "insufficient_funds",
  "funds_busy",
  "share_empty",
  "total_too_small",
  "total_too_large",
  "gift_below_fee",
] as const;
const LIFE_CODES = ["expiry_too_soon", "expiry_too_late"] as const;
/** Refusals that pass by themselves: the network is reached, the change is back. */
const PASSING: ReadonlySet<PacketCode> = new Set(["not_ready", "funds_busy", "insufficient_funds", "failed"]);
const encoder = new TextEncoder();

const isOneOf = <T extends string>(names: readonly T[], text: string): text is T =>
  (names as readonly string[]).includes(text);

/**
 * A packet that somebody is about to make. What it costs is asked for while they type, so that they say yes to exactly
 * what stands there.
 */
export class PacketDraftState {
  readonly draft: Drafts["packet"];
  /** It opens something, so it lies in no draft that outlives the screen. */
  password = $state("");
  readonly picture: PictureChoice;
  /** undefined before the network is known. */
  terms = $state.raw<PacketTermsView>();
  isFinished = $state.raw(false);
  /** From the yes until {@link clear}, so that no second tap finds the same wish once more. */
  isConfirming = $state.raw(false);
  confirmProblem = $state.raw<ConfirmCode | "failed">();
  /** What is said where nobody writes a greeting. */
  usualGreeting = $state("");
  #costed = $state.raw<{ readonly draft: string; readonly proposal: PacketProposalView }>();
  #refusal = $state.raw<{ readonly draft: string; readonly code: PacketCode; readonly missing: Amount | undefined }>();
  /** What is being asked about. */
  #underway: { readonly draft: string; readonly done: Promise<void> } | undefined;
  readonly #session: Session;

  constructor(session: Session, draft: Drafts["packet"], picture = new PictureChoice()) {
    this.#session = session;
    this.draft = draft;
    this.picture = picture;
  }

  readonly kind: PacketKind = $derived.by(() => (isOneOf(PACKET_KINDS, this.draft.kind) ? this.draft.kind : "lucky"));
  readonly isGift = $derived(this.kind === "one");
  /** That the network allows; the longest at least, whatever it is. */
  readonly lives: readonly PacketLife[] = $derived.by(() => {
    const max = this.terms?.lifeMaxMs ?? Infinity;
    const possible = LIFE_NAMES.filter((life) => LIVES[life] <= max);
    return possible.length > 0 ? possible : LIFE_NAMES.slice(0, 1);
  });
  readonly life: PacketLife = $derived.by(() => {
    const { expiry } = this.draft;
    if (isOneOf(this.lives, expiry)) return expiry;
    return isOneOf(this.lives, USUAL_LIFE) ? USUAL_LIFE : this.lives.at(-1)!;
  });
  readonly greeting = $derived.by(() =>
    this.draft.greeting.trim() === "" ? this.usualGreeting : this.draft.greeting.trim(),
  );
  readonly chance = $derived.by(() =>
    this.terms?.chances.find(({ workBits }) => String(workBits) === this.draft.chance),
  );
  /** undefined where no whole number stands. */
  readonly count = $derived.by(() =>
    /^\s*[0-9]{1,6}\s*$/.test(this.draft.count) ? Number(this.draft.count) : undefined,
  );

  /** The same for two drafts that mean the same. */
  readonly #asked = $derived.by(() => {
    const { total, count, chance } = this.draft;
    if (this.isGift) return JSON.stringify([this.kind, total]);
    return JSON.stringify([
      this.kind,
      total,
      count,
      this.life,
      this.greeting,
      chance,
      this.password,
      this.picture.mark,
    ]);
  });
  /** The refusal of exactly this draft. */
  readonly refusal = $derived(this.#refusal?.draft === this.#asked ? this.#refusal : undefined);
  /** What exactly this draft costs. */
  readonly proposal = $derived(this.#costed?.draft === this.#asked ? this.#costed.proposal : undefined);

  readonly totalProblem = $derived.by(() => {
    const problem = amountProblem(this.draft.total, this.#session.balance, this.isFinished);
    return problem ?? TOTAL_CODES.find((code) => code === this.refusal?.code);
  });
  readonly ambiguousTotal = $derived.by(() => ambiguousAmount(this.draft.total));
  readonly countProblem = $derived.by(() => {
    if (this.isGift) return undefined;
    if (this.draft.count.trim() === "") return this.isFinished ? "empty" : undefined;
    if (this.count === undefined || this.count === 0) return "not_whole";
    const isTooMany = this.terms !== undefined && this.count > this.terms.countMax;
    return isTooMany || this.refusal?.code === "share_count" ? "share_count" : undefined;
  });
  readonly lifeProblem = $derived(LIFE_CODES.find((code) => code === this.refusal?.code));
  readonly greetingBytesLeft = $derived.by(() => {
    return (this.terms?.greetingBytesMax ?? Infinity) - encoder.encode(this.greeting).length;
  });
  readonly isGreetingTooLong = $derived(this.greetingBytesLeft < 0 || this.refusal?.code === "greeting_too_long");
  readonly isPasswordTooLong = $derived.by(() => {
    const isLong = encoder.encode(this.password).length > (this.terms?.passwordBytesMax ?? Infinity);
    return isLong || this.refusal?.code === "password_too_long";
  });
  readonly #isAtField = $derived(
    this.totalProblem !== undefined ||
      this.countProblem !== undefined ||
      (!this.isGift && (this.lifeProblem !== undefined || this.isGreetingTooLong || this.isPasswordTooLong)),
  );
  /** What is refused of the draft as a whole. */
  readonly draftProblem = $derived(this.#isAtField ? undefined : this.refusal?.code);
  /** Everything that is needed stands there, and nothing is known to be wrong with it. */
  readonly isWhole = $derived.by(() => {
    const parsed = parseAmount(this.draft.total);
    const isCounted = this.isGift || (this.count !== undefined && this.count > 0);
    return parsed.ok && parsed.amount > 0n && isCounted && !this.#isAtField;
  });
  /** Its picture is not ready yet: nobody is to make it without. */
  readonly isPreparing = $derived.by(() => !this.isGift && this.picture.isPreparing);
  /** What it costs is to be asked, or is being asked. */
  readonly isAsking = $derived(this.isWhole && this.proposal === undefined && this.refusal === undefined);

  /** Called when the screen opens, and until the network is known. */
  async lookAtTerms(): Promise<void> {
    this.terms ??= await this.#session.client.packets.terms().catch(() => undefined);
  }

  /**
   * Runs while the screen is open, again with every change: asks what the draft costs, and after a while once more.
   * Returns how to call that off.
   */
  follow(): (() => void) | undefined {
    // Read here: with every change the wait begins anew, also while what stood there before is being answered.
    const draft = this.#asked;
    if (this.isConfirming || this.isPreparing || (!this.isAsking && this.proposal === undefined)) return undefined;
    const timer = setTimeout(() => void this.#askFor(draft), this.isAsking ? ASK_AFTER_MS : ASK_ANEW_MS);
    return () => clearTimeout(timer);
  }

  /** What passes by itself may have passed: the draft is asked about once more. What was refused stands there until then. */
  async askAnew(): Promise<void> {
    if (this.refusal !== undefined && PASSING.has(this.refusal.code)) await this.ask();
  }

  /** Asks what the draft costs, whatever was answered before; once at a time. */
  ask(): Promise<void> {
    return this.#askFor(this.#asked);
  }

  #askFor(draft: string): Promise<void> {
    if (this.#underway?.draft === draft) return this.#underway.done;
    const done = this.#ask(draft).finally(() => {
      if (this.#underway?.done === done) this.#underway = undefined;
    });
    this.#underway = { draft, done };
    return done;
  }

  async #ask(draft: string): Promise<void> {
    const propose = this.#request();
    if (propose === undefined) return;
    const proposed = await propose().catch(() => ({ ok: false, code: "failed" }) as const);
    // It may have taken seconds, and whoever has typed on meanwhile wants another packet than this one.
    if (draft !== this.#asked || this.isConfirming) return;
    this.#costed = proposed.ok ? { draft, proposal: proposed.proposal } : undefined;
    const missing = "missing" in proposed ? proposed.missing : undefined;
    this.#refusal = proposed.ok ? undefined : { draft, code: proposed.code, missing };
  }

  /**
   * The yes to what stands there: the transaction that was stored; undefined with the reason at its field or in
   * `confirmProblem`. Each proposal is paid at most once, however often it is tapped.
   */
  async confirm(): Promise<string | undefined> {
    this.isFinished = true;
    if (this.isConfirming || this.isAsking || this.isPreparing) return undefined;
    const { proposal } = this;
    if (proposal === undefined) {
      // What was refused a moment ago may be fine by now.
      const wasRefused = this.refusal !== undefined;
      this.#refusal = undefined;
      if (this.isWhole || wasRefused) await this.ask();
      return undefined;
    }
    this.isConfirming = true;
    this.confirmProblem = undefined;
    try {
      const confirmed = await this.#session.client.payments.confirm(proposal.proposalId);
      if (confirmed.ok) return confirmed.txid;
      this.confirmProblem = confirmed.code;
      // Used up: what it costs now is asked anew, and they say yes to that.
      this.#costed = undefined;
    } catch {
      this.confirmProblem = "failed";
    }
    this.isConfirming = false;
    return undefined;
  }

  /** The name on this device of the packet that a transaction makes; undefined where nothing is known of it. */
  async nameOf(txid: string): Promise<string | undefined> {
    const made = await this.#session.client.packets.made().catch(() => []);
    return made.find((each) => each.txid === txid)?.id;
  }

  clear(): void {
    this.leave();
    this.#empty();
    this.isConfirming = false;
  }

  /** The screen closes. What may have been made although nobody heard so is no draft any more. */
  leave(): void {
    if (this.confirmProblem === "failed") this.#empty();
    this.password = "";
    this.isFinished = false;
    this.confirmProblem = undefined;
  }

  #empty(): void {
    Object.assign(this.draft, { kind: "", total: "", count: "", expiry: "", greeting: "", chance: "" });
    this.picture.remove();
    this.#costed = undefined;
    this.#refusal = undefined;
  }

  #request(): (() => Promise<ProposePacketResult>) | undefined {
    const parsed = parseAmount(this.draft.total);
    if (!parsed.ok) return undefined;
    const { packets } = this.#session.client;
    const { kind, count, greeting, password, chance } = this;
    if (kind === "one") return () => packets.proposeGift(parsed.amount);
    if (count === undefined) return undefined;
    const lifeMs = Math.min(LIVES[this.life], this.terms?.lifeMaxMs ?? Infinity);
    const workBits = chance?.workBits;
    const picture = this.picture.bytes;
    return () => packets.propose({ kind, total: parsed.amount, count, lifeMs, greeting, password, workBits, picture });
  }
}
