import { describe, expect, it } from "vitest";
import { compareBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { encodeOutputCore, isCoinOutput, outputHash, type Output } from "../../../../src/core/chain/output.ts";
import {
  decodeTransaction,
  decodeTransfer,
  encodeTransaction,
  transactionId,
  transactionWeight,
  type Transaction,
  type Transfer,
} from "../../../../src/core/chain/transaction.ts";
import { validateTransaction } from "../../../../src/core/chain/validate-transaction.ts";
import { commitmentGenerators } from "../../../../src/core/crypto/commitment.ts";
import { rangeClaim } from "../../../../src/core/state/spend-claims.ts";
import { verifyRange } from "../../../../src/core/crypto/range-proof-verifier.ts";
import { addScalars, scalarOf, subtractScalars, ZERO_SCALAR } from "../../../../src/core/crypto/scalar.ts";
import { schnorrPublicKey, schnorrSign, schnorrVerify } from "../../../../src/core/crypto/schnorr.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import type { LedgerReader } from "../../../../src/core/ports/ledger-reader.ts";
import { resolveInputs, validateBalance, validateSignatures } from "../../../../src/core/state/validate-spend.ts";
import { holdsSupplyInvariant } from "../../../../src/core/state/supply-invariant.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { LedgerBuilder, type TestCoin, type TestTransfer } from "../../../support/ledger-builder.ts";
import { hexBytes, hexScalar, vectors } from "../../../support/protocol-vectors.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const builder = new LedgerBuilder({ label: "rules" });
const ONE = scalarOf(1n);

/** Signs a changed transaction anew, so that nothing but the change is wrong. */
function resign(transfer: TestTransfer, change: Partial<Transfer>): Transfer {
  return builder.sign(
    { ...transfer.transaction, ...change },
    transfer.spends.map(({ secret }) => secret),
  );
}

/** A coin like another one in all its fields but the payload, which changes nothing that a balance sees. */
function twinOf(coin: TestCoin): TestCoin {
  if (!("payload" in coin.output)) throw new Error("not a coin");
  const payload = builder.random.bytes(512);
  return {
    ...coin,
    output: { ...coin.output, payload, core: { ...coin.output.core, payloadHash: sha256Hash(payload) } },
  };
}

function withCore(coin: TestCoin, change: object): TestCoin {
  return { ...coin, output: { ...coin.output, core: { ...coin.output.core, ...change } } as Output };
}

describe("the transaction of the vectors", () => {
  const { tx } = vectors;
  const transaction = decodeTransfer(hexBytes(tx.wire));
  const cores = tx.inputs.map((input) => ({
    ...coinCore(),
    oneTimeKey: hexBytes(input.P),
    commitment: hexBytes(input.C),
  }));
  const reader: LedgerReader = {
    leaf: (index) => {
      const place = tx.inputs.findIndex(({ leaf }) => leaf === index);
      const empty = { height: height(0), stateFields: new Uint8Array() };
      return place < 0 ? undefined : { ...empty, core: encodeOutputCore(cores[place]!) };
    },
    node: () => undefined,
    tile: () => undefined,
    expiredPackets: () => [],
  };

  function coinCore() {
    const { core } = transaction.outputs[0]!;
    if (core.type !== "coin") throw new Error("not a coin");
    return core;
  }

  it("has one encoding and its txid", () => {
    expect(formatHex(encodeTransaction(transaction))).toBe(tx.wire);
    expect(hexBytes(tx.wire).length).toBe(tx.wire_length);
    expect(formatHex(transactionId(transaction))).toBe(tx.txid);
    expect(transaction.signatures.map(formatHex)).toEqual(tx.sigs);
    expect(transactionWeight(transaction)).toBe(2);
  });

  it("[TX-4] [TX-5] balances and is signed", () => {
    const valid = validateTransaction(curve, tx.chain_id, transaction);
    if (!valid.ok) throw new Error(valid.rule);
    const inputs = resolveInputs(reader, transaction.inputs, () => false, {
      parentTime: timeMs(0),
      statusOf: () => undefined,
    });
    if (!inputs.ok) throw new Error(inputs.rule);
    expect(validateBalance(curve, transaction, inputs.cores)).toEqual({ ok: true });
    expect(validateSignatures(curve, valid, inputs.cores)).toEqual({ ok: true });
    const wrong = { ...transaction, gamma: addScalars(transaction.gamma, ONE) };
    expect(validateBalance(curve, wrong, inputs.cores)).toEqual({ ok: false, rule: "TX-4" });
  });

  it("[SU-3] keeps the invariant of the vectors", () => {
    const { supply_out, gamma_acc } = tx.invariant;
    const header = {
      ...builder.tip.header,
      minted: BigInt(supply_out),
      gammaAcc: hexScalar(gamma_acc),
    };
    const live = transaction.outputs.map(({ core }) => ({
      core: encodeOutputCore(core),
      stateFields: new Uint8Array(),
    }));
    expect(holdsSupplyInvariant(curve, live, header)).toBe(true);
    expect(holdsSupplyInvariant(curve, live, { ...header, minted: header.minted + 1n })).toBe(false);
    expect(holdsSupplyInvariant(curve, live.slice(1), header)).toBe(false);
  });
});

describe("a transaction that breaks one rule only", () => {
  const [first, second, third] = builder.notes;
  const good = builder.transfer([first!, second!]);

  it("is refused for that rule; without the break it is accepted", () => {
    expect(builder.ruleOf([good.transaction])).toBe("kept");
  });

  it("[TX-1] input that is not live", () => {
    const spent = { ...first!, leaf: leafIndex(9_999) };
    expect(builder.ruleOf([builder.transfer([spent]).transaction])).toBe("TX-1");
  });

  it("[TX-1] inputs out of order or twice", () => {
    const reversed = resign(good, { inputs: [...good.transaction.inputs].reverse() });
    expect(builder.ruleOf([reversed])).toBe("TX-1");
    // Twice the same coin would double its value.
    const twice = builder.transfer([first!, first!]);
    expect(builder.ruleOf([twice.transaction])).toBe("TX-1");
  });

  it("[TX-1] a stake that is not released", () => {
    const stake = { ...first!, leaf: leafIndex(0) };
    expect(builder.ruleOf([builder.transfer([stake]).transaction])).toBe("TX-1");
  });

  it("[TX-2] too early or too late, to the millisecond", () => {
    const now = builder.tip.header.time;
    const rule = (notBefore: number, notAfter: number): string => {
      const options = { notBefore: timeMs(notBefore), notAfter: timeMs(notAfter) };
      return builder.ruleOf([builder.transfer([first!], [0n, 1n], options).transaction]);
    };
    expect(rule(now, now)).toBe("kept");
    expect(rule(now + 1, now + 2)).toBe("TX-2");
    expect(rule(0, now - 1)).toBe("TX-2");
  });

  it("[TX-3] a range proof of another coin", () => {
    const proving = new LedgerBuilder({
      label: "proofs",
      proofs: true,
      isRangeProofVerified: (output) => verifyRange(curve, rangeClaim(1000, output)),
    });
    const note = proving.notes[0]!;
    const coins = [proving.coin(5n), proving.coin(note.amount - 21_000n - 5n)];
    expect(proving.ruleOf([proving.transferInto([note], coins).transaction])).toBe("kept");
    const [left, right] = coins.map(({ output }) => output);
    if (!isCoinOutput(left!) || !isCoinOutput(right!)) throw new Error("not coins");
    const { rangeProof } = right;
    const core = { ...left.core, rangeProofHash: sha256Hash(rangeProof) };
    const swapped = [{ ...coins[0]!, output: { ...left, core, rangeProof } }, coins[1]!];
    expect(proving.ruleOf([proving.transferInto([note], swapped).transaction])).toBe("TX-3");
  });

  it("[TX-4] one unit more out than in, or another gamma", () => {
    const more = [builder.coin(5n), builder.coin(first!.amount - 21_000n - 4n)];
    expect(builder.ruleOf([builder.transferInto([first!], more).transaction])).toBe("TX-4");
    const gamma = addScalars(good.transaction.gamma, ONE);
    expect(builder.ruleOf([resign(good, { gamma })])).toBe("TX-4");
    const clear = builder.publicCoin(first!.amount - 21_000n + 1n);
    expect(builder.ruleOf([builder.transferInto([first!], [clear, builder.coin(0n)]).transaction])).toBe("TX-4");
  });

  it("[TX-5] a signature of another key, over another message, or too few", () => {
    const { transaction, spends } = good;
    const swapped = { ...transaction, signatures: [...transaction.signatures].reverse() };
    expect(builder.ruleOf([swapped])).toBe("TX-5");
    const other = builder.transfer([first!, second!]).transaction;
    expect(builder.ruleOf([{ ...transaction, signatures: other.signatures }])).toBe("TX-5");
    const secrets = [spends[0]!.secret, third!.secret];
    expect(builder.ruleOf([builder.sign(transaction, secrets)])).toBe("TX-5");
    expect(validateTransaction(curve, 1000, { ...transaction, signatures: transaction.signatures.slice(1) })).toEqual({
      ok: false,
      rule: "TX-5",
    });
  });

  it("[TX-6] two outputs with one key", () => {
    const coin = builder.coin(1_000n);
    const rest = builder.coin(first!.amount - 2_000n - 31_000n);
    expect(builder.ruleOf([builder.transferInto([first!], [coin, twinOf(coin), rest]).transaction])).toBe("TX-6");
  });

  it("[TX-7] outputs out of order", () => {
    const coins = [builder.coin(1_000n), builder.coin(first!.amount - 22_000n)];
    coins.sort((left, right) => compareBytes(outputHash(right.output.core), outputHash(left.output.core)));
    expect(builder.ruleOf([builder.transferInto([first!], coins, { keepOrder: true }).transaction])).toBe("TX-7");
  });

  it("[TX-8] a fee that is not one of the five", () => {
    for (const factor of [1, 2, 4, 8, 16] as const) {
      expect(builder.ruleOf([builder.transfer([first!], [0n, 1n], { factor }).transaction])).toBe("kept");
    }
    for (const fee of [0n, 20_999n, 21_001n, 63_000n, 672_000n]) {
      expect(builder.ruleOf([builder.transfer([first!], [0n, 1n], { fee }).transaction])).toBe("TX-8");
    }
  });

  it("[TX-9] of another chain", () => {
    expect(builder.ruleOf([builder.transfer([first!], [0n, 1n], { chainId: 1001 }).transaction])).toBe("TX-9");
  });

  it("[TX-9] [OU-1] points that are none, the identity, or a D of p and more", () => {
    const identity = new Uint8Array(32);
    const rule = (change: object): string => {
      const coin = builder.coin(first!.amount - 21_000n);
      return builder.ruleOf([builder.transferInto([first!], [withCore(coin, change), builder.coin(0n)]).transaction]);
    };
    expect(rule({ oneTimeKey: identity })).toBe("OU-1");
    expect(rule({ oneTimeKey: new Uint8Array(32).fill(255) })).toBe("OU-1");
    expect(rule({ commitment: identity })).toBe("OU-1");
    expect(rule({ ephemeralKey: new Uint8Array(32).fill(255) })).toBe("OU-1");
    // Small order is no concern of consensus (OU-1): such a D is nobody's.
    expect(rule({ ephemeralKey: new Uint8Array(32) })).toBe("kept");
  });

  it("[OU-2] nine outputs under one D, or a public one that shares its D", () => {
    const group = (count: number): string => {
      const key = builder.ephemeralKey();
      const parts = Array.from({ length: count }, () => withCore(builder.coin(100n), { ephemeralKey: key }));
      const rest = builder.coin(first!.amount - 100n * BigInt(count) - 10_000n * BigInt(count + 1) - 1_000n);
      return builder.ruleOf([builder.transferInto([first!], [...parts, rest]).transaction]);
    };
    expect(group(8)).toBe("kept");
    expect(group(9)).toBe("OU-2");
    const open = builder.publicCoin(1_000n);
    const coin = builder.coin(first!.amount - 22_000n, open.output.core.ephemeralKey);
    expect(builder.ruleOf([builder.transferInto([first!], [open, coin]).transaction])).toBe("OU-2");
  });

  it("[OU-3] [TX-9] a drawn coin cannot be decoded in a transaction", () => {
    const bytes = encodeTransaction(good.transaction);
    const start = 1 + 4 + 1 + 8 + 8 + 8 + 32 + 1 + 5 * 2 + 1;
    expect(bytes[start]).toBe(0);
    bytes[start] = 5;
    expect(() => decodeTransaction(bytes)).toThrow("output type 5");
    bytes[start] = 4;
    expect(() => decodeTransaction(bytes)).toThrow("output type 4");
  });

  it("[PU-1] a public output whose key, D, tag or amount does not follow", () => {
    const rule = (change: object): string => {
      const open = builder.publicCoin(1_000n);
      const coin = builder.coin(first!.amount - 22_000n);
      return builder.ruleOf([builder.transferInto([first!], [withCore(open, change), coin]).transaction]);
    };
    expect(rule({})).toBe("kept");
    expect(rule({ viewTag: Uint8Array.of(1, 2) })).toBe("PU-1");
    expect(rule({ ephemeralKey: builder.ephemeralKey() })).toBe("PU-1");
    expect(rule({ oneTimeKey: schnorrPublicKey(curve, ONE) })).toBe("PU-1");
    expect(rule({ amount: amount(1_001n) })).toBe("PU-1");
  });

  it("[ST-1] a stake: users cannot stake yet", () => {
    const stake = builder.ledger.leaf(leafIndex(0))!;
    expect(stake.core[0]).toBe(2);
    const { core } = builder.coin(1n).output;
    const fake = {
      type: "stake",
      oneTimeKey: core.oneTimeKey,
      amount: amount(1_000_000_000n),
      ephemeralKey: core.ephemeralKey,
      viewTag: core.viewTag,
      blsKey: builder.tip.validators[0]!.blsKey,
      possessionProof: new Uint8Array(96),
      reward: builder.tip.aux.accounts[0]!.reward,
    } as const;
    const coin: TestCoin = { output: { core: fake }, amount: fake.amount, blinding: ZERO_SCALAR, secret: ONE };
    const rest = builder.coin(first!.amount - fake.amount - 31_000n);
    expect(builder.ruleOf([builder.transferInto([first!], [coin, rest]).transaction])).toBe("ST-1");
  });

  it("[TX-10] spends what the same block makes, or what it has spent already", () => {
    const place = good.makes.findIndex((coin) => coin.amount > 21_000n);
    const early = { ...good.makes[place]!, leaf: leafIndex(builder.tip.header.nextLeaf + place) };
    const chained = builder.transferInto([early], [builder.coin(early.amount - 21_000n), builder.coin(0n)]);
    expect(builder.ruleOf([good.transaction, chained.transaction])).toBe("TX-10");
    expect(builder.ruleOf([chained.transaction])).toBe("TX-1");
    const again = builder.transfer([second!, third!]);
    expect(builder.ruleOf([again.transaction])).toBe("kept");
    expect(builder.ruleOf([good.transaction, again.transaction])).toBe("TX-1");
    expect(builder.ruleOf([good.transaction, good.transaction])).toBe("TX-1");
  });
});

describe("attacks", () => {
  it("[TX-5] a rogue key cannot cancel the victim's key", () => {
    const ledger = new LedgerBuilder({ label: "rogue" });
    const victim = ledger.coin(1_000_000n);
    const attacker = ledger.notes[1]!;
    const x = scalarOf(123_456_789n);
    // P' = x·G − P_victim: the sum of both keys is x·G, whose secret the attacker knows.
    const victimPoint = curve.ristrettoDecode(victim.output.core.oneTimeKey)![0]!;
    const { blinding: base } = commitmentGenerators(curve);
    const roguePoint = curve.msm([base, victimPoint], [x, subtractScalars(ZERO_SCALAR, ONE)]);
    const rogueKey = curve.ristrettoEncode([roguePoint]);
    const rogue = withCore(ledger.coin(attacker.amount - 21_000n), { oneTimeKey: rogueKey });
    const victimNote = ledger.notes[0]!;
    const paid = ledger.transferInto([victimNote], [victim, ledger.coin(victimNote.amount - 1_021_000n)]);
    const planted = ledger.transferInto([attacker], [rogue, ledger.coin(0n)]);
    ledger.notes = [];
    ledger.extend([paid, planted]);
    const notes = ledger.notes.filter(({ output }) => output === victim.output || output === rogue.output);
    const total = notes.reduce((sum, note) => sum + note.amount, 0n);
    const theft = ledger.transferInto(notes, [ledger.coin(total - 22_000n), ledger.coin(0n)]);
    const aux = new Uint8Array(32);
    const txid = transactionId(theft.transaction);
    const forged = schnorrSign(curve, x, txid, aux);
    expect(schnorrVerify(curve, schnorrPublicKey(curve, x), txid, forged)).toBe(true);
    const withForged = (places: readonly number[]): Transaction => ({
      ...theft.transaction,
      signatures: theft.transaction.signatures.map((signature, place) => (places.includes(place) ? forged : signature)),
    });
    const roguePlace = theft.spends.findIndex(({ output }) => output === rogue.output);
    expect(ledger.ruleOf([withForged([0, 1])])).toBe("TX-5");
    expect(ledger.ruleOf([withForged([roguePlace])])).toBe("TX-5");
  });

  it("[TX-1] a double spend fails within a block and across blocks", () => {
    const ledger = new LedgerBuilder({ label: "double" });
    const [note] = ledger.take(1);
    const one = ledger.transfer([note!]);
    const other = ledger.transfer([note!], [7n, 8n]);
    expect(ledger.ruleOf([one.transaction, other.transaction])).toBe("TX-1");
    ledger.extend([one]);
    expect(ledger.ruleOf([other.transaction])).toBe("TX-1");
    expect(ledger.ruleOf([one.transaction])).toBe("TX-1");
  });
});
