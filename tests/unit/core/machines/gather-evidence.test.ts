import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { encodeEvidence, type Evidence } from "../../../../src/core/chain/evidence.ts";
import { blockBody } from "../../../../src/core/machines/block-assembly.ts";
import type { FullNodeEffect } from "../../../../src/core/machines/full-node-events.ts";
import {
  EVIDENCE_JUDGED_MAX,
  EVIDENCE_JUDGED_PER_PEER_MAX,
  EVIDENCE_REPEAT_MS,
} from "../../../../src/core/machines/gather-evidence.ts";
import {
  chooseEvidence,
  decodeHeldEvidence,
  EVIDENCE_HELD_MAX,
  examineBehind,
  holdEvidence,
  isCovered,
  openEvidence,
  type HeldEvidence,
} from "../../../../src/core/machines/hold-evidence.ts";
import { BLOCK_EVIDENCE_MAX } from "../../../../src/core/params/limits.ts";
import type { ExaminedEvidence } from "../../../../src/core/state/examine-evidence.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { certificates, liar, proposals, votes } from "../../../support/evidence.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { withAccount } from "../../../support/stake-ledger.ts";
import { ofType, WatchedNode } from "../../../support/watched-node.ts";

const other = devValidatorSeed(1);
/** A proposal of the first round with transactions waits no longer (CO-15). */
const PACE_MS = 1_000;

/** Evidence of height 1, which is the next block's. */
const early = (node: WatchedNode, change: Parameters<typeof votes>[1] = {}): Evidence =>
  votes(node.builder, { at: 1, ...change });

function hear(node: WatchedNode, evidence: Evidence, peer = "friend", reply = 1): readonly FullNodeEffect[] {
  return node.post({ type: "evidence-received", now: node.now, peer, evidence, reply });
}

const verdictOf = (effects: readonly FullNodeEffect[]) => ofType(effects, "reply-evidence")[0]?.verdict;

/** What is said of evidence; its signatures are held to be good. */
function heard(node: WatchedNode, evidence: Evidence, peer?: string) {
  return verdictOf(node.judge(hear(node, evidence, peer)));
}

/** Makes a block final. */
function commit(node: WatchedNode, evidence: readonly Evidence[] = []): readonly FullNodeEffect[] {
  const { builder } = node;
  const block = builder.build([], { evidence });
  const outcome = builder.execute(block);
  if (!outcome.ok) throw new Error(outcome.rule);
  const certificate = builder.commit(outcome);
  const announced = { body: blockBody(block), certificate, peer: "friend", reply: 9 };
  const effects = node.judge(node.post({ type: "block-announced", now: node.now, ...announced }));
  expect(node.state.tip.blockId).toEqual(blockId(block.header));
  return [...effects, ...node.post({ type: "block-committed", now: node.now })];
}

