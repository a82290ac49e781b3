import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { compactEntry } from "../../../../src/core/chain/compact-block.ts";
import type { CoinCore, CoinFields, DrawnCore, OutputCore, StakeCore } from "../../../../src/core/chain/output.ts";
import {
  deriveContext,
  deriveKeyOffset,
  deriveOneTimeKey,
  deriveTags,
  viewTagOf,
} from "../../../../src/core/crypto/output-keys.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { deriveAddress, type ScanKeys } from "../../../../src/core/wallet/keys.ts";
import { openOutput } from "../../../../src/core/wallet/open-output.ts";
import {
  buildOwnCoin,
  buildPaidCoin,
  derivePayment,
  type CoinSecrets,
  type PaymentSecrets,
} from "../../../../src/core/wallet/output-secrets.ts";
import { buildEmptyPayload, buildMemo, sealPayload } from "../../../../src/core/wallet/payload.ts";
import { scanOutputs } from "../../../../src/core/wallet/scan-hits.ts";
import { scanBlocks, type ScanOutput } from "../../../../src/core/wallet/scan-outputs.ts";
import { scanTags } from "../../../../src/core/wallet/scan-tags.ts";
import { ADDRESS_LOOKAHEAD, SubaddressTable } from "../../../../src/core/wallet/subaddress-table.ts";
import { addressCount, EMPTY_WALLET } from "../../../../src/core/wallet/wallet-state.ts";
import { runs } from "../../../support/run-counts.ts";
import { streamedCoin } from "../../../support/streamed-coin.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { coinFieldsOf, curve, owner, payee } from "../../../support/wallet-vectors.ts";

const random = seededRandom("scan outputs");
const to = deriveAddress(curve, payee.view, 1);
const home = deriveAddress(curve, payee.view, 0);

const outputOf = (coin: CoinSecrets, sealed = buildEmptyPayload(random)) => streamedCoin(coin, sealed);

const blockOf = (outputs: readonly ScanOutput[]) => ({
  height: height(5),
  timeMs: timeMs(50),
  firstLeaf: leafIndex(100),
  entries: outputs.map(({ core }) => compactEntry(core)),
  outputs,
});

function scan(keys: { readonly view: ScanKeys }, outputs: readonly ScanOutput[], count = 8) {
  const job = { account: 0, addressCount: count, blocks: [blockOf(outputs)] };
  return scanBlocks(curve, keys.view, structuredClone(job)).notes;
}

/** What a packet would have drawn with the keys of this coin. */
function drawnOf({ type: _, payloadHash: __, rangeProofHash: ___, ...fields }: CoinCore): DrawnCore {
  return { type: "drawn", ...fields, packetLeaf: leafIndex(1), slot: 0 };
}

/** A stake with the keys of this coin. */
function stakeOf({ oneTimeKey, ephemeralKey, viewTag }: Omit<CoinFields, "payloadTag">): StakeCore {
  const validator = { blsKey: new Uint8Array(48), possessionProof: new Uint8Array(96), reward: home };
  return { type: "stake", oneTimeKey, amount: amount(1n), ephemeralKey, viewTag, ...validator };
}

/** The curve of all tests here, and how many points it has agreed on a key with. */
function countAgreements() {
  let count = 0;
  const counting = new Proxy(curve, {
    get: (target, name, receiver) => {
      if (name !== "x25519Batch") return Reflect.get(target, name, receiver) as unknown;
      return (scalar: Uint8Array, u: Uint8Array) => {
        count += u.length / 32;
        return target.x25519Batch(scalar, u);
      };
    },
  });
  return { curve: counting, count: () => count };
}

const payment = derivePayment(curve, to, amount(70n), random.bytes(32))!;
const paid = buildPaidCoin(curve, payment, to, amount(70n), 0);
const memoFor = (secrets: PaymentSecrets, coin: CoinSecrets, text: string, np = 0) =>
  buildMemo(coin.fields, { ...secrets, amount: 70n, spendKey: to.spendKey }, np, random.bytes(8), { text });

