import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import type { AddressKeys } from "../values/address.ts";
import type { Hash } from "../values/hash.ts";
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

/** Beyond so many, a cache computes anew: 4,096 addresses of a restore, and as many again. */
export const CACHED_ADDRESSES_MAX = 8_192;

/**
 * The S_j of one account, computed once for the tables of many jobs: an address takes longer than a key agreement.
 * No secret is in it. Other keys replace what it held, so that it never knows the addresses of two wallets.
 */
export class SubaddressCache {
  #owner: Hash | undefined;
  readonly #encodings: Uint8Array[] = [];

  /** The encoding of the S_j of these keys, by `compute` where it is not known yet. */
  encoding(keys: AddressGenerator, index: number, compute: () => Uint8Array): Uint8Array {
    const owner = sha256Hash(keys.addressSecret, keys.spendPoint, keys.viewPoint);
    if (this.#owner === undefined || !equalBytes(this.#owner, owner)) this.#begin(owner);
    if (index > this.#encodings.length || index >= CACHED_ADDRESSES_MAX) return compute();
    return (this.#encodings[index] ??= compute());
  }

  /** How many it knows. */
  get size(): number {
    return this.#encodings.length;
  }

  #begin(owner: Hash): void {
    this.#owner = owner;
    for (const encoding of this.#encodings.splice(0)) encoding.fill(0);
  }
}

/** Our S_j by their ristretto255 encoding (2.3 step 4), for the accounts of one seed. */
export class SubaddressTable {
  readonly #curve: CurveBackend;
  readonly #cache: SubaddressCache | undefined;
  readonly #owners = new Map<string, AddressOwner>();
  readonly #counts = new Map<number, number>();

  constructor(curve: CurveBackend, cache?: SubaddressCache) {
    this.#curve = curve;
    this.#cache = cache;
  }

  /** Knows the addresses 0 … count − 1 of an account from now on; those already known cost nothing. */
  extend(account: number, keys: AddressGenerator, count: number): void {
    const known = this.#counts.get(account) ?? 0;
    for (let index = known; index < count; index++) {
      const compute = (): Uint8Array => {
        const spendKey = this.#curve.edwardsMultiplySecret(
          keys.spendPoint,
          deriveAddressFactor(this.#curve, keys, index),
        );
        return this.#curve.ristrettoEncode([this.#curve.edwardsToRistretto(spendKey)]);
      };
      const encoding = this.#cache === undefined ? compute() : this.#cache.encoding(keys, index, compute);
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
