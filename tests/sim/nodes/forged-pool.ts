import { AppendMap } from "../../../src/core/values/append-map.ts";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { transactionId, type Transaction } from "../../../src/core/chain/transaction.ts";
import { addScalars, scalarOf } from "../../../src/core/crypto/scalar.ts";
import type { Mempool } from "../../../src/core/mempool/mempool.ts";
import type { FullNodeMachine } from "./node-world.ts";

/**
 * A machine whose pool holds a transaction that neither balances nor is signed: what it proposes then has every root
 * right and false claims alone, and it serves the parts of it like any other.
 */
export function withForgedPool(machine: FullNodeMachine): FullNodeMachine {
  const forged = new WeakSet<Transaction>();
  return (deps, state, event) => machine(deps, { ...state, mempool: forgeFirst(state.mempool, forged) }, event);
}

function forgeFirst(mempool: Mempool, forged: WeakSet<Transaction>): Mempool {
  const [first] = mempool.entries;
  if (first === undefined || forged.has(first[1].transaction)) return mempool;
  const [key, entry] = first;
  const { transaction } = entry;
  if (transaction.kind !== "transfer") return mempool;
  const other = { ...transaction, gamma: addScalars(transaction.gamma, scalarOf(1n)) };
  forged.add(other);
  const txid = transactionId(other);
  const entries = AppendMap.of([
    [formatHex(txid), { ...entry, txid, transaction: other }],
    ...[...mempool.entries].filter(([each]) => each !== key),
  ]);
  const spenders = AppendMap.of(
    [...mempool.spenders].map(([leaf, by]) => [leaf, by === key ? formatHex(txid) : by] as const),
  );
  return { ...mempool, entries, spenders };
}
