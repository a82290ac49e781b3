import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { encodeBlock, type Block } from "../../../../src/core/chain/block.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { VOTE_TYPE, voteMessage, type VoteType } from "../../../../src/core/chain/vote.ts";
import type { FullNodeEffect } from "../../../../src/core/machines/full-node-events.ts";
import { createFullNodeState } from "../../../../src/core/machines/full-node-state.ts";
import { nextHeight } from "../../../../src/core/state/ledger-tip.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import type { RuleNumber } from "../../../../src/core/values/rule-number.ts";
import { ofType, WatchedNode } from "../../../support/watched-node.ts";
import { transferOf } from "../../../support/transfer-of.ts";

/** A block with a payment that the node does not know, proposed and sent whole by a friend. */
function waiting(node = new WatchedNode()) {
  const block = node.builder.build([node.builder.transfer(node.builder.take(1)).transaction]);
  node.propose(block, { isSigned: true });
  const effects = sendParts(node, block);
  const [asked] = ofType(effects, "verify-claims");
  return { node, block, asked: asked!, effects };
}

function sendParts(node: WatchedNode, block: Block, peer = "friend"): readonly FullNodeEffect[] {
  const transactions = block.transactions.map((transaction, index) => ({ index, transaction }));
  const part = { height: block.header.height, blockId: blockId(block.header), transactions };
  return node.frame({ type: "part", part }, peer);
}

function vote(node: WatchedNode, block: Block, type: VoteType): readonly FullNodeEffect[] {
  const { tip, deps } = node.builder;
  const { height: at } = block.header;
  const id = blockId(block.header);
  const message = voteMessage(tip.chain.chainId, VOTE_TYPE[type], at, 0, id);
  return tip.nextValidators.slice(0, -1).flatMap(({ blsKey }, validator) => {
    const signature = deps.bls.sign(node.builder.seedOf(blsKey), message);
    const sent = { type, height: at, round: 0, blockId: id, validator, signature };
    return node.frame({ type: "vote", vote: sent }, `seat ${validator}`);
  });
}

/** The block as a peer hands it over that knows it to be final. */
function fetched(
  node: WatchedNode,
  block: Block,
  certificate: ReturnType<WatchedNode["builder"]["commit"]>,
  peer: string,
) {
  node.post({ type: "status-received", now: node.now, peer, height: height(2) });
  return node.post({ type: "blocks-fetched", now: node.now, peer, blocks: [{ block, certificate }] });
}

const validity = (node: WatchedNode, block: Block): string | undefined =>
  node.state.consensus.blocks.get(formatHex(blockId(block.header)))?.validity;
const verdict = (node: WatchedNode, job: number, rule?: RuleNumber) =>
  node.post({ type: "claims-verified", now: node.now, job, rule });

describe("a block whose claims are being verified", () => {
  it("[CO-5] [CO-13] holds nothing up: timeouts run, votes are heard, and the verdict counts when it comes", () => {
    const { node, block, asked } = waiting();
    expect([validity(node, block), node.state.consensus.step]).toEqual(["unknown", "propose"]);
    const timer = { kind: "propose", height: nextHeight(node.state.tip), round: 0 } as const;
    node.post({ type: "timer-fired", now: timeMs(node.now + 10_000), timer: { kind: "consensus", timer } });
    expect(node.state.consensus.step).toBe("prevote");
    vote(node, block, "prevote");
    expect(vote(node, block, "precommit").filter(({ type }) => type === "commit-block")).toEqual([]);
    expect(ofType(verdict(node, asked.job), "commit-block")).toMatchObject([{ commit: { height: 1 } }]);
  });

  it.each(["TX-3", "TX-4", "PU-1"] as const)("[%s] is invalid where its claims are not true, by their rule", (rule) => {
    const { node, block, asked } = waiting();
    const effects = verdict(node, asked.job, rule);
    expect(ofType(effects, "report")).toMatchObject([{ code: `invalid_block ${rule}` }]);
    expect(validity(node, block)).toBe("invalid");
    expect(node.state.executed.size).toBe(0);
  });

  it("[RG-6] asks once for one block, and no more once it has the verdict", () => {
    const { node, block, asked } = waiting();
    expect(ofType(sendParts(node, block), "verify-claims")).toEqual([]);
    expect(ofType(node.propose(block, { isSigned: true }, "other"), "verify-claims")).toEqual([]);
    verdict(node, asked.job);
    expect(validity(node, block)).toBe("valid");
    expect(verdict(node, asked.job)).toEqual([]);
    expect(verdict(node, asked.job, "TX-5")).toEqual([]);
    expect(validity(node, block)).toBe("valid");
  });

  it("[BL-2] is still held against its roots behind its claims", () => {
    const node = new WatchedNode();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const frame = node.builder.build([transaction]);
    const outcome = node.builder.execute(frame);
    if (!outcome.ok) throw new Error(outcome.rule);
    const header = { ...frame.header, utxoRoot: frame.header.txsRoot };
    const block = { ...frame, header };
    const effects = node.judge([...node.propose(block, { isSigned: true }), ...sendParts(node, block)]);
    expect(ofType(effects, "report")).toMatchObject([{ code: "invalid_block BL-2" }]);
    expect(validity(node, block)).toBe("invalid");
  });

  it("a verdict whose height is over changes nothing", () => {
    const { node, asked } = waiting();
    const rival = node.builder.build([], { afterMs: 2_000 });
    const outcome = node.builder.execute(rival);
    if (!outcome.ok) throw new Error(outcome.rule);
    const effects = fetched(node, rival, node.builder.commit(outcome), "friend");
    expect(ofType(effects, "commit-block")).toHaveLength(1);
    const { state } = node;
    expect(verdict(node, asked.job)).toEqual([]);
    expect(verdict(node, asked.job, "TX-5")).toEqual([]);
    expect(node.state).toBe(state);
  });

  it("verdicts of nothing that was asked change nothing", () => {
    const { node, block } = waiting();
    for (const job of [-1, 1, 0.5, 2 ** 53]) expect(verdict(node, job)).toEqual([]);
    expect(validity(node, block)).toBe("unknown");
  });
});

