import type { TrustedChain } from "../sync/trusted-chain.ts";
import { changeTrust } from "./light-client-questions.ts";
import type { Draft } from "./light-client-state.ts";

/** Blocks that a witness may speak about (LC-3). */
export const PROVEN_MAX = 64;

/** A block whose certificate we have checked, or that a checkpoint names. Genesis has none, so nobody can contradict it. */
export function rememberProven(draft: Draft, { header, blockId, certificate, nextValidators }: TrustedChain): void {
  if (certificate === undefined || header.height === 0) return;
  const proven = [...draft.state.trust.proven, { header, blockId, certificate, nextValidators }];
  changeTrust(draft, { proven: proven.slice(-PROVEN_MAX) });
}
