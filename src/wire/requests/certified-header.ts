import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Reader } from "../../core/bytes/reader.ts";
import type { Writer } from "../../core/bytes/writer.ts";
import { readCertificate, writeCertificate, type Certificate } from "../../core/chain/certificate.ts";
import { encodeHeader, isBoundary, readHeader, type Header } from "../../core/chain/header.ts";
import {
  readValidatorSet,
  validatorSetHash,
  writeValidatorSet,
  type ValidatorSet,
} from "../../core/chain/validator-set.ts";

/** A header with what makes it final and, where the set changes, the set it announces. */
export interface CertifiedHeader {
  readonly header: Header;
  /** For genesis the empty certificate (GE-5). */
  readonly certificate: Certificate;
  /** The set of next_val_hash; present exactly where {@link isSetDue}. */
  readonly nextValidators: ValidatorSet | undefined;
}

/** hasset of 11.1: every boundary where the set changes, and a boundary that opens a `hdr` answer. */
export function isSetDue(header: Header, isFirstOfHdr: boolean): boolean {
  return isBoundary(header) && (isFirstOfHdr || !equalBytes(header.nextValHash, header.valHash));
}

/** Writes `header592 cert hasset1 [valset]`. */
export function writeCertifiedHeader(writer: Writer, item: CertifiedHeader): void {
  writer.bytes(encodeHeader(item.header));
  writeCertificate(writer, item.certificate);
  writer.u8(item.nextValidators === undefined ? 0 : 1);
  if (item.nextValidators !== undefined) writeValidatorSet(writer, item.nextValidators);
}

/** Reads it back. The set is there exactly where it is due and hashes to next_val_hash; the certificate is not checked. */
export function readCertifiedHeader(reader: Reader, isFirstOfHdr: boolean): CertifiedHeader {
  const header = readHeader(reader);
  const certificate = readCertificate(reader);
  const hasSet = readFlag(reader);
  if (hasSet !== isSetDue(header, isFirstOfHdr)) throw new DecodeError("validator set missing or not due");
  if (!hasSet) return { header, certificate, nextValidators: undefined };
  const nextValidators = readValidatorSet(reader);
  if (!equalBytes(validatorSetHash(nextValidators), header.nextValHash)) throw new DecodeError("another validator set");
  return { header, certificate, nextValidators };
}

/** One byte that is 0 or 1 (EN-3). */
export function readFlag(reader: Reader): boolean {
  const value = reader.u8();
  if (value > 1) throw new DecodeError(`flag ${value}`);
  return value === 1;
}
