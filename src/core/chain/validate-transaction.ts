import { isAscending, isZeroBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { isCanonicalCoordinate } from "../crypto/key-agreement.ts";
import type { Hash } from "../values/hash.ts";
import { broken, RULE_KEPT, type RuleFailure, type RuleResult } from "../values/rule-number.ts";
import type { Claim } from "./claim.ts";
import { oneTimeKeyOf, outputHash } from "./output.ts";
import { outputsOf, transactionId, transactionWeight, type Transaction, type Transfer } from "./transaction.ts";
import { validateEphemeralKeys, validateOutput, validateOutputForm } from "./validate-output.ts";

/** A transaction in good form, with what was computed on the way. */
export interface ValidTransaction<T extends Transaction = Transaction> {
  readonly transaction: T;
  readonly txid: Hash;
  readonly outputHashes: readonly Hash[];
  /** w of TX-8. */
  readonly weight: number;
}

/**
 * The part of the rules that needs neither ledger nor curve: chain, order, distinct keys (TX-9, TX-1, TX-6, TX-7,
 * OU-2, OU-12; of claims OU-1). The version is the decoder's part of TX-9.
 */
export function validateForm<T extends Transaction>(
  chainId: number,
  transaction: T,
): ({ readonly ok: true } & ValidTransaction<T>) | RuleFailure {
  // Replay on another chain.
  if (transaction.chainId !== chainId) return broken("TX-9");
  const outputs = outputsOf(transaction);
  const outputHashes = outputs.map(({ core }) => outputHash(core));
  if (transaction.kind === "transfer") {
    const form = validateTransferForm(transaction, outputHashes);
    if (!form.ok) return form;
  }
  if (transaction.kind === "claim" && !isClaimForm(transaction)) return broken("OU-1");
  const txid = transactionId(transaction);
  return { ok: true, transaction, txid, outputHashes, weight: transactionWeight({ outputs }) };
}

/** OU-1 for the coin of a claim (RP-5), but that its P is an element. */
function isClaimForm({ oneTimeKey, ephemeralKey }: Claim): boolean {
  return isCanonicalCoordinate(ephemeralKey) && !isZeroBytes(oneTimeKey);
}

function validateTransferForm(transfer: Transfer, outputHashes: readonly Hash[]): RuleResult {
  const order = validateInputOrder(transfer);
  if (!order.ok) return order;
  if (transfer.signatures.length !== transfer.inputs.length) return broken("TX-5");
  const keys = new Set(transfer.outputs.map(({ core }) => formatHex(oneTimeKeyOf(core))));
  if (keys.size !== transfer.outputs.length) return broken("TX-6");
  if (!isAscending(outputHashes)) return broken("TX-7");
  return validateEphemeralKeys(transfer.outputs);
}

/**
 * What the outputs must keep by themselves (OU-1, PU-1, the reward address of ST-1): decodes every point. What else a
 * stake must keep is in `state/stake-rules.ts`.
 */
export function validateOutputs(curve: CurveBackend, transaction: Transaction): RuleResult {
  for (const { core } of outputsOf(transaction)) {
    const result = validateOutput(curve, core);
    if (!result.ok) return result;
  }
  return RULE_KEPT;
}

/** Those of them that need no curve. */
export function validateOutputForms(transaction: Transaction): RuleResult {
  for (const { core } of outputsOf(transaction)) {
    const result = validateOutputForm(core);
    if (!result.ok) return result;
  }
  return RULE_KEPT;
}

/**
 * Form and outputs together: everything a transaction must keep whatever the ledger says, except its range
 * proofs (TX-3) and what keys of validators have signed (ST-1, ST-3).
 */
export function validateTransaction<T extends Transaction>(
  curve: CurveBackend,
  chainId: number,
  transaction: T,
): ({ readonly ok: true } & ValidTransaction<T>) | RuleFailure {
  const form = validateForm(chainId, transaction);
  if (!form.ok) return form;
  const outputs = validateOutputs(curve, transaction);
  return outputs.ok ? form : outputs;
}

/** TX-1: ascending and distinct. Together with TX-7 nothing is left to tell wallets apart by their order. */
function validateInputOrder({ inputs }: Transfer): RuleResult {
  const isOrdered = inputs.every((leaf, index) => index === 0 || inputs[index - 1]! < leaf);
  return isOrdered ? RULE_KEPT : broken("TX-1");
}
