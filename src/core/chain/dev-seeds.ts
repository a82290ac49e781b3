import { u32 } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";

/** Validators a dev genesis may hold: as many as its parameters allow (GE-3, 0.4). */
export const DEV_VALIDATORS_MAX = 16;

/** Seed of the BLS key of dev validator i (GE-3). Public, so nodes refuse it on main and test. */
export function devValidatorSeed(index: number): Uint8Array {
  return hash32("stg/dev/validator", u32(index));
}

/** Wallet seed of the owner of dev validator i's stake (GE-3). */
export function devOwnerSeed(index: number): Uint8Array {
  return hash32("stg/dev/owner", u32(index));
}

/** Wallet seed of the dev faucet (GE-3). */
export function devFaucetSeed(): Uint8Array {
  return hash32("stg/dev/faucet");
}