describe("[TX-5] two blocks of one id under different signatures", () => {
  function twins() {
    const node = new WatchedNode();
    const block = node.builder.build([node.builder.transfer(node.builder.take(1)).transaction]);
    const outcome = node.builder.execute(block);
    if (!outcome.ok) throw new Error(outcome.rule);
    const transaction = transferOf(block.transactions[0]);
    const signatures = transaction.signatures.map(() => new Uint8Array(64).fill(1));
    const forged = { ...block, transactions: [{ ...transaction, signatures }] };
    node.propose(block, { isSigned: true });
    const [own] = ofType(sendParts(node, block), "verify-claims");
    const certificate = node.builder.commit(outcome);
    const [other] = ofType(fetched(node, forged, certificate, "stranger"), "verify-claims");
    return { node, block, forged, own: own!.job, other: other!.job };
  }

  it("are judged apart: the forged one costs its sender the connection, the other one stays open", () => {
    const { node, block, own, other } = twins();
    expect(other).not.toBe(own);
    const refused = verdict(node, other, "TX-5");
    expect(ofType(refused, "drop-peer")).toMatchObject([{ peer: "stranger" }]);
    expect(ofType(refused, "commit-block")).toEqual([]);
    expect(validity(node, block)).toBe("unknown");
    verdict(node, own);
    expect(validity(node, block)).toBe("valid");
  });

  it("the true one is what becomes final, also where the forged one's sender was the one who had the certificate", () => {
    const { node, block, own, other } = twins();
    const [committed] = ofType(verdict(node, own), "commit-block");
    expect(committed?.commit.height).toBe(1);
    expect(committed?.commit.block).toEqual(encodeBlock(block));
    expect(verdict(node, other)).toEqual([]);
  });
});

describe("[CO-19] fetched blocks that wait for their verdict", () => {
  it("are not fetched again, whatever heights are shown meanwhile, and their sender is blamed for what it sent", () => {
    const node = new WatchedNode();
    const block = node.builder.build([node.builder.transfer(node.builder.take(1)).transaction]);
    const outcome = node.builder.execute(block);
    if (!outcome.ok) throw new Error(outcome.rule);
    const transaction = transferOf(block.transactions[0]);
    const signatures = transaction.signatures.map(() => new Uint8Array(64).fill(1));
    const forged = { ...block, transactions: [{ ...transaction, signatures }] };
    const certificate = node.builder.commit(outcome);
    const [asked] = ofType(fetched(node, forged, certificate, "liar"), "verify-claims");
    for (const shown of [3, 4, 50, 1_000]) {
      const event = { type: "status-received", now: node.now, peer: "liar", height: height(shown) } as const;
      expect(ofType(node.post(event), "fetch-blocks")).toEqual([]);
    }
    const effects = verdict(node, asked!.job, "TX-5");
    expect(ofType(effects, "drop-peer")).toMatchObject([{ peer: "liar" }]);
    // The block itself is true: nobody was told otherwise.
    expect(validity(node, block)).not.toBe("invalid");
    const [other] = ofType(fetched(node, block, certificate, "friend"), "verify-claims");
    expect(ofType(verdict(node, other!.job), "commit-block")).toMatchObject([{ commit: { height: 1 } }]);
  });
});

describe("a node that dies while claims are being verified", () => {
  it("[CO-14] asks again after it, and what was said before is nobody's answer", () => {
    const { node, block, asked } = waiting();
    const { tip, boundary } = node.state;
    node.state = createFullNodeState(tip, undefined, boundary, node.builder.seatHistory);
    node.post({ type: "started", now: node.now, log: [] });
    expect(verdict(node, asked.job)).toEqual([]);
    node.propose(block, { isSigned: true });
    const again = sendParts(node, block);
    expect(ofType(again, "verify-claims")).toHaveLength(1);
    node.judge(again);
    expect(validity(node, block)).toBe("valid");
  });
});
