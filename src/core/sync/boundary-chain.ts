import { equalBytes } from "../bytes/compare-bytes.ts";
import { verifyCertificate } from "../chain/certificate.ts";
import { blockId, isBoundary } from "../chain/header.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { HeaderItem } from "./compact-item.ts";
import type { TrustedHeader } from "./skip-header.ts";

/**
 * The boundary that follows a trusted one, or undefined if this is none. Epochs are counted, so none is left out, and
 * each is certified by the set that the one before announced: from the genesis on this proves as much as all blocks
 * would, but for what they did (LC-1).
 */
export function nextBoundary(bls: BlsBackend, last: TrustedHeader, item: HeaderItem): TrustedHeader | undefined {
  const { header, certificate } = item;
  const { header: before } = last;
  const follows =
    isBoundary(header) &&
    header.chainId === before.chainId &&
    equalBytes(header.paramsHash, before.paramsHash) &&
    header.height > before.height &&
    header.epoch === before.epoch + 1 &&
    header.time > before.time &&
    equalBytes(header.valHash, before.nextValHash);
  if (!follows) return undefined;
  const isSame = equalBytes(header.nextValHash, header.valHash);
  // Whoever decoded the item has compared its set with nextValHash.
  const nextValidators = isSame ? last.nextValidators : item.nextValidators;
  if (nextValidators === undefined) return undefined;
  const id = blockId(header);
  if (!verifyCertificate(bls, header.chainId, header.height, id, certificate, last.nextValidators)) return undefined;
  return { header, blockId: id, nextValidators };
}
