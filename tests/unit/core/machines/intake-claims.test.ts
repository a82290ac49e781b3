import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { Claim } from "../../../../src/core/chain/claim.ts";
import type { PacketGate } from "../../../../src/core/chain/packet-output.ts";
import { transactionId } from "../../../../src/core/chain/transaction.ts";
import { PEER_WORK_PER_S_MAX } from "../../../../src/core/machines/work-pace.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { PacketBuilder, type TestPacket } from "../../../support/packet-builder.ts";
import { ofType, WatchedNode } from "../../../support/watched-node.ts";

/** A node whose chain holds one packet of this kind. */
function start(gate: PacketGate): { node: WatchedNode; packet: TestPacket; packets: PacketBuilder } {
  const node = new WatchedNode();
  const packets = new PacketBuilder(node.builder);
  const [packet] = packets.pack(packets.make([1n, 2n, 3n, 4n], { gate }));
  for (const [leaf, record] of node.builder.ledger.leaves) node.ledger.leaves.set(leaf, record);
  node.state = { ...node.state, tip: node.builder.tip };
  return { node, packet: packet!, packets };
}

const from = (node: WatchedNode, transaction: Claim, peer: string) =>
  node.post({ type: "transaction-received", now: node.now, transaction, reply: 1, source: "gossip", from: peer });

describe("a full node takes claims", () => {
  it("[RP-5] of open packets at once: nothing of them takes long", () => {
    const { node, packet, packets } = start({ mode: "open" });
    const claim = packets.claim(packet);
    const effects = node.hand(claim);
    expect(ofType(effects, "verify-proofs")).toEqual([]);
    expect(ofType(effects, "reply-transaction")[0]?.verdict).toEqual({ ok: true, txid: transactionId(claim) });
    expect(node.state.mempool.claims.size).toBe(1);
  });

  it("[RP-12] with work once another thread has looked at it, and refuses wrong work", () => {
    const { node, packet, packets } = start({ mode: "chance", powBits: 1 });
    const claim = packets.claim(packet);
    const [asked] = ofType(node.hand(claim), "verify-proofs");
    expect(asked).toMatchObject({ coins: [], work: { powBits: 1, packetKey: packet.core.packetKey } });
    expect(asked!.job.proofs).toEqual([`work:${formatHex(transactionId(claim))}`]);
    expect(node.state.mempool.claims.size).toBe(0);
    const bad = node.post({ type: "proofs-verified", now: node.now, job: asked!.job, good: [false] });
    expect(ofType(bad, "reply-transaction")[0]?.verdict).toMatchObject({ ok: false, rule: "RP-5" });
    const [again] = ofType(node.hand(claim), "verify-proofs");
    const good = node.post({ type: "proofs-verified", now: node.now, job: again!.job, good: [true] });
    expect(ofType(good, "reply-transaction")[0]?.verdict).toMatchObject({ ok: true });
    // No block asks for it again, so it takes no room from proofs that blocks do ask for.
    expect(node.state.verifiedProofs.size).toBe(0);
    expect(node.state.mempool.claims.size).toBe(1);
  });

  it("[RP-12] looks at two of one peer within a second, and blames nobody for more", () => {
    const { node, packet, packets } = start({ mode: "chance", powBits: 1 });
    for (let index = 0; index < PEER_WORK_PER_S_MAX; index++) {
      expect(ofType(from(node, packets.claim(packet), "busy peer"), "verify-proofs")).toHaveLength(1);
    }
    const late = packets.claim(packet);
    const effects = from(node, late, "busy peer");
    expect(effects).toMatchObject([{ type: "reply-transaction", verdict: { ok: false, policy: "busy" } }]);
    expect(ofType(from(node, packets.claim(packet), "other peer"), "verify-proofs")).toHaveLength(1);
    node.now = timeMs(node.now + 1_000);
    expect(ofType(from(node, late, "busy peer"), "verify-proofs")).toHaveLength(1);
  });
});
