import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { Reader } from "../../../../src/core/bytes/reader.ts";
import { commitPublic } from "../../../../src/core/crypto/commitment.ts";
import { schnorrPublicKey } from "../../../../src/core/crypto/schnorr.ts";
import { deriveAccount, deriveAddress, deriveOutputSecret } from "../../../../src/core/wallet/keys.ts";
import {
  awardAnchor,
  checkPublicOutput,
  derivePublicOutput,
  genesisAnchor,
  payoutAnchor,
  type PublicOutputFields,
} from "../../../../src/core/crypto/public-output.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { curve } from "../../../support/wallet-vectors.ts";

function fieldsOf(hex: string): PublicOutputFields {
  const reader = new Reader(hexBytes(hex));
  expect(reader.u8()).toBe(1);
  return {
    oneTimeKey: reader.bytes(32),
    amount: reader.u64(),
    ephemeralKey: reader.bytes(32),
    viewTag: reader.bytes(2),
    recipient: { spendKey: reader.bytes(32), viewKey: reader.bytes(32) },
    anchor: reader.bytes(16),
  };
}

const fields = fieldsOf(vectors.public_output.bytes);

describe("public outputs", () => {
  it("[PU-1] accepts the output of the vectors", () => {
    expect(fields.amount).toBe(BigInt(vectors.public_output.amount));
    expect(formatHex(curve.ristrettoEncode([commitPublic(curve, fields.amount)]))).toBe(vectors.public_output.C);
    expect(checkPublicOutput(curve, fields)).toBe(true);
    const { keyOffset: _, ...derived } = derivePublicOutput(curve, fields.recipient, fields.amount, fields.anchor)!;
    expect(fields).toMatchObject(derived);
  });

  it.each(["faucet_output_leaf4", "faucet_output_leaf67"] as const)(
    "[GE-3] knows the %s, which its seed can spend",
    (name) => {
      const output = fieldsOf(vectors.dev.genesis[name]);
      expect(checkPublicOutput(curve, output)).toBe(true);
      expect(output.anchor).toEqual(genesisAnchor(Number(name.slice("faucet_output_leaf".length))));
      const faucet = deriveAccount(curve, hexBytes(vectors.dev.faucet_seed), 0);
      expect(output.recipient).toEqual(deriveAddress(curve, faucet.view, 0));
      const { keyOffset } = derivePublicOutput(curve, output.recipient, output.amount, output.anchor)!;
      expect(schnorrPublicKey(curve, deriveOutputSecret(curve, faucet, 0, keyOffset))).toEqual(output.oneTimeKey);
    },
  );

  it("[PU-1] refuses a wrong P, D, vtag, amount, anchor or address", () => {
    const flip = (bytes: Uint8Array): Uint8Array => bytes.with(0, bytes[0]! ^ 1);
    const changes: Partial<PublicOutputFields>[] = [
      { oneTimeKey: flip(fields.oneTimeKey) },
      { ephemeralKey: flip(fields.ephemeralKey) },
      { viewTag: flip(fields.viewTag) },
      { amount: fields.amount + 1n },
      { anchor: flip(fields.anchor) },
      { recipient: { ...fields.recipient, viewKey: flip(fields.recipient.viewKey) } },
      { recipient: { ...fields.recipient, viewKey: new Uint8Array(32) } },
      { recipient: { ...fields.recipient, spendKey: Uint8Array.of(1, ...new Uint8Array(31)) } },
    ];
    for (const change of changes) expect(checkPublicOutput(curve, { ...fields, ...change })).toBe(false);
  });

  it("[RW-2] [AW-2] derives anchors as in the vectors", () => {
    const blsKey = hexBytes(vectors.bls.validators[0]!.pk);
    expect(formatHex(payoutAnchor(1000, 7, blsKey))).toBe(vectors.consensus.payout_anchor);
    expect(formatHex(awardAnchor(1000, 7, blsKey))).toBe(vectors.consensus.award_anchor);
  });
});
