import { equalBytes } from "../bytes/compare-bytes.ts";
import { verifyCertificate, type Certificate } from "../chain/certificate.ts";
import { blockId, type Header } from "../chain/header.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { TimeMs } from "../values/height.ts";
import { trustHeader, type TrustedState } from "./trusted-state.ts";

/** How far ahead of our clock a header may be (LC-1). */
const FUTURE_TOLERANCE_MS = 10_000;

export interface CertifiedHeader {
  readonly header: Header;
  readonly certificate: Certificate;
  /** The set of `header.nextValHash`; needed where it differs from `header.valHash`. */
  readonly nextValidators?: ValidatorSet | undefined;
}

export type HeaderCheck =
  { readonly ok: true; readonly trusted: TrustedState } | { readonly ok: false; readonly code: HeaderRefusal };

export type HeaderRefusal =
  /** The trusted header is older than trusting_ms: a fresh checkpoint is needed (LC-1, LC-4). */
  | "trust_expired"
  | "wrong_chain"
  | "wrong_params"
  /** Not later than what is trusted, by height or by time. */
  | "not_newer"
  | "from_the_future"
  /** Signed by a set that the trusted header does not announce (LC-2). */
  | "needs_skipping"
  | "bad_certificate"
  /** A new set is announced and was not handed in. */
  | "missing_set"
  | "wrong_set"
  /** Does not follow directly on the trusted header. */
  | "broken_link";

/**
 * [LC-1] [LC-2] Checks a later header against a trusted one, of the same set or of the set it announces. On success
 * the header becomes the trusted one. Signatures are checked last: everything else is cheap.
 */
export function verifyHeader(
  bls: BlsBackend,
  trusted: TrustedState,
  candidate: CertifiedHeader,
  params: NetworkParams,
  now: TimeMs,
): HeaderCheck {
  const { header, certificate } = candidate;
  const refusal = checkPlace(trusted, header, params, now);
  if (refusal !== undefined) return refuse(refusal);
  const announced = announcedSet(trusted, candidate);
  if (typeof announced === "string") return refuse(announced);
  const id = blockId(header);
  if (!verifyCertificate(bls, header.chainId, header.height, id, certificate, trusted.validators)) {
    return refuse("bad_certificate");
  }
  return { ok: true, trusted: announced };
}

/** The same for the very next block of a stream: it must also name the trusted header as its parent. */
export function verifyNextHeader(
  bls: BlsBackend,
  trusted: TrustedState,
  candidate: CertifiedHeader,
  params: NetworkParams,
  now: TimeMs,
): HeaderCheck {
  const { header } = candidate;
  const isNext = header.height === trusted.header.height + 1 && equalBytes(header.prev, blockId(trusted.header));
  const isEpochRight = header.epoch === trusted.header.epoch + (trusted.header.isEpochEnd ? 1 : 0);
  if (!isNext || !isEpochRight) return refuse("broken_link");
  return verifyHeader(bls, trusted, candidate, params, now);
}

function checkPlace(
  trusted: TrustedState,
  header: Header,
  params: NetworkParams,
  now: TimeMs,
): HeaderRefusal | undefined {
  const known = trusted.header;
  if (header.chainId !== known.chainId) return "wrong_chain";
  if (!equalBytes(header.paramsHash, known.paramsHash)) return "wrong_params";
  if (now >= known.time + params.trustingMs) return "trust_expired";
  if (header.height <= known.height || header.time <= known.time || header.epoch < known.epoch) return "not_newer";
  if (header.time > now + FUTURE_TOLERANCE_MS) return "from_the_future";
  // One set may sign several epochs; whoever it is, the trusted header must have announced it.
  return equalBytes(header.valHash, known.nextValHash) ? undefined : "needs_skipping";
}

/** The next trusted state, if the set that the header announces is known. */
function announcedSet(trusted: TrustedState, candidate: CertifiedHeader): TrustedState | HeaderRefusal {
  const { header, nextValidators } = candidate;
  const isSame = equalBytes(header.nextValHash, header.valHash);
  if (!isSame && !header.isEpochEnd) return "wrong_set";
  if (isSame) return { header, validators: trusted.validators };
  if (nextValidators === undefined) return "missing_set";
  return trustHeader(header, nextValidators) ?? "wrong_set";
}

function refuse(code: HeaderRefusal): HeaderCheck {
  return { ok: false, code };
}
