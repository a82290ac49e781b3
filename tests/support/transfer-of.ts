import type { Transaction, Transfer } from "../../src/core/chain/transaction.ts";

/** The same transaction with every signature changed, which its id does not cover. */
export function withSignatures(transaction: Transaction, change: (signature: Uint8Array) => Uint8Array): Transaction {
  return transaction.kind === "transfer"
    ? { ...transaction, signatures: transaction.signatures.map(change) }
    : { ...transaction, signature: change(transaction.signature) };
}

/** A transaction that a test knows to be a transfer. */
export function transferOf(transaction: Transaction | undefined): Transfer {
  if (transaction?.kind !== "transfer") throw new Error("not a transfer");
  return transaction;
}
