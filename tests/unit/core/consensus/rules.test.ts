import { describe, expect, it } from "vitest";
import { LoneValidator, NIL, PARAMS } from "../../../support/lone-validator.ts";
import { SimulationBls } from "../../../support/simulation-bls.ts";
import { verifyCertificate } from "../../../../src/core/chain/certificate.ts";
import { stepConsensus } from "../../../../src/core/consensus/step-consensus.ts";
import { PAST_ROUNDS_KEPT, QUORUM_ROUNDS_KEPT } from "../../../../src/core/params/limits.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { CHAIN_ID } from "../../../support/consensus-chain.ts";

class GullibleBls extends SimulationBls {
  override verify(): boolean {
    return true;
  }
}

/** Locked on `a` in round 0, now at the beginning of `round`. */
function lockedOnA(round: number): { lone: LoneValidator; a: ReturnType<LoneValidator["propose"]> } {
  const lone = LoneValidator.started();
  const a = lone.propose(lone.header(0, 0xa), 0, -1);
  lone.votes("prevote", 0, [1, 2], a);
  for (let past = 0; past < round; past++) {
    if (past > 0) lone.fire("propose", past);
    lone.votes("precommit", past, [1, 2, 3], NIL);
    lone.fire("precommit", past);
  }
  expect(lone.state).toMatchObject({ round, step: "propose", locked: { round: 0 } });
  lone.forget();
  return { lone, a };
}

describe("prevotes", () => {
  it("[CO-5] a valid new block without a lock gets our prevote, as soon as it is known to be valid", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1, "unknown");
    expect(lone.sent()).toEqual([]);
    lone.validate(a, true);
    expect(lone.sent({ a })).toEqual(["prevote 0 a"]);
  });

  it("[CO-5] an invalid block gets nil", () => {
    const lone = LoneValidator.started();
    lone.propose(lone.header(0), 0, -1, false);
    expect(lone.sent()).toEqual(["prevote 0 nil"]);
  });

  it("[CO-5] a new block other than the locked one gets nil", () => {
    const { lone } = lockedOnA(1);
    lone.propose(lone.header(1, 0xb), 1, -1);
    expect(lone.sent()).toEqual(["prevote 1 nil"]);
  });

  it("[CO-5] [CO-11] a block whose parts come too late gets nil, and is decided all the same when they come", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1, "unknown");
    lone.fire("propose", 0);
    lone.votes("prevote", 0, [1, 2, 3], a);
    lone.votes("precommit", 0, [1, 2, 3], a);
    expect(lone.sent({ a })).toEqual(["prevote 0 nil"]);
    expect(lone.of("decide")).toEqual([]);
    lone.validate(a, true);
    expect(lone.of("decide")).toMatchObject([{ height: 1, blockId: a, round: 0 }]);
  });

  it("[CO-6] prevotes of a later round release the lock", () => {
    const { lone } = lockedOnA(2);
    const header = lone.header(1, 0xb);
    const b = lone.propose(header, 2, 1);
    expect(lone.sent({ b })).toEqual([]);
    lone.votes("prevote", 1, [1, 2, 3], b);
    expect(lone.sent({ b })).toEqual(["prevote 2 b"]);
  });

  it("[CO-6] prevotes of the round of the lock release it too (lockedR ≤ vr)", () => {
    const { lone, a } = lockedOnA(1);
    lone.propose(lone.header(0, 0xa), 1, 0);
    lone.votes("prevote", 0, [3], a);
    expect(lone.sent({ a })).toEqual(["prevote 1 a"]);
  });

  it("[CO-6] even another block of the round of the lock is prevoted, had it the prevotes (lockedR = vr)", () => {
    const { lone } = lockedOnA(1);
    const b = lone.propose(lone.header(0, 0xb), 1, 0);
    lone.votes("prevote", 0, [1, 2, 3], b);
    expect(lone.sent({ b })).toEqual(["prevote 1 b"]);
  });

  it("[CO-6] prevotes older than the lock do not release it", () => {
    const lone = LoneValidator.started({ proposers: [1, 2, 3] });
    const old = lone.header(0, 0xa);
    lone.fire("propose", 0);
    lone.votes("precommit", 0, [1, 2, 3], NIL);
    lone.fire("precommit", 0);
    const b = lone.propose(lone.header(1, 0xb), 1, -1);
    lone.votes("prevote", 1, [1, 2], b);
    lone.votes("precommit", 1, [2, 3], NIL);
    lone.fire("precommit", 1);
    expect(lone.state.locked).toMatchObject({ round: 1, blockId: b });
    lone.forget();
    const a = lone.propose(old, 2, 0);
    lone.votes("prevote", 0, [1, 2, 3], a);
    expect(lone.sent({ a, b })).toEqual(["prevote 2 nil"]);
  });

  it("[CO-6] without the prevotes the proposal waits, and they are asked for at once", () => {
    const { lone } = lockedOnA(2);
    const b = lone.propose(lone.header(1, 0xb), 2, 1);
    expect(lone.sent({ b })).toEqual([]);
    expect(lone.of("send").at(-1)).toMatchObject({ to: "p", message: { type: "have-set", set: { round: 1 } } });
    lone.votes("prevote", 1, [1, 2], b);
    expect(lone.sent({ b })).toEqual([]);
    lone.fire("propose", 2);
    expect(lone.sent({ b })).toEqual(["prevote 2 nil"]);
  });
});

