import { describe, expect, it } from "vitest";
import { timeMs } from "../../../../src/core/values/height.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { LoneValidator, NIL } from "../../../support/lone-validator.ts";

/** Round 1 with a polka for `a` in round 0 and no lock of ours: we never saw the block before. */
function inRoundOne(): LoneValidator {
  const lone = LoneValidator.started();
  lone.fire("propose", 0);
  lone.votes("precommit", 0, [1, 2, 3], NIL);
  lone.fire("precommit", 0);
  lone.forget();
  return lone;
}

describe("which proposals count", () => {
  it("[CO-1] prevotes nil for a new block made in another round (header.round ≠ r with vr = −1)", () => {
    const lone = inRoundOne();
    lone.propose(lone.header(0), 1, -1, "unknown");
    expect(lone.sent()).toEqual(["prevote 1 nil"]);
    expect(lone.of("validate-block")).toEqual([]);
  });

  it("[CO-1] prevotes nil for an old block that is younger than the prevotes it rests on", () => {
    const lone = inRoundOne();
    const a = lone.header(1);
    lone.votes("prevote", 0, [1, 2, 3], lone.proposal(a, 1, 0).blockId);
    lone.propose(a, 1, 0);
    expect(lone.sent()).toEqual(["prevote 1 nil"]);
  });

  it.each([1, 2, 7])("[CO-6] prevotes nil for valid round %i in round 1", (validRound) => {
    const lone = inRoundOne();
    lone.propose(lone.header(0), 1, validRound, "unknown");
    expect(lone.sent()).toEqual(["prevote 1 nil"]);
  });

  it.each([
    ["another seat as its maker", { proposer: 3 }],
    ["another parent", { prev: hash32("test/other") }],
    ["another chain", { chainId: 7 }],
  ])("[CO-1] prevotes nil for a header with %s", (_, fields) => {
    const lone = LoneValidator.started();
    lone.propose(lone.header(0, 0, fields), 0, -1, "unknown");
    expect(lone.sent()).toEqual(["prevote 0 nil"]);
  });

  it("[CO-16] takes a proposal from the proposer of its round alone", () => {
    const lone = LoneValidator.started();
    const proposal = lone.proposal(lone.header(0), 0, -1, 2);
    lone.step({ type: "proposal-received", now: timeMs(lone.now), proposal, from: "mallory" });
    expect(lone.of("blame-peer")).toEqual([{ type: "blame-peer", peer: "mallory", reason: "bad_signature" }]);
    expect(lone.state.rounds.get(0)?.proposals ?? []).toEqual([]);
    lone.propose(lone.header(0), 0, -1);
    expect(lone.sent({ a: proposal.blockId })).toEqual(["prevote 0 a"]);
  });

  it.each([
    [-5_000, "a"],
    [5_000, "a"],
    [-5_001, "nil"],
    [5_001, "nil"],
  ])("[CO-2] a new block %i ms from our clock gets prevote %s", (offset, name) => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0, 0, { time: timeMs(lone.now + offset) }), 0, -1);
    expect(lone.sent({ a })).toEqual([`prevote 0 ${name}`]);
  });

  it("[CO-2] asks the clock once, on first receipt, not when the block turns out valid", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1, "unknown");
    lone.now += 60_000;
    lone.validate(a, true);
    expect(lone.sent({ a })).toEqual(["prevote 0 a"]);
  });

  it("[CO-2] a locked block older than 5 s is prevoted, locked and decided in a later round", () => {
    const lone = LoneValidator.started();
    const header = lone.header(0);
    lone.fire("propose", 0);
    lone.votes("precommit", 0, [1, 2, 3], NIL);
    lone.fire("precommit", 0);
    lone.now += 60_000;
    lone.forget();
    const a = lone.propose(header, 1, 0);
    expect(lone.sent({ a })).toEqual([]);
    expect(lone.of("send")).toMatchObject([{ to: "p", message: { type: "have-set", set: { round: 0 } } }]);
    lone.votes("prevote", 0, [1, 2, 3], a);
    lone.votes("prevote", 1, [1, 2], a);
    lone.votes("precommit", 1, [1, 2], a);
    expect(lone.sent({ a })).toEqual(["prevote 1 a", "precommit 1 a"]);
    expect(lone.of("decide")).toMatchObject([{ blockId: a, round: 1 }]);
  });

  it("[CO-2] a block whose maker's clock was wrong is decided once the others prevoted it", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0, 0, { time: timeMs(lone.now + 60_000) }), 0, -1);
    lone.votes("prevote", 0, [1, 2, 3], a);
    expect(lone.sent({ a })).toEqual(["prevote 0 nil", "precommit 0 a"]);
  });

  it("[CO-4] the proposer of a round asks for a new block and signs what it gets", () => {
    const lone = LoneValidator.started({ proposers: [0, 1] });
    expect(lone.of("build-block")).toMatchObject([{ height: 1, round: 0, at: lone.now }]);
    const header = lone.header(0);
    const { blockId: a } = lone.proposal(header, 0, -1);
    lone.step({ type: "block-built", now: timeMs(lone.now), round: 0, header, blockId: a });
    expect(lone.sent({ a })).toEqual(["proposal(-1) 0 a", "prevote 0 a"]);
    lone.step({ type: "block-built", now: timeMs(lone.now), round: 0, header: lone.header(0, 1), blockId: NIL });
    expect(lone.sent({ a })).toHaveLength(2);
  });

  it("[CO-4] drops a block that was built for a round that is over", () => {
    const lone = LoneValidator.started({ proposers: [0, 1] });
    lone.fire("propose", 0);
    lone.votes("precommit", 0, [1, 2, 3], NIL);
    lone.fire("precommit", 0);
    const header = lone.header(0);
    const { blockId: a } = lone.proposal(header, 0, -1);
    lone.step({ type: "block-built", now: timeMs(lone.now), round: 0, header, blockId: a });
    expect(lone.sent({ a })).toEqual(["prevote 0 nil"]);
  });

  it("[CO-1] a block built for the round before does not go out as this round's", () => {
    const lone = LoneValidator.started({ proposers: [0, 0] });
    lone.fire("propose", 0);
    lone.votes("precommit", 0, [1, 2, 3], NIL);
    lone.fire("precommit", 0);
    expect(lone.of("build-block").map((effect) => effect.round)).toEqual([0, 1]);
    const header = lone.header(0);
    const { blockId: a } = lone.proposal(header, 0, -1);
    lone.step({ type: "block-built", now: timeMs(lone.now), round: 0, header, blockId: a });
    expect(lone.sent({ a })).toEqual(["prevote 0 nil"]);
  });

  it("[CO-4] the proposer proposes validV again, under validR", () => {
    const lone = LoneValidator.started({ proposers: [1, 0] });
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [1, 2], a);
    lone.votes("precommit", 0, [1, 2], NIL);
    lone.forget();
    lone.fire("precommit", 0);
    expect(lone.sent({ a })).toEqual(["proposal(0) 1 a", "prevote 1 a"]);
    expect(lone.of("build-block")).toEqual([]);
  });

  it("[CO-4] validR is the round of the prevotes, however many rounds ago", () => {
    const lone = LoneValidator.started({ proposers: [1, 2, 0] });
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [1, 2], a);
    for (const round of [0, 1]) {
      lone.votes("precommit", round, [1, 2, 3], NIL);
      lone.fire("precommit", round);
    }
    expect(lone.sent({ a }).slice(-2)).toEqual(["proposal(0) 2 a", "prevote 2 a"]);
  });

  it("[ST-4] reports two different proposals of one round, once", () => {
    const lone = LoneValidator.started();
    lone.propose(lone.header(0, 1), 0, -1);
    lone.propose(lone.header(0, 2), 0, -1);
    lone.propose(lone.header(0, 3), 0, -1);
    const [report, more] = lone.of("report-evidence");
    expect(report?.evidence).toMatchObject({ kind: "proposals", height: 1, round: 0 });
    expect(more).toBeUndefined();
    expect(lone.state.rounds.get(0)?.proposals).toHaveLength(2);
  });
});
