import { u40 } from "../../core/bytes/writer.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { hash32 } from "../../core/crypto/tagged-hash.ts";
import type { ScanKeys } from "../../core/wallet/keys.ts";

/** 16 bytes as hex: names stand in address bars and histories, where a leaf or a transaction would lead to the chain. */
const NAME_SIZE = 16;

/** What a packet of ours is called on this device, from its payment on, by its D. */
export function madeName({ viewSecret }: ScanKeys, ephemeralKey: Uint8Array): string {
  return formatHex(hash32("stg/made-packet", viewSecret, ephemeralKey).slice(0, NAME_SIZE));
}

/** The same for a packet that was opened here. */
export function claimName({ viewSecret }: ScanKeys, packetLeaf: number): string {
  return formatHex(hash32("stg/opened-packet", viewSecret, u40(packetLeaf)).slice(0, NAME_SIZE));
}
