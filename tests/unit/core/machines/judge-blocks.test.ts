import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { encodeBlock, type Block } from "../../../../src/core/chain/block.ts";
import type { Certificate } from "../../../../src/core/chain/certificate.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { VOTE_TYPE, voteMessage, type VoteType } from "../../../../src/core/chain/vote.ts";
import type { FullNodeEffect } from "../../../../src/core/machines/full-node-events.ts";
import { VERSIONS_JUDGED_MAX } from "../../../../src/core/machines/judge-blocks.ts";
import { BODY_VERSIONS_MAX, PAST_ROUNDS_KEPT } from "../../../../src/core/params/limits.ts";
import { ZERO_HASH } from "../../../../src/core/values/hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import type { RuleNumber } from "../../../../src/core/values/rule-number.ts";
import { ofType, WatchedNode } from "../../../support/watched-node.ts";
import { transferOf } from "../../../support/transfer-of.ts";

const SIGNED = { isSigned: true };
const keyOf = (block: Block): string => formatHex(blockId(block.header));

/** A node that knows no transaction, and a block of two of them. */
function world() {
  const node = new WatchedNode();
  const block = node.builder.build([1, 1].map((count) => node.builder.transfer(node.builder.take(count)).transaction));
  const verdict = (job: number, rule?: RuleNumber): readonly FullNodeEffect[] =>
    node.post({ type: "claims-verified", now: node.now, job, rule });
  const validity = (of = block): string | undefined => node.state.consensus.blocks.get(keyOf(of))?.validity;
  return { node, block, verdict, validity };
}

/** The same block under signatures of nobody; each `seed` gives others. */
function forged(block: Block, seed: number): Block {
  const [, ...rest] = block.transactions;
  const first = transferOf(block.transactions[0]);
  const signatures = first.signatures.map(() => new Uint8Array(64).fill(seed));
  return { ...block, transactions: [{ ...first, signatures }, ...rest] };
}

function sendParts(node: WatchedNode, block: Block, peer: string): readonly FullNodeEffect[] {
  const transactions = block.transactions.map((transaction, index) => ({ index, transaction }));
  const part = { height: block.header.height, blockId: blockId(block.header), transactions };
  return node.frame({ type: "part", part }, peer);
}

/** A peer proposes the block and hands over its version of it, asked or not. */
function bring(node: WatchedNode, block: Block, peer: string): readonly FullNodeEffect[] {
  return [...node.propose(block, SIGNED, peer), ...sendParts(node, block, peer)];
}

/** What makes the block final; the builder goes on to the next height with it. */
function certify(node: WatchedNode, block: Block): Certificate {
  const outcome = node.builder.execute(block);
  if (!outcome.ok) throw new Error(outcome.rule);
  return node.builder.commit(outcome);
}

