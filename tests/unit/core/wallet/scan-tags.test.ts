import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { deriveTags, payloadTagOf, viewTagOf } from "../../../../src/core/crypto/output-keys.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { buildOwnCoin, buildPaidCoin, derivePayment } from "../../../../src/core/wallet/output-secrets.ts";
import { scanOutputs } from "../../../../src/core/wallet/scan-outputs.ts";
import { scanTags } from "../../../../src/core/wallet/scan-tags.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { curve, owner, payee } from "../../../support/wallet-vectors.ts";

const random = seededRandom("scan tags");
const to = deriveAddress(curve, payee.view, 3);
const payment = derivePayment(curve, to, amount(5n), random.bytes(32))!;
const entries = [
  { ephemeralKey: random.bytes(32), viewTag: random.bytes(2) },
  ...[0, 1, 2].map((n) => buildPaidCoin(curve, payment, to, amount(5n), n).fields),
  { ephemeralKey: payment.ephemeralKey, viewTag: random.bytes(2) },
  buildOwnCoin(curve, payee.view.viewAllSecret, random.bytes(32), to, amount(9n), 3).fields,
  // Anybody can compute the tags of ss = 0.
  { ephemeralKey: new Uint8Array(32), viewTag: viewTagOf(deriveTags(new Uint8Array(32), new Uint8Array(32)), 0) },
  buildPaidCoin(curve, payment, to, amount(5n), 3).fields,
];
const jobOf = (list: readonly { readonly ephemeralKey: Uint8Array; readonly viewTag: Uint8Array }[]) => ({
  ephemeralKeys: concatBytes(...list.map(({ ephemeralKey }) => ephemeralKey)),
  viewTags: concatBytes(...list.map(({ viewTag }) => viewTag)),
});

describe("scanning by view tags alone", () => {
  it("finds what the scan of blocks finds, external and internal", () => {
    const { places } = scanTags(curve, payee.view, structuredClone(jobOf(entries)));
    expect(places).toEqual([1, 2, 3, 5, 7]);
    const tagged = entries.map(({ ephemeralKey, viewTag }) => ({
      ephemeralKey,
      viewTag,
      payloadTag: new Uint8Array(16),
    }));
    const { coins } = scanOutputs(curve, payee.view, tagged);
    expect([...new Set(coins.map(({ index }) => index))].sort((left, right) => left - right)).toEqual(places);
    expect(scanTags(curve, owner.view, jobOf(entries)).places).toEqual([]);
  });

  it("[NW-7] finds payloads by their own tags, in outputs that are not ours as well, where it is given them", () => {
    const tags = deriveTags(payment.sharedSecret, payment.ephemeralKey);
    const payloadTags = entries.map((_, index) => (index === 4 ? payloadTagOf(tags, 2) : random.bytes(16)));
    const job = { ...jobOf(entries), payloadTags: concatBytes(...payloadTags) };
    expect(scanTags(curve, payee.view, structuredClone(job)).places).toEqual([1, 2, 3, 4, 5, 7]);
    const tagged = entries.map((entry, index) => ({ ...entry, payloadTag: payloadTags[index]! }));
    const { payloads } = scanOutputs(curve, payee.view, tagged);
    expect(payloads).toMatchObject([{ index: 4, np: 2 }]);
  });

  it("of nothing is nothing, and halves of a job are a mistake", () => {
    expect(scanTags(curve, payee.view, jobOf([]))).toEqual({ places: [] });
    expect(() => scanTags(curve, payee.view, { ...jobOf(entries), viewTags: new Uint8Array(2) })).toThrow(RangeError);
  });
});
