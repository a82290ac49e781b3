import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError, tryDecode } from "../../core/bytes/decode-error.ts";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { evidenceRoot } from "../../core/chain/block.ts";
import { certificateHash, readCertificate, writeCertificate, type Certificate } from "../../core/chain/certificate.ts";
import { readBlockContents, writeBlockContents, type BlockBody } from "../../core/chain/consensus-frames.ts";
import { blockId, encodeHeader, readHeader } from "../../core/chain/header.ts";
import type { Hash } from "../../core/values/hash.ts";
import type { Height } from "../../core/values/height.ts";
import { GOSSIP_BLOCK_BYTES_MAX } from "../limits.ts";
import { ignore, reject, type Judgement } from "./judgement.ts";

/** A final block as it is announced: certified, its transactions named by short ids (11.1). */
export interface GossipBlock {
  readonly body: BlockBody;
  /** For this block; the parent's is inside the body. */
  readonly certificate: Certificate;
}

/** `header592 ‖ cert ‖ last_cert ‖ n_ev1 {evidence} ‖ n_tx2 {short8}`. */
export function encodeGossipBlock(block: GossipBlock): Uint8Array {
  const writer = new Writer(1024).bytes(encodeHeader(block.body.header));
  writeCertificate(writer, block.certificate);
  writeBlockContents(writer, block.body);
  return writer.finish();
}

export function decodeGossipBlock(bytes: Uint8Array): GossipBlock {
  if (bytes.length > GOSSIP_BLOCK_BYTES_MAX) throw new DecodeError(`block message of ${bytes.length} bytes`);
  return decodeWhole(bytes, (reader) => {
    const header = readHeader(reader);
    const certificate = readCertificate(reader);
    return { body: { header, ...readBlockContents(reader) }, certificate };
  });
}

/** What the first stage needs to know of the node. */
export interface BlockView {
  readonly chainId: number;
  /** Of the newest final block here. */
  finalHeight(): Height;
  /** Announced before, or already here. */
  isKnown(blockId: Hash): boolean;
}

export interface AnnouncedBlock extends GossipBlock {
  readonly blockId: Hash;
}

/** First stage of topic `block`. The certificate is verified later, against the set of that height. */
export function judgeBlock(bytes: Uint8Array, view: BlockView): Judgement<AnnouncedBlock> {
  // [EN-3] REJECT: over the limit. Checked before any decoding.
  if (bytes.length > GOSSIP_BLOCK_BYTES_MAX) return reject("too_large");
  // [EN-4] REJECT: not one block message and nothing behind it.
  const decoded = tryDecode(decodeGossipBlock, bytes);
  if (!decoded.ok) return reject("malformed");
  const block = decoded.value;
  const { header, lastCertificate, evidence } = block.body;
  // [GE-5] REJECT: another chain's, or genesis, which nobody announces.
  if (header.chainId !== view.chainId) return reject("wrong_chain");
  if (header.height === 0) return reject("genesis");
  // IGNORE: old. Late copies of what is final already are no fault.
  if (header.height <= view.finalHeight()) return ignore("already_final");
  // [CO-3] REJECT: a certificate that nobody signed is above no threshold.
  if (!block.certificate.signers.includes(true)) return reject("no_signer");
  // [CO-19] REJECT: contents that are not those of the header.
  if (!equalBytes(certificateHash(lastCertificate), header.lastCertHash)) return reject("wrong_last_certificate");
  if (!equalBytes(evidenceRoot(evidence), header.evidenceRoot)) return reject("wrong_evidence");
  const id = blockId(header);
  // IGNORE: on its way here already.
  if (view.isKnown(id)) return ignore("already_known");
  return { verdict: "accept", value: { ...block, blockId: id } };
}
