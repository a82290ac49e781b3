import { describe, expect, it } from "vitest";
import type { HaveSet } from "../../../../src/core/chain/consensus-frames.ts";
import { HAVE_SET_INTERVAL_MS } from "../../../../src/core/consensus/have-set.ts";
import { PAST_ROUNDS_KEPT } from "../../../../src/core/params/limits.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { LoneValidator, NIL } from "../../../support/lone-validator.ts";

const NONE = [false, false, false, false];

function ask(lone: LoneValidator, set: Partial<HaveSet>, from = "asker"): readonly string[] {
  lone.forget();
  const full = { height: height(1), round: 0, isProposalKnown: false, prevotes: NONE, precommits: NONE, ...set };
  lone.step({ type: "have-set-received", now: timeMs(lone.now), set: full, from });
  expect(lone.of("send").every((effect) => effect.to === from)).toBe(true);
  return lone.of("send").map(({ message }) => {
    if (message.type === "vote") return `${message.vote.type} ${message.vote.round} ${message.vote.validator}`;
    return message.type === "proposal" ? `proposal ${message.proposal.round}` : "have-set";
  });
}

function sets(lone: LoneValidator): readonly (HaveSet & { readonly to: string })[] {
  return lone.of("send").flatMap(({ message, to }) => (message.type === "have-set" ? [{ ...message.set, to }] : []));
}

/** Round 0 with a proposal, prevotes of seats 0, 1, 2 and the own precommit. */
function inRoundZero(): LoneValidator {
  const lone = LoneValidator.started();
  const a = lone.propose(lone.header(0), 0, -1);
  lone.votes("prevote", 0, [1, 2], a);
  return lone;
}

describe("saying what is held", () => {
  it("[CO-19] have-sets go out at StartRound, on connecting, and every 2 s until something is decided", () => {
    const lone = LoneValidator.started();
    expect(sets(lone)).toMatchObject([{ to: "all", height: 1, round: 0, isProposalKnown: false, prevotes: NONE }]);
    expect(lone.timers()[0]).toBe(`have-set 0 +${2_000 - (lone.now - 1_700_000_000_100)}`);
    lone.forget();
    lone.step({ type: "peer-connected", now: timeMs(lone.now), peer: "new" });
    expect(sets(lone)).toMatchObject([{ to: "new", round: 0 }]);
    lone.forget();
    lone.fire("have-set", 0);
    expect(sets(lone)).toMatchObject([{ to: "all", round: 0 }]);
    expect(lone.timers()).toEqual([`have-set 0 +${HAVE_SET_INTERVAL_MS}`]);
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("precommit", 0, [1, 2, 3], a);
    expect(lone.of("decide")).toHaveLength(1);
    lone.forget();
    lone.fire("have-set", 0);
    expect(lone.effects).toEqual([]);
  });

  it("[CO-19] flags and bits say what is there", () => {
    const lone = inRoundZero();
    lone.forget();
    lone.fire("have-set", 0);
    expect(sets(lone)).toMatchObject([
      { isProposalKnown: true, prevotes: [true, true, true, false], precommits: [true, false, false, false] },
    ]);
  });

  it("[CO-6] a proposal that rests on prevotes we lack adds a set of their round, its bits for that block alone", () => {
    const lone = LoneValidator.started();
    lone.votes("prevote", 0, [1], NIL);
    lone.fire("propose", 0);
    lone.votes("precommit", 0, [1, 2, 3], NIL);
    lone.fire("precommit", 0);
    lone.propose(lone.header(0), 1, 0, "unknown");
    lone.forget();
    lone.fire("have-set", 1);
    expect(sets(lone).map((set) => [set.round, set.prevotes])).toEqual([
      [1, NONE],
      [0, NONE],
    ]);
  });

  it("[CO-11] a round that decided a block we never saw is asked for", () => {
    const lone = LoneValidator.started();
    lone.votes("precommit", 0, [1, 2, 3], lone.proposal(lone.header(0), 0, -1).blockId);
    lone.fire("precommit", 0);
    lone.forget();
    lone.fire("have-set", 1);
    expect(sets(lone).map((set) => [set.round, set.isProposalKnown])).toEqual([
      [1, false],
      [0, false],
    ]);
  });
});

