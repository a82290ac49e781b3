import { beforeAll, describe, expect, it } from "vitest";
import { compareBytes, equalBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { encodeOutputCore, isCoinOutput, outputHash, type Output } from "../../../../src/core/chain/output.ts";
import {
  decodeTransfer,
  encodeTransaction,
  transactionId,
  type Transfer,
} from "../../../../src/core/chain/transaction.ts";
import { validateTransaction } from "../../../../src/core/chain/validate-transaction.ts";
import { devFaucetSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { CurveBackend } from "../../../../src/core/crypto/backend/curve-backend.ts";
import { createNobleBackend } from "../../../../src/core/crypto/backend/noble-backend.ts";
import { rangeClaim } from "../../../../src/core/state/spend-claims.ts";
import { verifyRange } from "../../../../src/core/crypto/range-proof-verifier.ts";
import { schnorrSign } from "../../../../src/core/crypto/schnorr.ts";
import { formatAddress, parseAddress } from "../../../../src/core/values/address.ts";
import { amount, MICRO_PER_STG } from "../../../../src/core/values/amount.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { buildPayment } from "../../../../src/core/wallet/build-payment.ts";
import { paymentEnd } from "../../../../src/core/wallet/payment-end.ts";
import { makePayment } from "../../../../src/core/wallet/make-payment.ts";
import type { BuildPaymentJob, BuiltPayment } from "../../../../src/core/wallet/built-payment.ts";
import { checkPayment } from "../../../../src/core/wallet/check-payment.ts";
import { deriveAccount, deriveAddress, deriveOutputSecret } from "../../../../src/core/wallet/keys.ts";
import { verifyPaymentProof } from "../../../../src/core/wallet/payment-proof.ts";
import type { Payment } from "../../../../src/core/wallet/payment.ts";
import { verifyPlacedProof } from "../../../../src/core/wallet/proof-text.ts";
import { proposePayment, type PaymentProposal } from "../../../../src/core/wallet/propose-payment.ts";
import { usableNotes, walletBalance } from "../../../../src/core/wallet/wallet-state.ts";
import { listHistory } from "../../../../src/core/wallet/list-history.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { extendWith, TestWallet, termsOf } from "../../../support/wallet-chain.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";
import { WRONG_CURVES } from "../../../support/wrong-curve.ts";

/** The ledger believes no proof but checks each one, as a node does. */
const ledger = new LedgerBuilder({
  label: "build payment",
  isRangeProofVerified: (output) => verifyRange(curve, rangeClaim(1000, output)),
});
const STG = MICRO_PER_STG;
const faucetKeys = deriveAccount(curve, devFaucetSeed(), 0);
const start = ledger.tip.header;
const sender = new TestWallet(faucetKeys, start, "sender");
const receiver = new TestWallet(payee, start, "receiver");
const addressOf = (index: number) => formatAddress(deriveAddress(curve, payee.view, index), "dev");

function propose(wallet: TestWallet, to: string, micro: bigint, memo = ""): PaymentProposal {
  const result = proposePayment(curve, wallet.state, termsOf(ledger), { to, amount: amount(micro), memo });
  if (!result.ok) throw new Error(`not proposed: ${result.code}`);
  return result.proposal;
}

// A public coin of the faucet is the first note; everything after it is private.
const coins = [ledger.publicCoin(100n * STG), ledger.publicCoin(156_250n * STG - 100n * STG - 21_000n)];
const seeded = extendWith(ledger, [encodeTransaction(ledger.transferInto(ledger.take(1), coins).transaction)]);
sender.read(seeded);
receiver.read(seeded);

describe("a payment from tap to spending", () => {
  let firstPayment: Payment | undefined;

  it("[OU-11] finds a public coin and spends it privately, with a memo", () => {
    expect(receiver.state.notes.size).toBe(0);
    const found = usableNotes(sender.state);
    expect(found.map((note) => [note.amount, note.isInternal])).toContainEqual([100n * STG, false]);

    const proposal = propose(sender, addressOf(3), 7n * STG, "für dich 🎁");
    expect(proposal.inputs).toHaveLength(1);
    const before = walletBalance(sender.state)!;
    const built = sender.pay(proposal, 1000, ledger.tip.header.time);
    expect(walletBalance(sender.state)!.total).toBe(before.total - 7n * STG - proposal.fee);
    const block = extendWith(ledger, [built.transaction]);
    sender.read(block);
    receiver.read(block);

    const [note] = usableNotes(receiver.state);
    expect(note).toMatchObject({ amount: 7n * STG, memo: "für dich 🎁", addressIndex: 3, isInternal: false });
    expect(receiver.state.addressUsedMax).toBe(3);
    expect(walletBalance(sender.state)!.total).toBe(before.total - 7n * STG - proposal.fee);
    expect(walletBalance(sender.state)!.usable).toBe(walletBalance(sender.state)!.total);
    expect(listHistory(sender.state).find((row) => row.direction === "out")).toMatchObject({
      state: "final",
      amount: 7n * STG,
      memo: "für dich 🎁",
      to: addressOf(3),
    });
    expect(listHistory(receiver.state)).toMatchObject([{ direction: "in", amount: 7n * STG, memo: "für dich 🎁" }]);
    expect([...sender.state.notes.values()].filter((kept) => kept.spent).length).toBe(1);
    [firstPayment] = sender.state.payments.values();
    expect(firstPayment!.proofParts!.leaf).toBe(note!.leaf);
  });

  it("[PP-5] a final payment keeps what its proof needs: the place and the rest of the core", () => {
    const { proofParts, settled, outputs, anchorSource, to, amount: micro } = firstPayment!;
    const parsed = parseAddress(to, "dev");
    if (!parsed.ok) throw new Error(parsed.code);
    const paid = outputs.find((output) => !output.isOwn)!;
    const { outputHash, counter: n } = paid;
    const proof = { chainId: 1000, outputHash, to: parsed.keys, amount: micro, n, anchorSource };
    expect(verifyPlacedProof(curve, { proof, height: settled!.height, ...proofParts! })).toBe(true);
  });

  it("[AD-5] what arrived can be spent on, change included, and comes back to the first wallet", () => {
    const home = formatAddress(deriveAddress(curve, faucetKeys.view, 1), "dev");
    const proposal = propose(receiver, home, 2n * STG);
    const built = receiver.pay(proposal, 1000, ledger.tip.header.time);
    const block = extendWith(ledger, [built.transaction]);
    receiver.read(block);
    sender.read(block);
    expect(walletBalance(receiver.state)!.total).toBe(7n * STG - 2n * STG - proposal.fee);
    expect(usableNotes(receiver.state).every((note) => note.isInternal && note.addressIndex === 0)).toBe(true);
    expect(listHistory(sender.state)).toContainEqual(expect.objectContaining({ direction: "in", amount: 2n * STG }));
    // Change of the first payment is spent in the next one.
    const again = propose(receiver, home, 4n * STG);
    const block2 = extendWith(ledger, [receiver.pay(again, 1000, ledger.tip.header.time).transaction]);
    receiver.read(block2);
    expect(walletBalance(receiver.state)!.total).toBe(5n * STG - proposal.fee - 4n * STG - again.fee);
  });
});

describe("what a built payment keeps", () => {
  let proposal: PaymentProposal;
  let job: BuildPaymentJob;
  let payment: BuiltPayment;
  let transaction: Transfer;

  beforeAll(() => {
    proposal = propose(sender, addressOf(1), 3n * STG, "x");
    const notes = proposal.inputs.map((leaf) => sender.state.notes.get(leaf)!.note);
    job = { chainId: 1000, proposal, notes, nowMs: timeMs(1_700_000_000_001) };
    payment = buildOf(job, "kept");
    transaction = decodeTransfer(payment.transaction);
  });

  function buildOf(work: BuildPaymentJob, label: string): BuiltPayment {
    const result = buildPayment(curve, seededRandom(label), faucetKeys, work);
    if (!result.ok) throw new Error(result.code);
    return result.payment;
  }

  it("[TX-2] ends ten minutes later, rounded up to ten minutes", () => {
    expect(paymentEnd(timeMs(1_200_000))).toBe(1_800_000);
    expect(paymentEnd(timeMs(1_200_001))).toBe(2_400_000);
    expect(transaction.notAfter).toBe(payment.notAfter);
    expect(transaction.notBefore).toBe(0);
  });

  it("[OU-6] [OU-9] puts all outputs under one D, two coins at least, in the order of their hashes", () => {
    const coins = transaction.outputs.filter(isCoinOutput);
    expect(coins.length).toBeGreaterThanOrEqual(2);
    expect(coins.every(({ core }) => equalBytes(core.ephemeralKey, coins[0]!.core.ephemeralKey))).toBe(true);
    expect(
      payment.outputs
        .filter((output) => output.isOwn)
        .map((output) => output.counter)
        .sort(),
    ).toEqual(proposal.change.map((_, index) => index));
  });

  it("[OU-8] building again gives another D and no byte of the old tags", () => {
    const again = buildOf(job, "kept again");
    const other = decodeTransfer(again.transaction);
    expect(equalBytes(other.outputs[0]!.core.ephemeralKey, transaction.outputs[0]!.core.ephemeralKey)).toBe(false);
    expect(equalBytes(again.txid, payment.txid)).toBe(false);
  });

  it("[PP-3] keeps what proves the payment later", () => {
    const paid = payment.outputs.find((output) => !output.isOwn)!;
    const { core } = transaction.outputs[payment.outputs.indexOf(paid)]!;
    const proof = {
      chainId: 1000,
      outputHash: paid.outputHash,
      to: proposal.recipient,
      amount: paid.amount,
      n: paid.counter,
      anchorSource: payment.anchorSource,
    };
    expect(verifyPaymentProof(curve, proof, 1000, encodeOutputCore(core))).toEqual({ ok: true });
  });

  it("refuses notes that are not those of the proposal, or not worth it", () => {
    const [first, ...rest] = job.notes;
    const lists = [
      [{ ...first!, amount: amount(first!.amount + 1n) }, ...rest],
      [],
      [{ ...first!, account: 1 }, ...rest],
    ];
    for (const notes of lists) {
      const result = buildPayment(curve, seededRandom("wrong notes"), faucetKeys, { ...job, notes });
      expect(result).toEqual({ ok: false, code: "notes_mismatch" });
    }
  });

  // Each kernel is wrong in one result of one operation; a payment either comes out right or not at all.
  it.each([
    ["fixedMsmSecret", 1],
    ["ristrettoEncode", 5],
    ["msm", 3],
  ] as const)("[TX-4] never lets out what a kernel with one wrong %s computed", (operation, call) => {
    const kernel = breakOnce(curve, operation, call);
    const result = buildPayment(kernel, seededRandom(`broken ${operation}`), faucetKeys, job);
    if (result.ok) expect(ledger.ruleOf([decodeTransfer(result.payment.transaction)])).toBe("kept");
    else expect(["check_failed", "bad_recipient"]).toContain(result.code);
  });

  it.each(Object.entries(WRONG_CURVES))(
    "[TX-3] [TX-4] refuses what a kernel with %s has made, however right it finds it",
    (_, spoil) => {
      const result = buildPayment(spoil(curve), seededRandom("wrong"), faucetKeys, job);
      expect(result).toEqual({ ok: false, code: "check_failed" });
    },
  );

  it.each(["other generators", "a spoilt constant in its ladder for secrets"] as const)(
    "[PR-9] [OU-8] what a kernel with %s has made is made anew on the reference, from nothing of the first attempt",
    { timeout: 60_000 },
    (name) => {
      const { drawn, random } = watchedRandom();
      const result = makePayment(WRONG_CURVES[name](curve), random, faucetKeys, job);
      if (!result.ok) throw new Error(result.code);
      expect(ledger.ruleOf([decodeTransfer(result.payment.transaction)])).toBe("kept");
      const again = watchedRandom();
      buildPayment(WRONG_CURVES[name](curve), again.random, faucetKeys, job);
      const first = new Set(drawn.slice(0, again.drawn.length));
      expect(first.has(formatHex(result.payment.anchorSource))).toBe(false);
      expect(drawn.slice(again.drawn.length).some((bytes) => first.has(bytes))).toBe(false);
    },
  );

  it("nothing is made twice that is right, that no curve would mend, or that the reference itself has made", () => {
    const drawnBy = (make: typeof makePayment, backend: CurveBackend, of: BuildPaymentJob): number => {
      const { drawn, random } = watchedRandom();
      make(backend, random, faucetKeys, of);
      return drawn.length;
    };
    const stranger = { ...job, notes: job.notes.map((note) => ({ ...note, keyOffset: note.blinding })) };
    const noble = createNobleBackend();
    expect(drawnBy(makePayment, curve, job)).toBe(drawnBy(buildPayment, curve, job));
    expect(drawnBy(makePayment, noble, stranger)).toBe(drawnBy(buildPayment, noble, stranger));
    expect(drawnBy(makePayment, curve, { ...job, notes: [] })).toBe(0);
  });

  it("refuses a coin of ours whose tag no scan looks for, though all rules of others are kept", () => {
    const check = (changed: BuiltPayment): boolean => checkPayment(seededRandom("tags"), faucetKeys, job, changed);
    expect(check(signedAnew(job, payment, (output) => output))).toBe(true);
    const wrong = signedAnew(job, payment, (output, isOwn) => {
      if (!isOwn || !isCoinOutput(output)) return output;
      const viewTag = output.core.viewTag.map((byte) => byte ^ 1);
      return { ...output, core: { ...output.core, viewTag } };
    });
    expect(validateTransaction(curve, 1000, decodeTransfer(wrong.transaction)).ok).toBe(true);
    expect(check(wrong)).toBe(false);
  });

  it("[TX-5] a signature under a key that is not the note's is found before anything is sent", () => {
    const notes = job.notes.map((note) => ({ ...note, keyOffset: note.blinding }));
    const result = buildPayment(curve, seededRandom("offset"), faucetKeys, { ...job, notes });
    expect(result).toEqual({ ok: false, code: "check_failed" });
  });
});

/** Random bytes, and all that have been drawn of them, as hex. */
function watchedRandom() {
  const source = seededRandom("watched");
  const drawn: string[] = [];
  const bytes = (size: number): Uint8Array => {
    const out = source.bytes(size);
    drawn.push(formatHex(out));
    return out;
  };
  return { drawn, random: { ...source, bytes } };
}

/** The payment with other outputs, in their order and signed anew by their owner. */
function signedAnew(job: BuildPaymentJob, payment: BuiltPayment, change: (output: Output, isOwn: boolean) => Output) {
  const transaction = decodeTransfer(payment.transaction);
  const built = transaction.outputs
    .map((output, index) => {
      const planned = payment.outputs[index]!;
      const changed = change(output, planned.isOwn);
      return { output: changed, planned: { ...planned, outputHash: outputHash(changed.core) } };
    })
    .sort((left, right) => compareBytes(left.planned.outputHash, right.planned.outputHash));
  const unsigned = { ...transaction, outputs: built.map(({ output }) => output) };
  const txid = transactionId(unsigned);
  const signatures = job.notes.map(({ addressIndex, keyOffset }) =>
    schnorrSign(curve, deriveOutputSecret(curve, faucetKeys, addressIndex, keyOffset), txid, new Uint8Array(32)),
  );
  const outputs = built.map(({ planned }) => planned);
  return { ...payment, txid, outputs, transaction: encodeTransaction({ ...unsigned, signatures }) };
}

/** A backend whose n-th call of one operation gives the result for other inputs. */
function breakOnce(backend: CurveBackend, operation: string, at: number): CurveBackend {
  let calls = 0;
  return new Proxy(backend, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const result = (value as (...args: unknown[]) => unknown).apply(target, args);
        if (name !== operation || calls++ !== at) return result;
        if (result instanceof Uint8Array) {
          // A point, as the first of all that were asked for, but a wrong one.
          result.set(backend.ristrettoEncode([backend.ristrettoFromHash(new Uint8Array(64).fill(7))]));
          return result;
        }
        return backend.ristrettoFromHash(new Uint8Array(64).fill(9));
      };
    },
  });
}
