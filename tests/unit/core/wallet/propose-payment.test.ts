import { describe, expect, it } from "vitest";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import { unitFee } from "../../../../src/core/state/fees.ts";
import { formatAddress } from "../../../../src/core/values/address.ts";
import { amount, MICRO_PER_STG } from "../../../../src/core/values/amount.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { MEMO_SIZE_MAX } from "../../../../src/core/wallet/payload.ts";
import { proposePayment, type PaymentTerms } from "../../../../src/core/wallet/propose-payment.ts";
import { stepWallet } from "../../../../src/core/wallet/step-wallet.ts";
import { EMPTY_WALLET, walletBalance, type WalletState } from "../../../../src/core/wallet/wallet-state.ts";
import { testNote } from "../../../support/wallet-values.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const STG = MICRO_PER_STG;
const terms: PaymentTerms = { network: "dev", params: NETWORK_PARAMS.dev, feeMultiplier: 1000, nowMs: timeMs(5_000) };
const keys = deriveAddress(curve, payee.view, 2);
const to = formatAddress(keys, "dev");

function walletOf(...amounts: readonly bigint[]): WalletState {
  const notes = amounts.map((value, sequence) => ({
    sequence,
    note: testNote(10 + sequence, value),
    spent: undefined,
  }));
  const scanned = { height: height(9), timeMs: timeMs(4_000) };
  return { ...EMPTY_WALLET, scanned, notes: new Map(notes.map((kept) => [kept.note.leaf, kept])) };
}

const ask = (wallet: WalletState, micro: bigint, memo = "", address: string = to, of = terms) =>
  proposePayment(curve, wallet, of, { to: address, amount: amount(micro), memo });

describe("proposing a payment", () => {
  it("[TX-8] says amount, exact fee and what remains, and adds up", () => {
    const result = ask(walletOf(3n * STG, 3n * STG, 3n * STG, 3n * STG, 3n * STG), 4n * STG, "hi");
    if (!result.ok) throw new Error(result.code);
    const { proposal } = result;
    expect(proposal.inputs).toEqual([10, 11]);
    expect(proposal.fee).toBe(unitFee(terms.params, 1000, 2, 2));
    expect(proposal.change).toEqual([6n * STG - 4n * STG - proposal.fee]);
    expect(proposal.totalAfter).toBe(11n * STG - proposal.fee);
    expect(proposal.usableAfter).toBe(9n * STG);
    expect(proposal).toMatchObject({ to, recipient: keys, amount: 4n * STG, memo: "hi", feeMultiplier: 1000 });
  });

  it("[TX-10] splits large change while few notes are ready, and says so in the fee", () => {
    const result = ask(walletOf(50n * STG), 4n * STG);
    if (!result.ok) throw new Error(result.code);
    expect(result.proposal.change).toHaveLength(2);
    expect(result.proposal.fee).toBe(unitFee(terms.params, 1000, 3, 1));
    const [first, second] = result.proposal.change;
    expect(first! + second!).toBe(46n * STG - result.proposal.fee);
    // Small change is not worth another output, and with four notes ready there is no need.
    expect(ask(walletOf(4n * STG + STG / 2n), 4n * STG)).toMatchObject({ proposal: { change: [expect.anything()] } });
    // Empty notes cannot pay, so they leave the wallet with one note as before.
    expect(ask(walletOf(50n * STG, 0n, 0n, 0n), 4n * STG)).toMatchObject({
      proposal: { change: [expect.anything(), expect.anything()] },
    });
    const many = ask(walletOf(50n * STG, 1n, 1n, 1n), 4n * STG);
    expect(many).toMatchObject({ proposal: { change: [expect.anything()] } });
  });

  it("[OU-9] pays everything with an empty coin as padding", () => {
    const fee = unitFee(terms.params, 1000, 2, 1);
    expect(ask(walletOf(STG), STG - fee)).toMatchObject({ ok: true, proposal: { change: [0n], totalAfter: 0n, fee } });
    expect(ask(walletOf(STG), STG - fee + 1n)).toEqual({ ok: false, code: "insufficient_funds", missing: 1n });
  });

  it("tells too little money from money that is on its way", () => {
    const wallet = walletOf(5n * STG, 2n * STG);
    expect(ask(wallet, 9n * STG)).toMatchObject({ ok: false, code: "insufficient_funds" });
    const [busy] = stepWallet(wallet, {
      type: "payment-confirmed",
      proposalId: "1",
      inputs: [...wallet.notes.keys()].slice(0, 1),
    });
    expect(walletBalance(busy)).toEqual({ total: 7n * STG, usable: 2n * STG });
    const fee = unitFee(terms.params, 1000, 2, 1);
    expect(ask(busy, 3n * STG)).toEqual({ ok: false, code: "funds_busy", missing: STG + fee });
  });

  it("[AD-3] refuses another network's address and keys that are no keys", () => {
    const wallet = walletOf(5n * STG);
    expect(ask(wallet, STG, "", formatAddress(keys, "main"))).toEqual({ ok: false, code: "address_invalid" });
    expect(ask(wallet, STG, "", formatAddress(keys, "test"))).toEqual({ ok: false, code: "address_invalid" });
    expect(ask(wallet, STG, "", to.replace("dstg1", "dstg1q"))).toEqual({ ok: false, code: "address_invalid" });
    const smallOrder = formatAddress({ ...keys, viewKey: new Uint8Array(32) }, "dev");
    expect(ask(wallet, STG, "", smallOrder)).toEqual({ ok: false, code: "address_invalid" });
  });

  it("[MS-1] refuses a memo one byte over MEMO_SIZE_MAX, an empty amount and an unknown balance", () => {
    const wallet = walletOf(5n * STG);
    expect(MEMO_SIZE_MAX).toBe(426);
    expect(ask(wallet, STG, "é".repeat(213))).toMatchObject({ ok: true });
    expect(ask(wallet, STG, `${"é".repeat(213)}x`)).toEqual({ ok: false, code: "memo_too_long" });
    expect(ask(wallet, 0n)).toEqual({ ok: false, code: "amount_zero" });
    expect(ask(EMPTY_WALLET, STG)).toEqual({ ok: false, code: "not_ready" });
  });
});
