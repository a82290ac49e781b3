import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { readCertificate, writeCertificate, type Certificate } from "../chain/certificate.ts";
import { blockId, encodeHeader, isBoundary, readHeader, type Header } from "../chain/header.ts";
import { readValidatorSet, validatorSetHash, writeValidatorSet, type ValidatorSet } from "../chain/validator-set.ts";
import type { NetworkParams } from "../params/network-params.ts";
import { MULTIPLIER_MAX, MULTIPLIER_MIN, nextMultiplier } from "../state/fee-multiplier.ts";
import { hash, type Hash } from "../values/hash.ts";
import { height, timeMs, type TimeMs } from "../values/height.ts";
import type { HeaderItem } from "./compact-item.ts";
import type { Checkpoint } from "./network-config.ts";
import { followPace, readPace, startPace, writePace, type OutputPace } from "./output-pace.ts";

/** Where a client that follows every header stands (LC-1): the newest one, and who signs the next. */
export interface TrustedChain {
  readonly header: Header;
  readonly blockId: Hash;
  /** What came with the header: shown where somebody names another block (LC-3). undefined only in old records. */
  readonly certificate: Certificate | undefined;
  /** The set that next_val_hash names. */
  readonly nextValidators: ValidatorSet;
  /** mult of TX-8 for the next block. Followed by FE-1, since the record itself is not in any header. */
  readonly feeMultiplier: number;
  /**
   * Whether that rests on a stated fee. If not it began as the lowest there is, which FE-1 brings back to the truth as
   * soon as the true one has been the lowest once.
   */
  readonly isFeeKnown: boolean;
  /** next_leaf after the last boundary block. */
  readonly epochFirstLeaf: number;
  /** The newest boundary on the way here: what another device may begin at. undefined only in old records. */
  readonly boundary: Checkpoint | undefined;
  /** How fast outputs come (NW-8). */
  readonly pace: OutputPace;
}

/** mult of TX-8 after a block, as the origin states it. No header does, and a start without it is only a guess. */
export interface StatedFee {
  readonly blockId: Hash;
  readonly multiplier: number;
}

/** Clock difference a client allows a block's time (LC-1). */
export const HEADER_AHEAD_MS_MAX = 10_000;

/** Why a header does not follow; `stale` and `ahead` speak about the clock or the age of our trust, not about the peer. */
export type LinkFault = "not_next" | "wrong_chain" | "bad_time" | "bad_epoch" | "bad_set" | "ahead" | "stale";

/**
 * The chain as it stands at a trusted boundary header and the set that comes with it; undefined if they do not belong
 * together. `feeMultiplier` is the stated one of this block, undefined where none is.
 */
export function startChain(
  { header, certificate, nextValidators }: HeaderItem,
  feeMultiplier: number | undefined,
): TrustedChain | undefined {
  if (!isBoundary(header) || nextValidators === undefined) return undefined;
  if (!equalBytes(validatorSetHash(nextValidators), header.nextValHash)) return undefined;
  const id = blockId(header);
  return {
    header,
    blockId: id,
    certificate,
    nextValidators,
    feeMultiplier: feeMultiplier ?? MULTIPLIER_MIN,
    isFeeKnown: feeMultiplier !== undefined,
    epochFirstLeaf: header.nextLeaf,
    boundary: nameOf(header, id),
    pace: startPace(header),
  };
}

function nameOf(header: Header, id: Hash): Checkpoint {
  return { height: header.height, blockId: id, timeMs: header.time };
}

/** The fee that the origin states for a block, where that is our newest boundary: it holds until the next one. */
export function withStatedFee(chain: TrustedChain, stated: StatedFee | undefined): TrustedChain {
  const isOurs =
    stated !== undefined && chain.boundary !== undefined && equalBytes(chain.boundary.blockId, stated.blockId);
  if (!isOurs || (chain.isFeeKnown && chain.feeMultiplier === stated.multiplier)) return chain;
  return { ...chain, feeMultiplier: stated.multiplier, isFeeKnown: true };
}

/**
 * What LC-1 and CO-2 ask of the header right above a trusted one, all but its certificate. `nowMs` undefined leaves out
 * the two rules about our own clock, for blocks that a checkpoint above them will confirm.
 */
