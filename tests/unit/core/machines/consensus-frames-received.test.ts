import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { Block } from "../../../../src/core/chain/block.ts";
import type { PartFrame } from "../../../../src/core/chain/consensus-frames.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { VOTE_TYPE, voteMessage } from "../../../../src/core/chain/vote.ts";
import type { Transaction } from "../../../../src/core/chain/transaction.ts";
import { blockBody } from "../../../../src/core/machines/block-assembly.ts";
import { WANT_ANSWERS_MAX } from "../../../../src/core/machines/consensus-frames-received.ts";
import type { FullNodeEffect } from "../../../../src/core/machines/full-node-events.ts";
import { ASSEMBLIES_MAX } from "../../../../src/core/machines/handle-blocks.ts";
import { BODY_VERSIONS_MAX, PAST_ROUNDS_KEPT } from "../../../../src/core/params/limits.ts";
import { ZERO_HASH } from "../../../../src/core/values/hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import { ofType, WatchedNode } from "../../../support/watched-node.ts";

const SIGNED = { isSigned: true };

/** A node that has been proposed a block with one transaction it does not know. */
function proposed(): {
  readonly node: WatchedNode;
  readonly block: Block;
  readonly effects: readonly FullNodeEffect[];
} {
  const node = new WatchedNode();
  const block = node.builder.build([node.builder.transfer(node.builder.take(1)).transaction]);
  return { node, block, effects: node.propose(block, SIGNED) };
}

function send(
  node: WatchedNode,
  block: Block,
  transactions: readonly Transaction[],
  peer: string,
): readonly FullNodeEffect[] {
  const items = transactions.map((transaction, index) => ({ index, transaction }));
  const part: PartFrame = { height: block.header.height, blockId: blockId(block.header), transactions: items };
  return node.frame({ type: "part", part }, peer);
}

const validity = (node: WatchedNode, block: Block): string | undefined =>
  node.state.consensus.blocks.get(formatHex(blockId(block.header)))?.validity;

