import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { verifyCertificate } from "../chain/certificate.ts";
import { blockId, isBoundary, type Header } from "../chain/header.ts";
import { isBlocking, totalPower, validatorSetHash, type ValidatorSet } from "../chain/validator-set.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { Height, TimeMs } from "../values/height.ts";
import type { HeaderItem } from "./compact-item.ts";

/** The newest boundary that is certainly not later than a birthday. */
export interface BirthdayBoundary {
  readonly height: Height;
  readonly nextLeaf: number;
}

/**
 * Looks for a boundary by its time among heights `low` … `high − 1`, halving them with each answer. Answers are
 * believed only upwards: whatever is not vouched for counts as too late, so a node that lies makes us read more ranges,
 * never fewer.
 */
export interface BirthdaySearch {
  readonly low: number;
  readonly high: number;
  readonly best: BirthdayBoundary | undefined;
}

export function startBirthdaySearch(boundaryHeight: Height): BirthdaySearch {
  return { low: 0, high: boundaryHeight, best: undefined };
}

/** The height from which to ask for the next boundary; undefined once the search is over. */
export function nextBirthdayQuestion({ low, high }: BirthdaySearch): number | undefined {
  return low < high ? Math.floor((low + high) / 2) : undefined;
}

/** The answer to a question: the first boundary from `asked` on, where there is one and it is vouched for. */
export function answerBirthday(
  search: BirthdaySearch,
  asked: number,
  header: Header | undefined,
  birthdayMs: TimeMs,
): BirthdaySearch {
  const isEarly =
    header !== undefined && header.height >= asked && header.height < search.high && header.time <= birthdayMs;
  if (!isEarly) return { ...search, high: asked };
  return { ...search, low: header.height + 1, best: { height: header.height, nextLeaf: header.nextLeaf } };
}

/**
 * LC-2 the other way round: an old boundary header counts if more than 2/3 of its own set certify it and those who did
 * hold more than 1/3 of the power of a set we trust today. Where nobody of then is left, it does not count.
 */
export function isVouchedFor(bls: BlsBackend, chainId: number, trusted: ValidatorSet, item: HeaderItem): boolean {
  const { header, certificate, nextValidators } = item;
  if (header.chainId !== chainId || !isBoundary(header) || nextValidators === undefined) return false;
  // The set comes along as that of the next epoch; only where it did not change is it also that of the signers.
  if (!equalBytes(header.valHash, header.nextValHash)) return false;
  if (!equalBytes(validatorSetHash(nextValidators), header.valHash)) return false;
  const signers = new Set(
    nextValidators.filter((_, seat) => certificate.signers[seat] === true).map(({ blsKey }) => formatHex(blsKey)),
  );
  const known = trusted.filter(({ blsKey }) => signers.has(formatHex(blsKey)));
  if (!isBlocking(totalPower(known), totalPower(trusted))) return false;
  return verifyCertificate(bls, chainId, header.height, blockId(header), certificate, nextValidators);
}