describe("evidence from a peer", () => {
  it("[ST-10] is passed on and held once its signatures are verified, away from the votes and behind all blocks", () => {
    const node = new WatchedNode();
    const evidence = early(node);
    const asked = hear(node, evidence);
    expect(asked.map(({ type }) => type)).toEqual(["verify-claims"]);
    const [{ job, round, isUrgent, claims }] = ofType(asked, "verify-claims") as [never];
    expect([round, isUrgent]).toEqual([-1, false]);
    expect((claims as readonly { evidence?: readonly unknown[] }[])[0]!.evidence).toHaveLength(2);
    const effects = node.post({ type: "claims-verified", now: node.now, job, rule: undefined });
    expect(effects.map(({ type }) => type)).toEqual(["write-evidence", "report-evidence", "reply-evidence"]);
    expect(verdictOf(effects)).toEqual({ verdict: "accept" });
    expect(node.state.evidence.map((each) => each.evidence)).toEqual([evidence]);
    expect(node.state.judgedEvidence.size).toBe(0);
    expect(node.post({ type: "claims-verified", now: node.now, job, rule: undefined })).toEqual([]);
  });

  it("[ST-4] that nobody signed costs the sender its score and leaves nothing behind", () => {
    const node = new WatchedNode();
    const effects = node.judge(hear(node, early(node, { signedAt: 2 })), "ST-4");
    expect(verdictOf(effects)).toEqual({ verdict: "reject", reason: "ST-4" });
    expect([node.state.evidence.length, node.state.judgedEvidence.size]).toEqual([0, 0]);
  });

  it("[ST-4] that is wrong for every honest node is rejected before any signature is looked at", () => {
    const node = new WatchedNode();
    const wrong = { verdict: "reject", reason: "ST-4" };
    const thin = certificates(node.builder, [0, 1], [0, 1, 2]);
    for (const evidence of [
      early(node, { names: [1, 1] }),
      early(node, { seed: devValidatorSeed(9) }),
      { ...thin, height: height(1) },
    ]) {
      const effects = hear(node, evidence);
      expect(effects).toEqual([{ type: "reply-evidence", reply: 1, verdict: wrong }]);
    }
  });

  it("[ST-4] that is early, too old or of convicted keys is ignored: others may see it otherwise", () => {
    const node = new WatchedNode();
    const ignored = { verdict: "ignore", reason: "not_open" };
    const effects = (evidence: Evidence) =>
      hear(node, evidence).map((each) => ("verdict" in each ? each.verdict : each));
    expect(effects(early(node, { at: 2 }))).toEqual([ignored]);
    expect(effects(early(node, { at: 0 }))).toEqual([ignored]);
    const { tip } = node.state;
    const since = node.state.seatHistory[0]!.time;
    const at = (time: number) => ({ ...tip, header: { ...tip.header, time: timeMs(time) } });
    node.state = { ...node.state, tip: at(since + tip.chain.params.evidenceMs + 1) };
    expect(effects(early(node))).toEqual([ignored]);
    node.state = { ...node.state, tip: at(since + tip.chain.params.evidenceMs) };
    expect(effects(early(node))).toMatchObject([{ type: "verify-claims" }]);
    const late = new WatchedNode();
    withAccount(late.builder, liar, { status: "slash-due" });
    late.state = { ...late.state, tip: late.builder.tip };
    expect(verdictOf(hear(late, early(late)))).toEqual(ignored);
  });

  it("[ST-10] convicts a key once: further evidence of it is neither verified nor passed on", () => {
    const node = new WatchedNode();
    const known = { verdict: "ignore", reason: "already_known" };
    expect(heard(node, early(node))).toEqual({ verdict: "accept" });
    for (const evidence of [early(node), early(node, { round: 1 }), early(node, { voteType: 1 })]) {
      expect(hear(node, evidence)).toEqual([{ type: "reply-evidence", reply: 1, verdict: known }]);
    }
    expect(heard(node, early(node, { seed: other }))).toEqual({ verdict: "accept" });
    const all = { ...certificates(node.builder, [0, 1, 2], [0, 1, 2, 3]), height: height(1) };
    // Of three keys one at least is not accused yet.
    expect(heard(node, all)).toEqual({ verdict: "accept" });
    expect(node.state.evidence).toHaveLength(3);
  });

  it("[ST-10] that was on its way to a verdict while its key was convicted is not passed on either", () => {
    const node = new WatchedNode();
    const [first, second] = [hear(node, early(node)), hear(node, early(node, { round: 1 }), "another")];
    expect(verdictOf(hear(node, early(node), "third"))).toEqual({ verdict: "ignore", reason: "already_known" });
    expect(verdictOf(node.judge(first))).toEqual({ verdict: "accept" });
    expect(verdictOf(node.judge(second))).toEqual({ verdict: "ignore", reason: "not_open" });
    expect(node.state.evidence).toHaveLength(1);
  });

  it("[ST-10] of EVIDENCE_JUDGED_PER_PEER_MAX of a peer and EVIDENCE_JUDGED_MAX in all is verified at a time", () => {
    const node = new WatchedNode();
    const busy = { verdict: "ignore", reason: "busy" };
    let round = 0;
    const verdict = (peer: string) => verdictOf(hear(node, early(node, { round: round++ }), peer));
    for (let count = 0; count < EVIDENCE_JUDGED_PER_PEER_MAX; count++) expect(verdict("friend")).toBeUndefined();
    expect(verdict("friend")).toEqual(busy);
    for (let count = EVIDENCE_JUDGED_PER_PEER_MAX; count < EVIDENCE_JUDGED_MAX; count++)
      expect(verdict(`peer${count}`)).toBeUndefined();
    expect(verdict("last")).toEqual(busy);
    const [job] = [...node.state.judgedEvidence.keys()];
    node.post({ type: "claims-verified", now: node.now, job: job!, rule: "ST-4" });
    expect(verdict("last")).toBeUndefined();
  });

  it("[ST-10] goes into the node's next block, which convicts", () => {
    const node = new WatchedNode({ isProposer: true });
    const evidence = early(node);
    heard(node, evidence);
    const timer = { kind: "pace", height: height(1), round: 0 } as const;
    const now = timeMs(node.now + PACE_MS);
    const [proofs] = ofType(node.gossip(node.builder.transfer(node.builder.take(1)).transaction), "verify-proofs");
    node.post({ type: "proofs-verified", now: node.now, job: proofs!.job, good: [true, true] });
    const effects = node.post({ type: "timer-fired", now, timer: { kind: "consensus", timer } });
    const bodies = ofType(effects, "send-frame").flatMap(({ frame }) =>
      frame.type === "proposal" ? [frame.proposal.body.evidence] : [],
    );
    expect(bodies).toEqual([[evidence]]);
  });
});

