import type { OfferResult, ProposeStakeResult } from "../../api/client-api.ts";
import type { AccruedView, ProposalView, StakeView, StakingView, ValidatorStandingView } from "../../api/views.ts";
import { type Amount, parseAmount } from "../../core/values/amount.ts";
import { ambiguousAmount, amountProblem } from "./amount-problem.ts";
import type { Drafts } from "./drafts.svelte.ts";
import type { ConfirmCode } from "./send.svelte.ts";
import type { Session } from "./session.svelte.ts";

type Refused = Extract<ProposeStakeResult, { ok: false }>;
type OfferCode = Extract<OfferResult, { ok: false }>["code"] | "failed";

/** What was refused, and of which draft or stake. */
interface StakeRefusal {
  readonly about: string;
  readonly code: Refused["code"] | "failed";
  /** µSTG missing, or the least that may be locked. */
  readonly sum: Amount | undefined;
}

/** What waits for a yes. */
export interface StakeStep {
  readonly act: "stake" | "unstake" | "withdraw";
  /** The stake that it is about; undefined for a new one. */
  readonly stake: StakeView | undefined;
  readonly proposal: ProposalView;
}

const LOOK_AGAIN_MS = 4_000;
/** Where validators stand changes with an epoch, and asking a node takes a connection of its own. */
const ASK_AGAIN_MS = 60_000;
const AMOUNT_CODES = ["amount_zero", "insufficient_funds", "funds_busy", "stake_too_small"] as const;
const ACCEPTANCE_CODES = ["acceptance_invalid", "acceptance_foreign", "acceptance_used"] as const;

/** Own stakes, the draft of a new one, and what is asked of one that exists. */
export class StakeState {
  /** undefined before the first answer. */
  stakes = $state.raw<readonly StakeView[]>();
  isLookFailed = $state.raw(false);
  /** What the network asks and what stakes have brought; undefined before the network is known. */
  staking = $state.raw<StakingView>();
  /** Where validators of own stakes stood when the last epoch ended; none before it has been read. */
  standings = $state.raw<readonly ValidatorStandingView[]>([]);
  /** What they had earned for this wallet by then and was not paid yet; undefined before it has been read. */
  accrued = $state.raw<AccruedView>();
  readonly draft: Drafts["stake"];
  isFinished = $state.raw(false);
  isOffering = $state.raw(false);
  /** What is being asked about: the number of a stake, or the draft. */
  asking = $state.raw<number | "draft">();
  isConfirming = $state.raw(false);
  step = $state.raw<StakeStep>();
  confirmProblem = $state.raw<ConfirmCode | "failed">();
  #offered = $state.raw<{ readonly key: string; readonly offer?: string; readonly code?: OfferCode }>();
  #refusal = $state.raw<StakeRefusal>();
  readonly #session: Session;
  #isLooking = false;
  /** Keys that were asked about a moment ago, whatever came of it; undefined: nothing was. */
  #askedAbout: string | undefined;

  constructor(session: Session, draft: Drafts["stake"]) {
    this.#session = session;
    this.draft = draft;
  }

