import type { Unbond, Unjail } from "../chain/stake-transaction.ts";
import type { TakeBack } from "../chain/take-back.ts";
import type { Transaction, Transfer } from "../chain/transaction.ts";
import { decodeOutputCore, oneTimeKeyOf, type OutputCore } from "../chain/output.ts";
import type { ValidTransaction } from "../chain/validate-transaction.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { holdsBalance, type BalanceClaim } from "../crypto/balance.ts";
import { schnorrVerify, type SchnorrClaim } from "../crypto/schnorr.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { LeafIndex, TimeMs } from "../values/height.ts";
import { broken, RULE_KEPT, type RuleFailure, type RuleResult } from "../values/rule-number.ts";
import type { AccountStatus } from "./aux-records.ts";
import { decodeStakeState, isReleased } from "./leaf-state.ts";

/** TX-2 against the parent of the block that would hold it. Other kinds have no window. */
export function validateWindow(transaction: Transaction, parentTime: TimeMs): RuleResult {
  if (transaction.kind !== "transfer") return RULE_KEPT;
  return transaction.notBefore <= parentTime && parentTime <= transaction.notAfter ? RULE_KEPT : broken("TX-2");
}

/** What of a ledger says whether a stake may be spent. */
export interface StakeGate {
  readonly parentTime: TimeMs;
  statusOf(blsKey: Uint8Array): AccountStatus | undefined;
}

/**
 * TX-1: the outputs an honest transaction spends, a stake with what is left of it. `isSpent` names the leaves that
 * earlier transactions of the same block spent.
 */
export function resolveInputs(
  reader: LedgerReader,
  inputs: readonly LeafIndex[],
  isSpent: (leaf: LeafIndex) => boolean,
  gate: StakeGate,
): { readonly ok: true; readonly cores: readonly OutputCore[] } | RuleFailure {
  const cores: OutputCore[] = [];
  for (const leaf of inputs) {
    const record = isSpent(leaf) ? undefined : reader.leaf(leaf);
    if (record === undefined) return broken("TX-1");
    const core = decodeOutputCore(record.core);
    if (core.type === "packet") return broken("TX-1");
    if (core.type !== "stake") {
      cores.push(core);
      continue;
    }
    const state = decodeStakeState(record.stateFields);
    if (!isReleased(state, gate.parentTime) || gate.statusOf(core.blsKey) === "slash-due") return broken("TX-1");
    cores.push({ ...core, amount: state.amount });
  }
  return { ok: true, cores };
}

/** What a side of the balance holds: hidden commitments and a clear sum (table of 2.1). */
interface BalanceSide {
  readonly commitments: Uint8Array;
  readonly clear: bigint;
}

function balanceSide(cores: readonly OutputCore[]): BalanceSide {
  const hidden: Uint8Array[] = [];
  let clear = 0n;
  for (const core of cores) {
    if (core.type === "coin" || core.type === "drawn") hidden.push(core.commitment);
    // RP-2: all its shares, and the fee of each.
    else if (core.type === "packet") {
      hidden.push(...core.shares.map(({ commitment }) => commitment));
      clear += core.claimFee * BigInt(core.shares.length);
    } else clear += core.amount;
  }
  return { commitments: concatBytes(...hidden), clear };
}

/** What TX-4 says of a transaction. */
export function balanceClaim(transaction: Transfer, inputs: readonly OutputCore[]): BalanceClaim {
  const before = balanceSide(inputs);
  const after = balanceSide(transaction.outputs.map(({ core }) => core));
  const clear = before.clear - after.clear - transaction.fee;
  return { inputs: before.commitments, outputs: after.commitments, clear, gamma: transaction.gamma };
}

/**
 * What TX-5 says: every input is signed under its own P. Never one signature under a sum of keys: who chooses the last
 * key could then cancel the others.
 */
export function signatureClaims(
  { transaction, txid }: Pick<ValidTransaction<Transfer>, "transaction" | "txid">,
  inputs: readonly OutputCore[],
): readonly SchnorrClaim[] {
  return inputs.map((core, index) => ({
    publicKey: oneTimeKeyOf(core),
    message: txid,
    signature: transaction.signatures[index]!,
  }));
}

/** TX-4 */
export function validateBalance(curve: CurveBackend, transaction: Transfer, inputs: readonly OutputCore[]): RuleResult {
  return holdsBalance(curve, balanceClaim(transaction, inputs)) ? RULE_KEPT : broken("TX-4");
}

/**
 * TX-5 of an unbond, a take-back and an unjail. An output that the ledger does not hold is another rule's business: true then.
 */
export function validateOwnerSignature(
  deps: { readonly curve: CurveBackend; readonly bls: BlsBackend },
  reader: LedgerReader,
  { transaction, txid }: Pick<ValidTransaction<Unbond | TakeBack | Unjail>, "transaction" | "txid">,
): RuleResult {
  const { signature } = transaction;
  if (transaction.kind === "unjail") {
    return deps.bls.verify(transaction.blsKey, txid, signature) ? RULE_KEPT : broken("TX-5");
  }
  const record = reader.leaf(transaction.kind === "unbond" ? transaction.stake : transaction.packetLeaf);
  if (record === undefined) return RULE_KEPT;
  const publicKey = oneTimeKeyOf(decodeOutputCore(record.core));
  return schnorrVerify(deps.curve, publicKey, txid, signature) ? RULE_KEPT : broken("TX-5");
}

/** TX-5 */
export function validateSignatures(
  curve: CurveBackend,
  valid: Pick<ValidTransaction<Transfer>, "transaction" | "txid">,
  inputs: readonly OutputCore[],
): RuleResult {
  const areGood = signatureClaims(valid, inputs).every(({ publicKey, message, signature }) =>
    schnorrVerify(curve, publicKey, message, signature),
  );
  return areGood ? RULE_KEPT : broken("TX-5");
}