describe("precommits", () => {
  it("[CO-7] two thirds of prevotes for anything arm T_prevote, once, in step prevote only", () => {
    const lone = LoneValidator.started();
    lone.forget();
    lone.votes("prevote", 0, [1], NIL);
    lone.votes("prevote", 0, [2, 3], lone.proposal(lone.header(0), 0, -1).blockId);
    expect(lone.timers()).toEqual([]);
    lone.fire("propose", 0);
    lone.receive(lone.vote("prevote", 0, 1, NIL));
    expect(lone.timers()).toEqual([`prevote 0 +${PARAMS.voteMs}`]);
    lone.fire("prevote", 0);
    expect(lone.sent()).toEqual(["prevote 0 nil", "precommit 0 nil"]);
  });

  it("[CO-8] two thirds of prevotes lock the block and precommit it; one less does not", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [1], a);
    expect(lone.state.locked).toBeUndefined();
    lone.votes("prevote", 0, [2], a);
    expect(lone.state).toMatchObject({ step: "precommit", locked: { round: 0, blockId: a }, valid: { blockId: a } });
    expect(lone.sent({ a })).toEqual(["prevote 0 a", "precommit 0 a"]);
  });

  it("[CO-8] after a nil precommit the block becomes validV, but not lockedV", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [1], a);
    lone.votes("prevote", 0, [2], NIL);
    lone.fire("prevote", 0);
    lone.votes("prevote", 0, [3], a);
    expect(lone.sent({ a })).toEqual(["prevote 0 a", "precommit 0 nil"]);
    expect(lone.state).toMatchObject({ locked: undefined, valid: { round: 0, blockId: a } });
  });

  it("[CO-8] waits for step prevote", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1, "unknown");
    lone.votes("prevote", 0, [1, 2, 3], a);
    expect(lone.state).toMatchObject({ step: "propose", locked: undefined, valid: undefined });
    lone.validate(a, true);
    expect(lone.sent({ a })).toEqual(["prevote 0 a", "precommit 0 a"]);
  });

  it("[CO-8] waits for step prevote also where the block has long been known", () => {
    const { lone, a } = lockedOnA(1);
    lone.votes("prevote", 1, [1, 2, 3], a);
    expect(lone.state).toMatchObject({ step: "propose", locked: { round: 0 }, valid: { round: 0 } });
    lone.fire("propose", 1);
    expect(lone.sent({ a })).toEqual(["prevote 1 nil", "precommit 1 a"]);
    expect(lone.state).toMatchObject({ locked: { round: 1 }, valid: { round: 1 } });
  });

  it("[CO-9] two thirds of nil prevotes bring a nil precommit without waiting", () => {
    const lone = LoneValidator.started();
    lone.fire("propose", 0);
    lone.votes("prevote", 0, [1], NIL);
    expect(lone.sent()).toEqual(["prevote 0 nil"]);
    lone.votes("prevote", 0, [2], NIL);
    expect(lone.sent()).toEqual(["prevote 0 nil", "precommit 0 nil"]);
  });

  it.each(["propose", "prevote", "precommit"])(
    "[CO-10] two thirds of precommits arm T_precommit in step %s, once",
    (step) => {
      const lone = LoneValidator.started();
      if (step !== "propose") lone.fire("propose", 0);
      if (step === "precommit") lone.votes("prevote", 0, [1, 2], NIL);
      expect(lone.state.step).toBe(step);
      lone.forget();
      lone.votes("precommit", 0, [1, 2, 3], NIL);
      expect(lone.timers()).toEqual([`precommit 0 +${PARAMS.voteMs}`]);
      lone.fire("precommit", 0);
      expect(lone.state).toMatchObject({ round: 1, step: "propose" });
    },
  );

  it.each([0, 1])("[CO-11] decides on precommits of round %i while in round 2", (round) => {
    const { lone, a } = lockedOnA(2);
    // Seat 3 alone says two things, so that the earlier rounds could end without a decision.
    lone.votes("precommit", round, [1, 2, 3], a);
    expect(lone.of("decide")).toMatchObject([{ blockId: a, round }]);
    expect(lone.state.step).toBe("decided");
  });

  it("[CO-11] more than two thirds of the power, not of the heads", () => {
    const lone = LoneValidator.started({ powers: [50, 30, 11, 9] });
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("precommit", 0, [1, 2, 3], a);
    expect(lone.of("decide")).toEqual([]);
    lone.votes("prevote", 0, [1, 2, 3], a);
    expect(lone.of("decide")).toHaveLength(1);
  });

  it("[CO-3] the certificate holds every precommit there is, and verifies", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1, "unknown");
    lone.votes("precommit", 0, [0, 1, 2, 3], a);
    lone.validate(a, true);
    const { certificate } = lone.of("decide")[0]!;
    expect(certificate.signers).toEqual([true, true, true, true]);
    expect(verifyCertificate(lone.bls, CHAIN_ID, height(1), a, certificate, lone.validators.set)).toBe(true);
  });
});