describe("answering", () => {
  it("[CO-19] a proposal whose block is not judged yet is neither called known nor passed on nor counted as sent", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1, "unknown");
    lone.fire("have-set", 0);
    expect(sets(lone).at(-1)).toMatchObject({ round: 0, isProposalKnown: false });
    expect(ask(lone, {})).toEqual([]);
    lone.validate(a, true);
    lone.fire("have-set", 0);
    expect(sets(lone).at(-1)).toMatchObject({ round: 0, isProposalKnown: true });
    expect(ask(lone, {})).toContain("proposal 0");
    expect(ask(lone, {})).not.toContain("proposal 0");
  });

  it("[CO-19] that a proposal was given is remembered as long as its round", () => {
    const lone = LoneValidator.started();
    for (let round = 0; round < 2 * PAST_ROUNDS_KEPT; round++) {
      lone.propose(lone.header(round), round, -1);
      expect(ask(lone, { round })).toContain(`proposal ${round}`);
      expect(ask(lone, { round })).not.toContain(`proposal ${round}`);
      lone.votes("precommit", round, [1, 2, 3], NIL);
      lone.fire("precommit", round);
      lone.now += HAVE_SET_INTERVAL_MS;
    }
    ask(lone, { round: lone.state.round });
    const given = [...lone.state.answers.get("asker")!.keys()].filter((key) => key.startsWith("p"));
    expect(given).toHaveLength(PAST_ROUNDS_KEPT - 1);
  });

  it("[CO-19] a proposal whose block was found invalid is known and not passed on", () => {
    const lone = LoneValidator.started();
    lone.propose(lone.header(0), 0, -1, false);
    lone.fire("have-set", 0);
    expect(sets(lone).at(-1)).toMatchObject({ round: 0, isProposalKnown: true });
    expect(ask(lone, {})).not.toContain("proposal 0");
  });

  it("[CO-19] sends back what the sender lacks and nothing it has", () => {
    const lone = inRoundZero();
    expect(ask(lone, {})).toEqual(["proposal 0", "prevote 0 0", "prevote 0 1", "prevote 0 2", "precommit 0 0"]);
    const most = { isProposalKnown: true, prevotes: [true, true, false, false], precommits: [true, true, true, true] };
    expect(ask(lone, most, "other")).toEqual(["prevote 0 2"]);
  });

  it("[CO-19] the proposal goes once to a peer, a vote once in 2 s, a new connection begins anew", () => {
    const lone = inRoundZero();
    expect(ask(lone, {})).toHaveLength(5);
    lone.now += HAVE_SET_INTERVAL_MS - 1;
    expect(ask(lone, {})).toEqual([]);
    expect(ask(lone, {}, "other")).toHaveLength(5);
    lone.now += 1;
    expect(ask(lone, {})).toEqual(["prevote 0 0", "prevote 0 1", "prevote 0 2", "precommit 0 0"]);
    lone.step({ type: "peer-disconnected", now: timeMs(lone.now), peer: "asker" });
    expect(lone.state.answers.has("asker")).toBe(false);
    expect(ask(lone, {})).toHaveLength(5);
  });

  it("[CO-12] a sender in an earlier round also gets the newest vote of every seat", () => {
    const lone = LoneValidator.started();
    lone.votes("precommit", 5, [1, 2], NIL);
    lone.votes("prevote", 5, [3], NIL);
    lone.fire("have-set", 5);
    expect(lone.state.round).toBe(5);
    expect(ask(lone, { round: 0 })).toEqual(["prevote 5 3", "precommit 5 1", "precommit 5 2"]);
  });

  it.each([
    ["another height", { height: height(2) }],
    ["another number of seats", { prevotes: [false], precommits: [false] }],
    ["a round nothing is known of", { round: 77, isProposalKnown: true }],
  ])("[CO-19] answers nothing to a set of %s", (_, set) => {
    expect(ask(inRoundZero(), set)).toEqual([]);
  });
});
