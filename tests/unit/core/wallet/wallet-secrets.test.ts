import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { DecodeError, tryDecode } from "../../../../src/core/bytes/decode-error.ts";
import { formatBech32 } from "../../../../src/core/values/bech32-text.ts";
import { deriveAccount } from "../../../../src/core/wallet/keys.ts";
import { encodeViewAll, encodeViewReceived } from "../../../../src/core/wallet/view-export.ts";
import { formatViewAll, formatViewReceived, parseViewKey } from "../../../../src/core/wallet/view-key-text.ts";
import {
  decodeWalletSecrets,
  encodeWalletSecrets,
  openWalletSecrets,
} from "../../../../src/core/wallet/wallet-secrets.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const seed = hexBytes(vectors.keys.seed);
const { viewAllSecret: _, ...received } = payee.view;
const second = deriveAccount(curve, seed, 1);

describe("secrets of a wallet", () => {
  it("[AD-6] a seed is stored as it always was, an export behind its tag", () => {
    expect(encodeWalletSecrets({ tier: "seed", bytes: seed })).toEqual(seed);
    expect(decodeWalletSecrets(seed)).toEqual({ tier: "seed", bytes: seed });
    for (const [tier, bytes] of [
      ["view-all", encodeViewAll([payee.view])],
      ["view-received", encodeViewReceived(payee.view)],
    ] as const) {
      expect(decodeWalletSecrets(encodeWalletSecrets({ tier, bytes }))).toEqual({ tier, bytes });
    }
  });

  it("[AD-6] each tier opens to what it may see, and only the seed may spend", () => {
    expect(openWalletSecrets(curve, { tier: "seed", bytes: seed })).toMatchObject({
      view: payee.view,
      spend: { account: 0 },
    });
    expect(openWalletSecrets(curve, { tier: "view-all", bytes: encodeViewAll([payee.view]) })).toEqual({
      tier: "view-all",
      view: payee.view,
      spend: undefined,
    });
    expect(openWalletSecrets(curve, { tier: "view-received", bytes: encodeViewReceived(payee.view) })).toEqual({
      tier: "view-received",
      view: received,
      spend: undefined,
    });
    const two = encodeViewAll([payee.view, second.view]);
    expect(() => openWalletSecrets(curve, { tier: "view-all", bytes: two })).toThrow(DecodeError);
  });

  it("[EN-4] refuses garbage with one kind of error", () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 110 }),
      fc
        .tuple(fc.constantFrom(2, 3), fc.nat(96), fc.integer({ min: 1, max: 255 }))
        .map(([tag, place, mask]) =>
          concatBytes(Uint8Array.of(tag), encodeViewReceived(payee.view)).map((byte, index) =>
            index === place ? byte ^ mask : byte,
          ),
        ),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        tryDecode((input) => openWalletSecrets(curve, decodeWalletSecrets(input)), bytes);
      }),
      { numRuns: runs(2_000, 1_000_000) },
    );
  });
});

describe("a view key as text", () => {
  it("[AD-6] comes back as the secrets of its tier", () => {
    const all = formatViewAll(payee.view);
    expect(all).toMatch(/^stgviewall1[a-z0-9]+$/);
    expect(parseViewKey(curve, all)).toEqual({ tier: "view-all", bytes: encodeViewAll([payee.view]) });
    const some = formatViewReceived(payee.view);
    expect(some).toMatch(/^stgview1[a-z0-9]+$/);
    expect(parseViewKey(curve, some)).toEqual({ tier: "view-received", bytes: encodeViewReceived(payee.view) });
  });

  it("[EN-3] any other text is none: damage, another version, another tier's bytes, two accounts", () => {
    const text = formatViewReceived(payee.view);
    const bytes = concatBytes(Uint8Array.of(1), encodeViewReceived(payee.view));
    expect(parseViewKey(curve, formatBech32("stgview", bytes))).toBeDefined();
    for (const wrong of [
      "",
      text.slice(1),
      ` ${text}`,
      text.toUpperCase(),
      formatBech32("stgview", Uint8Array.of(2, ...bytes.slice(1))),
      formatBech32("stgview", bytes.slice(0, -1)),
      formatBech32("stgviewall", bytes.slice(0, 40)),
      formatBech32("stgviewall", concatBytes(Uint8Array.of(1), encodeViewAll([payee.view, second.view]))),
      formatBech32("dstg", bytes),
    ]) {
      expect(parseViewKey(curve, wrong)).toBeUndefined();
    }
  });
});