export function linkHeader(
  params: NetworkParams,
  chain: TrustedChain,
  { header, certificate, nextValidators }: HeaderItem,
  nowMs: TimeMs | undefined,
): { readonly ok: true; readonly chain: TrustedChain } | { readonly ok: false; readonly fault: LinkFault } {
  const parent = chain.header;
  if (header.chainId !== parent.chainId || !equalBytes(header.paramsHash, parent.paramsHash))
    return fault("wrong_chain");
  if (header.height !== parent.height + 1 || !equalBytes(header.prev, chain.blockId)) return fault("not_next");
  if (!equalBytes(header.valHash, parent.nextValHash)) return fault("bad_set");
  if (header.time < parent.time + params.minBlockMs || header.time <= parent.time) return fault("bad_time");
  if (nowMs !== undefined && nowMs >= parent.time + params.trustingMs) return fault("stale");
  if (nowMs !== undefined && header.time > nowMs + HEADER_AHEAD_MS_MAX) return fault("ahead");
  if (header.epoch !== parent.epoch + (isBoundary(parent) ? 1 : 0)) return fault("bad_epoch");
  const isChange = !equalBytes(header.nextValHash, header.valHash);
  if (isChange && !isBoundary(header)) return fault("bad_set");
  const validators = isChange ? nextValidators : chain.nextValidators;
  if (validators === undefined) return fault("bad_set");
  if (isChange && !equalBytes(validatorSetHash(validators), header.nextValHash)) return fault("bad_set");
  const id = blockId(header);
  const boundary = isBoundary(header) ? nameOf(header, id) : chain.boundary;
  return {
    ok: true,
    chain: {
      ...chain,
      header,
      blockId: id,
      certificate,
      nextValidators: validators,
      boundary,
      pace: followPace(chain.pace, header),
      ...followFee(params, chain, header),
    },
  };
}

function fault(value: LinkFault): { readonly ok: false; readonly fault: LinkFault } {
  return { ok: false, fault: value };
}

/** FE-1 as far as headers tell it: the growth of next_leaf over an epoch. */
function followFee(params: NetworkParams, chain: TrustedChain, header: Header) {
  const { feeMultiplier, epochFirstLeaf } = chain;
  if (!isBoundary(header)) return { feeMultiplier, epochFirstLeaf };
  const growth = header.nextLeaf - epochFirstLeaf;
  return {
    feeMultiplier: nextMultiplier(feeMultiplier, params.targetOutputsPerEpoch, growth),
    epochFirstLeaf: header.nextLeaf,
  };
}

/** First byte of the record of a trusted chain. */
export const TRUSTED_CHAIN_VERSION = 3;
/** Without the pace. */
const TRUSTED_CHAIN_VERSION_UNPACED = 2;
/** Without the boundary's name, the certificate, and whether the fee is known as well. */
const TRUSTED_CHAIN_VERSION_OLD = 1;

export function encodeTrustedChain(chain: TrustedChain): Uint8Array {
  const writer = new Writer(1024).u8(TRUSTED_CHAIN_VERSION).bytes(encodeHeader(chain.header));
  writer.u32(chain.feeMultiplier).u64(chain.epochFirstLeaf);
  writeValidatorSet(writer, chain.nextValidators);
  writer.u8(chain.isFeeKnown ? 1 : 0).u8(chain.boundary === undefined ? 0 : 1);
  if (chain.boundary !== undefined) {
    const { height: at, blockId: id, timeMs: time } = chain.boundary;
    writer.u64(at).fixed(id, 32).u64(time);
  }
  writer.u8(chain.certificate === undefined ? 0 : 1);
  if (chain.certificate !== undefined) writeCertificate(writer, chain.certificate);
  writePace(writer, chain.pace);
  return writer.finish();
}

export function decodeTrustedChain(bytes: Uint8Array): TrustedChain {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version < TRUSTED_CHAIN_VERSION_OLD || version > TRUSTED_CHAIN_VERSION)
      throw new DecodeError(`record version ${version}`);
    const header = readHeader(reader);
    const feeMultiplier = reader.u32();
    if (feeMultiplier < MULTIPLIER_MIN || feeMultiplier > MULTIPLIER_MAX)
      throw new DecodeError("multiplier out of range");
    const epochFirstLeaf = reader.u53();
    const nextValidators = readValidatorSet(reader);
    if (!equalBytes(validatorSetHash(nextValidators), header.nextValHash))
      throw new DecodeError("another validator set");
    const isOld = version === TRUSTED_CHAIN_VERSION_OLD;
    const isFeeKnown = !isOld && readFlag(reader);
    const boundary = !isOld && readFlag(reader) ? readBoundary(reader, header.height) : undefined;
    const certificate = !isOld && readFlag(reader) ? readCertificate(reader) : undefined;
    const pace = version > TRUSTED_CHAIN_VERSION_UNPACED ? readPace(reader, header) : startPace(header);
    const place = { header, blockId: blockId(header), certificate, nextValidators, pace };
    return { ...place, feeMultiplier, isFeeKnown, epochFirstLeaf, boundary };
  });
}

function readFlag(reader: Reader): boolean {
  const value = reader.u8();
  if (value > 1) throw new DecodeError(`flag ${value}`);
  return value === 1;
}

function readBoundary(reader: Reader, newest: number): Checkpoint {
  const at = height(reader.u53());
  if (at > newest) throw new DecodeError("boundary above the newest block");
  return { height: at, blockId: hash(reader.bytes(32)), timeMs: timeMs(reader.u53()) };
}
