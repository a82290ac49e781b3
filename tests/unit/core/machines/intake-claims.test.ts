import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { Claim } from "../../../../src/core/chain/claim.ts";
import type { PacketGate } from "../../../../src/core/chain/packet-output.ts";
import { signaturesOf, transactionId } from "../../../../src/core/chain/transaction.ts";
import type { FullNodeEffect } from "../../../../src/core/machines/full-node-events.ts";
import type { Intake } from "../../../../src/core/machines/full-node-state.ts";
import { INTAKE_CLAIMS_MAX } from "../../../../src/core/machines/intake-transactions.ts";
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

/** The names under which a claim is looked at, behind their kind. */
const nameOf = (claim: Claim): string => [transactionId(claim), ...signaturesOf(claim)].map(formatHex).join(":");

type Effects = readonly FullNodeEffect[];

/** Answers what a claim's effects ask, and gives what follows. */
function answer(node: WatchedNode, effects: Effects, isGood: boolean): Effects {
  const [asked] = ofType(effects, "verify-proofs");
  if (asked === undefined) throw new Error("nothing was asked");
  return node.post({ type: "proofs-verified", now: node.now, job: asked.job, good: [isGood] });
}

const verdictOf = (effects: Effects) => ofType(effects, "reply-transaction")[0]?.verdict;

describe("a full node takes claims", () => {
  it("[RP-5] once another thread has looked at their signatures, and refuses wrong ones", () => {
    const { node, packet, packets } = start({ mode: "open" });
    const claim = packets.claim(packet);
    const handed = node.hand(claim);
    const [asked] = ofType(handed, "verify-proofs");
    expect(asked).toMatchObject({ coins: [], signed: { claimKey: claim.oneTimeKey } });
    expect(asked!.signed!.signatures).toHaveLength(2);
    expect(asked!.job.proofs).toEqual([`signed:${nameOf(claim)}`]);
    expect(verdictOf(handed)).toBeUndefined();
    expect(verdictOf(answer(node, handed, true))).toEqual({ ok: true, txid: transactionId(claim) });
    expect(node.state.mempool.claims.size).toBe(1);
    const wrong = packets.claim(packet);
    expect(verdictOf(answer(node, node.hand(wrong), false))).toMatchObject({ ok: false, rule: "RP-5" });
    // No block asks for it again, so it takes no room from proofs that blocks do ask for.
    expect(node.state.verifiedProofs.size).toBe(0);
    expect(node.state.mempool.claims.size).toBe(1);
    expect(node.state.intake.size).toBe(0);
  });

  it("[RP-5] whose copy under other signatures came first: a wrong version keeps no true one away", () => {
    const { node, packet, packets } = start({ mode: "open" });
    const claim = packets.claim(packet);
    const forged = node.hand({ ...claim, ownerSignature: new Uint8Array(64) });
    const handed = node.hand(claim);
    const [asked] = ofType(node.hand(claim), "verify-proofs");
    expect(asked).toBeUndefined();
    expect(verdictOf(answer(node, handed, true))).toMatchObject({ ok: true });
    expect(verdictOf(answer(node, forged, false))).toMatchObject({ ok: false, rule: "RP-5" });
    expect(node.state.mempool.claims.size).toBe(1);
  });

  it("[RP-5] [RP-12] one of each P: two of them would be two shares for one coin, and a forged one keeps no true one away", () => {
    const { node, packet, packets } = start({ mode: "open" });
    const ownerSecret = packets.secret();
    const [forged, first, second] = [0, 1, 2].map(() => node.hand(packets.claim(packet, { ownerSecret })));
    expect(verdictOf(answer(node, forged!, false))).toMatchObject({ ok: false, rule: "RP-5" });
    expect(verdictOf(answer(node, first!, true))).toMatchObject({ ok: true });
    expect(verdictOf(answer(node, second!, true))).toMatchObject({ ok: false, policy: "conflicting" });
    expect(node.state.mempool.claims.size).toBe(1);
  });

  it("[RP-12] with work once their signatures hold, and refuses wrong work", () => {
    const { node, packet, packets } = start({ mode: "chance", powBits: 1 });
    const claim = packets.claim(packet);
    const working = answer(node, node.hand(claim), true);
    const [asked] = ofType(working, "verify-proofs");
    expect(asked).toMatchObject({ coins: [], work: { powBits: 1, packetKey: packet.core.packetKey } });
    expect(asked!.job.proofs).toEqual([`work:${nameOf(claim)}`]);
    expect(node.state.mempool.claims.size).toBe(0);
    expect(verdictOf(answer(node, working, false))).toMatchObject({ ok: false, rule: "RP-5" });
    const again = answer(node, node.hand(claim), true);
    expect(verdictOf(answer(node, again, true))).toMatchObject({ ok: true });
    expect(node.state.verifiedProofs.size).toBe(0);
    expect(node.state.mempool.claims.size).toBe(1);
  });

  it("[RP-12] looks at two of one peer within a second, and blames nobody for more", () => {
    const { node, packet, packets } = start({ mode: "chance", powBits: 1 });
    const worked = (claim: Claim, peer: string): Effects => answer(node, from(node, claim, peer), true);
    for (let index = 0; index < PEER_WORK_PER_S_MAX; index++) {
      expect(ofType(worked(packets.claim(packet), "busy peer"), "verify-proofs")).toHaveLength(1);
    }
    const late = packets.claim(packet);
    const effects = worked(late, "busy peer");
    expect(effects).toMatchObject([{ type: "reply-transaction", verdict: { ok: false, policy: "not_now" } }]);
    expect(node.state.intake.size).toBe(PEER_WORK_PER_S_MAX);
    // Whose signatures are wrong has cost nobody's share of it.
    answer(node, from(node, packets.claim(packet), "other peer"), false);
    expect(ofType(worked(packets.claim(packet), "other peer"), "verify-proofs")).toHaveLength(1);
    node.now = timeMs(node.now + 1_000);
    expect(ofType(worked(late, "busy peer"), "verify-proofs")).toHaveLength(1);
  });

  it("INTAKE_CLAIMS_MAX: one more waiting claim is told that we are busy, and a payment is not", () => {
    const { node, packet, packets } = start({ mode: "open" });
    node.hand(packets.claim(packet));
    const [[, waiting]] = [...node.state.intake] as [[string, Intake]];
    const many = Array.from({ length: INTAKE_CLAIMS_MAX - 1 }, (_, index) => [`waiting ${index}`, waiting] as const);
    node.state = { ...node.state, intake: new Map([...node.state.intake, ...many.slice(1)]) };
    expect(ofType(node.hand(packets.claim(packet)), "verify-proofs")).toHaveLength(1);
    expect(node.state.intake.size).toBe(INTAKE_CLAIMS_MAX);
    expect(verdictOf(node.hand(packets.claim(packet)))).toMatchObject({ ok: false, policy: "busy" });
    const payment = node.builder.transfer(node.builder.take(1)).transaction;
    expect(ofType(node.hand(payment), "verify-proofs")).toHaveLength(1);
  });
});
