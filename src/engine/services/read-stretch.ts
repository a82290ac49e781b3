import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Block } from "../../core/chain/block.ts";
import { verifyCertificate } from "../../core/chain/certificate.ts";
import { blockId } from "../../core/chain/header.ts";
import { outputsOf } from "../../core/chain/transaction.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import { areInOrder } from "../../core/sync/block-run.ts";
import { heightsOf } from "../../core/sync/block-stretch.ts";
import { checkItem } from "../../core/sync/check-item.ts";
import type { CompactItem, HeaderItem } from "../../core/sync/compact-item.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { SyncDeps } from "../../core/sync/step-sync.ts";
import { height, timeMs } from "../../core/values/height.ts";
import { ERROR_CODE } from "../../wire/frame.ts";
import { BLOCK_BLOCKS_MAX, REQUEST_STREAMS_PER_PEER_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeCompactItem, encodeCompactRequest } from "../../wire/requests/compact.ts";
import { readBlocks } from "./block-requests.ts";
import { CertifiedHeaders } from "./certified-headers.ts";
import { exploreBlock, type ExploredBlock } from "./explored-block.ts";
import { REQUEST_MS } from "./header-requests.ts";
import type { Line } from "./held-line.ts";
import { rootHeader, type LookupGround } from "./lookup-ground.ts";
import { refusalCode, type NetworkEdges } from "./network-edges.ts";

/** More than this is not read to look at one block: hours of a chain whose blocks are all full. */
export const STRETCH_BYTES_MAX = 64 * 1024 * 1024;
/** Headers that are followed down where other validators signed: about a megabyte. */
const HEADERS_BELOW_MAX = 1_024;
/** Blocks of a stretch whose outputs are asked for besides: those in which the network pays. */
const PAYING_BLOCKS_MAX = 64;

/** What reads a stretch, and judges what came of it. */
export type StretchEdges = NetworkEdges & SyncDeps;

/** Where the errand stands, for whoever waits. */
type OnBlocks = (count: number) => void;

/** `gone`: the node keeps none of them any more · `not_made`: the chain has not come so far. */
export type StretchAnswer =
  | { readonly outcome: "read"; readonly blocks: readonly ExploredBlock[] }
  | { readonly outcome: "gone" | "not_made" | "too_large" };

class TooLarge extends Error {}

/** The same with whole blocks, and what they were tied to. */
export type WholeStretchAnswer =
  | {
      readonly outcome: "read";
      /** Ascending. */
      readonly blocks: readonly Block[];
      /** Of the chain that this device trusts; else a node's word. */
      readonly isVerified: boolean;
      readonly trusted: TrustedHeader;
    }
  | { readonly outcome: "gone" | "not_made" | "too_large" };

/** [NW-20] All blocks of a stretch, as they are kept to be looked at. */
export async function readStretch(
  edges: StretchEdges,
  line: Line,
  ground: Pick<LookupGround, "config" | "root">,
  stretch: number,
  onBlocks: OnBlocks,
): Promise<StretchAnswer> {
  const whole = await readWholeStretch(edges, line, ground, stretch, onBlocks);
  if (whole.outcome !== "read") return whole;
  return { outcome: "read", blocks: await explore(edges, line, whole.blocks, whole.isVerified) };
}

/**
 * [NW-20] All blocks of a stretch, asked for from its first to its last whatever is sought in it, and tied to what this
 * device trusts. What a node shows is thrown away where it does not fit together; where it fits and nobody knows who
 * signed, it is marked as the node's word.
 */
export async function readWholeStretch(
  edges: StretchEdges,
  line: Line,
  { config, root }: Pick<LookupGround, "config" | "root">,
  stretch: number,
  onBlocks: OnBlocks,
): Promise<WholeStretchAnswer> {
  const found = await readAll(edges, line, stretch, onBlocks).catch((error: unknown) => {
    if (error instanceof TooLarge) return "too_large" as const;
    throw error;
  });
  if (typeof found === "string") return { outcome: found };
  if (!areInOrder(found) || found.some(({ header }) => header.chainId !== config.chainId)) {
    throw new DecodeError("blocks that do not fit together");
  }
  const { requests, bls, timers } = edges;
  const { params } = config;
  const options = { requests, ...line, bls, params, nowMs: timeMs(timers.now()), belowMax: HEADERS_BELOW_MAX };
  const headers = new CertifiedHeaders(options);
  const top = found.at(-1)!.header;
  const item = await headers.first(top.height);
  if (!equalBytes(blockId(item.header), blockId(top))) throw new DecodeError("another block");
  const trusted = await rootHeader(headers, config, root);
  const isFinal = isSignedByKnown(bls, config, trusted, item) || (await headers.isFinal(trusted, item));
  if (isFinal === false) throw new DecodeError("blocks that are not final");
  return { outcome: "read", blocks: found, isVerified: isFinal === true, trusted };
}

