import { scrypt } from "@noble/hashes/scrypt.js";
import { u40, u64 } from "../bytes/writer.ts";
import type { Hash } from "../values/hash.ts";
import type { LeafIndex } from "../values/height.ts";
import { hash32 } from "./tagged-hash.ts";

/** 4 MiB a try (9.3): slow enough that losing tries cost something, small enough for a phone. */
const COST = { N: 4096, r: 8, p: 1, dkLen: 32 } as const;

/** What one try of a chance packet is about. */
export interface PacketTry {
  readonly packetLeaf: LeafIndex;
  /** Id of the block at ref_height: a try cannot be made long before its claim (RP-5). */
  readonly blockId: Hash;
  /** P of the claim: work done for one claimer is of no use to another. */
  readonly oneTimeKey: Uint8Array;
  /** u64. */
  readonly nonce: bigint;
}

/** y of 9.3: what one try gives. Takes milliseconds and 4 MiB, so it never runs on a thread that must answer (RP-12). */
export function packetWork(attempt: PacketTry, packetKey: Uint8Array): Uint8Array {
  const { packetLeaf, blockId, oneTimeKey, nonce } = attempt;
  const password = hash32("stg/rp/pow", u40(packetLeaf), blockId, oneTimeKey, u64(nonce));
  return scrypt(password, packetKey, COST);
}

/** Zero bits in front, byte 0 first and the high bit of a byte first (9.3). */
export function leadingZeroBits(bytes: Uint8Array): number {
  const place = bytes.findIndex((byte) => byte !== 0);
  return place === -1 ? 8 * bytes.length : 8 * place + Math.clz32(bytes[place]!) - 24;
}

/** True when the try wins a packet that asks for so many bits (RP-5). */
export function meetsPacketWork(attempt: PacketTry, packetKey: Uint8Array, powBits: number): boolean {
  return leadingZeroBits(packetWork(attempt, packetKey)) >= powBits;
}
