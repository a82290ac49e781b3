import type { Transaction, Transfer } from "../../src/core/chain/transaction.ts";

/** A transaction that a test knows to be a transfer. */
export function transferOf(transaction: Transaction | undefined): Transfer {
  if (transaction?.kind !== "transfer") throw new Error("not a transfer");
  return transaction;
}
