import type { Transaction } from "../../core/chain/transaction.ts";
import type { TransactionSource, TransactionVerdict } from "../../core/machines/full-node-events.ts";
import type { NetworkPort, PeerId, Verdict } from "../../core/ports/network-port.ts";
import type { Hash } from "../../core/values/hash.ts";
import { judgeTransaction } from "../../wire/gossip/transaction.ts";
import { TX_CLAIMS_WAITING_MAX, TX_WAITING_MAX } from "../../wire/limits.ts";
import { TOPIC } from "../../wire/gossip/topics.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { BUSY_RULE, decodeTxRequest, encodeTxAnswer } from "../../wire/requests/tx.ts";
import type { RequestGuard } from "./request-guard.ts";
import { Busy, serveRequests } from "./serve-requests.ts";

/** Hands transactions in and waits for what becomes of them. */
export interface TransactionDesk {
  readonly chainId: number;
  submit(transaction: Transaction, source: TransactionSource, from?: PeerId): Promise<TransactionVerdict>;
  /** Is it in the mempool? What is still in its stem is nobody's business. */
  isKnown(txid: Hash): boolean;
}

/** Serves protocol `tx` for clients and joins topic `tx` of the nodes. */
export async function serveTransactions(
  network: NetworkPort,
  desk: TransactionDesk,
  guard: RequestGuard,
): Promise<void> {
  const waiting = new Map<PeerId, Transaction["kind"]>();
  const answer = async function* (frame: Uint8Array, { peer }: { readonly peer: PeerId }): AsyncIterable<Uint8Array> {
    // Before anything of it is read.
    if (waiting.has(peer)) throw new Busy("one of this peer waits");
    const transaction = decodeTxRequest(frame);
    if (!hasRoom(waiting, transaction)) throw new Busy("too many transactions");
    waiting.set(peer, transaction.kind);
    try {
      const verdict = await desk.submit(transaction, "client", peer);
      if (!verdict.ok && !("policy" in verdict)) guard.rejected(peer);
      yield encodeTxAnswer(answerOf(verdict));
    } finally {
      waiting.delete(peer);
    }
  };
  await serveRequests(network, PROTOCOL.tx, answer, guard);
  const judge = async (bytes: Uint8Array, from: PeerId): Promise<Verdict> => {
    const judged = judgeTransaction(bytes, desk);
    if (judged.verdict !== "accept") return judged;
    const verdict = await desk.submit(judged.value.transaction, "gossip", from);
    if (verdict.ok) return { verdict: "accept" };
    if ("policy" in verdict) return { verdict: "ignore", reason: verdict.policy };
    return { verdict: "reject", reason: verdict.rule };
  };
  network.subscribe(TOPIC.tx.name, TOPIC.tx.bytesMax, guard.judged(judge));
}

/**
 * Wrong signatures of one transaction cost the thread that votes up to 130 ms: nobody queues many of them. Those of claims
 * are looked at elsewhere, and who opens a packet is one of many who do so at once.
 */
function hasRoom(waiting: ReadonlyMap<PeerId, Transaction["kind"]>, { kind }: Transaction): boolean {
  const claims = [...waiting.values()].filter((each) => each === "claim").length;
  return kind === "claim" ? claims < TX_CLAIMS_WAITING_MAX : waiting.size - claims < TX_WAITING_MAX;
}

function answerOf(verdict: TransactionVerdict): Parameters<typeof encodeTxAnswer>[0] {
  const isHeld = verdict.ok || ("policy" in verdict && verdict.policy === "already_known");
  if (isHeld) return { refusedBy: undefined, txid: verdict.txid };
  return { refusedBy: verdict.rule ?? BUSY_RULE, txid: verdict.txid };
}
