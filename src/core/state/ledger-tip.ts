import { equalBytes } from "../bytes/compare-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { u64, Writer } from "../bytes/writer.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { blockId, encodeHeader, readHeader, type Header } from "../chain/header.ts";
import { readValidatorSet, validatorSetHash, writeValidatorSet, type ValidatorSet } from "../chain/validator-set.ts";
import {
  appendLeaf,
  decodeFrontier,
  encodeFrontier,
  frontierRoot,
  frontierSize,
  type MerkleFrontier,
} from "../crypto/merkle.ts";
import { paramsHash, type NetworkParams } from "../params/network-params.ts";
import { readParams, writeParams } from "../params/params-codec.ts";
import { hash, HASH_SIZE, type Hash } from "../values/hash.ts";
import { epoch, height, timeMs, type Epoch, type Height, type TimeMs } from "../values/height.ts";
import { auxRoot, readAuxRecords, writeAuxRecords, type AuxRecords } from "./aux-records.ts";
import { CLAIM_REF_WINDOW_MAX } from "../params/limits.ts";
import { NO_LIVE_PACKETS, readLivePackets, writeLivePackets, type LivePackets } from "./live-packets.ts";
import { readStakes, writeStakes, type Stake } from "./stakes.ts";

/** What never changes on one chain. */
export interface ChainConstants {
  readonly chainId: number;
  readonly genesisHash: Hash;
  readonly genesisTime: TimeMs;
  readonly params: NetworkParams;
}

/**
 * Everything small a node needs after one block to execute the next; leaves and tree nodes are in the LedgerReader.
 * An immutable value: a block that turns out not to be final leaves no trace.
 */
export interface LedgerTip {
  readonly chain: ChainConstants;
  /** Of the block whose effects are included. */
  readonly header: Header;
  readonly blockId: Hash;
  /** The set of `header.valHash`: those whose precommits make this block final. */
  readonly validators: ValidatorSet;
  /** The set of `header.nextValHash`: who proposes and votes at the next height. */
  readonly nextValidators: ValidatorSet;
  /** Draws the proposers of the next height (CO-16). */
  readonly epochSeed: Hash;
  /** The state under `header.auxRoot`. */
  readonly aux: AuxRecords;
  /** Live stakes, ascending by leaf: the state of the leaves of type 2, kept at hand for ST-2. */
  readonly stakes: readonly Stake[];
  /** How many packets live, and which of them the next block looks at (RP-6, RP-7). */
  readonly packets: LivePackets;
  /** Ids of the last claim_ref_window blocks, the newest of all last, or of as many as there are (RP-5). */
  readonly recentIds: readonly Hash[];
  /** Behind `header.histRoot`: entries of heights below this one (BL-13). */
  readonly history: MerkleFrontier;
}

/** Height of the block to come. */
export function nextHeight(tip: LedgerTip): Height {
  return height(tip.header.height + 1);
}

/** Epoch of the block to come (CO-2). */
export function nextEpoch(tip: LedgerTip): Epoch {
  return epoch(tip.header.epoch + (tip.header.isEpochEnd ? 1 : 0));
}

/** CO-2: does the block to come end its epoch? Known before it is made, so its proposer cannot choose. */
export function isEpochEndNext(tip: LedgerTip): boolean {
  return tip.header.time >= tip.aux.epoch.start + tip.chain.params.epochMs;
}

/** RP-5: the id of a block that work may name now; undefined for any other height. */
export function recentBlockId({ header, recentIds }: LedgerTip, at: Height): Hash | undefined {
  return at > header.height ? undefined : recentIds[recentIds.length - 1 - (header.height - at)];
}

/** RP-5: the ids behind one more block. */
export function withRecentId({ chain, recentIds }: LedgerTip, id: Hash): readonly Hash[] {
  const { claimRefWindow } = chain.params;
  return claimRefWindow === 0 ? [] : [...recentIds.slice(1 - claimRefWindow), id].slice(-claimRefWindow);
}

