import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { certificatePower, verifyCertificate, type Certificate } from "../chain/certificate.ts";
import { blockId, isBoundary, type Header } from "../chain/header.ts";
import { isBlocking, isQuorum, totalPower, validatorSetHash, type ValidatorSet } from "../chain/validator-set.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { Hash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";
import type { HeaderItem } from "./compact-item.ts";
import { HEADER_AHEAD_MS_MAX } from "./trusted-chain.ts";

/** A header we trust and the set that it announces: all that LC-2 needs. */
export interface TrustedHeader {
  readonly header: Header;
  readonly blockId: Hash;
  /** The set that next_val_hash names. */
  readonly nextValidators: ValidatorSet;
}

/**
 * Why a header above a trusted one is refused. `stale` speaks of the age of our trust; `ahead` of our clock, since it is
 * said of certified headers only; everything else of whoever sent it.
 */
export type SkipFault =
  "wrong_chain" | "not_above" | "bad_time" | "bad_epoch" | "bad_set" | "bad_certificate" | "stale" | "ahead";

export type SkipResult =
  | { readonly outcome: "trusted"; readonly trusted: TrustedHeader }
  /** Nothing is wrong with it, but too few of those we know have signed it: try one further down. */
  | { readonly outcome: "too-far" }
  | { readonly outcome: "fault"; readonly fault: SkipFault };

/**
 * LC-1 and LC-2: whether a header anywhere above a trusted one is to be trusted, without those in between. `signers` is
 * the set that its val_hash names, needed where that is not the one the trusted header announces. More than two thirds
 * of it must have signed, and among those more than a third of the power that the *trusted* set has: then at least one
 * honest validator of that set stands behind the header, and none of them can sign two chains unpunished.
 */
export function skipHeader(
  bls: BlsBackend,
  params: NetworkParams,
  trusted: TrustedHeader,
  item: HeaderItem,
  signers: ValidatorSet | undefined,
  nowMs: TimeMs,
): SkipResult {
  const { header, certificate } = item;
  const wrong = findFault(params, trusted.header, header, nowMs);
  if (wrong !== undefined) return fault(wrong);
  const isKnownSet = equalBytes(header.valHash, trusted.header.nextValHash);
  const own = isKnownSet ? trusted.nextValidators : signers;
  if (own === undefined || (!isKnownSet && !equalBytes(validatorSetHash(own), header.valHash))) return fault("bad_set");
  const next = announcedSet(item, own);
  if (next === undefined) return fault("bad_set");
  if (certificate.signers.length !== own.length) return fault("bad_certificate");
  if (!isQuorum(certificatePower(certificate, own), totalPower(own))) return fault("bad_certificate");
  const known = knownPower(certificate, own, trusted.nextValidators);
  if (!isBlocking(known, totalPower(trusted.nextValidators))) return { outcome: "too-far" };
  const id = blockId(header);
  if (!verifyCertificate(bls, header.chainId, header.height, id, certificate, own)) return fault("bad_certificate");
  // Last, so that only a certified header can say that our clock is behind.
  if (header.time > nowMs + HEADER_AHEAD_MS_MAX) return fault("ahead");
  return { outcome: "trusted", trusted: { header, blockId: id, nextValidators: next } };
}

function fault(value: SkipFault): SkipResult {
  return { outcome: "fault", fault: value };
}

/** What the two headers alone tell. */
function findFault(params: NetworkParams, from: Header, to: Header, nowMs: TimeMs): SkipFault | undefined {
  if (to.chainId !== from.chainId || !equalBytes(to.paramsHash, from.paramsHash)) return "wrong_chain";
  if (to.height <= from.height) return "not_above";
  if (nowMs >= from.time + params.trustingMs) return "stale";
  const spanMs = (to.height - from.height) * Math.max(params.minBlockMs, 1);
  if (to.time < from.time + spanMs) return "bad_time";
  const epoch = from.epoch + (isBoundary(from) ? 1 : 0);
  if (to.epoch < epoch || to.epoch - epoch >= to.height - from.height) return "bad_epoch";
  // The set does not change within an epoch, and only a boundary announces another one.
  if (to.epoch === epoch && !equalBytes(to.valHash, from.nextValHash)) return "bad_set";
  if (!isBoundary(to) && !equalBytes(to.nextValHash, to.valHash)) return "bad_set";
  return undefined;
}

/** The set of next_val_hash: the header's own one, or the one that came with it. */
function announcedSet({ header, nextValidators }: HeaderItem, own: ValidatorSet): ValidatorSet | undefined {
  if (equalBytes(header.nextValHash, header.valHash)) return own;
  if (nextValidators === undefined) return undefined;
  return equalBytes(validatorSetHash(nextValidators), header.nextValHash) ? nextValidators : undefined;
}

/** Power that those who signed have in the set we trust; `own` is the set that the certificate is of. */
export function knownPower(certificate: Certificate, own: ValidatorSet, trusted: ValidatorSet): number {
  const signed = new Set(own.filter((_, seat) => certificate.signers[seat] === true).map(keyOf));
  return trusted.reduce((sum, validator) => sum + (signed.has(keyOf(validator)) ? validator.power : 0), 0);
}

function keyOf({ blsKey }: ValidatorSet[number]): string {
  return formatHex(blsKey);
}
