import { describe, expect, it } from "vitest";
import type { Block } from "../../../../src/core/chain/block.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { VOTE_TYPE, voteMessage, type VoteType } from "../../../../src/core/chain/vote.ts";
import { CATCH_UP_BLOCKS } from "../../../../src/core/machines/catch-up.ts";
import type { CertifiedBlock, FullNodeEffect } from "../../../../src/core/machines/full-node-events.ts";
import { proofKey } from "../../../../src/core/machines/full-node-state.ts";
import { coinsOf } from "../../../../src/core/machines/judge-blocks.ts";
import { verifyClaims } from "../../../../src/core/state/spend-claims.ts";
import { SHOWN_PEERS_MAX } from "../../../../src/core/params/limits.ts";
import { height, type Height } from "../../../../src/core/values/height.ts";
import { ofType, WatchedNode } from "../../../support/watched-node.ts";
import { transferOf } from "../../../support/transfer-of.ts";

/** Adds a block with one payment to the builder's chain. */
function extend(node: WatchedNode): CertifiedBlock {
  const { builder } = node;
  const block = builder.build([builder.transfer(builder.take(1)).transaction]);
  const outcome = builder.execute(block);
  if (!outcome.ok) throw new Error(outcome.rule);
  return { block, certificate: builder.commit(outcome) };
}

/** Signed votes of every seat but the last. */
function vote(node: WatchedNode, block: Block, type: VoteType): void {
  const { tip, deps } = node.builder;
  const id = blockId(block.header);
  const at = block.header.height;
  const message = voteMessage(tip.chain.chainId, VOTE_TYPE[type], at, 0, id);
  tip.validators.slice(0, -1).forEach(({ blsKey }, validator) => {
    const signature = deps.bls.sign(node.builder.seedOf(blsKey), message);
    const frame = { type: "vote" as const, vote: { type, height: at, round: 0, blockId: id, validator, signature } };
    node.frame(frame, `seat ${validator}`);
  });
}