describe("rounds and time", () => {
  it("[CO-17] an equivocator's second vote settles those that waited for one more", () => {
    const lone = LoneValidator.started();
    lone.fire("propose", 0);
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [3], NIL);
    lone.votes("prevote", 0, [1, 2], a);
    expect(lone.state.locked).toBeUndefined();
    lone.votes("prevote", 0, [3], a);
    expect(lone.state).toMatchObject({ step: "precommit", locked: { round: 0, blockId: a } });
  });

  it("[CO-12] more than a third in later rounds takes us to the largest round they all reached", () => {
    const lone = LoneValidator.started();
    lone.votes("prevote", 9, [1], NIL);
    expect(lone.state.round).toBe(0);
    lone.votes("precommit", 6, [2], NIL);
    expect(lone.state.round).toBe(6);
  });

  it("[CO-12] exactly a third is not enough", () => {
    const lone = LoneValidator.started({ powers: [20, 20, 20], proposers: [1, 2] });
    lone.votes("prevote", 9, [1], NIL);
    expect(lone.state.round).toBe(0);
  });

  it("[CO-12] what was said in the round we join counts there", () => {
    const lone = LoneValidator.started();
    lone.votes("precommit", 6, [1, 2], NIL);
    expect(lone.state.round).toBe(6);
    lone.forget();
    lone.votes("precommit", 6, [3], NIL);
    expect(lone.timers().some((timer) => timer.startsWith("precommit 6"))).toBe(true);
  });

  it("[CO-12] 100,000 votes for far rounds leave one round a sender", () => {
    const lone = LoneValidator.started();
    // Signatures are not the point here and would take most of the time.
    const deps = { ...lone.deps, bls: new GullibleBls() };
    const first = lone.vote("prevote", 2, 1, NIL);
    for (let round = 2; round < 100_002; round++) {
      const vote = { ...first, round, type: round % 2 === 0 ? "prevote" : "precommit" } as const;
      const event = { type: "vote-received", now: timeMs(lone.now), vote, from: "p" } as const;
      [lone.state] = stepConsensus(deps, lone.state, event);
    }
    expect([...lone.state.far.values()].map((held) => held.round)).toEqual([100_001]);
    expect(lone.state.rounds.size).toBeLessThan(3);
    expect(lone.state.reported.size).toBe(0);
  });

  it("[CO-12] past rounds are forgotten unless a block nearly made it in them", () => {
    const { lone, a } = lockedOnA(1);
    for (let round = 1; round < 200; round++) {
      lone.fire("propose", round);
      lone.votes("precommit", round, [1, 2, 3], NIL);
      lone.fire("precommit", round);
    }
    expect(lone.state.round).toBe(200);
    expect(lone.state.rounds.size).toBeLessThan(40);
    expect(lone.state.rounds.has(0)).toBe(true);
    lone.votes("precommit", 0, [1, 2, 3], a);
    expect(lone.of("decide")).toHaveLength(1);
  });

  it("[CO-12] PAST_ROUNDS_KEPT rounds hold two blocks each, and the block that is locked stays besides", () => {
    const { lone, a } = lockedOnA(1);
    for (let round = 1; round < 80; round++) {
      for (const mark of [1, 2]) lone.propose(lone.header(round, mark), round, -1);
      lone.votes("precommit", round, [1, 2, 3], NIL);
      lone.fire("precommit", round);
    }
    expect(lone.state.round).toBe(80);
    expect(lone.state.blocks.size).toBeGreaterThan(PAST_ROUNDS_KEPT);
    expect(lone.state.blocks.size).toBeLessThan(2 * PAST_ROUNDS_KEPT);
    lone.votes("precommit", 0, [1, 2, 3], a);
    expect(lone.of("decide")).toMatchObject([{ blockId: a }]);
  });

  it("[CO-6] QUORUM_ROUNDS_KEPT further rounds with two thirds of prevotes are kept, the newest, and the lock", () => {
    const lone = LoneValidator.started();
    let newest = NIL;
    for (let round = 0; round < 80; round++) {
      newest = lone.propose(lone.header(round, 1), round, -1);
      lone.votes("prevote", round, [1, 2, 3], newest);
      lone.votes("precommit", round, [1, 2, 3], NIL);
      lone.fire("precommit", round);
    }
    expect(lone.state).toMatchObject({ round: 80, locked: { round: 79, blockId: newest } });
    const rounds = PAST_ROUNDS_KEPT - 1 + QUORUM_ROUNDS_KEPT;
    expect([lone.state.rounds.size, lone.state.blocks.size]).toEqual([rounds, rounds]);
    expect(lone.state.rounds.has(80 - rounds)).toBe(true);
  });

  it("[CO-6] behind any number of newer polkas the rounds of lock and valid value stay: others need their prevotes", () => {
    const { lone, a } = lockedOnA(1);
    const b = lone.propose(lone.header(1, 0xb), 1, -1);
    lone.fire("prevote", 1);
    lone.votes("prevote", 1, [1, 2, 3], b);
    lone.votes("precommit", 1, [1, 2, 3], NIL);
    lone.fire("precommit", 1);
    for (let round = 2; round < 100; round++) {
      lone.fire("propose", round);
      lone.votes("prevote", round, [1, 2, 3], lone.proposal(lone.header(round), round, -1).blockId);
      lone.votes("precommit", round, [1, 2, 3], NIL);
      lone.fire("precommit", round);
    }
    expect(lone.state).toMatchObject({ round: 100, locked: { round: 0, blockId: a }, valid: { round: 1, blockId: b } });
    expect(lone.state.rounds.size).toBeLessThanOrEqual(PAST_ROUNDS_KEPT + QUORUM_ROUNDS_KEPT + 2);
    expect([0, 1, 2].map((round) => lone.state.rounds.has(round))).toEqual([true, true, false]);
  });

  it("[CO-11] a block that two thirds precommitted is kept though the round that proposed it is forgotten", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1, "unknown");
    for (let round = 0; round < 2 * PAST_ROUNDS_KEPT; round++) {
      lone.fire("propose", round);
      lone.votes("precommit", round, [1, 2, 3], round === 5 ? a : NIL);
      lone.fire("precommit", round);
    }
    expect([0, 5].map((round) => lone.state.rounds.has(round))).toEqual([false, true]);
    lone.validate(a, true);
    expect(lone.of("decide")).toMatchObject([{ blockId: a, round: 5 }]);
  });

  it.each([
    [0, 800, 400],
    [1, 1_200, 600],
    [20, 8_800, 4_400],
    [21, 8_800, 4_400],
    [500, 8_800, 4_400],
  ])("[CO-13] round %i waits %i ms for a proposal and %i ms for votes", (round, propose, vote) => {
    const lone = new LoneValidator();
    lone.start();
    lone.forget();
    if (round === 0) lone.fire("pace", 0);
    else lone.votes("precommit", round, [1, 2], NIL);
    expect(lone.timers()).toContain(`propose ${round} +${propose}`);
    lone.fire("propose", round);
    lone.votes("prevote", round, [1], lone.proposal(lone.header(round), 0, -1).blockId);
    lone.votes("prevote", round, [2], NIL);
    expect(lone.timers()).toContain(`prevote ${round} +${vote}`);
    lone.votes("precommit", round, [1, 2, 3], NIL);
    expect(lone.timers()).toContain(`precommit ${round} +${vote}`);
  });

  it("[CO-13] a timer of a past round or a past step does nothing", () => {
    const { lone } = lockedOnA(1);
    for (const kind of ["propose", "prevote", "precommit"] as const) lone.fire(kind, 0);
    expect(lone.state).toMatchObject({ round: 1, step: "propose" });
    lone.fire("propose", 1);
    lone.fire("propose", 1);
    expect(lone.sent()).toEqual(["prevote 1 nil"]);
  });
});
