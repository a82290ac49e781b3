import { describe, expect, it } from "vitest";
import { compactEntry, compactRoot, type CompactBlock } from "../../../../src/core/chain/compact-block.ts";
import { blockId, type Header } from "../../../../src/core/chain/header.ts";
import type { OutputCore } from "../../../../src/core/chain/output.ts";
import { refundCoin } from "../../../../src/core/chain/packet-coins.ts";
import { replayPacket, type PacketBlock } from "../../../../src/core/red-packet/replay-packet.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs, type LeafIndex } from "../../../../src/core/values/height.ts";
import { DrawWorld, headerOf } from "../../../support/draw-world.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const MADE_AT = 70;
const ENDED_AT = 90;

const { packet, packetLeaf } = new DrawWorld({
  label: "expired",
  plan: { split: "equal", total: amount(3_000_000n), count: 3 },
  paidBitmap: 0n,
  claims: [0, 0],
}).evidence();
const expiry = packet.core.expiry as number;

/** A block of no transactions, with these outputs and ends of leaves. */
function blockOf(at: number, firstLeaf: LeafIndex, cores: readonly OutputCore[], spent: readonly LeafIndex[]) {
  const entries = cores.map(compactEntry);
  const compact: CompactBlock = { height: height(at), firstLeaf, entries, spent, changed: [] };
  return { compact, header: headerOf(at, { compactRoot: compactRoot(compact) }) };
}

/** The refund of a packet that nobody has claimed from, in a block of this time upon one of that. */
function refunded(times: { readonly parent: number; readonly block: number }, shown?: Header | "none") {
  const parent = headerOf(ENDED_AT - 1, { time: timeMs(times.parent) });
  const refund = refundCoin(curve, packet.core, packetLeaf, 0n);
  const { compact, header } = blockOf(ENDED_AT, leafIndex(900), [refund], [packetLeaf]);
  const end: PacketBlock = {
    header: { ...header, time: timeMs(times.block), prev: blockId(parent) },
    compact,
    parent: shown === "none" ? undefined : (shown ?? parent),
    proposerKey: undefined,
    transactionIds: [],
    claims: [],
    hasTakeBack: false,
  };
  const made = blockOf(MADE_AT, packetLeaf, [packet.core], []);
  const { checks, returned } = replayPacket(curve, undefined, {
    packet,
    packetLeaf,
    made,
    blocks: [end],
    link: undefined,
  });
  expect(returned).toBe(3);
  const heldOf = (name: string) => checks.find(({ check }) => check === name)?.held;
  expect([heldOf("packet_made"), heldOf("rest_returned")]).toEqual([true, true]);
  return heldOf("history_whole");
}

describe("a packet's life, lived again (9.6)", () => {
  it("[RP-7] [RP-13] gives the rest back once the parent's time has reached expiry, and not a block earlier", () => {
    expect(refunded({ parent: expiry, block: expiry + 1_000 })).toBe(true);
    expect(refunded({ parent: expiry - 1, block: expiry + 1_000 })).toBe(false);
    expect(refunded({ parent: expiry - 1_000, block: expiry })).toBe(false);
  });

  it("[RP-7] cannot tell where nobody has shown the parent, unless the block itself is too early", () => {
    expect(refunded({ parent: expiry, block: expiry + 1_000 }, "none")).toBeUndefined();
    expect(refunded({ parent: expiry - 1_000, block: expiry - 1 }, "none")).toBe(false);
    const other = headerOf(ENDED_AT - 1, { time: timeMs(expiry), proposer: 1 });
    expect(refunded({ parent: expiry - 1, block: expiry + 1_000 }, other)).toBe(false);
  });
});
