import type { NetworkParams } from "../params/network-params.ts";
import type { TimeMs } from "../values/height.ts";

/** How long a full node keeps whole blocks (5.5): who is further behind than that starts anew. */
export const BLOCKS_KEEP_MS = 24 * 60 * 60 * 1000;

/** What a full node that is no archive still has to have (5.5). Boundaries and what lives are kept for ever. */
export interface Retention {
  /** Blocks made before this time may go. */
  readonly blocksSince: number;
  /** Headers, certificates, compact data, payloads and cores of spent outputs made before this time may go (BL-11). */
  readonly windowSince: number;
}

/** By the chain's own time, so that a node that slept deletes nothing that others still give. */
export function retentionAt(tipTime: TimeMs, params: Pick<NetworkParams, "payloadTtlMs">): Retention {
  const windowMs = params.payloadTtlMs;
  // Blocks never outlive the window: their headers and compact data go with it.
  return { blocksSince: tipTime - Math.min(BLOCKS_KEEP_MS, windowMs), windowSince: tipTime - windowMs };
}