/** BL-13: the frontier behind the next header's hist_root, this block's entry included. */
export function nextHistory(tip: LedgerTip): MerkleFrontier {
  return appendLeaf(tip.history, historyEntry(tip.header, tip.blockId));
}

/** Entry of one block under hist_root (BL-13). */
export function historyEntry(header: Header, id: Hash): Uint8Array {
  return concatBytes(u64(header.height), id, header.compactRoot, header.beacon);
}

/** 2 was never released. */
const TIP_VERSION = 3;
/** Before there were packets: without any, and without ids. */
const TIP_VERSION_WITHOUT_PACKETS = 1;

/** Bytes from which a restart goes on. A storage format of ours, canonical like every other. */
export function encodeLedgerTip(tip: LedgerTip): Uint8Array {
  const writer = new Writer(4096).u8(TIP_VERSION).u32(tip.chain.chainId).fixed(tip.chain.genesisHash, HASH_SIZE);
  writeParams(writer.u64(tip.chain.genesisTime), tip.chain.params).bytes(encodeHeader(tip.header));
  writeValidatorSet(writer, tip.validators);
  writeValidatorSet(writer, tip.nextValidators);
  writer.fixed(tip.epochSeed, HASH_SIZE);
  writeAuxRecords(writer, tip.aux);
  writeStakes(writer, tip.stakes);
  writeLivePackets(writer, tip.packets);
  writer.u16(tip.recentIds.length).list(tip.recentIds, (out, id) => out.fixed(id, HASH_SIZE));
  return writer.bytes(encodeFrontier(tip.history)).finish();
}

/**
 * The inverse, but that a tip from before red packets has no `recentIds`: they follow from the headers before it, and
 * every node must know the same ones. What the header commits to is compared with it, so a torn or foreign file is refused, not followed. */
export function decodeLedgerTip(bytes: Uint8Array): LedgerTip {
  const tip = decodeWhole(bytes, readLedgerTip);
  const { header } = tip;
  const isConsistent =
    header.chainId === tip.chain.chainId &&
    equalBytes(validatorSetHash(tip.validators), header.valHash) &&
    equalBytes(validatorSetHash(tip.nextValidators), header.nextValHash) &&
    equalBytes(paramsHash(tip.chain.params), header.paramsHash) &&
    equalBytes(auxRoot(tip.aux), header.auxRoot) &&
    equalBytes(frontierRoot(tip.history), header.histRoot);
  if (!isConsistent) throw new DecodeError("tip does not fit its header");
  return tip;
}

function readLedgerTip(reader: Reader): LedgerTip {
  const version = reader.u8();
  if (version !== TIP_VERSION && version !== TIP_VERSION_WITHOUT_PACKETS)
    throw new DecodeError(`tip version ${version}`);
  const chainId = reader.u32();
  const genesisHash = hash(reader.bytes(HASH_SIZE));
  const genesisTime = timeMs(reader.u53());
  const params = readParams(reader);
  const header = readHeader(reader);
  const id = blockId(header);
  const small = {
    validators: readValidatorSet(reader),
    nextValidators: readValidatorSet(reader),
    epochSeed: hash(reader.bytes(HASH_SIZE)),
    aux: readAuxRecords(reader),
    stakes: readStakes(reader),
  };
  const hasPackets = version === TIP_VERSION;
  return {
    chain: { chainId, genesisHash, genesisTime, params },
    header,
    blockId: id,
    ...small,
    packets: hasPackets ? readLivePackets(reader) : NO_LIVE_PACKETS,
    recentIds: hasPackets ? readIds(reader) : [],
    history: decodeFrontier(header.height, reader.bytes(frontierSize(header.height))),
  };
}

function readIds(reader: Reader): readonly Hash[] {
  return reader.list(reader.u16(), CLAIM_REF_WINDOW_MAX, (from) => hash(from.bytes(HASH_SIZE)));
}
