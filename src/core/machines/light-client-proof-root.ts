import type { Checkpoint } from "../sync/network-config.ts";
import type { TrustedHeader } from "../sync/skip-header.ts";
import type { Draft } from "./light-client-state.ts";
import { freshCheckpoint } from "./light-client-trust.ts";

/** What a header that others name is tied to. A checkpoint's own header has still to be asked for. */
export type ProofRoot =
  | { readonly type: "header"; readonly header: TrustedHeader }
  | { readonly type: "checkpoint"; readonly checkpoint: Checkpoint };

/**
 * Where the check of a payment proof begins: at the chain that this wallet has followed while that is younger than
 * trusting_ms, else at a checkpoint above it that counts here (LC-4). undefined: there is nothing to believe.
 */
export function proofRoot(now: Pick<Draft, "state" | "deps" | "nowMs">): ProofRoot | undefined {
  const { config, durable } = now.state;
  if (config === undefined) return undefined;
  const { chain } = durable;
  if (chain !== undefined && now.nowMs < chain.header.time + config.params.trustingMs) {
    return { type: "header", header: chain };
  }
  const checkpoint = freshCheckpoint(now);
  if (checkpoint === undefined || checkpoint.height <= (chain?.header.height ?? -1)) return undefined;
  return { type: "checkpoint", checkpoint };
}