describe("a block that holds evidence", () => {
  it("[ST-4] is final only once the signatures of the evidence are verified, with those of its transactions", () => {
    const node = new WatchedNode();
    const { builder } = node;
    const block = builder.build([], { evidence: [early(node)] });
    const effects = node.propose(block, { isSigned: true });
    const [asked] = ofType(effects, "verify-claims");
    expect(asked!.claims.map(({ evidence }) => evidence?.length)).toEqual([2]);
    expect(node.state.executed.size).toBe(0);
    node.post({ type: "claims-verified", now: node.now, job: asked!.job, rule: "ST-4" });
    expect(node.state.executed.size).toBe(0);
    node.propose(builder.build([], { evidence: [early(node)], afterMs: 1_500 }), { isSigned: true });
  });

  it("[ST-10] ends what is held of the keys that it convicts, whatever evidence it was", () => {
    const node = new WatchedNode();
    heard(node, early(node));
    heard(node, early(node, { seed: other }));
    commit(node, [early(node, { round: 7 })]);
    expect(node.state.evidence.map(({ evidence }) => evidence)).toEqual([early(node, { seed: other })]);
  });
});

describe("evidence that waits for a block", () => {
  /** What a restart reads. */
  const kept = (effects: readonly FullNodeEffect[]): readonly Evidence[] | undefined => {
    const last = ofType(effects, "write-evidence").at(-1);
    return last === undefined ? undefined : decodeHeldEvidence(last.encoded);
  };

  it("[ST-10] outlives a restart, which sends it to all once more, and drops what convicts nobody any more", () => {
    const node = new WatchedNode();
    const [one, two] = [early(node), early(node, { seed: other })];
    expect(kept(node.judge(hear(node, one)))).toEqual([one]);
    const stored = kept(node.judge(hear(node, two)))!;
    expect(stored).toEqual([one, two]);
    const again = new WatchedNode();
    again.state = { ...again.state, isStarted: false };
    const started = again.post({ type: "started", now: again.now, log: [], evidence: stored });
    expect(ofType(started, "publish-evidence").map(({ evidence }) => evidence)).toEqual(stored);
    expect(kept(started)).toBeUndefined();
    expect(again.state.evidence.map(({ evidence }) => evidence)).toEqual(stored);
    // The kill fell between the block that holds the first and what is written behind it.
    const later = new WatchedNode();
    commit(later, [one]);
    later.state = { ...later.state, isStarted: false };
    const rest = later.post({ type: "started", now: later.now, log: [], evidence: stored });
    expect(ofType(rest, "publish-evidence").map(({ evidence }) => evidence)).toEqual([two]);
    expect(kept(rest)).toEqual([two]);
  });

  it("[ST-10] is struck from what is kept with the block that convicts, and written no more often than it changes", () => {
    const node = new WatchedNode();
    heard(node, early(node));
    expect(kept(commit(node))).toBeUndefined();
    expect(kept(commit(node, [early(node, { round: 7 })]))).toEqual([]);
    expect(kept(commit(node))).toBeUndefined();
  });

  it("[EN-3] [EN-4] is read by a strict decoder: EVIDENCE_HELD_MAX pieces, nothing behind them", () => {
    const node = new WatchedNode();
    const bytes = encodeEvidence(early(node));
    const list = (count: number) => concatBytes(Uint8Array.of(count), ...Array.from({ length: count }, () => bytes));
    expect(decodeHeldEvidence(list(EVIDENCE_HELD_MAX))).toHaveLength(EVIDENCE_HELD_MAX);
    expect(() => decodeHeldEvidence(list(EVIDENCE_HELD_MAX + 1))).toThrow(DecodeError);
    expect(() => decodeHeldEvidence(Uint8Array.from([...list(1), 0]))).toThrow(DecodeError);
    expect(() => decodeHeldEvidence(list(1).subarray(0, -1))).toThrow(DecodeError);
  });

  it("[ST-10] is sent to all once more behind a block when EVIDENCE_REPEAT_MS have passed, and not before", () => {
    const node = new WatchedNode();
    const evidence = early(node);
    heard(node, evidence);
    const published = () => ofType(commit(node), "publish-evidence").map((each) => each.evidence);
    node.now = timeMs(node.now + EVIDENCE_REPEAT_MS - 1);
    expect(published()).toEqual([]);
    node.now = timeMs(node.now + 1);
    expect(published()).toEqual([evidence]);
    expect(published()).toEqual([]);
  });
});

