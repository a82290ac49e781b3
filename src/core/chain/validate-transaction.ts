import { isAscending } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { Hash } from "../values/hash.ts";
import { broken, RULE_KEPT, type RuleFailure, type RuleResult } from "../values/rule-number.ts";
import { outputHash } from "./output.ts";
import { transactionIdOf, transactionWeight, type Transaction } from "./transaction.ts";
import { validateEphemeralKeys, validateOutput, validateOutputForm } from "./validate-output.ts";

/** A transaction in good form, with what was computed on the way. */
export interface ValidTransaction {
  readonly transaction: Transaction;
  readonly txid: Hash;
  readonly outputHashes: readonly Hash[];
  /** w of TX-8. */
  readonly weight: number;
}

/**
 * The part of the rules that needs neither ledger nor curve: chain, order, distinct keys (TX-9, TX-1, TX-6, TX-7,
 * OU-2). The version is the decoder's part of TX-9.
 */
export function validateForm(
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
  const txid = transactionIdOf(transaction, outputHashes);
  return { ok: true, transaction, txid, outputHashes, weight: transactionWeight(transaction) };
}

/** What the outputs must keep by themselves (OU-1, PU-1, ST-1 of TX-9): decodes every point. */
export function validateOutputs(curve: CurveBackend, { outputs }: Transaction): RuleResult {
  for (const { core } of outputs) {
    const result = validateOutput(curve, core);
    if (!result.ok) return result;
  }
  return RULE_KEPT;
}

/** Those of them that need no curve. */
export function validateOutputForms({ outputs }: Transaction): RuleResult {
  for (const { core } of outputs) {
    const result = validateOutputForm(core);
    if (!result.ok) return result;
  }
  return RULE_KEPT;
}

/** Form and outputs together: everything a transaction must keep whatever the ledger says, except its range proofs (TX-3). */
export function validateTransaction(
  curve: CurveBackend,
  chainId: number,
  transaction: Transaction,
): ({ readonly ok: true } & ValidTransaction) | RuleFailure {
  const form = validateForm(chainId, transaction);
  if (!form.ok) return form;
  const outputs = validateOutputs(curve, transaction);
  return outputs.ok ? form : outputs;
}

/** TX-1: ascending and distinct. Together with TX-7 nothing is left to tell wallets apart by their order. */
function validateInputOrder({ inputs }: Transaction): RuleResult {
  const isOrdered = inputs.every((leaf, index) => index === 0 || inputs[index - 1]! < leaf);
  return isOrdered ? RULE_KEPT : broken("TX-1");
}
