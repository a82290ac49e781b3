import type { NetworkParams } from "../params/network-params.ts";
import type { TimeMs } from "../values/height.ts";

/** How long a full node keeps whole blocks (5.5): who is further behind than that starts anew. */
export const BLOCKS_KEEP_MS = 24 * 60 * 60 * 1000;

/** What a full node that is no archive still has to have (5.5). Boundaries and what lives are kept for ever. */
export interface Retention {
  /** Blocks made before this time may go. */
  readonly blocksSince: number;
  /** Headers, certificates, compact data, and what spent outputs left, of blocks made before this time may go (BL-11). */
  readonly windowSince: number;
  /** Payloads of live outputs made before this time may go (BL-11). */
  readonly payloadsSince: number;
}

type RetentionParams = Pick<NetworkParams, "payloadTtlMs" | "trustingMs">;

/** By the chain's own time, so that a node that slept deletes nothing that others still give. */
export function retentionAt(tipTime: TimeMs, { payloadTtlMs, trustingMs }: RetentionParams): Retention {
  // Who has been away for longer than he may trust what he knows (LC-1) follows no single blocks: he reads the state.
  const windowMs = Math.min(payloadTtlMs, Math.max(trustingMs, BLOCKS_KEEP_MS));
  return {
    // Blocks never outlive the window: their headers and compact data go with it.
    blocksSince: tipTime - Math.min(BLOCKS_KEEP_MS, windowMs),
    windowSince: tipTime - windowMs,
    payloadsSince: tipTime - payloadTtlMs,
  };
}
