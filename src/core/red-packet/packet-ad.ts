import { hash32 } from "../crypto/tagged-hash.ts";

/**
 * Key of the picture or advertisement of a packet (RP-10), 32 bytes. Who has the link has it, and a packet has one L: so it
 * seals one content, which is never exchanged for another.
 */
export function derivePacketAdKey(linkSecret: Uint8Array): Uint8Array {
  return hash32("stg/rp/ad", linkSecret);
}
