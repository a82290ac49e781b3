import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { bigintOf, GROUP_ORDER, scalarOf, subtractScalars, type Scalar } from "../../../../src/core/crypto/scalar.ts";
import {
  checkAddress,
  deriveAccount,
  deriveAddress,
  deriveAddressFactor,
  deriveOutputSecret,
} from "../../../../src/core/wallet/keys.ts";
import { formatAddress, parseAddress } from "../../../../src/core/values/address.ts";
import type { NetworkName } from "../../../../src/core/values/network.ts";
import { hexBytes, hexScalar, vectors } from "../../../support/protocol-vectors.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const NETWORKS: Readonly<Record<string, NetworkName>> = { stg: "main", tstg: "test", dstg: "dev" };
const { keys } = vectors;

describe("account keys", () => {
  it("[AD-1] derives the keys of the vectors", () => {
    expect(formatHex(payee.view.viewAllSecret)).toBe(keys.s_vb);
    expect(formatHex(payee.view.viewSecret)).toBe(keys.k_v);
    expect(formatHex(payee.view.addressSecret)).toBe(keys.s_ga);
    expect(formatHex(payee.spendSecret)).toBe(keys.k_s);
    expect(formatHex(payee.view.spendPoint)).toBe(keys.S);
    expect(formatHex(payee.view.viewPoint)).toBe(keys.V_edwards);
  });

  it.each(keys.subaddresses)("[AD-1] derives subaddress $j of the vectors", ({ j, a_j, S_j, V_j }) => {
    expect(formatHex(deriveAddressFactor(curve, payee.view, j))).toBe(a_j);
    const address = deriveAddress(curve, payee.view, j);
    expect(formatHex(address.spendKey)).toBe(S_j);
    expect(formatHex(address.viewKey)).toBe(V_j);
    // V_j has two formulas; the wallet that holds k_v may use either.
    expect(formatHex(curve.x25519Batch(payee.view.viewSecret, curve.edwardsToMontgomery(address.spendKey)))).toBe(V_j);
  });

  it("[AD-4] gives accounts of one seed the same view secrets and other spend secrets", () => {
    const second = deriveAccount(curve, hexBytes(keys.seed), 1);
    expect(formatHex(second.spendSecret)).toBe(keys.k_s_account1);
    expect(second.view.viewAllSecret).toEqual(payee.view.viewAllSecret);
    expect(second.view.viewSecret).toEqual(payee.view.viewSecret);
    expect(second.view.spendPoint).not.toEqual(payee.view.spendPoint);
  });

  it("[AD-5] shows why a one-time secret must not leave: with view data it gives the spend key of its account only", () => {
    const { k_o, spend_secret } = vectors.external;
    const factor = deriveAddressFactor(curve, payee.view, 1);
    const x = deriveOutputSecret(curve, payee, 1, hexScalar(k_o));
    expect(formatHex(x)).toBe(spend_secret);
    const difference = bigintOf(subtractScalars(x, hexScalar(k_o)));
    const leaked: Scalar = scalarOf(difference * modInverse(bigintOf(factor)));
    expect(leaked).toEqual(payee.spendSecret);
    expect(formatHex(leaked)).not.toBe(keys.k_s_account1);
  });

  it.each(vectors.addresses.valid)("[AD-2] writes and reads $string", ({ hrp, j, string, length }) => {
    const network = NETWORKS[hrp]!;
    const address = deriveAddress(curve, payee.view, j);
    expect(formatAddress(address, network)).toBe(string);
    expect(string).toHaveLength(length);
    const parsed = parseAddress(string, network);
    expect(parsed).toMatchObject({ ok: true, keys: address });
    expect(checkAddress(curve, address)).toEqual({ ok: true });
  });

  it.each(vectors.addresses.invalid)("[AD-3] refuses an address with $note", ({ string, reason }) => {
    const parsed = parseAddress(string, "main");
    const code = parsed.ok ? checkAddress(curve, parsed.keys) : parsed;
    expect(code.ok).toBe(false);
    // The first step finds what needs no curve; the points are for the second.
    expect(parsed.ok).toBe(/^[SV] /.test(reason));
    if (parsed.ok) expect(code).toEqual({ ok: false, code: reason.startsWith("S") ? "bad_spend_key" : "bad_view_key" });
  });

  it("[AD-3] refuses keys of another size instead of throwing", () => {
    const { spendKey, viewKey } = deriveAddress(curve, payee.view, 0);
    expect(checkAddress(curve, { spendKey: spendKey.slice(1), viewKey }).ok).toBe(false);
    expect(checkAddress(curve, { spendKey, viewKey: viewKey.slice(1) }).ok).toBe(false);
  });
});

/** n^(ℓ−2), Fermat. */
function modInverse(value: bigint): bigint {
  let [result, base] = [1n, value];
  for (let exponent = GROUP_ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % GROUP_ORDER;
    base = (base * base) % GROUP_ORDER;
  }
  return result;
}
