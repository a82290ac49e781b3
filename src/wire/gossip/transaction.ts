import { isAscending } from "../../core/bytes/compare-bytes.ts";
import { tryDecode } from "../../core/bytes/decode-error.ts";
import { outputHash } from "../../core/chain/output.ts";
import {
  decodeTransaction,
  inputsOf,
  outputsOf,
  transactionId,
  type Transaction,
} from "../../core/chain/transaction.ts";
import type { Hash } from "../../core/values/hash.ts";
import { GOSSIP_TX_BYTES_MAX } from "../limits.ts";
import { ignore, reject, type Judgement } from "./judgement.ts";

/** What the first stage needs to know of the node. */
export interface TransactionView {
  readonly chainId: number;
  /** In the mempool, in a block, or refused not long ago. */
  isKnown(txid: Hash): boolean;
}

export interface GossipedTransaction {
  readonly transaction: Transaction;
  readonly txid: Hash;
}

/** First stage of topic `tx`, whose messages are a transaction's bytes. Signatures, proofs and inputs come later. */
export function judgeTransaction(bytes: Uint8Array, view: TransactionView): Judgement<GossipedTransaction> {
  // [EN-3] REJECT: over the limit. Checked before any decoding.
  if (bytes.length > GOSSIP_TX_BYTES_MAX) return reject("too_large");
  // [EN-4] REJECT: not one transaction and nothing behind it.
  const decoded = tryDecode(decodeTransaction, bytes);
  if (!decoded.ok) return reject("malformed");
  const transaction = decoded.value;
  // [TX-9] REJECT: another chain's; the topic names ours.
  if (transaction.chainId !== view.chainId) return reject("wrong_chain");
  // [TX-1] REJECT: inputs out of order or twice.
  const inputs = inputsOf(transaction);
  if (inputs.some((leaf, index) => index > 0 && inputs[index - 1]! >= leaf)) {
    return reject("inputs_not_ascending");
  }
  // [TX-7] REJECT: outputs out of order or twice.
  const hashes = outputsOf(transaction).map((output) => outputHash(output.core));
  if (!isAscending(hashes)) return reject("outputs_not_ascending");
  const txid = transactionId(transaction);
  // IGNORE: other signatures under the same id are no news.
  if (view.isKnown(txid)) return ignore("already_known");
  return { verdict: "accept", value: { transaction, txid } };
}
