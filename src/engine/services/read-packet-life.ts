import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Block } from "../../core/chain/block.ts";
import type { CompactBlock } from "../../core/chain/compact-block.ts";
import { blockId, type Header } from "../../core/chain/header.ts";
import { outputHash } from "../../core/chain/output.ts";
import type { PacketCore, PacketOutput } from "../../core/chain/packet-output.ts";
import { outputsOf, transactionId } from "../../core/chain/transaction.ts";
import type { PacketBlock } from "../../core/red-packet/replay-packet.ts";
import { stateAfter } from "../../core/red-packet/shown-packet.ts";
import { DRAW_DELAY_BLOCKS } from "../../core/state/draw-packets.ts";
import { checkItem } from "../../core/sync/check-item.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { LeafIndex } from "../../core/values/height.ts";
import { height } from "../../core/values/height.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeCompactItem, encodeCompactRequest } from "../../wire/requests/compact.ts";
import { REQUEST_MS } from "./header-requests.ts";
import type { Line } from "./held-line.ts";
import type { LookupGround } from "./lookup-ground.ts";
import { readWholeStretch, type StretchEdges } from "./read-stretch.ts";

/** Of one stretch: what came of a packet in it. */
export interface PacketStretch {
  /** Where the packet was made, if that was here. */
  readonly made: MadeHere | undefined;
  /** Number of the first output of its lowest block: a packet with a lower one was made further down. */
  readonly firstLeaf: number;
  /** Blocks that touch the packet and the two behind each, as far as they are here, and the lowest two. */
  readonly blocks: readonly PacketBlock[];
  /** Of its highest block: the parent of the lowest one above. */
  readonly last: Header;
  /** It has ended here. */
  readonly hasEnd: boolean;
}

export interface MadeHere {
  readonly block: PacketBlock;
  /** With its proof. */
  readonly packet: PacketOutput;
}

export type PacketStretchAnswer =
  | { readonly outcome: "read"; readonly stretch: PacketStretch }
  | { readonly outcome: "gone" | "not_made" | "too_large" | "unproven" };

/**
 * [NW-20] A stretch whole, blocks and compact data from the first to the last whatever is sought in it, tied to the chain
 * that this device trusts.
 */
export async function readPacketStretch(
  edges: StretchEdges,
  line: Line,
  ground: Pick<LookupGround, "config" | "root">,
  stretch: number,
  sought: { readonly leaf: LeafIndex; readonly core: PacketCore },
  onBlocks: (count: number) => void,
): Promise<PacketStretchAnswer> {
  const whole = await readWholeStretch(edges, line, ground, stretch, onBlocks);
  if (whole.outcome !== "read") return whole;
  if (!whole.isVerified) return { outcome: "unproven" };
  const compacts = await readCompacts(edges, line, whole.blocks);
  return { outcome: "read", stretch: whatCame(whole.blocks, compacts, whole.trusted, sought) };
}

/** What these blocks changed, without cores: asked for as one stream from the first on, and left at the last. */
async function readCompacts(
  { requests, curve }: StretchEdges,
  { host, peer }: Line,
  blocks: readonly Block[],
): Promise<readonly CompactBlock[]> {
  const frame = encodeCompactRequest({ from: height(blocks[0]!.header.height), isFull: false });
  const answer = requests.many(host, peer, PROTOCOL.compact, frame, { firstMs: REQUEST_MS, idleMs: REQUEST_MS });
  const compacts: CompactBlock[] = [];
  try {
    for await (const bytes of answer.frames) {
      const item = decodeCompactItem(bytes, false);
      const block = blocks[compacts.length]!;
      const isSame = equalBytes(blockId(item.header), blockId(block.header));
      if (!isSame || checkItem(curve, item) !== undefined) throw new DecodeError("compact data of another block");
      compacts.push(item.compact);
      if (compacts.length === blocks.length) return compacts;
    }
  } finally {
    answer.cancel();
  }
  throw new DecodeError("too few blocks");
}

function whatCame(
  blocks: readonly Block[],
  compacts: readonly CompactBlock[],
  { nextValidators, header: { nextValHash } }: TrustedHeader,
  { leaf, core }: { readonly leaf: LeafIndex; readonly core: PacketCore },
): PacketStretch {
  // A draw may hang on a block of the stretch below.
  let neededUntil = blocks[0]!.header.height + DRAW_DELAY_BLOCKS - 1;
  let made: MadeHere | undefined;
  const needed: PacketBlock[] = [];
  for (const [index, { header, transactions }] of blocks.entries()) {
    const compact = compacts[index]!;
    const isTouched = compact.spent.includes(leaf) || stateAfter(compact, leaf) !== undefined;
    const isMade = leaf >= compact.firstLeaf && leaf < compact.firstLeaf + compact.entries.length;
    if (isTouched) neededUntil = Math.max(neededUntil, header.height + DRAW_DELAY_BLOCKS);
    if (!isMade && header.height > neededUntil) continue;
    const ofPacket = transactions.filter((each) => "packetLeaf" in each && each.packetLeaf === leaf);
    const block: PacketBlock = {
      header,
      compact,
      parent: blocks[index - 1]?.header,
      proposerKey: equalBytes(header.valHash, nextValHash) ? nextValidators[header.proposer]?.blsKey : undefined,
      transactionIds: transactions.map(transactionId),
      claims: ofPacket.filter((each) => each.kind === "claim"),
      hasTakeBack: ofPacket.some(({ kind }) => kind === "take-back"),
    };
    if (!isMade) needed.push(block);
    else {
      const packet = transactions.flatMap(outputsOf).find((output) => isThis(output, core));
      if (packet !== undefined) made = { block, packet: packet as PacketOutput };
    }
  }
  return {
    made,
    firstLeaf: compacts[0]!.firstLeaf,
    blocks: needed,
    last: blocks.at(-1)!.header,
    hasEnd: compacts.some(({ spent }) => spent.includes(leaf)),
  };
}

const isThis = (output: ReturnType<typeof outputsOf>[number], core: PacketCore): boolean =>
  output.core.type === "packet" && equalBytes(outputHash(output.core), outputHash(core));
