import { expect } from "vitest";
import { equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import type { Transaction } from "../../src/core/chain/transaction.ts";
import { accountOf, type ValidatorAccount } from "../../src/core/state/aux-records.ts";
import { decodeStakeState, type StakeState } from "../../src/core/state/leaf-state.ts";
import { decodeLedgerTip, encodeLedgerTip } from "../../src/core/state/ledger-tip.ts";
import { stakeAt } from "../../src/core/state/stakes.ts";
import { holdsSupplyInvariant } from "../../src/core/state/supply-invariant.ts";
import { treeSource } from "../../src/core/state/tree.ts";
import type { LedgerBuilder, TestNote } from "./ledger-builder.ts";
import { testCurve as curve } from "./test-curve.ts";

/** A transaction that makes nothing, as a builder takes it into a block. */
export const makingNothing = (transaction: Transaction) => ({ transaction, makes: [] });

export const stateOf = (builder: LedgerBuilder, { leaf }: TestNote): StakeState =>
  stakeAt(builder.tip.stakes, leaf)!.state;

export const accountAt = (builder: LedgerBuilder, seed: Uint8Array): ValidatorAccount | undefined =>
  accountOf(builder.tip.aux.accounts, builder.deps.bls.publicKey(seed));

/** Has the key of a seed a place in the next block's set? */
export function isInSet(builder: LedgerBuilder, seed: Uint8Array): boolean {
  const key = builder.deps.bls.publicKey(seed);
  return builder.tip.nextValidators.some(({ blsKey }) => equalBytes(blsKey, key));
}

/** Gives a key another record, as a block could have done. */
export function withAccount(builder: LedgerBuilder, seed: Uint8Array, change: Partial<ValidatorAccount>): void {
  const key = builder.deps.bls.publicKey(seed);
  const accounts = builder.tip.aux.accounts.map((each) =>
    equalBytes(each.blsKey, key) ? { ...each, ...change } : each,
  );
  builder.tip = { ...builder.tip, aux: { ...builder.tip.aux, accounts } };
}

/** The supply invariant holds, and tree, tip and stored leaves say the same of every stake. */
export function expectSound(builder: LedgerBuilder): void {
  const { tip, ledger } = builder;
  expect(holdsSupplyInvariant(curve, ledger.leaves.values(), tip.header)).toBe(true);
  for (const { leaf, state } of tip.stakes) expect(decodeStakeState(ledger.leaf(leaf)!.stateFields)).toEqual(state);
  expect(treeSource(ledger).node(40, 0)).toEqual(tip.header.utxoRoot);
  expect(encodeLedgerTip(decodeLedgerTip(encodeLedgerTip(tip)))).toEqual(encodeLedgerTip(tip));
}
