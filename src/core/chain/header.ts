import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { hash32 } from "../crypto/tagged-hash.ts";
import { parseScalar, type Scalar } from "../crypto/scalar.ts";
import { BLS_SIGNATURE_SIZE, HEADER_SIZE } from "../params/limits.ts";
import { hash, type Hash } from "../values/hash.ts";
import { epoch, height, timeMs, type Epoch, type Height, type TimeMs } from "../values/height.ts";

export const HEADER_VERSION = 1;
const FLAG_EPOCH_END = 1;

/** What is hashed and voted on: 592 bytes (6.1). */
export interface Header {
  readonly chainId: number;
  readonly height: Height;
  /** Round in which the block was made (CO-1). */
  readonly round: number;
  readonly time: TimeMs;
  readonly epoch: Epoch;
  /** Last block of its epoch: a boundary (CO-2). */
  readonly isEpochEnd: boolean;
  /** Seat of `proposer(height, round)` (CO-1). */
  readonly proposer: number;
  readonly prev: Hash;
  readonly txsRoot: Hash;
  readonly compactRoot: Hash;
  readonly utxoRoot: Hash;
  readonly histRoot: Hash;
  readonly valHash: Hash;
  readonly nextValHash: Hash;
  readonly paramsHash: Hash;
  readonly auxRoot: Hash;
  readonly lastCertHash: Hash;
  readonly evidenceRoot: Hash;
  /** Leaves made so far, this block included. */
  readonly nextLeaf: number;
  readonly liveCount: number;
  /** Supply counters in µSTG (SU-1), sums of amounts. */
  readonly minted: bigint;
  readonly burned: bigint;
  readonly accrued: bigint;
  readonly pot: bigint;
  /** SU-2. */
  readonly gammaAcc: Scalar;
  readonly beacon: Hash;
  /** Proposer's BLS signature of the beacon message, 96 bytes (6.3). */
  readonly beaconSignature: Uint8Array;
}

export function encodeHeader(header: Header): Uint8Array {
  const writer = new Writer(HEADER_SIZE);
  writer.u8(HEADER_VERSION).u32(header.chainId).u64(header.height).u32(header.round).u64(header.time);
  writer
    .u32(header.epoch)
    .u8(header.isEpochEnd ? FLAG_EPOCH_END : 0)
    .u16(header.proposer);
  writer.fixed(header.prev, 32).fixed(header.txsRoot, 32).fixed(header.compactRoot, 32).fixed(header.utxoRoot, 32);
  writer.fixed(header.histRoot, 32).fixed(header.valHash, 32).fixed(header.nextValHash, 32);
  writer.fixed(header.paramsHash, 32).fixed(header.auxRoot, 32).fixed(header.lastCertHash, 32);
  writer.fixed(header.evidenceRoot, 32).u64(header.nextLeaf).u64(header.liveCount);
  writer.u64(header.minted).u64(header.burned).u64(header.accrued).u64(header.pot);
  return writer
    .fixed(header.gammaAcc, 32)
    .fixed(header.beacon, 32)
    .fixed(header.beaconSignature, BLS_SIGNATURE_SIZE)
    .finish();
}

export function readHeader(reader: Reader): Header {
  const version = reader.u8();
  if (version !== HEADER_VERSION) throw new DecodeError(`header version ${version}`);
  const chainId = reader.u32();
  const blockHeight = height(reader.u53());
  const round = reader.u32();
  const time = timeMs(reader.u53());
  const blockEpoch = epoch(reader.u32());
  const flags = reader.u8();
  if ((flags & ~FLAG_EPOCH_END) !== 0) throw new DecodeError(`header flags ${flags}`);
  const proposer = reader.u16();
  const read32 = (): Hash => hash(reader.bytes(32));
  const [prev, txsRoot, compactRoot, utxoRoot] = [read32(), read32(), read32(), read32()];
  const [histRoot, valHash, nextValHash, paramsHash] = [read32(), read32(), read32(), read32()];
  const [auxRoot, lastCertHash, evidenceRoot] = [read32(), read32(), read32()];
  const nextLeaf = reader.u53();
  const liveCount = reader.u53();
  // EN-1: sums of amounts, so below 2^53 as well.
  const readSum = (): bigint => BigInt(reader.u53());
  const [minted, burned, accrued, pot] = [readSum(), readSum(), readSum(), readSum()];
  const gammaAcc = parseScalar(reader.bytes(32));
  if (gammaAcc === undefined) throw new DecodeError("gamma_acc not below the group order");
  return {
    chainId,
    height: blockHeight,
    round,
    time,
    epoch: blockEpoch,
    isEpochEnd: (flags & FLAG_EPOCH_END) !== 0,
    proposer,
    prev,
    txsRoot,
    compactRoot,
    utxoRoot,
    histRoot,
    valHash,
    nextValHash,
    paramsHash,
    auxRoot,
    lastCertHash,
    evidenceRoot,
    nextLeaf,
    liveCount,
    minted,
    burned,
    accrued,
    pot,
    gammaAcc,
    beacon: read32(),
    beaconSignature: reader.bytes(BLS_SIGNATURE_SIZE),
  };
}

export function decodeHeader(bytes: Uint8Array): Header {
  return decodeWhole(bytes, readHeader);
}

/** block_id = H32("stg/hdr", header): 6.1. */
export function blockId(header: Header): Hash {
  return hash32("stg/hdr", encodeHeader(header));
}

/** Height 0 and every last block of an epoch: where sets change (CO-2, GE-5). */
export function isBoundary(header: Header): boolean {
  return header.isEpochEnd;
}