describe("evidence that a node holds", () => {
  const builder = new LedgerBuilder({ label: "held", validatorCount: 5, params: { weekEpochs: 50 } });
  builder.extend();
  builder.extend();
  const { tip, seatHistory } = builder;
  const examined = (evidence: Evidence): ExaminedEvidence => {
    const result = examineBehind(tip, seatHistory, evidence);
    if (!result.ok) throw new Error("refused");
    return result;
  };
  const held = (evidence: Evidence, change: Partial<HeldEvidence> = {}): HeldEvidence => {
    const { blsKeys, power, since } = examined(evidence);
    const bytes = encodeEvidence(evidence);
    return { evidence, bytes, blsKeys, power, since, publishedAt: tip.header.time, ...change };
  };

  it("[ST-10] has EVIDENCE_HELD_MAX pieces: the one of the least power gives way, the newest of them first", () => {
    const rounds = Array.from({ length: EVIDENCE_HELD_MAX }, (_, round) => round);
    const full = rounds.map((round) => held(votes(builder, { round }), { power: round < 2 ? 1 : 5 }));
    const add = (power: number) => {
      const evidence = votes(builder, { round: 1_000 });
      return holdEvidence(full, evidence, { ...examined(evidence), power }, tip.header.time);
    };
    expect(add(1)).toBeUndefined();
    const after = add(2)!;
    expect(after).toHaveLength(EVIDENCE_HELD_MAX);
    expect(after.map(({ evidence }) => evidence.round)).toEqual([0, ...rounds.slice(2), 1_000]);
    expect(holdEvidence(full.slice(1), votes(builder), examined(votes(builder)), tip.header.time)).toHaveLength(128);
  });

  it("[ST-10] past half its time does not stand for younger evidence, which does for it", () => {
    const half = tip.chain.params.evidenceMs / 2;
    const since = (age: number) => timeMs(tip.header.time - age);
    const of = (age: number) => ({ ...examined(votes(builder)), since: since(age) });
    const covered = (heldAge: number, age: number) =>
      isCovered([held(votes(builder), { since: since(heldAge) })], tip, of(age));
    expect(covered(half, 0)).toBe(true);
    expect(covered(half + 1, half)).toBe(false);
    expect(covered(half + 1, half + 1)).toBe(true);
    expect(covered(0, half + 1)).toBe(true);
    expect(isCovered([held(votes(builder, { seed: other }))], tip, of(0))).toBe(false);
  });

  it("[ST-4] [ST-10] is open while it convicts somebody, and says whom", () => {
    const own = new LedgerBuilder({ label: "open", validatorCount: 5, params: { weekEpochs: 50 } });
    own.extend();
    own.extend();
    const [one, two] = [held(votes(own)), held(certificates(own, [0, 1, 2, 3], [0, 1, 2, 3]))];
    const both = [one, two];
    expect(openEvidence(both, own.tip, own.seatHistory)).toBe(both);
    withAccount(own, liar, { status: "removed" });
    const [left, ...rest] = openEvidence(both, own.tip, own.seatHistory);
    expect(rest).toEqual([]);
    expect(left!.evidence).toBe(two.evidence);
    expect(left!.blsKeys).toHaveLength(3);
    expect(left!.power).toBeLessThan(two.power);
  });

  it("[EN-3] goes into blocks BLOCK_EVIDENCE_MAX at a time, that of the most power first", () => {
    const many = Array.from({ length: BLOCK_EVIDENCE_MAX + 2 }, (_, round) => {
      return held(proposals(builder, [-1, round], [1, 1]), { power: round });
    });
    const chosen = chooseEvidence(many);
    expect(chosen).toEqual(
      many
        .slice(2)
        .toReversed()
        .map(({ evidence }) => evidence),
    );
  });
});
