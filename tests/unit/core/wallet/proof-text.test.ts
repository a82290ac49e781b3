import { describe, expect, it } from "vitest";
import { formatBech32, parseBech32 } from "../../../../src/core/values/bech32-text.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex } from "../../../../src/core/values/height.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import {
  decodePlacedProof,
  encodePlacedProof,
  formatProof,
  parseProof,
  verifyPlacedProof,
  type PlacedProof,
} from "../../../../src/core/wallet/proof-text.ts";
import type { PaymentProof } from "../../../../src/core/wallet/payment-proof.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const core = hexBytes(vectors.external.core);
const proof: PaymentProof = {
  chainId: 1000,
  outputHash: hash(hexBytes(vectors.payment_proof.out_hash)),
  to: { spendKey: hexBytes(vectors.external.to.S_j), viewKey: hexBytes(vectors.external.to.V_j) },
  amount: amount(BigInt(vectors.external.amount)),
  n: vectors.external.n,
  anchorSource: hexBytes(vectors.external.anchor_src),
};
const placed: PlacedProof = { proof, leaf: leafIndex(77), height: height(12), coreTail: core.slice(123) };
const changed = (change: Partial<PaymentProof>): PlacedProof => ({ ...placed, proof: { ...proof, ...change } });

describe("payment proof as text", () => {
  it("[PP-5] is one line that gives back the proof, its place and the rest of the core", () => {
    for (const [chainId, prefix, network] of [
      [1000, "dstgproof1", "dev"],
      [2, "tstgproof1", "test"],
      [1, "stgproof1", "main"],
    ] as const) {
      const text = formatProof(changed({ chainId }));
      expect(text.startsWith(prefix)).toBe(true);
      expect(text).toMatch(/^[a-z0-9]+$/);
      expect(parseProof(text)).toEqual({ ok: true, placed: changed({ chainId }), network });
    }
  });

  it("[PP-5] holds for the bytes of the output it names and for nothing else", () => {
    expect(verifyPlacedProof(curve, placed)).toBe(true);
    expect(verifyPlacedProof(curve, changed({ amount: amount(proof.amount + 1n) }))).toBe(false);
    expect(verifyPlacedProof(curve, changed({ to: deriveAddress(curve, payee.view, 2) }))).toBe(false);
    expect(verifyPlacedProof(curve, changed({ n: 1 }))).toBe(false);
    expect(verifyPlacedProof(curve, changed({ outputHash: hash(new Uint8Array(32)) }))).toBe(false);
    expect(verifyPlacedProof(curve, changed({ anchorSource: new Uint8Array(32) }))).toBe(false);
    const tail = placed.coreTail.map((byte, index) => (index === 40 ? byte ^ 1 : byte));
    expect(verifyPlacedProof(curve, { ...placed, coreTail: tail })).toBe(false);
  });

  it("[PP-5] refuses a text of another network than its chain's, a damaged one and an address", () => {
    const text = formatProof(placed);
    expect(parseProof(formatBech32("stgproof", encodePlacedProof(placed)))).toEqual({ ok: false });
    expect(parseProof(formatBech32("dstg", encodePlacedProof(placed)))).toEqual({ ok: false });
    expect(parseProof(formatBech32("dstgproof", encodePlacedProof(changed({ chainId: 999 }))))).toEqual({ ok: false });
    expect(parseProof(text.slice(0, -1))).toEqual({ ok: false });
    expect(parseProof(`${text} `)).toEqual({ ok: false });
    expect(parseProof(`${text}q`)).toEqual({ ok: false });
    expect(parseProof("")).toEqual({ ok: false });
    const { bytes } = parseBech32(text, text.length)!;
    expect(parseProof(formatBech32("dstgproof", Uint8Array.of(2, ...bytes.slice(1))))).toEqual({ ok: false });
  });

  it("[EN-3] [EN-4] has one encoding and a decoder for any bytes", () => {
    const codec = codecOf("placed proof", decodePlacedProof, encodePlacedProof, [
      encodePlacedProof(placed),
      encodePlacedProof({ ...changed({ n: 3 }), leaf: leafIndex(2 ** 40 - 1), height: height(2 ** 53 - 1) }),
    ]);
    checkDecoder(codec, runs(10_000, 1_000_000));
  });
});
