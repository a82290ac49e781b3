import { compareBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { BLS_KEY_SIZE, VALIDATORS_MAX } from "../params/limits.ts";
import type { Hash } from "../values/hash.ts";

/** One seat: a key and its weight in whole STG (6.1). */
export interface Validator {
  readonly blsKey: Uint8Array;
  readonly power: number;
}

/** Sorted by power descending, then key ascending; a validator's index is its place here. */
export type ValidatorSet = readonly Validator[];

/** Order of seats in a set (6.1). */
export function compareValidators(left: Validator, right: Validator): number {
  return right.power - left.power || compareBytes(left.blsKey, right.blsKey);
}

export function totalPower(validators: ValidatorSet): number {
  return validators.reduce((sum, validator) => sum + validator.power, 0);
}

/** More than two thirds of the whole: "2f+1" of 6.2. Both stay far below 2^53. */
export function isQuorum(power: number, total: number): boolean {
  return 3 * power > 2 * total;
}

/** More than one third of the whole: "f+1" of 6.2. */
export function isBlocking(power: number, total: number): boolean {
  return 3 * power > total;
}

export function writeValidatorSet(writer: Writer, validators: ValidatorSet): void {
  writer.u16(validators.length);
  for (const validator of validators) writer.fixed(validator.blsKey, BLS_KEY_SIZE).u64(validator.power);
}

export function encodeValidatorSet(validators: ValidatorSet): Uint8Array {
  const writer = new Writer(2 + 56 * validators.length);
  writeValidatorSet(writer, validators);
  return writer.finish();
}

/** Reads a sorted set without equal keys, at most VALIDATORS_MAX seats, each with some power. */
export function readValidatorSet(reader: Reader): ValidatorSet {
  const validators = reader.list(reader.u16(), VALIDATORS_MAX, (from) => ({
    blsKey: from.bytes(BLS_KEY_SIZE),
    power: from.u53(),
  }));
  const keys = new Set<string>();
  validators.forEach((validator, index) => {
    if (validator.power === 0) throw new DecodeError("seat without power");
    if (index > 0 && compareValidators(validators[index - 1]!, validator) >= 0)
      throw new DecodeError("seats not sorted");
    keys.add(validator.blsKey.join());
  });
  if (keys.size !== validators.length) throw new DecodeError("two seats of one key");
  // Three times the sum must stay exact in a double for the quorum arithmetic.
  if (totalPower(validators) > Number.MAX_SAFE_INTEGER / 4) throw new DecodeError("total power too large");
  return validators;
}

export function decodeValidatorSet(bytes: Uint8Array): ValidatorSet {
  return decodeWhole(bytes, readValidatorSet);
}

/** val_hash of 6.1. */
export function validatorSetHash(validators: ValidatorSet): Hash {
  return hash32("stg/valset", encodeValidatorSet(validators));
}
