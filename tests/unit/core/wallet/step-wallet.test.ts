import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import type { Address } from "../../../../src/core/values/address.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import type { Hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex, timeMs, type LeafIndex } from "../../../../src/core/values/height.ts";
import type { BuiltPayment } from "../../../../src/core/wallet/built-payment.ts";
import { listHistory } from "../../../../src/core/wallet/list-history.ts";
import type { Note } from "../../../../src/core/wallet/note.ts";
import type { PaymentProposal } from "../../../../src/core/wallet/propose-payment.ts";
import { stepWallet, type WalletEvent } from "../../../../src/core/wallet/step-wallet.ts";
import type { ScannedBlock } from "../../../../src/core/wallet/scanned-block.ts";
import {
  EMPTY_WALLET,
  usableNotes,
  walletBalance,
  type WalletState,
} from "../../../../src/core/wallet/wallet-state.ts";
import { runs } from "../../../support/run-counts.ts";
import { SeededNumbers } from "../../../support/seeded-numbers.ts";
import { testNote } from "../../../support/wallet-values.ts";

const FRESH = { type: "fresh-address-wanted", nowMs: timeMs(0) } as const;
const START = { height: height(10), timeMs: timeMs(10_000) };
const [opened] = stepWallet(EMPTY_WALLET, { type: "chain-found", trusted: START });

const step = (wallet: WalletState, event: WalletEvent): WalletState => stepWallet(wallet, event)[0];

function block(wallet: WalletState, fields: Partial<ScannedBlock> = {}): WalletEvent {
  const at = height(wallet.scanned!.height + 1);
  const head = {
    height: at,
    timeMs: timeMs(1_000 * at),
    spent: [],
    firstLeaf: leafIndex(100),
    outputHashes: [],
    notes: [],
  };
  return { type: "blocks-scanned", blocks: [{ ...head, ...fields }] };
}

function proposalOf(inputs: readonly Note[], pay: bigint, fee: bigint): PaymentProposal {
  const sum = inputs.reduce((total, note) => total + note.amount, 0n);
  return {
    to: "dstg1test" as Address,
    recipient: { spendKey: new Uint8Array(32), viewKey: new Uint8Array(32) },
    amount: amount(pay),
    fee: amount(fee),
    memo: undefined,
    inputs: inputs.map((note) => note.leaf),
    change: [amount(sum - pay - fee)],
    usableAfter: amount(0n),
    totalAfter: amount(0n),
    feeMultiplier: 1000,
    madeMs: timeMs(0),
  };
}

function builtOf(proposal: PaymentProposal, id: number, notAfter = timeMs(60_000)): BuiltPayment {
  const txid = hash32("test/txid", u32(id));
  const own = proposal.change.map((part, counter) => ({
    outputHash: hash32("test/own", txid, u32(counter)),
    isOwn: true,
    amount: part,
    counter,
  }));
  const paid = { outputHash: hash32("test/paid", txid), isOwn: false, amount: proposal.amount, counter: 0 };
  return { transaction: txid, txid, outputs: [paid, ...own], anchorSource: txid, notAfter };
}

function withPayment(wallet: WalletState, proposal: PaymentProposal, built: BuiltPayment): WalletState {
  const confirmed = step(wallet, { type: "payment-confirmed", proposalId: "p", inputs: proposal.inputs });
  return step(confirmed, { type: "payment-built", proposalId: "p", proposal, built, nowMs: timeMs(11_000) });
}

const funded = step(opened, block(opened, { notes: [testNote(1, 50n), testNote(2, 30n), testNote(3, 0n)] }));
const proposal = proposalOf([funded.notes.get(leafIndex(1))!.note], 20n, 5n);
const built = builtOf(proposal, 1);
const paying = withPayment(funded, proposal, built);
const hashes = built.outputs.map((output) => output.outputHash);

