import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { u64 } from "../../../../src/core/bytes/writer.ts";
import type { CoinFields } from "../../../../src/core/chain/output.ts";
import { commit } from "../../../../src/core/crypto/commitment.ts";
import { x25519, X25519_BASE } from "../../../../src/core/crypto/key-agreement.ts";
import {
  deriveBlinding,
  deriveContext,
  deriveEphemeralKey,
  deriveEphemeralSecret,
  deriveKeyOffset,
  deriveOneTimeKey,
  deriveTags,
  maskAmount,
  maskAnchor,
  viewTagOf,
} from "../../../../src/core/crypto/output-keys.ts";
import { schnorrPublicKey } from "../../../../src/core/crypto/schnorr.ts";
import type { AddressKeys } from "../../../../src/core/values/address.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { deriveAddress, deriveOutputSecret } from "../../../../src/core/wallet/keys.ts";
import {
  buildOwnCoin,
  buildPaidCoin,
  derivePayment,
  matchViewTag,
  openCoin,
} from "../../../../src/core/wallet/output-secrets.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { coinFieldsOf, curve, owner, payee, smallTable } from "../../../support/wallet-vectors.ts";

const { external, internal } = vectors;
const payeeTable = smallTable(payee);
const ownerTable = smallTable(owner);
const to: AddressKeys = { spendKey: hexBytes(external.to.S_j), viewKey: hexBytes(external.to.V_j) };
const externalFields = coinFieldsOf(hexBytes(external.core));
const internalFields = coinFieldsOf(hexBytes(internal.core));
const NO_TAG = { payloadTag: new Uint8Array(16) };

/** All of 2.3 for one coin, by the keys of the payee: every n whose tag matches, under both secrets. */
function scan(fields: CoinFields) {
  const shared = x25519(curve, payee.view.viewSecret, fields.ephemeralKey);
  const secrets = [
    ["external", shared],
    ["internal", payee.view.viewAllSecret],
  ] as const;
  for (const [origin, secret] of secrets) {
    if (secret.every((byte) => byte === 0)) continue;
    for (const n of matchViewTag(deriveTags(secret, fields.ephemeralKey), fields.viewTag)) {
      const opened = openCoin(curve, payeeTable, fields, origin, secret, n);
      if (opened !== undefined) return opened;
    }
  }
  return undefined;
}

describe("sending (2.2)", () => {
  it("[OU-6] makes the external coin of the vectors", () => {
    const payment = derivePayment(curve, to, amount(BigInt(external.amount)), hexBytes(external.anchor_src))!;
    expect(formatHex(payment.anchor)).toBe(external.anchor);
    expect(formatHex(payment.ephemeralSecret)).toBe(external.d_shared);
    expect(formatHex(payment.ephemeralKey)).toBe(external.D);
    expect(formatHex(payment.sharedSecret)).toBe(external.ss);
    const coin = buildPaidCoin(curve, payment, to, amount(BigInt(external.amount)), external.n);
    expect(formatHex(coin.context)).toBe(external.Kctx);
    expect(formatHex(coin.blinding)).toBe(external.z);
    expect(formatHex(coin.keyOffset)).toBe(external.k_o);
    expect({ ...coin.fields, payloadTag: externalFields.payloadTag }).toEqual(externalFields);
  });

  it("[OU-5] makes the internal coin of the vectors", () => {
    const coin = buildOwnCoin(
      curve,
      owner.view.viewAllSecret,
      hexBytes(internal.D),
      deriveAddress(curve, owner.view, 0),
      amount(BigInt(internal.amount)),
      internal.n,
    );
    expect(formatHex(coin.context)).toBe(internal.Kctx);
    expect(formatHex(coin.blinding)).toBe(internal.z);
    expect(formatHex(coin.keyOffset)).toBe(internal.k_o);
    expect({ ...coin.fields, payloadTag: internalFields.payloadTag }).toEqual(internalFields);
    expect(formatHex(deriveTags(owner.view.viewAllSecret, hexBytes(internal.D)))).toBe(internal.tags_internal);
  });

  it("[PR-4] refuses to pay where the shared secret would be zero", () => {
    const smallOrder = { spendKey: to.spendKey, viewKey: new Uint8Array(32) };
    expect(derivePayment(curve, smallOrder, amount(1n), new Uint8Array(32))).toBeUndefined();
  });

  it("[OU-8] takes a coin number past the third for our own mistake", () => {
    for (const n of [-1, 4, 0.5]) {
      expect(() => buildOwnCoin(curve, owner.view.viewAllSecret, hexBytes(internal.D), to, amount(1n), n)).toThrow(
        RangeError,
      );
    }
  });
});

