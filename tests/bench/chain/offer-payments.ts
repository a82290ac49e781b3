import { formatHex } from "../../../src/core/bytes/hex.ts";

/** Hands payments in at a fixed pace, whatever becomes of those before, to each node in turn. */
export class Offers {
  readonly #rpcs: readonly string[];
  readonly #payments: readonly Uint8Array[];
  readonly #offeredAt = new Map<string, number>();
  /** By the rule or reason for which a node refused. */
  readonly refusals = new Map<string, number>();
  #next = 0;
  #waiting = new Set<Promise<void>>();

  constructor(rpcs: readonly string[], payments: readonly Uint8Array[]) {
    this.#rpcs = rpcs;
    this.#payments = payments;
  }

  /** So many a second from now on, until the signal or the last payment. */
  async run(perSecond: number, signal: AbortSignal): Promise<void> {
    const begun = performance.now();
    for (let count = 0; !signal.aborted; count++) {
      const due = begun + (1_000 * count) / perSecond;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const payment = this.#payments[this.#next];
      if (payment === undefined) return;
      const offered = this.#offer(payment, this.#rpcs[this.#next % this.#rpcs.length]!, due);
      this.#next++;
      this.#waiting.add(offered);
      void offered.finally(() => this.#waiting.delete(offered));
    }
  }

  /** When a payment was due to be handed in: a node that answers late is late with all that wait for it. */
  offeredAt(txid: string): number | undefined {
    return this.#offeredAt.get(txid);
  }

  get offered(): number {
    return this.#next;
  }

  /** All have been answered. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  async #offer(payment: Uint8Array, rpc: string, due: number): Promise<void> {
    const answer = await submit(rpc, formatHex(payment)).catch(() => ({ reason: "no answer" }));
    if ("txid" in answer) this.#offeredAt.set(answer.txid, due);
    else this.refusals.set(answer.reason, (this.refusals.get(answer.reason) ?? 0) + 1);
  }
}

interface SubmitAnswer {
  readonly result?: { readonly txid: string };
  readonly error?: { readonly message: string };
}

async function submit(rpc: string, hex: string): Promise<{ readonly txid: string } | { readonly reason: string }> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "submit_transaction", params: { hex } });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${rpc}/rpc`, { method: "POST", headers, body });
  const { result, error } = (await response.json()) as SubmitAnswer;
  return result ?? { reason: error?.message ?? "refused" };
}