describe("the wallet's balance", () => {
  it("is unknown, not 0, until the first verified block", () => {
    expect(walletBalance(EMPTY_WALLET)).toBeUndefined();
    expect(walletBalance(opened)).toEqual({ total: 0n, usable: 0n });
    expect(opened.birthday).toBe(11);
  });

  it("counts change at once and lets it be spent once it is final", () => {
    expect(walletBalance(funded)).toEqual({ total: 80n, usable: 80n });
    const building = step(funded, { type: "payment-confirmed", proposalId: "p", inputs: proposal.inputs });
    expect(walletBalance(building)).toEqual({ total: 80n, usable: 30n });
    expect(walletBalance(paying)).toEqual({ total: 55n, usable: 30n });
    const change = testNote(9, 25n, { isInternal: true, height: height(12) });
    const final = step(paying, block(paying, { spent: proposal.inputs, outputHashes: hashes, notes: [change] }));
    expect(walletBalance(final)).toEqual({ total: 55n, usable: 55n });
  });
});

describe("a payment's life", () => {
  it("[OU-8] locks its notes at the tap, so that no second payment takes them", () => {
    const confirmed = step(funded, { type: "payment-confirmed", proposalId: "a", inputs: proposal.inputs });
    const [same, effects] = stepWallet(confirmed, {
      type: "payment-confirmed",
      proposalId: "b",
      inputs: proposal.inputs,
    });
    expect(same).toBe(confirmed);
    expect(effects).toEqual([{ type: "payment-refused", proposalId: "b", code: "funds_changed" }]);
    expect(usableNotes(paying).map((note) => note.leaf)).toEqual([2, 3]);
    expect(step(confirmed, { type: "payment-dropped", proposalId: "a" })).toEqual(funded);
  });

  it("is stored as queued with its bytes, then sent, then final with its bytes dropped", () => {
    const key = [...paying.payments.keys()][0]!;
    expect(paying.payments.get(key)).toMatchObject({
      state: "queued",
      transaction: built.transaction,
      anchorSource: built.anchorSource,
    });
    const sent = step(paying, { type: "payment-sent", txid: built.txid });
    expect(sent.payments.get(key)).toMatchObject({ state: "sent", transaction: built.transaction });
    expect(step(sent, { type: "payment-sent", txid: built.txid })).toBe(sent);
    const [final, effects] = stepWallet(sent, block(sent, { spent: proposal.inputs, outputHashes: hashes }));
    expect(final.payments.get(key)).toMatchObject({ state: "final", transaction: undefined, settled: { height: 12 } });
    expect(effects).toMatchObject([{ type: "payment-settled", payment: { state: "final" } }]);
    expect(final.notes.get(leafIndex(1))!.spent).toMatchObject({ height: 12, txid: built.txid });
  });

  it("fails when something else spent a note of it: the other notes are free again", () => {
    const two = proposalOf(
      [...funded.notes.values()].slice(0, 2).map((kept) => kept.note),
      60n,
      5n,
    );
    const wallet = withPayment(funded, two, builtOf(two, 2));
    const conflict = step(wallet, block(wallet, { spent: [leafIndex(1)], outputHashes: hashes }));
    expect([...conflict.payments.values()]).toMatchObject([{ state: "failed", failure: "conflict" }]);
    expect(walletBalance(conflict)).toEqual({ total: 30n, usable: 30n });
    expect(conflict.notes.get(leafIndex(1))!.spent).toMatchObject({ txid: undefined });
    expect(listHistory(conflict).find((row) => row.direction === "out")).toMatchObject({
      state: "failed",
      canRetry: true,
    });
    // Once the same has been paid after it, there is nothing to try again; what was paid before it does not count.
    const [failed] = conflict.payments.values();
    const canRetryBeside = (sequence: number, state: "sent" | "failed", memo = failed!.memo): boolean | undefined => {
      const other = { ...failed!, txid: hash32("test/again"), sequence, state, memo };
      const payments = new Map(conflict.payments).set(formatHex(other.txid), other);
      const rows = listHistory({ ...conflict, payments });
      return rows.find((row) => row.id === formatHex(failed!.txid))?.canRetry;
    };
    expect(canRetryBeside(failed!.sequence + 1, "sent")).toBe(false);
    expect(canRetryBeside(failed!.sequence + 1, "failed")).toBe(true);
    expect(canRetryBeside(failed!.sequence - 1, "sent")).toBe(true);
    expect(canRetryBeside(failed!.sequence + 1, "sent", "another")).toBe(true);
    // All inputs gone, but not into our outputs, is the same.
    const stolen = step(paying, block(paying, { spent: proposal.inputs, outputHashes: hashes.slice(1) }));
    expect([...stolen.payments.values()]).toMatchObject([{ state: "failed", failure: "conflict" }]);
  });

  it("[TX-2] fails once a final block is later than not_after, not before, and may be final in that very block", () => {
    const at = step(paying, block(paying, { timeMs: timeMs(60_000) }));
    expect([...at.payments.values()]).toMatchObject([{ state: "queued" }]);
    const late = step(paying, block(paying, { timeMs: timeMs(60_001) }));
    expect([...late.payments.values()]).toMatchObject([
      { state: "failed", failure: "expired", transaction: undefined },
    ]);
    expect(walletBalance(late)).toEqual({ total: 80n, usable: 80n });
    const just = step(paying, block(paying, { timeMs: timeMs(60_001), spent: proposal.inputs, outputHashes: hashes }));
    expect([...just.payments.values()]).toMatchObject([{ state: "final" }]);
  });

  it("is refused if its notes went away while it was being built", () => {
    const confirmed = step(funded, { type: "payment-confirmed", proposalId: "p", inputs: proposal.inputs });
    const gone = step(confirmed, block(confirmed, { spent: proposal.inputs }));
    const [after, effects] = stepWallet(gone, {
      type: "payment-built",
      proposalId: "p",
      proposal,
      built,
      nowMs: timeMs(1),
    });
    expect(effects).toEqual([{ type: "payment-refused", proposalId: "p", code: "funds_changed" }]);
    expect(after.payments.size + after.reserved.size).toBe(0);
    // The lost note counts no more from the block on, not only from the refusal.
    expect([gone, after].map(walletBalance)).toEqual([
      { total: 30n, usable: 30n },
      { total: 30n, usable: 30n },
    ]);
  });
});

