import { describe, expect, it } from "vitest";
import type { Transaction } from "../../../../src/core/chain/transaction.ts";
import { BlockTransactions } from "../../../../src/core/state/block-transactions.ts";
import { verifyClaims } from "../../../../src/core/state/spend-claims.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { curve } from "../../../support/wallet-vectors.ts";
import { fakeBls } from "../../../support/fake-bls.ts";

const builder = new LedgerBuilder({ label: "admitted" });
const [first, second, third] = builder.notes;
const good = builder.transfer([first!, second!]);
const { transaction } = good;

/** A block that adds these; the pool vouches for `held`. */
function add(transactions: readonly Transaction[], held: readonly Transaction[], areProofsVerified = true) {
  const deps = {
    ...builder.deps,
    isRangeProofVerified: () => areProofsVerified,
    isAdmitted: (candidate: Transaction): boolean => held.includes(candidate),
  };
  const block = new BlockTransactions(deps, builder.tip, builder.ledger, builder.tip.header.beacon, 0);
  const rules = transactions.map((each) => {
    const result = block.add(each);
    return result.ok ? "kept" : result.rule;
  });
  return { rules, claims: block.claims };
}

describe("transactions that the pool vouches for", () => {
  it("have nothing to show; without the pool's word they have", () => {
    expect(add([transaction], [transaction])).toEqual({ rules: ["kept"], claims: [] });
    const { rules, claims } = add([transaction], []);
    expect(rules).toEqual(["kept"]);
    expect(verifyClaims({ curve, bls: fakeBls }, claims, builder.random)).toEqual([undefined]);
  });

  it("[TX-5] the same id under forged signatures is another transaction, and refused", () => {
    const forged = { ...transaction, signatures: transaction.signatures.map(() => new Uint8Array(64).fill(1)) };
    expect(verifyClaims({ curve, bls: fakeBls }, add([forged], [transaction]).claims, builder.random)).toEqual([
      "TX-5",
    ]);
  });

  it("[TX-1] are refused where another of the block spent the same coin", () => {
    const rival = builder.transfer([second!, third!]).transaction;
    expect(add([transaction, rival], [transaction, rival]).rules).toEqual(["kept", "TX-1"]);
    expect(add([rival, transaction], [transaction, rival]).rules).toEqual(["kept", "TX-1"]);
  });

  it("[TX-3] have their range proofs verified all the same", () => {
    const { claims } = add([transaction], [transaction], false);
    expect(claims).toMatchObject([{ transfer: undefined }]);
    expect(claims[0]!.rangeProofs).toHaveLength(2);
    expect(verifyClaims({ curve, bls: fakeBls }, claims, builder.random)).toEqual(["TX-3"]);
  });

  it("[TX-2] [TX-8] age: the window closes and the fee of the next epoch is another", () => {
    const { tip } = builder;
    const late = builder.transfer([first!], [0n], { notAfter: timeMs(tip.header.time - 1) }).transaction;
    expect(add([late], [late]).rules).toEqual(["TX-2"]);
    const cheap = builder.transfer([first!], [0n], { fee: 1n }).transaction;
    expect(add([cheap], [cheap]).rules).toEqual(["TX-8"]);
  });
});
