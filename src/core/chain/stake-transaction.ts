import { DecodeError } from "../bytes/decode-error.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { SCHNORR_SIGNATURE_SIZE } from "../crypto/schnorr.ts";
import { BLS_KEY_SIZE, BLS_SIGNATURE_SIZE } from "../params/limits.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import { epoch, leafIndex, type Epoch, type LeafIndex } from "../values/height.ts";

/** Kind 3: the owner of a stake asks for it back (ST-5). 83 bytes. */
export interface Unbond {
  readonly kind: "unbond";
  readonly chainId: number;
  readonly stake: LeafIndex;
  /** Taken from the stake (TX-8). */
  readonly fee: Amount;
  /** Schnorr, under the P of the stake (TX-5). 64 bytes. */
  readonly signature: Uint8Array;
}

/** Kind 4: a jailed key says that it is back (ST-3). 154 bytes. */
export interface Unjail {
  readonly kind: "unjail";
  readonly chainId: number;
  readonly blsKey: Uint8Array;
  /** The one it is meant for: a captured one cannot be used again. */
  readonly epoch: Epoch;
  /** BLS, under the key itself (TX-5). 96 bytes. */
  readonly signature: Uint8Array;
}

export type UnsignedUnbond = Omit<Unbond, "signature">;
export type UnsignedUnjail = Omit<Unjail, "signature">;

/** What stands behind the kind, without the signature. */
export function writeUnbond(writer: Writer, { stake, fee }: UnsignedUnbond): void {
  writer.u40(stake).u64(fee);
}

export function readUnbond(reader: Reader, chainId: number): Unbond {
  const stake = leafIndex(reader.u40());
  const fee = reader.u64();
  if (!isAmount(fee)) throw new DecodeError("fee of 2^53 or more");
  return { kind: "unbond", chainId, stake, fee: amount(fee), signature: reader.bytes(SCHNORR_SIGNATURE_SIZE) };
}

/** What stands behind the kind, without the signature. */
export function writeUnjail(writer: Writer, unjail: UnsignedUnjail): void {
  writer.fixed(unjail.blsKey, BLS_KEY_SIZE).u32(unjail.epoch);
}

export function readUnjail(reader: Reader, chainId: number): Unjail {
  const blsKey = reader.bytes(BLS_KEY_SIZE);
  const meantFor = epoch(reader.u32());
  return { kind: "unjail", chainId, blsKey, epoch: meantFor, signature: reader.bytes(BLS_SIGNATURE_SIZE) };
}
