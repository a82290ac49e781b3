import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { DecodeError, tryDecode } from "../../../../src/core/bytes/decode-error.ts";
import { deriveAccount, deriveAddress } from "../../../../src/core/wallet/keys.ts";
import {
  decodeAddressGenerator,
  decodeViewAll,
  decodeViewReceived,
  encodeAddressGenerator,
  encodeViewAll,
  encodeViewReceived,
  EXPORT_ACCOUNTS_MAX,
} from "../../../../src/core/wallet/view-export.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

describe("view exports", () => {
  const second = deriveAccount(curve, hexBytes(vectors.keys.seed), 1);

  it("[AD-6] carries each tier and gives back its keys", () => {
    const all = encodeViewAll([payee.view, second.view]);
    expect(all).toEqual(concatBytes(payee.view.viewAllSecret, payee.view.spendPoint, second.view.spendPoint));
    expect(decodeViewAll(curve, all)).toEqual([payee.view, second.view]);

    const received = encodeViewReceived(payee.view);
    expect(received).toHaveLength(96);
    const { viewAllSecret: _, ...expected } = payee.view;
    expect(decodeViewReceived(curve, received)).toEqual(expected);

    const generator = encodeAddressGenerator(payee.view);
    expect(generator).toHaveLength(96);
    const { addressSecret, spendPoint, viewPoint } = payee.view;
    expect(decodeAddressGenerator(curve, generator)).toEqual({ addressSecret, spendPoint, viewPoint });
  });

  it("[AD-6] makes the same addresses in the lowest tier as from the seed", () => {
    const generator = decodeAddressGenerator(curve, encodeAddressGenerator(payee.view));
    for (const index of [0, 1, 2, 77]) {
      expect(deriveAddress(curve, generator, index)).toEqual(deriveAddress(curve, payee.view, index));
    }
  });

  it("[AD-6] contains no spend secret in any tier", () => {
    const tiers = [encodeViewAll([payee.view]), encodeViewReceived(payee.view), encodeAddressGenerator(payee.view)];
    for (const tier of tiers) {
      for (let offset = 0; offset < tier.length; offset += 32) {
        expect(tier.slice(offset, offset + 32)).not.toEqual(payee.spendSecret);
      }
    }
  });

  it("[EN-3] refuses more than EXPORT_ACCOUNTS_MAX accounts before it looks at one", () => {
    const bytes = new Uint8Array(32 * (EXPORT_ACCOUNTS_MAX + 2));
    expect(() => decodeViewAll(curve, bytes)).toThrow(DecodeError);
  });

  it("[EN-4] refuses garbage with one kind of error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 128 }), (bytes) => {
        for (const decode of [decodeViewAll, decodeViewReceived, decodeAddressGenerator]) {
          tryDecode((input): unknown => decode(curve, input), bytes);
        }
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
    expect(() =>
      decodeViewReceived(curve, concatBytes(new Uint8Array(32), payee.view.spendPoint, new Uint8Array(32))),
    ).toThrow(DecodeError);
  });
});