describe("finding what is ours", () => {
  it("opens a coin paid to us, with its place, and leaves a stranger's alone", () => {
    const strange = buildPaidCoin(curve, payment, to, amount(70n), 0);
    const notes = scan(payee, [outputOf(strange), outputOf(paid, memoFor(payment, paid, "hello"))]);
    expect(notes).toHaveLength(2);
    expect(notes[1]).toMatchObject({
      leaf: 101,
      height: 5,
      amount: 70n,
      addressIndex: 1,
      isInternal: false,
      counter: 0,
      blinding: paid.blinding,
      keyOffset: paid.keyOffset,
    });
    expect(notes.map((note) => note.memo)).toEqual(["hello", undefined]);
    expect(scan(owner, [outputOf(paid)])).toEqual([]);
  });

  it("[OU-5] [OU-6] finds a payee's coin and four own coins under one D with one key agreement", () => {
    const own = [0, 1, 2, 3].map((n) =>
      buildOwnCoin(
        curve,
        owner.view.viewAllSecret,
        payment.ephemeralKey,
        deriveAddress(curve, owner.view, 0),
        amount(BigInt(n)),
        n,
      ),
    );
    const outputs = [...own, paid].map((coin) => outputOf(coin));
    const counting = countAgreements();
    const hits = scanOutputs(
      counting.curve,
      owner.view,
      outputs.map(({ core }) => compactEntry(core)),
    );
    expect(counting.count()).toBe(1);
    expect(hits.coins.map((hit) => [hit.index, hit.origin, hit.n])).toEqual(
      [0, 1, 2, 3].map((n) => [n, "internal", n]),
    );
    const notes = scan(owner, outputs);
    expect(notes.map((note) => [note.amount, note.counter, note.isInternal])).toEqual([
      [0n, 0, true],
      [1n, 1, true],
      [2n, 2, true],
      [3n, 3, true],
    ]);
    expect(new Set(notes.map((note) => formatHex(note.blinding))).size).toBe(4);
    expect(scan(payee, outputs).map((note) => note.leaf)).toEqual([104]);
  });

  it("[AD-6] a view-received key finds what others pay, and no change", () => {
    const own = buildOwnCoin(curve, payee.view.viewAllSecret, payment.ephemeralKey, home, amount(5n), 0);
    const outputs = [outputOf(own), outputOf(paid, memoFor(payment, paid, "hello"))];
    expect(scan(payee, outputs).map((note) => note.leaf)).toEqual([100, 101]);
    const { viewAllSecret: _, ...view } = payee.view;
    expect(scan({ view }, outputs)).toMatchObject([{ leaf: 101, amount: 70n, memo: "hello" }]);
    const job = {
      ephemeralKeys: concatBytes(...outputs.map(({ core }) => core.ephemeralKey)),
      viewTags: concatBytes(...outputs.map(({ core }) => compactEntry(core).viewTag)),
    };
    expect(scanTags(curve, payee.view, job).places).toEqual([0, 1]);
    expect(scanTags(curve, view, job).places).toEqual([1]);
  });

  it("[AD-7] knows 64 addresses past the highest one used", () => {
    expect(addressCount(EMPTY_WALLET)).toBe(1 + ADDRESS_LOOKAHEAD);
    const used = { ...EMPTY_WALLET, addressUsedMax: 7 };
    const edge = deriveAddress(curve, payee.view, 71);
    const secrets = derivePayment(curve, edge, amount(5n), random.bytes(32))!;
    const output = outputOf(buildPaidCoin(curve, secrets, edge, amount(5n), 0));
    expect(scan(payee, [output], addressCount(used))).toMatchObject([{ addressIndex: 71 }]);
    expect(scan(payee, [output], addressCount(used) - 1)).toEqual([]);
  });

  it("[AD-7] a coin at the last of them makes 64 more known to the blocks behind it, in one job or in two", () => {
    const payTo = (index: number): ScanOutput => {
      const address = deriveAddress(curve, payee.view, index);
      const secrets = derivePayment(curve, address, amount(5n), random.bytes(32))!;
      return outputOf(buildPaidCoin(curve, secrets, address, amount(5n), 0));
    };
    const [last, lastOfNext, beyond] = [payTo(64), payTo(128), payTo(129)];
    const indexes = (...blocks: readonly (readonly ScanOutput[])[]): number[] => {
      const job = {
        account: 0,
        addressCount: addressCount(EMPTY_WALLET),
        blocks: blocks.map((outputs, index) => ({
          height: height(5 + index),
          timeMs: timeMs(50 + index),
          firstLeaf: leafIndex(100 + 10 * index),
          entries: outputs.map(({ core }) => compactEntry(core)),
          outputs,
        })),
      };
      return scanBlocks(curve, payee.view, job).notes.map((note) => note.addressIndex);
    };
    expect(indexes([last], [lastOfNext])).toEqual([64, 128]);
    expect(indexes([last], [beyond])).toEqual([64]);
    expect(indexes([lastOfNext], [last])).toEqual([64]);
    // Two blocks with one D: its second coin stands behind what the block between moved.
    const shared = derivePayment(curve, to, amount(70n), random.bytes(32))!;
    const twin = buildPaidCoin(curve, shared, to, amount(70n), 1);
    expect(indexes([outputOf(twin)], [last], [outputOf(twin), lastOfNext])).toEqual([1, 64, 1, 128]);
  });

  it("opens the coins of the vectors", () => {
    const { external, internal } = vectors;
    const cores = [external, internal].map(({ core }): ScanOutput => {
      const bytes = hexBytes(core);
      const hashes = { payloadHash: sha256Hash(bytes.slice(139, 171)), rangeProofHash: sha256Hash(bytes.slice(171)) };
      return { core: { type: "coin", ...coinFieldsOf(bytes), ...hashes }, payload: undefined };
    });
    expect(scan(payee, cores)).toMatchObject([
      { leaf: 100, amount: BigInt(external.amount), addressIndex: external.to.j },
    ]);
    expect(scan(owner, cores)).toMatchObject([{ leaf: 101, amount: BigInt(internal.amount), isInternal: true }]);
  });
});

