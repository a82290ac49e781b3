import { formatHex } from "../../../core/bytes/hex.ts";
import { decodeBlock } from "../../../core/chain/block.ts";
import { decodeCompactBlock, type CompactBlock } from "../../../core/chain/compact-block.ts";
import { decodeHeader } from "../../../core/chain/header.ts";
import { decodeOutputCore } from "../../../core/chain/output.ts";
import { encodePacketOutput, type PacketOutput } from "../../../core/chain/packet-output.ts";
import { encodeTransaction, transactionId } from "../../../core/chain/transaction.ts";
import { DRAW_DELAY_BLOCKS } from "../../../core/state/draw-packets.ts";
import { decodePacketState } from "../../../core/state/leaf-state.ts";
import { height, type Height, type LeafIndex } from "../../../core/values/height.ts";
import { heightOfLeaf } from "../height-of-leaf.ts";
import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { outputJson } from "../output-json.ts";
import { heightParameter, leafParameter, parseParameters } from "../parameters.ts";
import { noLongerHeld, notFound } from "../rpc-error.ts";
import { packetStateJson } from "./get-output.ts";

/** Blocks that one call looks through; what they hold is short, and other work has its turn between any two. */
export const PACKET_SCAN_BLOCKS_MAX = 1_024;
/** Bytes of what one call shows, before they are hex. A block goes whole, so there may be one more. */
const PAGE_BYTES_MAX = 1024 * 1024;

/**
 * `packet {leaf}`: a red packet's public side. With `from`, a height, also the blocks from there on in which something
 * came of it, and the two behind each, with all that a recheck needs (9.6), as far as one call looks; `next` is where
 * the next one goes on, null at the end.
 */
export async function packet(view: NodeView, params: unknown): Promise<JsonValue> {
  const parameters = parseParameters(params, ["leaf", "from"]);
  const leaf = leafParameter(parameters, "leaf");
  const record = view.store.leaf(leaf);
  const found = await readPacketOutput(view, leaf, record?.core);
  const madeAt = record?.height ?? (await heightOfLeaf(view, leaf));
  const shown = {
    leaf,
    height: madeAt ?? null,
    live: record !== undefined,
    ...outputJson(found.core, view.chainId),
    ...(record === undefined ? {} : packetStateJson(decodePacketState(record.stateFields))),
    packet: formatHex(encodePacketOutput(found)),
  };
  if (!parameters.has("from")) return shown;
  if (madeAt === undefined) throw noLongerHeld("blocks", view.store.keptFrom().window);
  const from = Math.max(madeAt, heightParameter(parameters, "from"));
  return { ...shown, ...(await history(view, leaf, madeAt, height(from))) };
}

async function readPacketOutput(
  { store }: NodeView,
  leaf: LeafIndex,
  live: Uint8Array | undefined,
): Promise<PacketOutput> {
  const bytes = live ?? (await store.core(leaf));
  const core = bytes && decodeOutputCore(bytes);
  const rangeProof = core?.type === "packet" ? await store.rangeProof(leaf) : undefined;
  if (core?.type !== "packet" || rangeProof === undefined) throw notFound("output");
  return { core, rangeProof };
}

async function history(view: NodeView, leaf: LeafIndex, madeAt: Height, from: Height): Promise<JsonObject> {
  const tip = view.status().height;
  const last = Math.min(tip, from + PACKET_SCAN_BLOCKS_MAX - 1);
  const blocks: JsonObject[] = [];
  const sets = new Map<string, string>();
  let [bytes, isOver] = [0, false];
  // What came before may still need the blocks from here on.
  let shownUntil = from === madeAt ? madeAt : -1;
  let at = Math.max(madeAt, from - DRAW_DELAY_BLOCKS);
  for (; at <= last && !isOver && bytes < PAGE_BYTES_MAX; at++) {
    const compact = await compactAt(view, height(at));
    const isEnd = compact.spent.includes(leaf);
    const isTouched = isEnd || compact.changed.some((change) => change.leaf === leaf);
    if (isTouched) shownUntil = at + DRAW_DELAY_BLOCKS;
    if (at >= from && at <= shownUntil) {
      const shown = await blockJson(view, leaf, height(at), compact, at > madeAt && isTouched);
      blocks.push(shown.json);
      bytes += shown.size;
      for (const [name, set] of shown.sets) sets.set(name, set);
    }
    isOver = isEnd;
  }
  return { blocks, validator_sets: [...sets.values()], next: isOver || at > tip ? null : at };
}

type JsonObject = Record<string, JsonValue>;

async function compactAt({ store }: NodeView, at: Height): Promise<CompactBlock> {
  const bytes = await store.compact(at);
  if (bytes === undefined) throw noLongerHeld("blocks", store.keptFrom().window);
  return decodeCompactBlock(bytes);
}

interface ShownBlock {
  readonly json: JsonObject;
  /** Of all in it. */
  readonly size: number;
  /** That of its proposer and its certificate, by its hash. */
  readonly sets: ReadonlyMap<string, string>;
}

/** `isNeeded`: its transactions are part of the proof; else they are shown where they are kept. */
async function blockJson(
  { store }: NodeView,
  leaf: LeafIndex,
  at: Height,
  compact: CompactBlock,
  isNeeded: boolean,
): Promise<ShownBlock> {
  // The parent's time says whether a packet had expired (RP-7).
  const isEnd = compact.spent.includes(leaf);
  const [header, parent, certificate, bytes, compactBytes] = await Promise.all([
    store.header(at),
    isEnd ? store.header(height(at - 1)) : undefined,
    store.certificate(at),
    store.block(at),
    store.compact(at),
  ]);
  if (header === undefined || certificate === undefined || compactBytes === undefined)
    throw noLongerHeld("blocks", store.keptFrom().window);
  const hasBlock = at > 0 && bytes !== undefined && bytes.length > 0;
  if (isNeeded && !hasBlock) throw noLongerHeld("transactions", store.keptFrom().blocks);
  const transactions = hasBlock ? decodeBlock(bytes).transactions : undefined;
  const { valHash } = decodeHeader(header);
  const set = await store.validatorSet(valHash);
  const claims = (transactions ?? []).filter((each) => each.kind === "claim" && each.packetLeaf === leaf);
  const json: JsonObject = {
    height: at,
    header: formatHex(header),
    parent: parent === undefined ? null : formatHex(parent),
    cert: formatHex(certificate),
    compact: formatHex(compactBytes),
    txids: transactions?.map((each) => formatHex(transactionId(each))) ?? null,
    claims: claims.map((each) => formatHex(encodeTransaction(each))),
    take_back: transactions?.some((each) => each.kind === "take-back" && each.packetLeaf === leaf) ?? false,
    ended: isEnd,
  };
  const headers = header.length + (parent?.length ?? 0);
  const size = headers + certificate.length + compactBytes.length + 32 * (transactions?.length ?? 0);
  return {
    json,
    size: size + claims.reduce((sum, each) => sum + encodeTransaction(each).length, 0),
    sets: new Map(set === undefined ? [] : [[formatHex(valHash), formatHex(set)]]),
  };
}
