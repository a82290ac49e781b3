import { equalBytes } from "../bytes/compare-bytes.ts";
import { beaconMessage, nextBeacon } from "../chain/beacon.ts";
import { certificateHash, verifyCertificate, type Certificate } from "../chain/certificate.ts";
import { compactEntry, encodeEntry } from "../chain/compact-block.ts";
import { blockId, type Header } from "../chain/header.ts";
import { isBlocking, totalPower, validatorSetHash, type ValidatorSet } from "../chain/validator-set.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { rootOfLastLeaf } from "../crypto/merkle.ts";
import { awardAnchor } from "../crypto/public-output.ts";
import { awardWinner } from "../state/award.ts";
import { encodeAward } from "../state/aux-records.ts";
import type { AwardClaim } from "./award-claim.ts";
import { knownPower, type TrustedHeader } from "./skip-header.ts";

/** Why a past draw is not believed; the number is that of the broken rule. */
export const AWARD_FAULT_RULES = {
  /** Of another chain than the one we trust. */
  wrong_chain: "LC-1",
  /** The two headers are not of one block and the next, or the certificate is not the one that the next names. */
  not_linked: "CO-3",
  /** A set that a header names is not there. */
  bad_set: "LC-1",
  /** Too few of those we trust have signed. Another trusted header, nearer to the draw, may do. */
  unknown_signers: "LC-2",
  bad_certificate: "LC-1",
  /** The list, its week or the height of the draw is not what the chain fixed. */
  bad_list: "AW-2",
  /** The beacon is not the one of the block, or not made by its proposer. */
  bad_beacon: "CO-1",
  wrong_winner: "AW-2",
  /** The winner was not paid this amount by this block. */
  bad_payout: "AW-2",
} as const;

export type AwardFault = keyof typeof AWARD_FAULT_RULES;

/**
 * AW-4: whether a past draw was as it is said to have been, from one trusted header on, whose set may be older or younger
 * than the draw. Cheap before costly; three pairing checks at most. undefined: it was. What it does not check is that the
 * proposer was the one drawn for its round (CO-16), which rests on the certificate.
 */
export function recheckAward(
  bls: BlsBackend,
  trusted: Pick<TrustedHeader, "header" | "nextValidators">,
  claim: AwardClaim,
): AwardFault | undefined {
  const { header, beaconHeader } = claim;
  for (const each of [header, beaconHeader])
    if (each.chainId !== trusted.header.chainId || !equalBytes(each.paramsHash, trusted.header.paramsHash))
      return "wrong_chain";
  if (!isLinked(claim)) return "not_linked";
  const [own, beaconOwn] = [setOf(claim, header), setOf(claim, beaconHeader)];
  if (own === undefined || beaconOwn === undefined) return "bad_set";
  return (
    wrongDraw(claim) ??
    wrongSigners(bls, trusted.nextValidators, claim, own, beaconOwn) ??
    (isBeaconSigned(bls, claim, beaconOwn) ? undefined : "bad_beacon")
  );
}

/** The block that drew names the one before it, and its certificate. */
function isLinked({ header, certificate, beaconHeader }: AwardClaim): boolean {
  return (
    beaconHeader.height === header.height + 1 &&
    equalBytes(beaconHeader.prev, blockId(header)) &&
    equalBytes(beaconHeader.lastCertHash, certificateHash(certificate))
  );
}

function setOf({ validatorSets }: AwardClaim, header: Header): ValidatorSet | undefined {
  return validatorSets.find((set) => equalBytes(validatorSetHash(set), header.valHash));
}

/** AW-2, as far as the two headers are to be believed. */
function wrongDraw(claim: AwardClaim): AwardFault | undefined {
  const { header, beaconHeader, payout } = claim;
  const due = { week: BigInt(claim.week), dueHeight: beaconHeader.height, blsKeys: claim.eligible };
  const isListed = equalBytes(rootOfLastLeaf(claim.listProof, encodeAward(due)), header.auxRoot);
  if (claim.eligible.length === 0 || claim.beaconHeight !== beaconHeader.height || !isListed) return "bad_list";
  if (!equalBytes(claim.beacon, beaconHeader.beacon)) return "bad_beacon";
  const winner = due.blsKeys[awardWinner(due, beaconHeader.beacon)]!;
  if (!equalBytes(claim.winner, winner)) return "wrong_winner";
  const entry = encodeEntry(compactEntry(payout));
  const isPaid =
    payout.amount === claim.amount &&
    equalBytes(payout.anchor, awardAnchor(header.chainId, claim.week, winner)) &&
    // What is spent and changed comes first: an entry never stands alone.
    claim.payoutProof.length > 0 &&
    equalBytes(rootOfLastLeaf(claim.payoutProof, entry), beaconHeader.compactRoot) &&
    beaconHeader.pot === 0n;
  return isPaid ? undefined : "bad_payout";
}

/**
 * LC-1 for both headers, LC-2 for the later one, which names the other: more than a third of the power that we trust has
 * signed it, so an honest validator of ours stands behind it, whether the set we trust came before it or after.
 */
function wrongSigners(
  bls: BlsBackend,
  trusted: ValidatorSet,
  claim: AwardClaim,
  own: ValidatorSet,
  beaconOwn: ValidatorSet,
): AwardFault | undefined {
  const { header, certificate, beaconHeader, beaconCertificate } = claim;
  const isCertified = (each: Header, by: Certificate, set: ValidatorSet): boolean =>
    verifyCertificate(bls, each.chainId, each.height, blockId(each), by, set);
  if (!isBlocking(knownPower(beaconCertificate, beaconOwn, trusted), totalPower(trusted))) return "unknown_signers";
  if (!isCertified(beaconHeader, beaconCertificate, beaconOwn)) return "bad_certificate";
  return isCertified(header, certificate, own) ? undefined : "bad_certificate";
}

/** 6.3: the beacon follows from the one before by a signature that nobody but the proposer can make, and in one way only. */
function isBeaconSigned(bls: BlsBackend, { header, beaconHeader }: AwardClaim, set: ValidatorSet): boolean {
  const { beacon, beaconSignature, chainId, height, proposer } = beaconHeader;
  const key = set[proposer]?.blsKey;
  return (
    key !== undefined &&
    equalBytes(beacon, nextBeacon(header.beacon, beaconSignature)) &&
    bls.verify(key, beaconMessage(chainId, height, header.beacon), beaconSignature)
  );
}
