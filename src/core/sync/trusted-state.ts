import { DecodeError } from "../bytes/decode-error.ts";
import { equalBytes } from "../bytes/compare-bytes.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { encodeHeader, readHeader, type Header } from "../chain/header.ts";
import { readValidatorSet, validatorSetHash, writeValidatorSet, type ValidatorSet } from "../chain/validator-set.ts";
import { HEADER_SIZE } from "../params/limits.ts";

/** What a light client holds on to: a verified header and the set that signs the block after it (6.7). */
export interface TrustedState {
  readonly header: Header;
  /** The set announced by `header.nextValHash`; off a boundary it is the header's own (CO-2). */
  readonly validators: ValidatorSet;
}

/** Makes the state out of a checked header; undefined if the set is not the one it announces. */
export function trustHeader(header: Header, validators: ValidatorSet): TrustedState | undefined {
  return equalBytes(validatorSetHash(validators), header.nextValHash) ? { header, validators } : undefined;
}

export function encodeTrustedState(trusted: TrustedState): Uint8Array {
  const writer = new Writer(HEADER_SIZE + 2 + 56 * trusted.validators.length).bytes(encodeHeader(trusted.header));
  writeValidatorSet(writer, trusted.validators);
  return writer.finish();
}

/** Refuses a set that the header does not announce: a damaged store must not become a trusted one. */
export function decodeTrustedState(bytes: Uint8Array): TrustedState {
  const [header, validators] = decodeWhole(bytes, (reader) => [readHeader(reader), readValidatorSet(reader)] as const);
  const trusted = trustHeader(header, validators);
  if (trusted === undefined) throw new DecodeError("set of another header");
  return trusted;
}