describe("proposals and their parts", () => {
  it("[CO-19] asks whoever sends a proposal for what is missing, also who sends it second", () => {
    const { node, block, effects } = proposed();
    expect(ofType(effects, "send-frame").map(({ to, frame }) => [to, frame.type])).toEqual([
      [{ peer: "friend" }, "want"],
    ]);
    const again = ofType(node.propose(block, SIGNED, "proposer"), "send-frame");
    expect(again.map(({ to, frame }) => [to, frame.type])).toEqual([[{ peer: "proposer" }, "want"]]);
  });

  it.each([
    [
      "another last certificate",
      (block: Block) => ({ ...block, lastCertificate: { ...block.lastCertificate, round: 7 } }),
    ],
    ["no transactions", (block: Block) => ({ ...block, transactions: [] })],
  ])("[CO-19] the right body is taken after one with %s behind the same header", (_, damage) => {
    const node = new WatchedNode();
    const block = node.builder.build([node.builder.transfer(node.builder.take(1)).transaction]);
    node.propose(damage(block), SIGNED, "stranger");
    expect(validity(node, block)).not.toBe("invalid");
    const wanted = ofType(node.propose(block, SIGNED), "send-frame");
    expect(wanted.flatMap(({ to, frame }) => (frame.type === "want" ? [to] : []))).toEqual([{ peer: "friend" }]);
    node.judge(send(node, block, block.transactions, "friend"));
    expect(validity(node, block)).toBe("valid");
  });

  it("[CO-19] false short ids of the right count do not keep the true ones out, whoever comes first", () => {
    const node = new WatchedNode();
    const block = node.builder.build([node.builder.transfer(node.builder.take(1)).transaction]);
    const lie = { shortIds: [new Uint8Array(8)] };
    node.propose(block, { ...SIGNED, ...lie }, "stranger");
    // We say that we lack the proposal, so that whoever has the true one sends it.
    node.post({ type: "peer-connected", now: node.now, peer: "friend" });
    const wanted = ofType(node.propose(block, SIGNED), "send-frame");
    expect(wanted.flatMap(({ to, frame }) => (frame.type === "want" ? [to] : []))).toEqual([{ peer: "friend" }]);
    // Parts of the stranger do not count for what the friend said.
    expect(send(node, block, block.transactions, "stranger")).toEqual([]);
    node.judge(send(node, block, block.transactions, "friend"));
    expect(validity(node, block)).toBe("valid");
  });

  it("[CO-19] a peer whose short ids and parts give another root is dropped, and the block stays open", () => {
    const node = new WatchedNode();
    const [transaction, other] = [1, 1].map((count) => node.builder.transfer(node.builder.take(count)).transaction);
    const block = node.builder.build([transaction!]);
    const otherBody = blockBody({ ...block, transactions: [other!] });
    node.propose(block, { ...SIGNED, shortIds: otherBody.shortIds }, "stranger");
    expect(ofType(send(node, block, [other!], "stranger"), "drop-peer")).toEqual([]);
    // What the pool gave might have been wrong; what the peer itself sends is its own doing.
    expect(ofType(send(node, block, [other!], "stranger"), "drop-peer")).toMatchObject([{ peer: "stranger" }]);
    node.propose(block, SIGNED);
    expect(ofType(send(node, block, block.transactions, "friend"), "verify-claims")).toHaveLength(1);
  });

  it("[CO-19] BODY_VERSIONS_MAX peers are heard about one block, and the newest always is", () => {
    const { node, block } = proposed();
    for (let liar = 0; liar < 2 * BODY_VERSIONS_MAX; liar++) {
      node.propose(block, { ...SIGNED, shortIds: [Uint8Array.of(liar, 0, 0, 0, 0, 0, 0, 0)] }, `liar ${liar}`);
    }
    const key = formatHex(blockId(block.header));
    expect(node.state.assemblies.get(key)?.versions).toHaveLength(BODY_VERSIONS_MAX);
    node.propose(block, SIGNED, "late friend");
    expect(node.state.assemblies.get(key)?.versions).toHaveLength(BODY_VERSIONS_MAX);
    expect(ofType(send(node, block, block.transactions, "late friend"), "verify-claims")).toHaveLength(1);
    expect(node.state.assemblies.get(key)?.versions).toHaveLength(BODY_VERSIONS_MAX - 1);
  });

  it("[CO-19] the pool is hashed once for all who speak of a block, and again when it has changed", () => {
    const { node, block } = proposed();
    const index = node.state.shortIds;
    expect(index?.byShortId.size).toBe(0);
    node.propose(block, { ...SIGNED, shortIds: [new Uint8Array(8)] }, "liar");
    expect(node.state.shortIds).toBe(index);
    const [asked] = ofType(node.gossip(block.transactions[0]!), "verify-proofs");
    node.post({ type: "proofs-verified", now: node.now, job: asked!.job, good: asked!.job.proofs.map(() => true) });
    expect(node.state.mempool.entries.size).toBe(1);
    node.propose(block, SIGNED, "late friend");
    expect(node.state.shortIds?.byShortId.size).toBe(1);
    expect(validity(node, block)).toBe("valid");
  });

  it("[CO-19] what is still missing is asked for again behind the last part, not behind each", () => {
    const node = new WatchedNode();
    const block = node.builder.build(
      [1, 1].map((count) => node.builder.transfer(node.builder.take(count)).transaction),
    );
    node.propose(block, SIGNED);
    const part = (index: number): readonly FullNodeEffect[] => {
      const items = [{ index, transaction: block.transactions[index]! }];
      const frame: PartFrame = { height: block.header.height, blockId: blockId(block.header), transactions: items };
      return node.frame({ type: "part", part: frame }, "friend");
    };
    const before = node.state;
    expect(part(0)).toEqual([]);
    node.state = before;
    expect(ofType(part(1), "send-frame")).toMatchObject([
      { to: { peer: "friend" }, frame: { type: "want", want: { indexes: [0] } } },
    ]);
  });

  it("[RG-6] parts that bring nothing new start no second check of the claims", () => {
    const { node, block } = proposed();
    expect(ofType(send(node, block, block.transactions, "friend"), "verify-claims").length).toBe(1);
    expect(send(node, block, block.transactions, "friend")).toEqual([]);
    expect(send(node, block, [], "friend")).toEqual([]);
    // Nor does a second peer's word for a block that is being judged.
    expect(ofType(node.propose(block, SIGNED, "other"), "verify-claims")).toEqual([]);
  });

  it("[CO-19] WANT_ANSWERS_MAX answers a peer and block, and none about a block it does not hold", () => {
    const { node, block } = proposed();
    node.judge(send(node, block, block.transactions, "friend"));
    const want = (id = blockId(block.header), peer = "asker"): number =>
      ofType(
        node.frame({ type: "want", want: { height: block.header.height, blockId: id, indexes: [0] } }, peer),
        "send-frame",
      ).length;
    const answers = Array.from({ length: WANT_ANSWERS_MAX + 2 }, () => want());
    expect(answers).toEqual([...Array.from({ length: WANT_ANSWERS_MAX }, () => 1), 0, 0]);
    expect(want(undefined, "another")).toBe(1);
    expect(want(node.state.tip.blockId)).toBe(0);
  });

  it("[CO-19] a flood of bodies for the height after next leaves room for the next height", () => {
    const node = new WatchedNode();
    const block = node.builder.build([]);
    for (let round = 0; round < 2 * ASSEMBLIES_MAX; round++) {
      node.propose(
        { ...block, header: { ...block.header, height: height(2), round } },
        { isSigned: false },
        "stranger",
      );
    }
    node.propose(block, SIGNED);
    expect(validity(node, block)).toBe("valid");
  });

  it("[CO-19] a height of many rounds goes on to take new proposals", () => {
    const node = new WatchedNode();
    let validated = 0;
    for (let round = 0; round <= ASSEMBLIES_MAX; round++) {
      const block = node.builder.build([], { round });
      node.state = { ...node.state, consensus: { ...node.state.consensus, round, step: "propose" } };
      node.propose(block, SIGNED);
      if (validity(node, block) === "valid") validated++;
    }
    expect(validated).toBe(ASSEMBLIES_MAX + 1);
    expect(node.state.assemblies.size).toBe(ASSEMBLIES_MAX);
  });

  it("[CO-12] what was executed in rounds that are forgotten is forgotten too", () => {
    const node = new WatchedNode();
    const { tip, deps } = node.builder;
    const seats = tip.nextValidators.map(({ blsKey }) => node.builder.seedOf(blsKey));
    for (let round = 0; round < 2 * PAST_ROUNDS_KEPT; round++) {
      const place = { type: "prevote", height: height(1), round, blockId: ZERO_HASH } as const;
      const message = voteMessage(tip.chain.chainId, VOTE_TYPE.prevote, place.height, round, place.blockId);
      seats.forEach((seed, validator) => {
        const vote = { ...place, validator, signature: deps.bls.sign(seed, message) };
        node.frame({ type: "vote", vote });
      });
      const block = node.builder.build([], { round });
      node.propose(block, SIGNED);
      expect(validity(node, block)).toBe("valid");
    }
    expect(node.state.consensus.round).toBe(2 * PAST_ROUNDS_KEPT - 1);
    expect(node.state.executed.size).toBe(PAST_ROUNDS_KEPT);
    expect(node.state.assemblies.size).toBe(PAST_ROUNDS_KEPT);
  });
});
