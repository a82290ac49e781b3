import { describe, expect, it } from "vitest";
import type { Transaction } from "../../../../src/core/chain/transaction.ts";
import type { CurveBackend } from "../../../../src/core/crypto/backend/curve-backend.ts";
import { BlockTransactions } from "../../../../src/core/state/block-transactions.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const builder = new LedgerBuilder({ label: "admitted" });
const [first, second, third] = builder.notes;
const good = builder.transfer([first!, second!]);
const { transaction } = good;

/** A block that adds these; the pool vouches for `held`, and every call of the curve is counted. */
function add(transactions: readonly Transaction[], held: readonly Transaction[]) {
  let calls = 0;
  const counting = new Proxy(curve, {
    get(target, name) {
      calls += 1;
      return Reflect.get(target, name) as unknown;
    },
  }) satisfies CurveBackend;
  const deps = {
    ...builder.deps,
    curve: counting,
    isAdmitted: (candidate: Transaction): boolean => held.includes(candidate),
  };
  const block = new BlockTransactions(deps, builder.tip, builder.ledger, 0);
  const rules = transactions.map((each) => {
    const result = block.add(each);
    return result.ok ? "kept" : result.rule;
  });
  return { rules, calls };
}

describe("transactions that the pool vouches for", () => {
  it("cost a block no curve operation; without the pool's word they cost many", () => {
    expect(add([transaction], [transaction])).toEqual({ rules: ["kept"], calls: 0 });
    const checked = add([transaction], []);
    expect(checked.rules).toEqual(["kept"]);
    expect(checked.calls).toBeGreaterThan(0);
  });

  it("[TX-5] the same id under forged signatures is another transaction, and refused", () => {
    const forged = { ...transaction, signatures: transaction.signatures.map(() => new Uint8Array(64).fill(1)) };
    expect(add([forged], [transaction]).rules).toEqual(["TX-5"]);
  });

  it("[TX-1] are refused where another of the block spent the same coin", () => {
    const rival = builder.transfer([second!, third!]).transaction;
    expect(add([transaction, rival], [transaction, rival]).rules).toEqual(["kept", "TX-1"]);
    expect(add([rival, transaction], [transaction, rival]).rules).toEqual(["kept", "TX-1"]);
  });

  it("[TX-3] need verified range proofs all the same", () => {
    const deps = { ...builder.deps, isRangeProofVerified: () => false, isAdmitted: () => true };
    const block = new BlockTransactions(deps, builder.tip, builder.ledger, 0);
    expect(block.add(transaction)).toEqual({ ok: false, rule: "TX-3" });
  });

  it("[TX-2] [TX-8] age: the window closes and the fee of the next epoch is another", () => {
    const { tip } = builder;
    const late = builder.transfer([first!], [0n], { notAfter: timeMs(tip.header.time - 1) }).transaction;
    expect(add([late], [late]).rules).toEqual(["TX-2"]);
    const cheap = builder.transfer([first!], [0n], { fee: 1n }).transaction;
    expect(add([cheap], [cheap]).rules).toEqual(["TX-8"]);
  });
});