describe("scanning (2.3)", () => {
  it("[OU-6] opens the external coin of the vectors and spends it", () => {
    const opened = scan(externalFields)!;
    expect(opened).toMatchObject({
      origin: "external",
      n: 0,
      amount: BigInt(external.amount),
      account: 0,
      addressIndex: 1,
    });
    expect(formatHex(opened.blinding)).toBe(external.z);
    const secret = deriveOutputSecret(curve, payee, opened.addressIndex, opened.keyOffset);
    expect(formatHex(secret)).toBe(external.spend_secret);
    expect(formatHex(schnorrPublicKey(curve, secret))).toBe(external.P);
  });

  it("[OU-5] opens the internal coin of the vectors, which the payee cannot", () => {
    const secret = owner.view.viewAllSecret;
    const opened = openCoin(curve, ownerTable, internalFields, "internal", secret, internal.n)!;
    expect(opened).toMatchObject({ amount: BigInt(internal.amount), addressIndex: 0 });
    expect(formatHex(deriveOutputSecret(curve, owner, 0, opened.keyOffset))).toBe(internal.spend_secret);
    expect(scan(internalFields)).toBeUndefined();
    // View-received alone cannot see change: k_v finds nothing in an internal coin (AD-1).
    const shared = x25519(curve, owner.view.viewSecret, internalFields.ephemeralKey);
    for (let n = 0; n < 4; n++) {
      expect(openCoin(curve, ownerTable, internalFields, "external", shared, n)).toBeUndefined();
    }
  });

  it("[OU-6] finds four own coins under one D, whose tags and masks have nothing in common", () => {
    const random = seededRandom("four own coins");
    const ephemeralKey = x25519(curve, random.bytes(32), X25519_BASE);
    const address = deriveAddress(curve, payee.view, 2);
    const coins = [0, 1, 2, 3].map((n) =>
      buildOwnCoin(curve, payee.view.viewAllSecret, ephemeralKey, address, amount(5n), n),
    );
    for (const select of [
      (coin: (typeof coins)[number]): Uint8Array => coin.fields.viewTag,
      (coin: (typeof coins)[number]): Uint8Array => coin.fields.commitment,
      (coin: (typeof coins)[number]): Uint8Array => coin.fields.amountEnc,
      (coin: (typeof coins)[number]): Uint8Array => coin.fields.oneTimeKey,
    ]) {
      expect(new Set(coins.map((coin) => formatHex(select(coin)))).size).toBe(4);
    }
    coins.forEach((coin, n) => {
      expect(scan({ ...coin.fields, ...NO_TAG })).toMatchObject({ origin: "internal", n, addressIndex: 2, amount: 5n });
    });
  });

  it("[OU-10] ignores the Janus output of the vectors", () => {
    const fields = coinFieldsOf(hexBytes(vectors.janus.header139));
    expect(scan(fields)).toBeUndefined();
    const shared = x25519(curve, payee.view.viewSecret, fields.ephemeralKey);
    for (let n = 0; n < 4; n++) expect(openCoin(curve, payeeTable, fields, "external", shared, n)).toBeUndefined();
  });

  it("[OU-10] ignores crafted Janus outputs: S of one address, V of another", () => {
    const random = seededRandom("janus");
    const addresses = [0, 1, 2, 3].map((index) => deriveAddress(curve, payee.view, index));
    for (let round = 0; round < 1_000; round++) {
      const [first, second] = [round % 4, (round + 1 + ((round >> 2) % 3)) % 4];
      // The attacker picks what d is bound to: one address, the other, or the mixture.
      const mixed = { spendKey: addresses[first]!.spendKey, viewKey: addresses[second]!.viewKey };
      const boundTo = [mixed, addresses[first]!, addresses[second]!][round % 3]!;
      const anchor = random.bytes(16);
      const secret = deriveEphemeralSecret(anchor, 9n, boundTo);
      const ephemeralKey = deriveEphemeralKey(curve, secret, addresses[second]!.spendKey);
      const shared = x25519(curve, secret, addresses[second]!.viewKey);
      const context = deriveContext(shared, ephemeralKey, 0);
      const commitment = curve.ristrettoEncode([commit(curve, deriveBlinding(curve, context), 9n)]);
      const fields = {
        oneTimeKey: deriveOneTimeKey(curve, addresses[first]!.spendKey, deriveKeyOffset(curve, context, commitment)),
        commitment,
        ephemeralKey,
        amountEnc: maskAmount(context, u64(9n)),
        anchorEnc: maskAnchor(context, anchor),
        viewTag: viewTagOf(deriveTags(shared, ephemeralKey), 0),
        ...NO_TAG,
      };
      expect(scan(fields), `round ${round}`).toBeUndefined();
      // Everything but the last step holds: only the check of D stands between this output and the wallet.
      expect(openCoin(curve, payeeTable, fields, "internal", shared, 0)).toMatchObject({
        amount: 9n,
        addressIndex: first,
      });
    }
  });

  it("[OU-10] never accepts an output with a changed bit", () => {
    const core = hexBytes(external.core);
    const bits = runs(1, 8);
    for (let index = 1; index < 123; index++) {
      for (let bit = 0; bit < bits; bit++) {
        const changed = core.slice();
        changed[index]! ^= 1 << ((index + bit) % 8);
        // Not through the tag, which alone would stop most of them, but straight at the checks behind it.
        const fields = coinFieldsOf(changed);
        const shared = x25519(curve, payee.view.viewSecret, fields.ephemeralKey);
        const isTag = index >= 121;
        const opened = isTag ? scan(fields) : openCoin(curve, payeeTable, fields, "external", shared, 0);
        expect(opened, `byte ${index}`).toBeUndefined();
      }
    }
  });

  it("[OU-10] ignores a phantom payment: the text says 100, the commitment 1", () => {
    const payment = derivePayment(curve, to, amount(100n), new Uint8Array(32).fill(3))!;
    const context = deriveContext(payment.sharedSecret, payment.ephemeralKey, 0);
    const commitment = curve.ristrettoEncode([commit(curve, deriveBlinding(curve, context), 1n)]);
    const honest = buildPaidCoin(curve, payment, to, amount(100n), 0);
    const oneTimeKey = deriveOneTimeKey(curve, to.spendKey, deriveKeyOffset(curve, context, commitment));
    expect(scan({ ...honest.fields, ...NO_TAG })).toMatchObject({ amount: 100n });
    expect(scan({ ...honest.fields, ...NO_TAG, commitment, oneTimeKey })).toBeUndefined();
  });

  it("[EN-1] ignores an amount of 2^53 or more even if the commitment opens to it", () => {
    const wide = 2n ** 53n;
    const context = deriveContext(payee.view.viewAllSecret, internalFields.ephemeralKey, 0);
    const commitment = curve.ristrettoEncode([commit(curve, deriveBlinding(curve, context), wide)]);
    const oneTimeKey = deriveOneTimeKey(curve, to.spendKey, deriveKeyOffset(curve, context, commitment));
    const fields = { ...internalFields, commitment, oneTimeKey, amountEnc: maskAmount(context, u64(wide)) };
    expect(openCoin(curve, payeeTable, fields, "internal", payee.view.viewAllSecret, 0)).toBeUndefined();
  });

  it.each(vectors.x25519.cases.filter(({ mine_possible }) => !mine_possible))(
    "[OU-10] never owns D = $name",
    ({ D }) => {
      expect(scan({ ...externalFields, ephemeralKey: hexBytes(D) })).toBeUndefined();
    },
  );

  it("[OU-10] gets nothing out of somebody else's D without its secret", () => {
    const mine = buildOwnCoin(curve, owner.view.viewAllSecret, externalFields.ephemeralKey, to, amount(1n), 0);
    expect(scan({ ...mine.fields, ...NO_TAG })).toBeUndefined();
  });
});
