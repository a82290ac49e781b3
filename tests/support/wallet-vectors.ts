import type { CoinFields } from "../../src/core/chain/output.ts";
import { deriveAccount, type AccountKeys } from "../../src/core/wallet/keys.ts";
import { SubaddressTable } from "../../src/core/wallet/subaddress-table.ts";
import { hexBytes, vectors } from "./protocol-vectors.ts";
import { testCurve } from "./test-curve.ts";

/** The wallets of the vectors: the payee's (`keys`) and the owner of the internal output. */
export const curve = testCurve;
export const payee: AccountKeys = deriveAccount(curve, hexBytes(vectors.keys.seed), 0);
export const owner: AccountKeys = deriveAccount(curve, hexBytes(vectors.internal.owner_seed), 0);

/** Addresses 0 … 3 of one account, enough for the vectors. */
export function smallTable(account: AccountKeys): SubaddressTable {
  const table = new SubaddressTable(curve);
  table.extend(account.account, account.view, 4);
  return table;
}

/** Fields of the first 139 bytes of a coin (2.1). */
export function coinFieldsOf(core: Uint8Array): CoinFields {
  return {
    oneTimeKey: core.slice(1, 33),
    commitment: core.slice(33, 65),
    ephemeralKey: core.slice(65, 97),
    amountEnc: core.slice(97, 105),
    anchorEnc: core.slice(105, 121),
    viewTag: core.slice(121, 123),
    payloadTag: core.slice(123, 139),
  };
}
