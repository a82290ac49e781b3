import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { SCHNORR_SIGNATURE_SIZE } from "../crypto/schnorr.ts";
import { leafIndex, type LeafIndex } from "../values/height.ts";

/** Kind 2: the creator of a packet wants back what nobody has claimed, before it expires (RP-7). 75 bytes. */
export interface TakeBack {
  readonly kind: "take-back";
  readonly chainId: number;
  readonly packetLeaf: LeafIndex;
  /** Schnorr, under the packet's P_refund. 64 bytes. */
  readonly signature: Uint8Array;
}

export type UnsignedTakeBack = Omit<TakeBack, "signature">;

/** What stands behind the kind, without the signature. */
export function writeTakeBack(writer: Writer, { packetLeaf }: UnsignedTakeBack): void {
  writer.u40(packetLeaf);
}

export function readTakeBack(reader: Reader, chainId: number): TakeBack {
  const packetLeaf = leafIndex(reader.u40());
  return { kind: "take-back", chainId, packetLeaf, signature: reader.bytes(SCHNORR_SIGNATURE_SIZE) };
}
