import type { AddressCheck, ClientApi, ConfirmResult } from "../../api/client-api.ts";
import type { ProposeResult } from "../../api/propose-result.ts";
import type { ProposalView } from "../../api/views.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { checkAddress } from "../../core/crypto/address-check.ts";
import { submissionOrder } from "../../core/machines/light-client-payments.ts";
import { paymentTerms, viewHistory } from "../../core/machines/light-client-views.ts";
import type { LightClientNotice } from "../../core/machines/light-client-effect.ts";
import type { LightClientState } from "../../core/machines/light-client-state.ts";
import type { NodeConfig } from "../../core/sync/network-config.ts";
import { parseAddress } from "../../core/values/address.ts";
import { canBeLabelled, cleanLabel } from "../../core/wallet/label.ts";
import { proposePayment, type PaymentProposal, type PaymentRequest } from "../../core/wallet/propose-payment.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { untilConfigured, untilState } from "./until-configured.ts";
import { networkOf } from "./views.ts";

type ConfirmRefusal = Extract<ConfirmResult, { readonly ok: false }>["code"];

/** What a payment promises to be there, so that it is stored before the payment is. */
export interface Companion {
  /** Resolves once it would survive a crash, or with why it would not: then nothing is paid. */
  store(): Promise<ConfirmRefusal | undefined>;
  /** The payment has come to nothing after all. */
  drop(): void;
}

interface Proposed {
  readonly proposal: PaymentProposal;
  readonly companion: Companion | undefined;
  /** Set once confirmed: a second tap gets the same answer. */
  result: Promise<ConfirmResult> | undefined;
  /** Set while somebody waits for the answer. */
  settle: ((result: ConfirmResult) => void) | undefined;
}

/** Proposals a page may hold open at once; the oldest that nobody waits for goes first. */
const PROPOSALS_MAX = 32;
const PROPOSAL_ID_SIZE = 16;
/** Nodes dialled in advance while a person looks at a proposal (NW-3). */
const NODES_AHEAD = 2;

/** The payments area of the client's API: proposals live here, everything confirmed lives in the machine. */
export class PaymentsService {
  readonly #edges: LightClientEdges;
  readonly #run: () => LightClientRun | undefined;
  readonly #proposals = new Map<string, Proposed>();

  constructor(edges: LightClientEdges, run: () => LightClientRun | undefined) {
    this.#edges = edges;
    this.#run = run;
  }

