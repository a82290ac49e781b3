import type { Transaction, Transfer } from "../../src/core/chain/transaction.ts";

/** The same transaction with every signature changed, which its id does not cover. */
export function withSignatures(transaction: Transaction, change: (signature: Uint8Array) => Uint8Array): Transaction {
  switch (transaction.kind) {
    case "transfer":
      return { ...transaction, signatures: transaction.signatures.map(change) };
    case "claim": {
      const { ticketSignature, packetSignature, ownerSignature } = transaction;
      return {
        ...transaction,
        ticketSignature: ticketSignature && change(ticketSignature),
        packetSignature: change(packetSignature),
        ownerSignature: change(ownerSignature),
      };
    }
    default:
      return { ...transaction, signature: change(transaction.signature) };
  }
}

/** A transaction that a test knows to be a transfer. */
export function transferOf(transaction: Transaction | undefined): Transfer {
  if (transaction?.kind !== "transfer") throw new Error("not a transfer");
  return transaction;
}