describe("blocks", () => {
  it("[NW-6] count once and in order only", () => {
    const event = block(funded, { notes: [testNote(20, 5n)] });
    const once = step(funded, event);
    expect(step(once, event)).toBe(once);
    const gap = block(funded, { height: height(funded.scanned!.height + 2) });
    expect(() => step(funded, gap)).toThrow(RangeError);
  });

  it("tell in one row what arrived in one payment, and nothing about change or empty coins", () => {
    const shared = { ephemeralKey: new Uint8Array(32).fill(5), height: height(12) };
    const notes = [
      testNote(20, 5n, shared),
      testNote(21, 6n, { ...shared, memo: "thanks" }),
      testNote(22, 7n, { ...shared, isInternal: true }),
      testNote(23, 0n, { height: height(12) }),
    ];
    const rows = listHistory(step(funded, block(funded, { notes })));
    expect(rows.filter((row) => row.height === 12)).toEqual([
      expect.objectContaining({ id: "leaf:20", direction: "in", amount: 11n, memo: "thanks", state: "final" }),
    ]);
  });

  it("[AD-7] move the highest used address, and a fresh one goes past it", () => {
    const used = step(funded, block(funded, { notes: [testNote(30, 1n, { addressIndex: 9 })] }));
    expect(used.addressUsedMax).toBe(9);
    expect(step(used, FRESH).addressIndex).toBe(10);
    expect(step(step(used, FRESH), FRESH).addressIndex).toBe(11);
  });

  it("[AD-7] never shows an address that a restore would not look for", () => {
    let state: WalletState = { ...EMPTY_WALLET, addressUsedMax: 9, addressIndex: 9 };
    const shown: number[] = [];
    for (let tap = 0; tap < 66; tap++) {
      state = step(state, FRESH);
      shown.push(state.addressIndex);
    }
    expect(shown.slice(0, 64)).toEqual(Array.from({ length: 64 }, (_, index) => 10 + index));
    expect(shown.slice(64)).toEqual([10, 11]);
  });
});