  readonly api: ClientApi["payments"] = {
    checkAddress: (text) => Promise.resolve(this.#checkAddress(text)),
    propose: (request) => this.#propose(request),
    confirm: (proposalId) => this.#confirm(proposalId),
    retry: (txid) => this.#retry(txid),
    label: (id, text) => this.#label(id, text),
  };

  notice(notice: LightClientNotice): void {
    if (notice.type === "payment-stored") {
      this.#settle(notice.proposalId, { ok: true, txid: formatHex(notice.txid) });
    } else if (notice.type === "payment-refused") {
      this.#proposals.get(notice.proposalId)?.companion?.drop();
      this.#settle(notice.proposalId, { ok: false, code: notice.code });
    }
  }

  /** The engine is gone: nothing confirmed is still going to be stored. */
  stopped(): void {
    for (const { settle } of this.#proposals.values()) settle?.({ ok: false, code: "storage_failed" });
    this.#proposals.clear();
  }

  #checkAddress(text: string): AddressCheck {
    const network = networkOf(this.#run()?.state);
    if (network === undefined) return { ok: false, code: "not_ready" };
    const parsed = parseAddress(text, network);
    if (!parsed.ok) return parsed;
    return checkAddress(this.#edges.curve, parsed.keys).ok ? { ok: true } : { ok: false, code: "bad_points" };
  }

  async #propose(request: PaymentRequest): Promise<ProposeResult> {
    const run = this.#run();
    if (run !== undefined) await untilConfigured(run, this.#edges.timers);
    const terms = run && paymentTerms(run.state, run.now());
    const wallet = run?.state.durable.wallet;
    if (run === undefined || run !== this.#run() || terms === undefined || wallet === undefined)
      return { ok: false, code: "not_ready" };
    const proposed = proposePayment(this.#edges.curve, wallet, terms, request);
    return proposed.ok ? { ok: true, proposal: this.hold(run, proposed.proposal) } : proposed;
  }

  /**
   * Dials the node that the next one transaction would go to, over an identity of its own (NW-3): which that is depends on
   * where blocks come from, so not before they come from somewhere. Where they do not within 10 seconds nobody is dialled.
   */
  async prepare(run: LightClientRun): Promise<void> {
    const state = await untilState(run, this.#edges.timers, ({ data }) => data !== undefined);
    if (state !== undefined) await run.network.prepareSubmissions(nextNodes(state).slice(0, 1));
  }

  /** Keeps a proposal of this run until it is confirmed, and prepares to send it. */
  hold(run: LightClientRun, proposal: PaymentProposal, companion?: Companion): ProposalView {
    const proposalId = formatHex(this.#edges.random.bytes(PROPOSAL_ID_SIZE));
    this.#proposals.set(proposalId, { proposal, companion, result: undefined, settle: undefined });
    const oldest = [...this.#proposals].find(([, { settle }]) => settle === undefined)?.[0];
    if (this.#proposals.size > PROPOSALS_MAX && oldest !== undefined) this.#proposals.delete(oldest);
    void run.network.prepareSubmissions(nextNodes(run.state));
    return viewProposal(proposalId, proposal);
  }

  #confirm(proposalId: string): Promise<ConfirmResult> {
    const proposed = this.#proposals.get(proposalId);
    const run = this.#run();
    if (proposed === undefined || run === undefined) return Promise.resolve({ ok: false, code: "proposal_expired" });
    proposed.result ??= new Promise((resolve) => {
      const { proposal, companion } = proposed;
      proposed.settle = resolve;
      const pay = (): void => run.post({ type: "payment-confirmed", proposalId, proposal });
      if (companion === undefined) pay();
      else void this.#payAfter(companion, run, proposalId, pay);
    });
    return proposed.result;
  }

  async #payAfter(companion: Companion, run: LightClientRun, proposalId: string, pay: () => void): Promise<void> {
    const refused = await companion.store();
    if (refused !== undefined) this.#settle(proposalId, { ok: false, code: refused });
    // A run that has ended meanwhile has settled it.
    else if (this.#run() === run) pay();
  }

  #settle(proposalId: string, result: ConfirmResult): void {
    const proposed = this.#proposals.get(proposalId);
    proposed?.settle?.(result);
    if (proposed !== undefined) proposed.settle = undefined;
  }

  async #label(id: string, text: string): Promise<void> {
    const run = this.#run();
    if (run === undefined || !canBeLabelled(id) || !viewHistory(run.state).some((row) => row.id === id)) return;
    run.post({ type: "line-labelled", id, text });
    await run.until(({ durable }) => (durable.wallet?.labels.get(id)?.text ?? "") === cleanLabel(text));
  }

  #retry(txid: string): Promise<ProposeResult> {
    const payment = this.#run()?.state.durable.wallet?.payments.get(txid);
    if (payment?.state !== "failed" || payment.act !== undefined)
      return Promise.resolve({ ok: false, code: "not_ready" });
    return this.#propose({ to: payment.to, amount: payment.amount, memo: payment.memo ?? "" });
  }
}

/** In the order in which the machine will use them. */
function nextNodes(state: LightClientState): readonly NodeConfig["addresses"][] {
  const order = submissionOrder(state).slice(0, NODES_AHEAD);
  return order.map((node) => state.config!.nodes[node]!.addresses);
}

function viewProposal(proposalId: string, proposal: PaymentProposal): ProposalView {
  const { to, amount, fee, memo, usableAfter, totalAfter } = proposal;
  return { proposalId, to, amount, fee, memo, usableAfter, totalAfter };
}