/** A block with a certificate, as a peer hands it over that was asked for what the node lacks. */
function bringFinal(
  node: WatchedNode,
  block: Block,
  certificate: Certificate,
  peer: string,
): readonly FullNodeEffect[] {
  node.post({ type: "status-received", now: node.now, peer, height: height(2) });
  return node.post({ type: "blocks-fetched", now: node.now, peer, blocks: [{ block, certificate }] });
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

const wantsTo = (effects: readonly FullNodeEffect[]): readonly unknown[] =>
  ofType(effects, "send-frame").flatMap(({ to, frame }) => (frame.type === "want" ? [to] : []));

describe("[TX-5] versions of a block under other signatures", () => {
  it("are looked at by the proof thread alone: the one that votes does no work on the curve", () => {
    const { node, block, validity } = world();
    const curve = new Proxy(node.deps.ledger.curve, {
      get: () => {
        throw new Error("work on the curve");
      },
    });
    Object.defineProperty(node.deps, "ledger", { value: { ...node.deps.ledger, curve } });
    const effects = node.judge([...bring(node, forged(block, 1), "stranger"), ...bring(node, block, "friend")], "TX-5");
    expect(ofType(effects, "verify-claims")).toHaveLength(2);
    expect(validity()).toBe("unknown");
  });

  it("a forged one costs its sender the connection, and the true one has its turn, whichever comes first", () => {
    for (const order of [
      ["stranger", "friend"],
      ["friend", "stranger"],
    ]) {
      const { node, block, verdict, validity } = world();
      const asked = order.map((peer) => {
        return ofType(bring(node, peer === "friend" ? block : forged(block, 1), peer), "verify-claims")[0]!;
      });
      const [first, second] = asked.map(({ job }) => job);
      // The second one is doubted, so that a forgery is found at the price of its signatures.
      expect(asked.map(({ isDoubted }) => isDoubted)).toEqual([false, true]);
      const [lie, truth] = order[0] === "friend" ? [second!, first!] : [first!, second!];
      expect(ofType(verdict(lie, "TX-5"), "drop-peer")).toEqual([
        { type: "drop-peer", peer: "stranger", reason: "bad_block" },
      ]);
      expect(validity()).toBe("unknown");
      verdict(truth);
      expect(validity()).toBe("valid");
      expect(node.state.executed.get(keyOf(block))?.block).toEqual(block);
    }
  });

  it("one that is found true withdraws the others, and their verdicts change nothing", () => {
    const { node, block, verdict, validity } = world();
    const [lie] = ofType(bring(node, forged(block, 1), "stranger"), "verify-claims");
    const [truth] = ofType(bring(node, block, "friend"), "verify-claims");
    expect(ofType(verdict(truth!.job), "withdraw-claims")).toEqual([{ type: "withdraw-claims", job: lie!.job }]);
    const { state } = node;
    for (const rule of ["TX-5", undefined] as const) expect(verdict(lie!.job, rule)).toEqual([]);
    expect(node.state).toBe(state);
    expect(validity()).toBe("valid");
  });

  it("the same version of several peers is judged once, and all of them answer for it", () => {
    const { node, block, verdict } = world();
    for (const peer of ["one", "two"]) node.propose(block, SIGNED, peer);
    const lie = forged(block, 1);
    const asked = ["one", "two"].flatMap((peer) => ofType(sendParts(node, lie, peer), "verify-claims"));
    expect(asked).toHaveLength(1);
    // Nor does either of them get a second place by saying it again.
    expect(node.propose(block, SIGNED, "one")).toEqual([]);
    expect(node.state.assemblies.get(keyOf(block))!.versions).toEqual([]);
    expect(ofType(verdict(asked[0]!.job, "TX-5"), "drop-peer").map(({ peer }) => peer)).toEqual(["one", "two"]);
    expect(node.state.executed.size).toBe(0);
  });

  it("any other rule is broken by the block itself: it is invalid at once, and no version waits any longer", () => {
    const { node, block, verdict, validity } = world();
    const [first] = ofType(bring(node, block, "friend"), "verify-claims");
    const [other] = ofType(bring(node, forged(block, 1), "stranger"), "verify-claims");
    const effects = verdict(first!.job, "TX-4");
    expect(ofType(effects, "drop-peer")).toEqual([]);
    expect(ofType(effects, "withdraw-claims")).toEqual([{ type: "withdraw-claims", job: other!.job }]);
    expect(validity()).toBe("invalid");
    expect(verdict(other!.job)).toEqual([]);
  });

  it("parts are asked for of one while it is judged, and of all others once it is found forged", () => {
    const { node, block, verdict } = world();
    const [lie] = ofType(bring(node, forged(block, 1), "stranger"), "verify-claims");
    for (const peer of ["one", "two"]) expect(wantsTo(node.propose(block, SIGNED, peer))).toEqual([]);
    expect(wantsTo(verdict(lie!.job, "TX-5"))).toEqual([{ peer: "one" }, { peer: "two" }]);
    const [asked] = ofType(sendParts(node, block, "two"), "verify-claims");
    expect(asked).toMatchObject({ isDoubted: true });
  });

  it("[CO-19] nothing of a block goes on to others before its verdict, and all of it behind that", () => {
    const { node, block, verdict } = world();
    const want = { height: block.header.height, blockId: blockId(block.header), indexes: [0, 1] };
    const set = {
      height: block.header.height,
      round: 0,
      isProposalKnown: false,
      prevotes: node.builder.tip.nextValidators.map(() => false),
      precommits: node.builder.tip.nextValidators.map(() => false),
    };
    const passedOn = (): readonly string[] =>
      [node.frame({ type: "want", want }, "asker"), node.frame({ type: "have-set", set }, "asker")].flatMap((effects) =>
        ofType(effects, "send-frame").map(({ frame }) => frame.type),
      );
    const [asked] = ofType(bring(node, block, "friend"), "verify-claims");
    expect(passedOn()).toEqual([]);
    verdict(asked!.job);
    expect(passedOn()).toEqual(["part", "proposal"]);
  });
});

describe("[CO-11] a flood of forged versions does not keep the true block from being judged", () => {
  /** So many strangers bring a forged version each; the jobs that this asks for. */
  function flood(node: WatchedNode, block: Block, count: number): readonly number[] {
    return Array.from({ length: count }, (_, liar) => bring(node, forged(block, liar), `liar ${liar}`)).flatMap(
      (effects) => ofType(effects, "verify-claims").map(({ job }) => job),
    );
  }

  it("VERSIONS_JUDGED_MAX are judged at once, and the true one after those that came before it at the latest", () => {
    const { node, block, verdict, validity } = world();
    const liars = VERSIONS_JUDGED_MAX + BODY_VERSIONS_MAX - 1;
    node.propose(block, SIGNED, "nobody");
    const jobs = [...flood(node, block, liars)];
    expect(jobs).toHaveLength(VERSIONS_JUDGED_MAX);
    bring(node, block, "friend");
    expect(node.state.assemblies.get(keyOf(block))!.versions).toHaveLength(BODY_VERSIONS_MAX);
    let verdicts = 0;
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { block: judged } = node.state.examined.get(job)!;
      const isTrue = encodeBlock(judged).join() === encodeBlock(block).join();
      jobs.push(...ofType(verdict(job, isTrue ? undefined : "TX-5"), "verify-claims").map((asked) => asked.job));
      expect(node.state.examined.size).toBeLessThanOrEqual(VERSIONS_JUDGED_MAX);
      verdicts++;
      if (isTrue) break;
    }
    expect(validity()).toBe("valid");
    expect(verdicts).toBe(liars + 1);
  });

  it("a whole version that waits for its turn makes room for nobody", () => {
    const { node, block, verdict, validity } = world();
    const jobs = [...flood(node, block, VERSIONS_JUDGED_MAX)];
    bring(node, block, "friend");
    for (let late = 0; late < 3 * BODY_VERSIONS_MAX; late++) node.propose(block, SIGNED, `late ${late}`);
    expect(node.state.assemblies.get(keyOf(block))!.versions.map(({ from }) => from)).toContain("friend");
    const [asked] = ofType(verdict(jobs[0]!, "TX-5"), "verify-claims");
    verdict(asked!.job);
    expect(validity()).toBe("valid");
  });

  it("where every place is taken by whole versions, a newcomer is heard when it comes again behind a verdict", () => {
    const { node, block, verdict, validity } = world();
    const [first] = flood(node, block, VERSIONS_JUDGED_MAX + BODY_VERSIONS_MAX);
    expect(node.propose(block, SIGNED, "friend")).toEqual([]);
    expect(sendParts(node, block, "friend")).toEqual([]);
    verdict(first!, "TX-5");
    bring(node, block, "friend");
    while (validity() === "unknown") {
      const [[job, { from }]] = node.state.examined as unknown as [[number, { readonly from: readonly string[] }]];
      verdict(job, from.includes("friend") ? undefined : "TX-5");
    }
    expect(validity()).toBe("valid");
  });

  it("a block with its certificate waits for none of them, whether their verdicts ever come or not", () => {
    const { node, block, verdict } = world();
    const certificate = certify(node, block);
    const jobs = flood(node, block, VERSIONS_JUDGED_MAX + BODY_VERSIONS_MAX);
    const [asked] = ofType(bringFinal(node, block, certificate, "friend"), "verify-claims");
    expect(asked).toMatchObject({ isUrgent: true, isDoubted: true });
    const effects = verdict(asked!.job);
    expect(ofType(effects, "commit-block")).toMatchObject([{ commit: { block: encodeBlock(block) } }]);
    expect(ofType(effects, "withdraw-claims").map(({ job }) => job)).toEqual(jobs);
    expect([node.state.examined.size, node.state.doubted.size]).toEqual([0, 0]);
    for (const job of jobs) expect([...verdict(job), ...verdict(job, "TX-5")]).toEqual([]);
  });

  it("liars with the true certificate are asked one after the other, until somebody has the block", () => {
    const { node, block, verdict } = world();
    const certificate = certify(node, block);
    for (let liar = 0; liar < 5; liar++) {
      const [asked] = ofType(bringFinal(node, forged(block, liar), certificate, `liar ${liar}`), "verify-claims");
      expect(asked).toMatchObject({ isUrgent: true, isDoubted: liar > 0 });
      expect(ofType(verdict(asked!.job, "TX-5"), "drop-peer")).toMatchObject([{ peer: `liar ${liar}` }]);
    }
    const [asked] = ofType(bringFinal(node, block, certificate, "friend"), "verify-claims");
    expect(ofType(verdict(asked!.job), "commit-block")).toHaveLength(1);
    expect(node.state.doubted.size).toBe(0);
  });

  it("a fetched block that was here already takes over its job, with everybody who answers for it", () => {
    const { node, block, verdict } = world();
    const lie = forged(block, 1);
    const [asked] = ofType(bring(node, lie, "stranger"), "verify-claims");
    const certificate = certify(node, block);
    const effects = bringFinal(node, lie, certificate, "liar");
    expect(ofType(effects, "verify-claims")).toEqual([]);
    expect(ofType(effects, "hurry-claims")).toEqual([{ type: "hurry-claims", job: asked!.job }]);
    const dropped = ofType(verdict(asked!.job, "TX-5"), "drop-peer").map(({ peer }) => peer);
    expect(dropped).toEqual(["stranger", "liar"]);
    const [again] = ofType(bringFinal(node, block, certificate, "friend"), "verify-claims");
    expect(ofType(verdict(again!.job), "commit-block")).toHaveLength(1);
  });

  it("[CO-19] other transactions under a true header and certificate cost their sender its place, and no job", () => {
    const { node, block } = world();
    const other = node.builder.transfer(node.builder.take(1)).transaction;
    const certificate = certify(node, block);
    for (const transactions of [[], [other], block.transactions.toReversed()]) {
      const effects = bringFinal(node, { ...block, transactions }, certificate, "liar");
      expect(ofType(effects, "verify-claims")).toEqual([]);
      expect(ofType(effects, "drop-peer")).toMatchObject([{ peer: "liar" }]);
    }
  });
});