describe("what is not ours, silently", () => {
  it("[OU-10] ignores Janus outputs: a coin for one address under a D made for another", () => {
    const fields = coinFieldsOf(hexBytes(vectors.janus.header139));
    const core: CoinCore = { type: "coin", ...fields, payloadHash: sha256Hash(), rangeProofHash: sha256Hash() };
    expect(scan(payee, [{ core, payload: undefined }])).toEqual([]);
    // The tag matches and the key is ours: only D tells that somebody tries to link our two addresses.
    const crafted = buildPaidCoin(curve, payment, home, amount(70n), 0);
    expect(scanOutputs(curve, payee.view, [compactEntry(outputOf(crafted).core)]).coins).toHaveLength(1);
    expect(scan(payee, [outputOf(crafted)])).toEqual([]);
  });

  it("[OU-10] ignores a phantom payment: the text says 100, the commitment says 1", () => {
    const secrets = derivePayment(curve, to, amount(100n), random.bytes(32))!;
    const claimed = buildPaidCoin(curve, secrets, to, amount(100n), 0);
    const real = buildPaidCoin(curve, secrets, to, amount(1n), 0);
    const coin = { ...claimed, fields: { ...claimed.fields, commitment: real.fields.commitment } };
    expect(scan(payee, [outputOf(coin)])).toEqual([]);
    // With P made for that commitment the amount still is not what the text says.
    const both = { ...claimed, fields: { ...real.fields, amountEnc: claimed.fields.amountEnc } };
    expect(scan(payee, [outputOf(both)])).toEqual([]);
  });

  it("ignores D of small order, whose shared secret everybody knows", () => {
    const zero = new Uint8Array(32);
    const viewTag = viewTagOf(deriveTags(zero, zero), 0);
    const { core } = outputOf(paid);
    const entry = { ...compactEntry(core), ephemeralKey: zero, viewTag };
    expect(scanOutputs(curve, payee.view, [entry]).coins.filter((hit) => hit.origin === "external")).toEqual([]);
  });

  it("[OU-11] agrees on no key with what s_vb alone can find, nor where it has no core, but with all else under the same D", () => {
    const drawn: OutputCore = { ...drawnOf(outputOf(paid).core as CoinCore), ephemeralKey: random.bytes(32) };
    const agreements = (block: ReturnType<typeof blockOf>): number => {
      const counting = countAgreements();
      scanBlocks(counting.curve, payee.view, { account: 0, addressCount: 8, blocks: [block] });
      return counting.count();
    };
    const [alone, beside] = [
      [{ core: drawn, payload: undefined }],
      [{ core: drawn, payload: undefined }, outputOf(paid)],
    ];
    expect(agreements(blockOf(alone))).toBe(0);
    expect(agreements({ ...blockOf([outputOf(paid)]), outputs: [undefined as never] })).toBe(0);
    expect(agreements(blockOf([{ core: stakeOf(paid.fields), payload: undefined }]))).toBe(0);
    expect(agreements(blockOf([outputOf(paid)]))).toBe(1);
    expect(agreements(blockOf(beside))).toBe(1);
    expect(scan(payee, beside).map(({ leaf }) => leaf)).toEqual([101]);
    const shared = { ...drawn, ephemeralKey: payment.ephemeralKey };
    for (const outputs of [
      [{ core: shared, payload: undefined }, outputOf(paid)],
      [outputOf(paid), { core: shared, payload: undefined }],
    ]) {
      expect(agreements(blockOf(outputs))).toBe(1);
      expect(scan(payee, outputs).map(({ amount: found }) => found)).toEqual([70n]);
    }
  });

  it("[OU-11] ignores a stake that somebody made for us by the secret he shares with us", () => {
    const { sharedSecret, ephemeralKey } = payment;
    const plain = stakeOf(paid.fields);
    const keyOffset = deriveKeyOffset(curve, deriveContext(sharedSecret, ephemeralKey, 1), plain.blsKey);
    const stake: OutputCore = {
      ...plain,
      oneTimeKey: deriveOneTimeKey(curve, home.spendKey, keyOffset),
      viewTag: viewTagOf(deriveTags(sharedSecret, ephemeralKey), 1),
    };
    const outputs = [outputOf(paid), { core: stake, payload: undefined }];
    const hits = scanOutputs(
      curve,
      payee.view,
      outputs.map(({ core }) => compactEntry(core)),
    );
    expect(hits.coins.map(({ index, origin, n }) => [index, origin, n])).toContainEqual([1, "external", 1]);
    expect(scan(payee, outputs).map(({ leaf }) => leaf)).toEqual([100]);
  });

  it("[OU-11] ignores stakes and drawn coins, whatever their tags say", () => {
    const table = new SubaddressTable(curve);
    table.extend(0, payee.view, 2);
    const guess = { origin: "internal", n: 0, secret: payee.view.viewAllSecret } as const;
    const drawn = drawnOf(outputOf(paid).core as CoinCore);
    expect(openOutput(curve, table, drawn, guess)).toBeUndefined();
    expect(openOutput(curve, table, stakeOf(drawn), guess)).toBeUndefined();
  });
});

