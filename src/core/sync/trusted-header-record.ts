import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { blockId, encodeHeader, readHeader } from "../chain/header.ts";
import { readValidatorSet, validatorSetHash, writeValidatorSet } from "../chain/validator-set.ts";
import type { TrustedHeader } from "./skip-header.ts";

const RECORD_VERSION = 1;

/** The record: `u8 version ‖ header592 ‖ valset`, the set being that of next_val_hash. */
export function encodeTrustedHeader({ header, nextValidators }: TrustedHeader): Uint8Array {
  const writer = new Writer(1_024).u8(RECORD_VERSION).bytes(encodeHeader(header));
  writeValidatorSet(writer, nextValidators);
  return writer.finish();
}

export function decodeTrustedHeader(bytes: Uint8Array): TrustedHeader {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== RECORD_VERSION) throw new DecodeError(`record version ${version}`);
    const header = readHeader(reader);
    const nextValidators = readValidatorSet(reader);
    if (!equalBytes(validatorSetHash(nextValidators), header.nextValHash))
      throw new DecodeError("another validator set");
    return { header, blockId: blockId(header), nextValidators };
  });
}