  readonly #key = $derived.by(() => this.draft.validatorKey.replace(/\s/g, "").toLowerCase());
  readonly #accepted = $derived.by(() => this.draft.acceptance.replace(/\s/g, ""));
  readonly #asked = $derived.by(() => JSON.stringify([this.#accepted, this.draft.amount]));
  /** What the key that is typed now has to accept. */
  readonly offer = $derived(this.#offered?.key === this.#key ? this.#offered.offer : undefined);
  readonly offerProblem = $derived(this.#offered?.key === this.#key ? this.#offered.code : undefined);
  /** The refusal of exactly this draft. */
  readonly refusal = $derived(this.#refusal?.about === this.#asked ? this.#refusal : undefined);
  readonly amountProblem = $derived.by(() => {
    const problem = amountProblem(this.draft.amount, this.#session.balance, this.isFinished);
    return problem ?? AMOUNT_CODES.find((code) => code === this.refusal?.code);
  });
  /** Set where the text can be read in two ways. */
  readonly ambiguousAmount = $derived.by(() => ambiguousAmount(this.draft.amount));
  readonly acceptanceProblem = $derived.by(() => {
    if (this.#accepted === "") return this.isFinished ? "empty" : undefined;
    return ACCEPTANCE_CODES.find((code) => code === this.refusal?.code);
  });
  /** What is refused of the draft as a whole. */
  readonly draftProblem = $derived.by(() => {
    const isShown = this.amountProblem !== undefined || this.acceptanceProblem !== undefined;
    return isShown ? undefined : this.refusal?.code;
  });

  /** What is refused of one stake. */
  problemOf(leaf: number | undefined): StakeRefusal["code"] | undefined {
    return leaf !== undefined && this.#refusal?.about === aboutStake(leaf) ? this.#refusal.code : undefined;
  }

  /** Reads the stakes again and again while somebody looks: time alone releases one. Returns how to stop. */
  watch(): () => void {
    void this.look();
    const timers = [
      setInterval(() => void this.look(), LOOK_AGAIN_MS),
      setInterval(() => (this.#askedAbout = undefined), ASK_AGAIN_MS),
    ];
    return () => {
      for (const timer of timers) clearInterval(timer);
    };
  }

  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { views } = this.#session.client;
    const [stakes, staking] = await Promise.all([
      views.stakes().catch(() => undefined),
      views.staking().catch(() => undefined),
    ]);
    this.#isLooking = false;
    if (stakes !== undefined) this.stakes = stakes;
    if (staking !== undefined) this.staking = staking;
    this.isLookFailed = stakes === undefined;
    void this.#askStandings();
  }

  /**
   * Asks where the validators of own stakes stand and what they owe, also for stakes that are withdrawn; what was known
   * stays on show until there is an answer.
   */
  async #askStandings(): Promise<void> {
    const keys = (this.stakes ?? []).map(({ validatorKey }) => validatorKey ?? "").join();
    if (keys === this.#askedAbout || this.stakes === undefined) return;
    this.#askedAbout = keys;
    const answer = await this.#session.client.stakes.validators().catch(() => undefined);
    // Nobody was asked then: it may be known with the next look.
    if (answer?.ok === false && answer.code === "not_ready") this.#askedAbout = undefined;
    if (answer?.ok !== true) return;
    this.standings = answer.validators;
    this.accrued = answer.accrued;
  }

  /** Asks for the text that the holder of the key answers. */
  async makeOffer(): Promise<void> {
    if (this.isOffering) return;
    const key = this.#key;
    this.isOffering = true;
    try {
      const made = await this.#session.client.stakes.offer(key);
      this.#offered = made.ok ? { key, offer: made.offer } : { key, code: made.code };
    } catch {
      this.#offered = { key, code: "failed" };
    } finally {
      this.isOffering = false;
    }
  }

  /** True when a step is there to be looked at. */
  async review(): Promise<boolean> {
    this.isFinished = true;
    this.#refusal = undefined;
    const parsed = parseAmount(this.draft.amount);
    if (this.amountProblem !== undefined || this.acceptanceProblem !== undefined || !parsed.ok) return false;
    const draft = this.#asked;
    const request = { amount: parsed.amount, acceptance: this.#accepted };
    const propose = (): Promise<ProposeStakeResult> => this.#session.client.stakes.propose(request);
    // Whoever has typed on meanwhile wants another stake than this one.
    return this.#propose({ act: "stake", stake: undefined }, draft, propose, () => draft === this.#asked);
  }

  /** Asks for a stake back, or turns a released one into coins. True when a step is there to be looked at. */
  async reviewOf(act: "unstake" | "withdraw", stake: StakeView): Promise<boolean> {
    const { leaf } = stake;
    if (leaf === undefined) return false;
    const { stakes } = this.#session.client;
    const propose = (): Promise<ProposeStakeResult> => {
      return act === "unstake" ? stakes.proposeUnstake(leaf) : stakes.proposeWithdrawal(leaf);
    };
    return this.#propose({ act, stake }, aboutStake(leaf), propose, () => true);
  }

  /** The same once more, after its step was used up. */
  async reviewAgain(): Promise<boolean> {
    const { step } = this;
    if (step === undefined) return false;
    return step.act === "stake" || step.stake === undefined ? this.review() : this.reviewOf(step.act, step.stake);
  }

  /** True when it is stored; else the reason is in `confirmProblem`. */
  async confirm(): Promise<boolean> {
    const { step } = this;
    if (step === undefined || this.isConfirming) return false;
    this.isConfirming = true;
    this.confirmProblem = undefined;
    try {
      const confirmed = await this.#session.client.payments.confirm(step.proposal.proposalId);
      if (!confirmed.ok) {
        this.confirmProblem = confirmed.code;
        return false;
      }
      if (step.act === "stake") this.#clearDraft();
      void this.look();
      return true;
    } catch {
      this.confirmProblem = "failed";
      return false;
    } finally {
      this.isConfirming = false;
    }
  }

  dropStep(): void {
    this.step = undefined;
    this.confirmProblem = undefined;
  }

  #clearDraft(): void {
    Object.assign(this.draft, { validatorKey: "", acceptance: "", amount: "" });
    this.isFinished = false;
    this.#offered = undefined;
    this.#refusal = undefined;
  }

  async #propose(
    asked: Pick<StakeStep, "act" | "stake">,
    about: string,
    propose: () => Promise<ProposeStakeResult>,
    isWanted: () => boolean,
  ): Promise<boolean> {
    if (this.asking !== undefined) return false;
    this.asking = asked.stake?.leaf ?? "draft";
    this.#refusal = undefined;
    let step: StakeStep | undefined;
    try {
      const proposed = await propose();
      if (!isWanted()) return false;
      if (proposed.ok) step = { ...asked, proposal: proposed.proposal };
      else this.#refusal = { about, code: proposed.code, sum: sumOf(proposed) };
      return proposed.ok;
    } catch {
      this.#refusal = { about, code: "failed", sum: undefined };
      return false;
    } finally {
      // Not before: a sheet that asks for another one stays with what it shows until there is an answer.
      this.step = step;
      this.confirmProblem = undefined;
      this.asking = undefined;
    }
  }
}

const aboutStake = (leaf: number): string => `stake ${leaf}`;

function sumOf(refused: Refused): Amount | undefined {
  if (refused.code === "stake_too_small") return refused.minimum;
  return "missing" in refused ? refused.missing : undefined;
}