describe("memos", () => {
  it("[MS-1] belong to the coin of the same payment, whichever output carries them", () => {
    const change = buildOwnCoin(curve, owner.view.viewAllSecret, payment.ephemeralKey, home, amount(1n), 0);
    const carried = outputOf(change, memoFor(payment, change, "on the change", 1));
    expect(scan(payee, [outputOf(paid), carried])).toMatchObject([{ leaf: 100, memo: "on the change" }]);
  });

  it("[EN-4] hostile payloads give a coin without a memo, never an exception", () => {
    const count = runs(12, 2_000);
    for (let index = 0; index < count; index++) {
      const body = random.bytes((index * 41) % 480);
      const part = { type: (index * 7) & 0xff, flags: index & 3, part: 0, of: 1, messageId: random.bytes(8), body };
      const sealed = sealPayload(paid.fields, payment.sharedSecret, index % 3, part);
      const [note] = scan(payee, [
        outputOf(paid, index % 5 === 0 ? { ...sealed, payload: random.bytes(512) } : sealed),
      ]);
      expect(note).toMatchObject({ amount: 70n, memo: undefined });
    }
  });

  it("[EN-4] hostile outputs give nothing, never an exception", () => {
    const table = new SubaddressTable(curve);
    table.extend(0, payee.view, 2);
    const { core } = outputOf(paid);
    const good = core as CoinCore;
    const names = ["oneTimeKey", "commitment", "ephemeralKey", "amountEnc", "anchorEnc"] as const;
    const guess = { origin: "external", n: 0, secret: payment.sharedSecret } as const;
    expect(openOutput(curve, table, good, guess)).toBeDefined();
    for (const name of names) {
      for (let bit = 0; bit < good[name].length * 8; bit += runs(29, 1)) {
        const flipped = good[name].slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(openOutput(curve, table, { ...good, [name]: flipped }, guess)).toBeUndefined();
      }
    }
    for (let n = 1; n < 4; n++) expect(openOutput(curve, table, good, { ...guess, n })).toBeUndefined();
  });
});

describe("strangers' outputs", () => {
  it("hit about 4 of 65536 times per secret, and never by payload tag", () => {
    const entries = Array.from({ length: runs(40, 65_536) }, () => ({
      ephemeralKey: random.bytes(32),
      viewTag: random.bytes(2),
      payloadTag: random.bytes(16),
    }));
    const hits = scanOutputs(curve, payee.view, entries);
    expect(hits.coins.length).toBeLessThan(30);
    expect(hits.payloads).toEqual([]);
  });
});
