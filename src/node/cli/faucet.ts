import { Worker } from "node:worker_threads";
import { formatHex } from "../../core/bytes/hex.ts";
import { checkAddress } from "../../core/crypto/address-check.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import { decodeLedgerTip } from "../../core/state/ledger-tip.ts";
import { parseAddress } from "../../core/values/address.ts";
import { amount, MICRO_PER_STG } from "../../core/values/amount.ts";
import { timeMs, type TimeMs } from "../../core/values/height.ts";
import type { BuildPaymentJob, BuildPaymentResult, BuiltPayment } from "../../core/wallet/built-payment.ts";
import { devFaucetSeed } from "../../core/wallet/dev-genesis.ts";
import { deriveAccount } from "../../core/wallet/keys.ts";
import type { Payment } from "../../core/wallet/payment.ts";
import { proposePayment, type PaymentProposal } from "../../core/wallet/propose-payment.ts";
import { systemClock } from "../edges.ts";
import type { KernelsForThread } from "../crypto/compiled-kernels.ts";
import type { NodeView, RunningNode } from "../rpc/node-view.ts";
import { FaucetNotes } from "./faucet-notes.ts";
import type { FaucetJob, FaucetJobAnswer, FaucetWarmUp } from "./faucet-worker.ts";

/** What one request gets. */
export const FAUCET_AMOUNT = amount(1_000n * MICRO_PER_STG);
/** One address may ask again after this. */
export const FAUCET_PAUSE_MS = 10_000;
/** Requests waiting; each takes well under a second. */
export const FAUCET_QUEUE_MAX = 256;
/** All notes may be waiting for a block; longer than this it is no wait but a standstill. */
const NOTES_WAIT_MS = 60_000;
/** A payment that no block has taken by then is handed in again. */
const RESEND_MS = 10_000;

export type FaucetAnswer =
  | { readonly ok: true; readonly txid: string }
  | { readonly ok: false; readonly code: "address_invalid" | "too_soon" | "busy" | "empty" | "refused" };

type Attempt = FaucetAnswer | "wait";

/**
 * Gives coins of a development network to whoever asks. Requests are served one after another, each with another of
 * the many notes, so that several are in one block. Everything it knows is in the node's database: a restart scans it.
 */
export class Faucet {
  readonly #view: NodeView;
  readonly #notes: FaucetNotes;
  readonly #builder: PaymentBuilder;
  readonly #curve: CurveBackend;
  readonly #lastPaid = new Map<string, TimeMs>();
  readonly #stopListening: () => void;
  #following: Promise<void> = Promise.resolve();
  #onFollowed: (() => void) | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #queueSize = 0;
  #isClosed = false;

