import { beforeEach, describe, expect, it, vi } from "vitest";
import type { PacketCore } from "../../../../src/core/chain/packet-output.ts";
import type { CurveBackend } from "../../../../src/core/crypto/backend/curve-backend.ts";
import { buildKernel } from "../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { KERNEL_NAMES } from "../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { openBackend } from "../../../../src/core/crypto/backend/open-backend.ts";
import { commit } from "../../../../src/core/crypto/commitment.ts";
import { proveRange } from "../../../../src/core/crypto/range-proof-prover.ts";
import type { Scalar } from "../../../../src/core/crypto/scalar.ts";
import { schnorrPublicKey, schnorrSign } from "../../../../src/core/crypto/schnorr.ts";
import { hashToScalar } from "../../../../src/core/crypto/tagged-hash.ts";
import { deriveRefundOpening } from "../../../../src/core/wallet/packet-coin-secrets.ts";
import { buildShares, derivePacketKey, openShare } from "../../../../src/core/red-packet/packet-secrets.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { deriveAccount, deriveAddress, deriveOutputSecret } from "../../../../src/core/wallet/keys.ts";
import { buildOwnCoin, buildPaidCoin, derivePayment, openCoin } from "../../../../src/core/wallet/output-secrets.ts";
import { SubaddressTable } from "../../../../src/core/wallet/subaddress-table.ts";
import { seededRandom } from "../../../support/test-random.ts";

/** What became a BigInt, or a number modulo ℓ through one. */
const converted = vi.hoisted(() => [] as string[]);

vi.mock(import("../../../../src/core/crypto/scalar.ts"), async (load) => {
  const real = await load();
  const noted =
    <Operands extends readonly unknown[], Result>(name: string, own: (...operands: Operands) => Result) =>
    (...operands: Operands): Result => {
      converted.push(name);
      return own(...operands);
    };
  return {
    ...real,
    bigintOf: noted("bigintOf", real.bigintOf),
    modOrder: noted("modOrder", real.modOrder),
    scalarOf: noted("scalarOf", real.scalarOf),
    reduceScalar: noted("reduceScalar", real.reduceScalar),
    addScalars: noted("addScalars", real.addScalars),
    subtractScalars: noted("subtractScalars", real.subtractScalars),
  };
});

describe.each(KERNEL_NAMES)("[PR-9] with the %s kernel no BigInt is made", async (name) => {
  const curve = await openBackend(buildKernel, name);
  const random = seededRandom(`secret numbers ${name}`);
  const secret = (): Scalar => hashToScalar(curve, "stg/test/secret", random.bytes(32));
  const keys = deriveAccount(curve, random.bytes(32), 0);
  const to = deriveAddress(curve, keys.view, 3);
  const micro = amount(7_000_001n);
  const payment = derivePayment(curve, to, micro, random.bytes(32))!;
  const coin = buildPaidCoin(curve, payment, to, micro, 0);
  const fields = { ...coin.fields, payloadTag: new Uint8Array(16) };
  const link = random.bytes(16);
  const packet = { shares: buildShares(curve, link, [micro, micro, micro]), claimFee: 10n } as unknown as PacketCore;
  const addresses = new SubaddressTable(curve);
  addresses.extend(0, keys.view, 4);

  const WORK: Readonly<Record<string, (own: CurveBackend) => unknown>> = {
    "the keys of an account": (own) => deriveAccount(own, random.bytes(32), 1),
    "an address": (own) => deriveAddress(own, keys.view, 5),
    "the secrets of a payment": (own) => derivePayment(own, to, micro, random.bytes(32)),
    "a coin for a payee": (own) => buildPaidCoin(own, payment, to, micro, 1),
    "an own coin": (own) => buildOwnCoin(own, keys.view.viewAllSecret, payment.ephemeralKey, to, micro, 2),
    "a coin that is opened": (own) => openCoin(own, addresses, fields, "external", payment.sharedSecret, 0),
    "the secret of an output": (own) => deriveOutputSecret(own, keys, 3, coin.keyOffset),
    "the secret of an output of the first address": (own) => deriveOutputSecret(own, keys, 0, coin.keyOffset),
    "a commitment": (own) => commit(own, secret(), 2n ** 64n - 1n),
    "a public key": (own) => schnorrPublicKey(own, secret()),
    "a signature": (own) => schnorrSign(own, secret(), random.bytes(32), random.bytes(32)),
    "a range proof": (own) => {
      const witness = { chainId: 1000, context: random.bytes(32), values: [5n, 6n], blindings: [secret(), secret()] };
      return proveRange(own, witness, random);
    },
    "the key of a packet": (own) => derivePacketKey(own, link),
    "a share of a packet": (own) => openShare(own, link, 1, packet.shares[1]!),
    "a refund of two shares": (own) => deriveRefundOpening(own, link, packet, 2n),
  };

  beforeEach(() => void (converted.length = 0));

  it.each(Object.keys(WORK))("of %s", (work) => {
    // What the first call needs as well, such as tables, is public.
    expect(WORK[work]!(curve)).toBeDefined();
    converted.length = 0;
    WORK[work]!(curve);
    expect(converted).toEqual([]);
  });
});

describe("[PR-9] what is watched", () => {
  it("sees the reference make BigInts", async () => {
    const noble = await openBackend(buildKernel, "noble");
    converted.length = 0;
    hashToScalar(noble, "stg/test/secret");
    noble.edwardsBaseMultiplySecret(hashToScalar(noble, "stg/test/secret"));
    expect(converted.length).toBeGreaterThan(0);
  });
});
