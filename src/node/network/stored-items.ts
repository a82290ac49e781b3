import { decodeCertificate } from "../../core/chain/certificate.ts";
import { decodeCompactBlock } from "../../core/chain/compact-block.ts";
import { decodeHeader } from "../../core/chain/header.ts";
import { decodeOutputCore } from "../../core/chain/output.ts";
import { decodeValidatorSet } from "../../core/chain/validator-set.ts";
import type { FullNodeStore } from "../../core/ports/full-node-store.ts";
import { leafIndex, type Height } from "../../core/values/height.ts";
import { isSetDue, type CertifiedHeader } from "../../wire/requests/certified-header.ts";
import type { CompactItem } from "../../wire/requests/compact.ts";
import type { ServedOutput } from "../../wire/requests/served-output.ts";

/** The stored header of a height with its certificate, and its announced set where the protocol wants it. */
export async function readCertifiedHeader(
  store: FullNodeStore,
  at: Height,
  isFirstOfHdr: boolean,
): Promise<CertifiedHeader | undefined> {
  const [headerBytes, certificateBytes] = await Promise.all([store.header(at), store.certificate(at)]);
  if (headerBytes === undefined || certificateBytes === undefined) return undefined;
  const header = decodeHeader(headerBytes);
  const certificate = decodeCertificate(certificateBytes);
  if (!isSetDue(header, isFirstOfHdr)) return { header, certificate, nextValidators: undefined };
  const set = await store.validatorSet(header.nextValHash);
  return set === undefined ? undefined : { header, certificate, nextValidators: decodeValidatorSet(set) };
}

/** One item of the compact stream; the same request gives the same bytes whoever asks (NW-2). */
export async function readCompactItem(
  store: FullNodeStore,
  at: Height,
  isFull: boolean,
): Promise<CompactItem | undefined> {
  const [certified, compactBytes] = await Promise.all([readCertifiedHeader(store, at, false), store.compact(at)]);
  if (certified === undefined || compactBytes === undefined) return undefined;
  const compact = decodeCompactBlock(compactBytes);
  if (!isFull) return { ...certified, compact, outputs: undefined };
  const outputs: ServedOutput[] = [];
  for (let offset = 0; offset < compact.entries.length; offset++) {
    const leaf = leafIndex(compact.firstLeaf + offset);
    const [core, [payload]] = await Promise.all([store.core(leaf), store.payloads([leaf])]);
    if (core === undefined) return undefined;
    outputs.push({ core: decodeOutputCore(core), payload });
  }
  return { ...certified, compact, outputs };
}
