import { isAscending } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { Hash } from "../values/hash.ts";
import { broken, RULE_KEPT, type RuleFailure, type RuleResult } from "../values/rule-number.ts";
import { outputHash } from "./output.ts";
import { transactionIdOf, transactionWeight, type Transaction } from "./transaction.ts";
import { validateEphemeralKeys, validateOutput } from "./validate-output.ts";

/** A transaction that keeps every rule which needs no ledger, with what was computed on the way. */
export interface ValidTransaction {
  readonly transaction: Transaction;
  readonly txid: Hash;
  readonly outputHashes: readonly Hash[];
  /** w of TX-8. */
  readonly weight: number;
}

/**
 * TX-9 and what it names, TX-6, TX-7 and the order of TX-1: everything a transaction must keep whatever the ledger
 * says, cheap before costly. The version is the decoder's part of TX-9.
 */
export function validateTransaction(
  curve: CurveBackend,
  chainId: number,
  transaction: Transaction,
): ({ readonly ok: true } & ValidTransaction) | RuleFailure {
  // Replay on another chain.
  if (transaction.chainId !== chainId) return broken("TX-9");
  const order = validateInputOrder(transaction);
  if (!order.ok) return order;
  if (transaction.signatures.length !== transaction.inputs.length) return broken("TX-5");
  const keys = new Set(transaction.outputs.map(({ core }) => formatHex(core.oneTimeKey)));
  if (keys.size !== transaction.outputs.length) return broken("TX-6");
  const outputHashes = transaction.outputs.map(({ core }) => outputHash(core));
  if (!isAscending(outputHashes)) return broken("TX-7");
  const groups = validateEphemeralKeys(transaction.outputs);
  if (!groups.ok) return groups;
  for (const { core } of transaction.outputs) {
    const result = validateOutput(curve, core);
    if (!result.ok) return result;
  }
  const txid = transactionIdOf(transaction, outputHashes);
  return { ok: true, transaction, txid, outputHashes, weight: transactionWeight(transaction) };
}

/** TX-1: ascending and distinct. Together with TX-7 nothing is left to tell wallets apart by their order. */
function validateInputOrder({ inputs }: Transaction): RuleResult {
  const isOrdered = inputs.every((leaf, index) => index === 0 || inputs[index - 1]! < leaf);
  return isOrdered ? RULE_KEPT : broken("TX-1");
}
