import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { readCertificate, writeCertificate, type Certificate } from "../chain/certificate.ts";
import { compactLeaves, type CompactBlock } from "../chain/compact-block.ts";
import { encodeHeader, readHeader, type Header } from "../chain/header.ts";
import { encodeOutputCore, readOutputCore, type PublicCore } from "../chain/output.ts";
import { encodeValidatorSet, type ValidatorSet } from "../chain/validator-set.ts";
import { proveLastLeaf } from "../crypto/merkle.ts";
import { AWARD_KEYS_MAX, BLS_KEY_SIZE, LAST_LEAF_PROOF_MAX } from "../params/limits.ts";
import type { AwardCommit } from "../ports/full-node-store.ts";
import { hash, HASH_SIZE, type Hash } from "../values/hash.ts";
import type { DrawnAward } from "./apply-records.ts";
import { listAuxRecords } from "./aux-records.ts";
import type { LedgerTip } from "./ledger-tip.ts";

/** What a block and the state before it tell of the draw of an award. */
export interface AwardEvidence {
  readonly week: bigint;
  /** The list that the week's last block fixed, ascending. */
  readonly blsKeys: readonly Uint8Array[];
  /** Of the block before the one that drew: its aux_root still holds the list, as the week's end left it. */
  readonly header: Header;
  /** Proves record 03 under that aux_root, of which it is the last leaf. */
  readonly listProof: readonly Hash[];
  /** Whose certificate makes `header` final. */
  readonly validators: ValidatorSet;
  /** The output that pays the winner. */
  readonly payout: PublicCore;
  /** Proves its entry under the compact_root of the block that drew, of which it is the last leaf (BL-2). */
  readonly payoutProof: readonly Hash[];
}

/** A draw with all that somebody needs to recheck it (AW-4). */
export interface AwardDraw extends Omit<AwardEvidence, "validators"> {
  /** For `header`. */
  readonly certificate: Certificate;
  /** Of the block that drew, and its certificate. */
  readonly beaconHeader: Header;
  readonly beaconCertificate: Certificate;
}

/** What there is to keep of a draw before its block is final. `tip` is the state that the block was executed on. */
export function awardEvidence(tip: LedgerTip, { due, payout }: DrawnAward, compact: CompactBlock): AwardEvidence {
  return {
    week: due.week,
    blsKeys: due.blsKeys,
    header: tip.header,
    listProof: proveLastLeaf(listAuxRecords(tip.aux)),
    validators: tip.validators,
    payout,
    payoutProof: proveLastLeaf(compactLeaves(compact)),
  };
}

/** A draw as the store takes it with its block; `last` certifies the block before. */
export function awardCommit(evidence: AwardEvidence, tip: LedgerTip, last: Certificate, own: Certificate): AwardCommit {
  const draw = { ...evidence, certificate: last, beaconHeader: tip.header, beaconCertificate: own };
  return {
    week: evidence.week,
    draw: encodeAwardDraw(draw),
    validatorSets: [
      { hash: evidence.header.valHash, bytes: encodeValidatorSet(evidence.validators) },
      { hash: tip.header.valHash, bytes: encodeValidatorSet(tip.validators) },
    ],
  };
}

const DRAW_VERSION = 1;

/** A storage format of ours: all fields in the order below, 8,704 bytes at most. */
export function encodeAwardDraw(draw: AwardDraw): Uint8Array {
  const writer = new Writer(8704).u8(DRAW_VERSION).u64(draw.week).u16(draw.blsKeys.length);
  writer.list(draw.blsKeys, (out, key) => out.fixed(key, BLS_KEY_SIZE));
  writeCertificate(writer.bytes(encodeHeader(draw.header)), draw.certificate);
  writeProof(writer, draw.listProof);
  writeCertificate(writer.bytes(encodeHeader(draw.beaconHeader)), draw.beaconCertificate);
  writeProof(writer.bytes(encodeOutputCore(draw.payout)), draw.payoutProof);
  return writer.finish();
}

/** The inverse. */
export function decodeAwardDraw(bytes: Uint8Array): AwardDraw {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== DRAW_VERSION) throw new DecodeError(`draw version ${version}`);
    return {
      week: reader.u64(),
      blsKeys: reader.list(reader.u16(), AWARD_KEYS_MAX, (from) => from.bytes(BLS_KEY_SIZE)),
      header: readHeader(reader),
      certificate: readCertificate(reader),
      listProof: readProof(reader),
      beaconHeader: readHeader(reader),
      beaconCertificate: readCertificate(reader),
      payout: readPayout(reader),
      payoutProof: readProof(reader),
    };
  });
}

function writeProof(writer: Writer, proof: readonly Hash[]): void {
  writer.u8(proof.length).list(proof, (out, each) => out.fixed(each, HASH_SIZE));
}

function readProof(reader: Reader): readonly Hash[] {
  return reader.list(reader.u8(), LAST_LEAF_PROOF_MAX, (from) => hash(from.bytes(HASH_SIZE)));
}

function readPayout(reader: Reader): PublicCore {
  const core = readOutputCore(reader);
  if (core.type !== "public") throw new DecodeError(`award paid as ${core.type}`);
  return core;
}