/** Certified by the very validators that sign today: then no header between has to be followed. */
function isSignedByKnown(
  bls: BlsBackend,
  { chainId }: NetworkConfig,
  trusted: TrustedHeader,
  { header, certificate }: HeaderItem,
): boolean {
  const isOurs = equalBytes(header.valHash, trusted.header.nextValHash) && header.height <= trusted.header.height;
  return isOurs && verifyCertificate(bls, chainId, header.height, blockId(header), certificate, trusted.nextValidators);
}

/** The same requests for everybody who reads this stretch, four at a time; the lowest may be gone, the highest not made. */
async function readAll(
  { requests }: NetworkEdges,
  { host, peer }: Line,
  stretch: number,
  onBlocks: OnBlocks,
): Promise<readonly Block[] | "gone" | "not_made"> {
  const { first, last } = heightsOf(stretch);
  let size = 0;
  const read = async (from: number): Promise<readonly Block[] | "gone"> => {
    try {
      const count = Math.min(BLOCK_BLOCKS_MAX, last - from + 1);
      const blocks = await readBlocks(requests, host, peer, { from: height(from), count }, (bytes) => {
        size += bytes;
        if (size > STRETCH_BYTES_MAX) throw new TooLarge("a stretch of too many bytes");
      });
      onBlocks(count);
      return blocks;
    } catch (error) {
      if (refusalCode(error) === ERROR_CODE.unavailable) return "gone";
      throw error;
    }
  };
  const answers: (readonly Block[] | "gone")[] = [];
  const step = REQUEST_STREAMS_PER_PEER_MAX * BLOCK_BLOCKS_MAX;
  for (let from = first; from <= last; from += step) {
    const starts = Array.from({ length: REQUEST_STREAMS_PER_PEER_MAX }, (_, index) => from + index * BLOCK_BLOCKS_MAX);
    answers.push(...(await Promise.all(starts.filter((at) => at <= last).map(read))));
  }
  const blocks = answers.flatMap((answer) => (answer === "gone" ? [] : answer));
  if (blocks.length > 0) return blocks;
  return answers.includes("gone") ? "gone" : "not_made";
}

async function explore(
  edges: StretchEdges,
  line: Line,
  blocks: readonly Block[],
  isVerified: boolean,
): Promise<readonly ExploredBlock[]> {
  let asked = 0;
  const explored: ExploredBlock[] = [];
  for (const [index, block] of blocks.entries()) {
    const made = block.transactions.reduce((sum, each) => sum + outputsOf(each).length, 0);
    const below = blocks[index - 1]?.header.nextLeaf;
    // Of the lowest nobody knows how many outputs there were before.
    const isPaying = below === undefined || block.header.nextLeaf - below > made;
    const item = isPaying && asked++ < PAYING_BLOCKS_MAX ? await readItem(edges, line, block) : undefined;
    explored.push(exploreBlock(block, item, isPaying, isVerified));
  }
  return explored;
}

/** The block's outputs, as the full stream brings them; undefined where this node has dropped them. */
async function readItem(
  { requests, curve }: StretchEdges,
  { host, peer }: Line,
  block: Block,
): Promise<CompactItem | undefined> {
  const frame = encodeCompactRequest({ from: block.header.height, isFull: true });
  const answer = requests.many(host, peer, PROTOCOL.compact, frame, { firstMs: REQUEST_MS });
  try {
    for await (const bytes of answer.frames) {
      const item = decodeCompactItem(bytes, true);
      const isSame = equalBytes(blockId(item.header), blockId(block.header));
      if (!isSame || checkItem(curve, item) !== undefined) throw new DecodeError("outputs of another block");
      return item;
    }
  } catch (error) {
    if (refusalCode(error) !== ERROR_CODE.unavailable) throw error;
  } finally {
    answer.cancel();
  }
  return undefined;
}
