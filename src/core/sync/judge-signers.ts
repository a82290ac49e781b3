import { equalBytes } from "../bytes/compare-bytes.ts";
import { verifyCertificate } from "../chain/certificate.ts";
import { blockId } from "../chain/header.ts";
import { isBlocking, totalPower, validatorSetHash, type ValidatorSet } from "../chain/validator-set.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { HeaderItem } from "./compact-item.ts";
import { knownPower, type TrustedHeader } from "./skip-header.ts";

/** Why a header that was made at any time is not believed. */
export type SignerFault =
  | "wrong_chain"
  | "bad_set" // nobody has shown the set that its val_hash names
  | "unknown_signers" // too few of those we trust have signed (LC-2)
  | "bad_certificate"; // LC-1

/**
 * LC-1 and LC-2 for a header older or younger than the one we trust: its own set has certified it, and those who did hold
 * more than a third of the power that we trust, so that an honest validator of ours stands behind it. `sets`: what
 * somebody has shown, believed by their hash alone. undefined: nothing is wrong.
 */
export function judgeSigners(
  bls: BlsBackend,
  trusted: Pick<TrustedHeader, "header" | "nextValidators">,
  { header, certificate }: Pick<HeaderItem, "header" | "certificate">,
  sets: readonly ValidatorSet[],
): SignerFault | undefined {
  const { chainId, paramsHash } = trusted.header;
  if (header.chainId !== chainId || !equalBytes(header.paramsHash, paramsHash)) return "wrong_chain";
  const own = signersOf(header, sets);
  if (own === undefined) return "bad_set";
  const { nextValidators: known } = trusted;
  if (!isBlocking(knownPower(certificate, own, known), totalPower(known))) return "unknown_signers";
  const isSigned = verifyCertificate(bls, chainId, header.height, blockId(header), certificate, own);
  return isSigned ? undefined : "bad_certificate";
}

/** The set that a header names, among those that were shown. */
export function signersOf(
  { valHash }: Pick<HeaderItem["header"], "valHash">,
  sets: readonly ValidatorSet[],
): ValidatorSet | undefined {
  return sets.find((set) => equalBytes(validatorSetHash(set), valHash));
}