describe("a node that has fallen behind", () => {
  it("[CO-19] asks another node when the one that showed most has nothing to give", () => {
    const node = new WatchedNode();
    const { now } = node;
    const asked = ofType(
      node.post({ type: "status-received", now, peer: "boaster", height: height(1_000_000) }),
      "fetch-blocks",
    );
    expect(asked.map(({ peer }) => peer)).toEqual(["boaster"]);
    node.post({ type: "status-received", now, peer: "honest", height: height(5) });
    const next = ofType(node.post({ type: "blocks-fetched", now, peer: "boaster", blocks: [] }), "fetch-blocks");
    expect(next.map(({ peer }) => peer)).toEqual(["honest"]);
  });

  it("[CO-19] what a peer claims gets it no place: who delivered goes on, who failed is asked last", () => {
    const node = new WatchedNode();
    const { now } = node;
    const item = extend(node);
    const show = (peer: string, at: number) => {
      return ofType(node.post({ type: "status-received", now, peer, height: height(at) }), "fetch-blocks");
    };
    const fail = (peer: string) => ofType(node.post({ type: "fetch-failed", now, peer }), "fetch-blocks");
    expect(show("liar", 50).map(({ peer }) => peer)).toEqual(["liar"]);
    show("slow", 20);
    show("honest", 20);
    expect(fail("liar").map(({ peer }) => peer)).toEqual(["slow"]);
    // It claims again, and more: its turn comes when nobody else is left.
    show("liar", 1_000_000);
    expect(fail("slow").map(({ peer }) => peer)).toEqual(["honest"]);
    show("slow", 30);
    node.judge(node.post({ type: "blocks-fetched", now, peer: "honest", blocks: [item] }));
    const next = ofType(node.post({ type: "block-committed", now }), "fetch-blocks");
    expect(next).toEqual([{ type: "fetch-blocks", peer: "honest", from: height(2), count: CATCH_UP_BLOCKS }]);
    expect(node.state.deliveredBy).toBe("honest");
    expect(fail("honest").map(({ peer }) => peer)).toEqual(["liar"]);
    // What is remembered of a peer goes with it.
    node.post({ type: "peer-disconnected", now, peer: "liar" });
    expect([...node.state.fetchFailures.keys()].sort()).toEqual(["honest", "slow"]);
  });

  it("fetches at once what a peer had before we heard of it, and gives its time to what comes while we listen", () => {
    const node = new WatchedNode();
    const { now } = node;
    const show = (peer: string, at: number) =>
      node.post({ type: "status-received", now, peer, height: height(at) }).map(({ type }) => type);
    show("first", 0);
    expect(show("first", 1)).toEqual(["arm-timer"]);
    expect(show("second", 1)).toEqual(["fetch-blocks"]);
  });

  it("fetches at once what came too early while it fetched, and gives its time to what is one ahead later", () => {
    const node = new WatchedNode();
    const { now } = node;
    const items = [extend(node), extend(node)];
    const fetches = (effects: readonly FullNodeEffect[]) => ofType(effects, "fetch-blocks").map(({ from }) => from);
    const show = (at: number) => node.post({ type: "status-received", now, peer: "peer", height: height(at) });
    expect(fetches(show(1))).toEqual([1]);
    // Another block becomes final before the answer is there.
    expect(fetches(show(2))).toEqual([]);
    node.judge(node.post({ type: "blocks-fetched", now, peer: "peer", blocks: items.slice(0, 1) }));
    expect(fetches(node.post({ type: "block-committed", now }))).toEqual([2]);
    node.judge(node.post({ type: "blocks-fetched", now, peer: "peer", blocks: items.slice(1) }));
    node.post({ type: "block-committed", now });
    expect(node.state.tip.header.height).toBe(2);
    // Nothing was fetched since: neither what a peer shows nor a block of our own makes it impatient.
    for (const later of [show(3), node.post({ type: "block-committed", now })]) {
      expect([fetches(later), ofType(later, "arm-timer").map(({ timer }) => timer.kind)]).toEqual([[], ["catch-up"]]);
    }
    const fired = node.post({ type: "timer-fired", now, timer: { kind: "catch-up" } });
    expect(fetches(fired)).toEqual([3]);
  });

  it("SHOWN_PEERS_MAX: of more peers that showed a height the oldest is forgotten", () => {
    const node = new WatchedNode();
    for (let index = 0; index <= SHOWN_PEERS_MAX; index++) {
      node.post({ type: "status-received", now: node.now, peer: `peer ${index}`, height: height(0) });
    }
    expect(node.state.peers.size).toBe(SHOWN_PEERS_MAX);
    expect([0, 1, SHOWN_PEERS_MAX].map((index) => node.state.peers.has(`peer ${index}`))).toEqual([false, true, true]);
  });

  it("[CO-19] looks around among any number of peers", () => {
    const node = new WatchedNode();
    const many = Array.from({ length: 200_000 }, (_, index): [string, Height] => [`peer ${index}`, height(2)]);
    node.state = { ...node.state, peers: new Map(many) };
    expect(ofType(node.post({ type: "block-committed", now: node.now }), "fetch-blocks")).toHaveLength(1);
  });

  it("[TX-5] refuses a certified block whose payment has other signatures than the one its pool holds", () => {
    const node = new WatchedNode();
    const { now } = node;
    const item = extend(node);
    const [transaction] = item.block.transactions;
    const [handed] = ofType(node.hand(transaction!), "verify-proofs");
    node.post({ type: "proofs-verified", now, job: handed!.job, good: [true, true] });
    expect(node.state.mempool.entries.size).toBe(1);
    const signatures = transferOf(transaction).signatures.map(() => new Uint8Array(64).fill(1));
    const forged = { ...item.block, transactions: [{ ...transferOf(transaction), signatures }] };
    const fetch = (peer: string, block: Block) => {
      node.post({ type: "status-received", now, peer, height: height(2) });
      return node.post({ type: "blocks-fetched", now, peer, blocks: [{ ...item, block }] });
    };
    const [asked] = ofType(fetch("stranger", forged), "verify-claims");
    const rules = verifyClaims(node.deps.ledger, asked!.claims, node.builder.random);
    const refused = node.post({ type: "claims-verified", now, job: asked!.job, rule: rules[0] });
    expect(ofType(refused, "report")).toMatchObject([{ code: "invalid_block TX-5" }]);
    expect(ofType(refused, "commit-block")).toEqual([]);
    expect(ofType(refused, "drop-peer").map(({ peer }) => peer)).toEqual(["stranger"]);
    expect(ofType(fetch("friend", item.block), "commit-block")).toHaveLength(1);
  });

  it("[CO-11] goes on with fetched blocks only when a block that consensus decided meanwhile is stored", () => {
    const node = new WatchedNode();
    const { now } = node;
    const peer = "friend";
    const chain = [extend(node), extend(node), extend(node)];
    const [first, second] = chain.map(({ block }) => block);
    const proofs = chain.flatMap(({ block }) => coinsOf(block).map(proofKey));
    const job = { id: "00".repeat(32), proofs };
    node.post({ type: "proofs-verified", now, job, good: proofs.map(() => true) });
    node.propose(second!, { isSigned: true });
    vote(node, second!, "precommit");
    node.hand(second!.transactions[0]!);
    node.post({ type: "status-received", now, peer, height: height(3) });
    node.judge(node.post({ type: "blocks-fetched", now, peer, blocks: chain }));
    expect(node.state.tip.blockId).toEqual(blockId(first!.header));
    const decided = node.post({ type: "block-committed", now });
    expect(ofType(decided, "commit-block").map(({ commit }) => commit.height)).toEqual([2]);
    expect(ofType(decided, "drop-peer")).toEqual([]);
    const caughtUp = node.judge(node.post({ type: "block-committed", now }));
    expect(ofType(caughtUp, "commit-block").map(({ commit }) => commit.height)).toEqual([3]);
  });
});
