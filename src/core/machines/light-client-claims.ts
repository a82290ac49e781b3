import type { ClaimTarget, BuiltClaim } from "../wallet/build-claim.ts";
import { rejectClaim, type SeenPacket } from "../wallet/step-claims.ts";
import type { LeafIndex } from "../values/height.ts";
import type { ClaimRefused } from "./light-client-effect.ts";
import { applyToWallet } from "./light-client-payments.ts";
import type { Draft, LightClientState } from "./light-client-state.ts";

/** Whether this device may claim from a packet now; asked before any work is done for it, and again when it is stored. */
export function refuseClaim(
  { durable, config, phase }: Pick<LightClientState, "durable" | "config" | "phase">,
  { chainId, packetLeaf }: { readonly chainId: number; readonly packetLeaf: LeafIndex },
): ClaimRefused | undefined {
  const { wallet } = durable;
  if (phase !== "running" || wallet?.scanned === undefined || config === undefined) return "not_ready";
  return chainId === config.chainId ? rejectClaim(wallet, packetLeaf) : "wrong_network";
}

/**
 * A claim that a worker has signed: stored in this step's write, and sent behind it, until a block has it. Whoever is cut
 * in between sends the same bytes at the next start (9.3).
 */
export function claimBuilt(draft: Draft, target: ClaimTarget, built: BuiltClaim): void {
  const { packetLeaf } = target;
  const code = refuseClaim(draft.state, target);
  if (code !== undefined) {
    draft.effects.push({ type: "claim-rejected", packetLeaf, code });
    return;
  }
  applyToWallet(draft, { type: "claim-built", target, built, nowMs: draft.nowMs });
  draft.effects.push({ type: "claim-stored", packetLeaf, txid: built.txid });
}

/** What the state of its packet says of a claim. */
export function packetSeen(draft: Draft, seen: SeenPacket): void {
  const { config } = draft.state;
  if (config === undefined) return;
  applyToWallet(draft, { type: "packet-seen", seen, claimRefWindow: config.params.claimRefWindow });
}
