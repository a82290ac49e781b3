import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { readCertificate, writeCertificate, type Certificate } from "../chain/certificate.ts";
import { blockId, encodeHeader, readHeader, type Header } from "../chain/header.ts";
import { timeMs, type TimeMs } from "../values/height.ts";

/** A header and what makes it final. */
export interface CertifiedBlock {
  readonly header: Header;
  readonly certificate: Certificate;
}

/** Two final blocks of one height: more than a third of some validators' power has signed twice (LC-3). */
export interface ForkEvidence {
  readonly foundMs: TimeMs;
  /** What we had followed. */
  readonly ours: CertifiedBlock;
  readonly theirs: CertifiedBlock;
}

const RECORD_VERSION = 1;

/** The record: `u8 version ‖ u64 found_ms ‖ 2 × (header592 ‖ cert)`, ours first. */
export function encodeForkEvidence({ foundMs, ours, theirs }: ForkEvidence): Uint8Array {
  const writer = new Writer(1_600).u8(RECORD_VERSION).u64(foundMs);
  for (const { header, certificate } of [ours, theirs]) {
    writer.bytes(encodeHeader(header));
    writeCertificate(writer, certificate);
  }
  return writer.finish();
}

/** Reads it back; two blocks of different heights, or one block twice, are no fork. */
export function decodeForkEvidence(bytes: Uint8Array): ForkEvidence {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== RECORD_VERSION) throw new DecodeError(`record version ${version}`);
    const foundMs = timeMs(reader.u53());
    const [ours, theirs] = [readBlock(reader), readBlock(reader)];
    const isPair = ours.header.chainId === theirs.header.chainId && ours.header.height === theirs.header.height;
    if (!isPair || equalBytes(blockId(ours.header), blockId(theirs.header)))
      throw new DecodeError("not two of a height");
    return { foundMs, ours, theirs };
  });
}

function readBlock(reader: Reader): CertifiedBlock {
  return { header: readHeader(reader), certificate: readCertificate(reader) };
}
