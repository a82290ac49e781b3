import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import type { AggregateClaim, BlsBackend } from "../crypto/bls-backend.ts";
import { BLS_SIGNATURE_SIZE, VALIDATORS_MAX } from "../params/limits.ts";
import type { Hash } from "../values/hash.ts";
import type { Height } from "../values/height.ts";
import { isQuorum, totalPower, type ValidatorSet } from "./validator-set.ts";
import { VOTE_TYPE, voteMessage } from "./vote.ts";

/** Precommits of more than two thirds of the power for one block (6.1). */
export interface Certificate {
  readonly round: number;
  /** One flag per seat of the set that signed. */
  readonly signers: readonly boolean[];
  /** Aggregate BLS signature, 96 bytes. */
  readonly signature: Uint8Array;
}

/** The certificate block 1 carries, where nothing could be certified yet (GE-5). */
export const EMPTY_CERTIFICATE: Certificate = {
  round: 0,
  signers: [],
  signature: new Uint8Array(BLS_SIGNATURE_SIZE),
};

/** ⌈n/8⌉ bytes; bit i&7 of byte i>>3 = seat i. */
export function writeBitmap(writer: Writer, bits: readonly boolean[]): void {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, index) => {
    if (bit) bytes[index >> 3]! |= 1 << (index & 7);
  });
  writer.bytes(bytes);
}

/** The inverse; a set bit behind the last seat is refused (EN-3). */
export function readBitmap(reader: Reader, count: number): boolean[] {
  const bytes = reader.bytes(Math.ceil(count / 8));
  const spare = count % 8;
  if (spare !== 0 && bytes[bytes.length - 1]! >> spare !== 0) throw new DecodeError("bit behind the last seat");
  return Array.from({ length: count }, (_, index) => ((bytes[index >> 3]! >> (index & 7)) & 1) === 1);
}

export function writeCertificate(writer: Writer, certificate: Certificate): void {
  writer.u32(certificate.round).u8(certificate.signers.length);
  writeBitmap(writer, certificate.signers);
  writer.fixed(certificate.signature, BLS_SIGNATURE_SIZE);
}

export function readCertificate(reader: Reader): Certificate {
  const round = reader.u32();
  const count = reader.u8();
  if (count > VALIDATORS_MAX) throw new DecodeError(`certificate of ${count} seats`);
  return { round, signers: readBitmap(reader, count), signature: reader.bytes(BLS_SIGNATURE_SIZE) };
}

export function encodeCertificate(certificate: Certificate): Uint8Array {
  const writer = new Writer(128);
  writeCertificate(writer, certificate);
  return writer.finish();
}

export function decodeCertificate(bytes: Uint8Array): Certificate {
  return decodeWhole(bytes, readCertificate);
}

/** last_cert_hash of 6.1. */
export function certificateHash(certificate: Certificate): Hash {
  return sha256Hash(encodeCertificate(certificate));
}

/** Power of the seats that signed. */
export function certificatePower(certificate: Certificate, validators: ValidatorSet): number {
  return validators.reduce(
    (sum, validator, index) => sum + (certificate.signers[index] === true ? validator.power : 0),
    0,
  );
}

/**
 * What its signature has to show; undefined where the certificate cannot make the block final, whatever it is: one flag
 * per seat, more than two thirds of the power (CO-3, LC-1).
 */
export function certificateClaim(
  chainId: number,
  blockHeight: Height,
  blockId: Hash,
  certificate: Certificate,
  validators: ValidatorSet,
): AggregateClaim | undefined {
  if (certificate.signers.length !== validators.length) return undefined;
  if (!isQuorum(certificatePower(certificate, validators), totalPower(validators))) return undefined;
  const signers = validators.filter((_, index) => certificate.signers[index] === true);
  const message = voteMessage(chainId, VOTE_TYPE.precommit, blockHeight, certificate.round, blockId);
  return { blsKeys: signers.map(({ blsKey }) => blsKey), message, signature: certificate.signature };
}

/** True iff the certificate makes the block final. Costs one pairing check whatever the number of seats. */
export function verifyCertificate(
  bls: BlsBackend,
  chainId: number,
  blockHeight: Height,
  blockId: Hash,
  certificate: Certificate,
  validators: ValidatorSet,
): boolean {
  const claim = certificateClaim(chainId, blockHeight, blockId, certificate, validators);
  return claim !== undefined && bls.verifyAggregate(claim.blsKeys, claim.message, claim.signature);
}