  private constructor(
    view: NodeView,
    curve: CurveBackend,
    notes: FaucetNotes,
    builder: PaymentBuilder,
    log: (line: string) => void,
  ) {
    this.#view = view;
    this.#curve = curve;
    this.#notes = notes;
    this.#builder = builder;
    this.#stopListening = view.onBlock((height) => {
      this.#following = this.#following
        .then(() => notes.follow(view.store, height))
        .then(() => this.#resend())
        .then(() => this.#builder.warmUp())
        .catch((error: unknown) =>
          log(`faucet: ${error instanceof Error ? error.name : "error"} while following the chain`),
        )
        .then(() => this.#onFollowed?.());
    });
  }

  static async open(
    view: NodeView,
    { curve, kernels }: Pick<RunningNode, "curve" | "kernels">,
    log: (line: string) => void,
  ): Promise<Faucet> {
    const { height, time } = view.status();
    const keys = deriveAccount(curve, devFaucetSeed(), 0).view;
    const notes = await FaucetNotes.load(curve, keys, view.store, { height, timeMs: time });
    return new Faucet(view, curve, notes, new PaymentBuilder(kernels), log);
  }

  /** Pays, once the node has accepted the transaction; a block takes it a moment later. */
  async request(address: string): Promise<FaucetAnswer> {
    const parsed = parseAddress(address, "dev");
    if (!parsed.ok || !checkAddress(this.#curve, parsed.keys).ok) return { ok: false, code: "address_invalid" };
    const now = systemClock.now();
    if (now - (this.#lastPaid.get(address) ?? -Infinity) < FAUCET_PAUSE_MS) return { ok: false, code: "too_soon" };
    if (this.#queueSize >= FAUCET_QUEUE_MAX || this.#isClosed) return { ok: false, code: "busy" };
    this.#forgetOldRequests(now);
    // Taken out first, so that the oldest stay in front.
    this.#lastPaid.delete(address);
    this.#lastPaid.set(address, now);
    this.#queueSize++;
    const served = this.#queue.then(() => this.#serve(address));
    this.#queue = served.catch(() => undefined);
    try {
      const answer = await served;
      if (!answer.ok) this.#lastPaid.delete(address);
      return answer;
    } finally {
      this.#queueSize--;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    this.#onFollowed?.();
    await this.#builder.close();
    await this.#following;
  }

  async #serve(address: string): Promise<FaucetAnswer> {
    const deadline = systemClock.now() + NOTES_WAIT_MS;
    for (let hasRetried = false; !this.#isClosed;) {
      const attempt = await this.#attempt(address);
      if (attempt === "wait") {
        if (systemClock.now() > deadline) break;
        await this.#nextBlock(deadline);
      } else if (attempt.ok || attempt.code !== "refused" || hasRetried) {
        return attempt;
      } else {
        // A block may have spent a note, or moved the fee, between choosing and judging.
        hasRetried = true;
        await this.#following;
      }
    }
    return { ok: false, code: "busy" };
  }

  async #attempt(address: string): Promise<Attempt> {
    const tip = this.#view.store.tip();
    if (tip === undefined) return "wait";
    const { chain, aux, header } = decodeLedgerTip(tip);
    const nowMs = timeMs(Math.max(systemClock.now(), header.time));
    const wallet = this.#notes.wallet();
    const terms = { network: "dev", params: chain.params, feeMultiplier: aux.epoch.multiplier, nowMs } as const;
    const proposed = proposePayment(this.#curve, wallet, terms, { to: address, amount: FAUCET_AMOUNT, memo: "" });
    if (!proposed.ok) {
      if (proposed.code === "funds_busy") return "wait";
      return { ok: false, code: proposed.code === "insufficient_funds" ? "empty" : "refused" };
    }
    const { proposal } = proposed;
    const notes = proposal.inputs.map((leaf) => wallet.notes.get(leaf)!.note);
    const built = await this.#builder.build({ chainId: this.#view.chainId, proposal, notes, nowMs });
    if (!built.ok) return { ok: false, code: "refused" };
    const payment = paymentOf(proposal, built.payment, nowMs);
    this.#notes.lock(payment);
    const result = await this.#view.submit(built.payment.transaction);
    if (result.ok) return { ok: true, txid: formatHex(result.txid) };
    this.#notes.unlock(payment);
    return { ok: false, code: "refused" };
  }

  async #resend(): Promise<void> {
    for (const { transaction, createdMs } of this.#notes.pending) {
      if (transaction !== undefined && systemClock.now() - createdMs > RESEND_MS) await this.#view.submit(transaction);
    }
  }

  #nextBlock(deadline: number): Promise<void> {
    // Nobody would wake it any more.
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const stopTimer = systemClock.wakeAt(timeMs(deadline), () => resolve());
      this.#onFollowed = () => {
        stopTimer();
        resolve();
      };
    });
  }

  #forgetOldRequests(now: TimeMs): void {
    for (const [address, at] of this.#lastPaid) {
      if (now - at < FAUCET_PAUSE_MS) return;
      this.#lastPaid.delete(address);
    }
  }
}

function paymentOf(proposal: PaymentProposal, built: BuiltPayment, nowMs: TimeMs): Payment {
  return {
    ...built,
    sequence: 0,
    createdMs: nowMs,
    to: proposal.to,
    amount: proposal.amount,
    fee: proposal.fee,
    memo: undefined,
    inputs: proposal.inputs,
    state: "sent",
    failure: undefined,
    settled: undefined,
    proofParts: undefined,
  };
}

/** Range proofs take a while: they are made on a thread of their own, so that the node's votes never wait for them. */
class PaymentBuilder {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(result: BuildPaymentResult): void; reject(error: Error): void }>();
  #nextId = 0;
  #lost: Error | undefined;
  #isWarm = false;

  constructor(workerData: KernelsForThread) {
    this.#worker = new Worker(new URL("./faucet-worker.ts", import.meta.url), { workerData });
    const fail = (error: Error): void => {
      this.#lost = error;
      for (const job of this.#waiting.values()) job.reject(error);
      this.#waiting.clear();
    };
    this.#worker.on("message", ({ id, result }: FaucetJobAnswer) => {
      this.#waiting.get(id)?.resolve(result);
      this.#waiting.delete(id);
    });
    this.#worker.on("error", fail);
    this.#worker.on("exit", () => fail(new Error("the faucet's thread has ended")));
  }

  /** Once; called with the first block, when the node has nothing urgent to do any more. */
  warmUp(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    const message: FaucetWarmUp = "warm-up";
    this.#worker.postMessage(message);
  }

  build(job: BuildPaymentJob): Promise<BuildPaymentResult> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const message: FaucetJob = { id, job };
      this.#worker.postMessage(message);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