describe("random histories", () => {
  const seeds = Array.from({ length: runs(150, 10_000) }, (_, index) => index);

  it("the total falls only by the person's own act, or by another device's spend, and never shows a wrong 0", () => {
    for (const seed of seeds) runHistory(seed);
  });
});

/** A wallet against a ledger that is a list of live leaves with amounts. */
function runHistory(seed: number): void {
  const numbers = new SeededNumbers(seed);
  const live = new Map<LeafIndex, bigint>();
  const pending = new Map<number, { proposal: PaymentProposal; built: BuiltPayment }>();
  let wallet = opened;
  let nextLeaf = 0;
  let expected = 0n;
  for (let round = 0; round < 30; round++) {
    if (numbers.chance(0.4)) {
      const free = usableNotes(wallet).filter((note) => note.amount > 3n);
      if (free.length > 0) {
        const inputs = free.slice(0, numbers.between(1, Math.min(3, free.length)));
        const sum = inputs.reduce((total, note) => total + note.amount, 0n);
        const pay = BigInt(numbers.between(1, Number(sum) - 2));
        const next = proposalOf(inputs, pay, 2n);
        const made = builtOf(next, seed * 100 + round, timeMs(wallet.scanned!.timeMs + numbers.between(1, 6) * 1_000));
        wallet = withPayment(wallet, next, made);
        pending.set(round, { proposal: next, built: made });
        expected -= pay + 2n;
      }
    }
    const at = height(wallet.scanned!.height + 1);
    const time = timeMs(1_000 * at);
    const spent: LeafIndex[] = [];
    const firstLeaf = nextLeaf;
    const notes: Note[] = [];
    const made: Hash[] = [];
    const arrive = (value: bigint, fields: Partial<Note>): void => {
      live.set(leafIndex(nextLeaf), value);
      notes.push(testNote(nextLeaf++, value, { height: at, timeMs: time, ...fields }));
    };
    for (const [id, { proposal: each, built: bytes }] of pending) {
      const isLate = bytes.notAfter < time - 1_000;
      if (isLate || !numbers.chance(0.4)) {
        if (time > bytes.notAfter) {
          pending.delete(id);
          expected += each.amount + each.fee;
        }
        continue;
      }
      pending.delete(id);
      spent.push(...each.inputs);
      made.push(...bytes.outputs.map((output) => output.outputHash));
      for (const output of bytes.outputs) if (output.isOwn) arrive(output.amount, { isInternal: true });
    }
    if (numbers.chance(0.5)) {
      const value = BigInt(numbers.between(1, 50));
      arrive(value, {});
      expected += value;
    }
    const elsewhere = [...live.keys()].filter((leaf) => !spent.includes(leaf) && leaf < firstLeaf);
    if (elsewhere.length > 0 && numbers.chance(0.1)) {
      const leaf = numbers.pick(elsewhere);
      spent.push(leaf);
      expected -= live.get(leaf)!;
      for (const [id, { proposal: each }] of pending) {
        if (!each.inputs.includes(leaf)) continue;
        pending.delete(id);
        expected += each.amount + each.fee;
      }
    }
    spent.sort((left, right) => left - right);
    for (const leaf of spent) live.delete(leaf);
    wallet = step(wallet, block(wallet, { spent, notes, outputHashes: made }));
    const balance = walletBalance(wallet)!;
    expect(balance.total, `seed ${seed}, round ${round}`).toBe(expected);
    expect(balance.usable <= balance.total).toBe(true);
    const held = [...wallet.notes.values()].filter((kept) => kept.spent === undefined);
    expect(new Map(held.map(({ note }) => [note.leaf, note.amount]))).toEqual(live);
  }
}