describe("which block is judged first", () => {
  /** Two blocks of one proposer and round, both on their way to a verdict. */
  function twoProposals() {
    const { node, block, verdict, validity } = world();
    const rival = node.builder.build(block.transactions.slice(1));
    const [first] = ofType(bring(node, rival, "proposer"), "verify-claims");
    const [second] = ofType(bring(node, block, "friend"), "verify-claims");
    return { node, block, rival, verdict, validity, first: first!, second: second! };
  }

  it.each(["prevote", "precommit"] as const)("[CO-8] [CO-11] the one with two thirds of %ss goes first", (type) => {
    const { node, block, first, second } = twoProposals();
    expect([first, second].map(({ isUrgent }) => isUrgent)).toEqual([false, false]);
    const effects = vote(node, block, type);
    expect(ofType(effects, "hurry-claims")).toEqual([{ type: "hurry-claims", job: second.job }]);
    expect(ofType(vote(node, block, type), "hurry-claims")).toEqual([]);
    // A version that comes later is urgent from the beginning.
    const [late] = ofType(bring(node, forged(block, 1), "stranger"), "verify-claims");
    expect(late).toMatchObject({ isUrgent: true });
  });

  it("[CO-11] behind the one that was decided nobody waits for another", () => {
    const { node, block, verdict, first, second } = twoProposals();
    verdict(second.job);
    vote(node, block, "prevote");
    const effects = vote(node, block, "precommit");
    expect(ofType(effects, "commit-block")).toHaveLength(1);
    expect(ofType(effects, "withdraw-claims")).toEqual([{ type: "withdraw-claims", job: first.job }]);
    expect(verdict(first.job)).toEqual([]);
  });

  it("[CO-3] of a height where one is certified nobody waits for another", () => {
    const { node, block, first } = twoProposals();
    const certificate = certify(node, block);
    expect(ofType(bringFinal(node, block, certificate, "friend"), "withdraw-claims")).toEqual([
      { type: "withdraw-claims", job: first.job },
    ]);
  });

  it("[CO-12] a block of a round that is forgotten is withdrawn, and its late verdict is nobody's", () => {
    const { node, verdict, first, second, validity } = twoProposals();
    const { tip, deps } = node.builder;
    const seats = tip.nextValidators.map(({ blsKey }) => node.builder.seedOf(blsKey));
    const withdrawn: number[] = [];
    for (let round = 1; round <= PAST_ROUNDS_KEPT + 1; round++) {
      const message = voteMessage(tip.chain.chainId, VOTE_TYPE.prevote, height(1), round, ZERO_HASH);
      seats.forEach((seed, validator) => {
        const nil = { type: "prevote", height: height(1), round, blockId: ZERO_HASH, validator } as const;
        const sent = { ...nil, signature: deps.bls.sign(seed, message) };
        withdrawn.push(...ofType(node.frame({ type: "vote", vote: sent }), "withdraw-claims").map(({ job }) => job));
      });
    }
    expect(withdrawn).toEqual([first.job, second.job]);
    expect(node.state.examined.size).toBe(0);
    const { state } = node;
    for (const { job } of [first, second]) expect(verdict(job)).toEqual([]);
    expect(node.state).toBe(state);
    expect(validity()).toBeUndefined();
  });
});
