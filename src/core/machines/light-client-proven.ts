import { equalBytes } from "../bytes/compare-bytes.ts";
import { verifyCertificate } from "../chain/certificate.ts";
import type { TrustedChain } from "../sync/trusted-chain.ts";
import { changeTrust } from "./light-client-questions.ts";
import type { Draft } from "./light-client-state.ts";

/** Blocks that a witness may speak about (LC-3). */
export const PROVEN_MAX = 64;

/** A block whose certificate we have checked. Genesis has none, so nobody can contradict it. */
export function rememberProven(draft: Draft, { header, blockId, certificate, nextValidators }: TrustedChain): void {
  if (certificate === undefined || header.height === 0) return;
  const proven = [...draft.state.trust.proven, { header, blockId, certificate, nextValidators }];
  changeTrust(draft, { proven: proven.slice(-PROVEN_MAX) });
}

/**
 * A block that we trust for another reason: a checkpoint names it, or a certified one stands on it. Its certificate is
 * whatever a node has sent, and what shows a fork must hold (LC-3). Where it announces other validators than its own,
 * nobody here knows who signed it.
 */
export function rememberCertified(draft: Draft, chain: TrustedChain): void {
  const { header, blockId, certificate, nextValidators } = chain;
  if (certificate === undefined || !equalBytes(header.valHash, header.nextValHash)) return;
  const { chainId, height } = header;
  const { bls } = draft.deps;
  if (verifyCertificate(bls, chainId, height, blockId, certificate, nextValidators)) rememberProven(draft, chain);
}

/**
 * Checks what the last run stored, before anybody's word is compared with it. Not at the start: a certificate takes
 * longer to check than everything else before the last balance shows.
 */
export function proveStored(draft: Draft): void {
  const { stored } = draft.state.trust;
  if (stored === undefined) return;
  changeTrust(draft, { stored: undefined });
  rememberCertified(draft, stored);
}
