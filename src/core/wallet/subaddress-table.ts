import { formatHex } from "../bytes/hex.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { AddressKeys } from "../values/address.ts";
import { deriveAddress, deriveAddressFactor, type AddressGenerator } from "./keys.ts";

/** Addresses known past the highest one used (AD-7). */
export const ADDRESS_LOOKAHEAD = 64;
/** How far a restore looks for the address of an output made for us: the coins of those before it may all be spent. */
export const RESTORE_ADDRESSES_MAX = 4_096;

/** Whose address an S' is. The address itself is derived only for hits, since it costs two multiplications. */
export interface AddressOwner {
  readonly account: number;
  readonly index: number;
  readonly address: () => AddressKeys;
}

/** Our S_j by their ristretto255 encoding (2.3 step 4), for the accounts of one seed. */
export class SubaddressTable {
  readonly #curve: CurveBackend;
  readonly #owners = new Map<string, AddressOwner>();
  readonly #counts = new Map<number, number>();

  constructor(curve: CurveBackend) {
    this.#curve = curve;
  }

  /** Knows the addresses 0 … count − 1 of an account from now on; those already known cost nothing. */
  extend(account: number, keys: AddressGenerator, count: number): void {
    const known = this.#counts.get(account) ?? 0;
    for (let index = known; index < count; index++) {
      const spendKey = this.#curve.edwardsMultiply(keys.spendPoint, deriveAddressFactor(keys, index));
      const encoding = this.#curve.ristrettoEncode([this.#curve.edwardsToRistretto(spendKey)]);
      const address = (): AddressKeys => deriveAddress(this.#curve, keys, index);
      this.#owners.set(formatHex(encoding), { account, index, address });
    }
    this.#counts.set(account, Math.max(known, count));
  }

  /** How many addresses of an account are known. */
  count(account: number): number {
    return this.#counts.get(account) ?? 0;
  }

  find(encoding: Uint8Array): AddressOwner | undefined {
    return this.#owners.get(formatHex(encoding));
  }

  /** The owner of an address given by its Edwards S_j, which must be bytes of a valid point. */
  findSpendKey(spendKey: Uint8Array): AddressOwner | undefined {
    if (!this.#curve.edwardsIsPrimeOrder(spendKey)) return undefined;
    return this.find(this.#curve.ristrettoEncode([this.#curve.edwardsToRistretto(spendKey)]));
  }
}
