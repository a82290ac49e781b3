import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ProposeStakeResult } from "../../../src/api/client-api.ts";
import { en } from "../../../src/app/i18n/en.ts";
import { Drafts } from "../../../src/app/state/drafts.svelte.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { StakeState } from "../../../src/app/state/stake.svelte.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { ACCRUED, FakeClient, fakeStake, LIVE, STAKES, STAKING, STANDINGS } from "../../support/fake-client.ts";

type Refused = Extract<ProposeStakeResult, { ok: false }>;

let fake: FakeClient;
let stake: StakeState;

beforeEach(async () => {
  fake = new FakeClient();
  fake.begin(
    { type: "sync-changed", sync: LIVE },
    { type: "balance-changed", balance: { total: amount(1_000_000_000n), usable: amount(400_000_000n) } },
  );
  const session = new Session(() => ({ client: fake, close: () => undefined }));
  await session.start();
  stake = new StakeState(session, new Drafts().stake);
});

const called = (name: string) => fake.calls.filter((call) => call.name === name);

function fill(change: { acceptance?: string; amount?: string } = {}): void {
  stake.draft.acceptance = change.acceptance ?? "dstgaccept1fake";
  stake.draft.amount = change.amount ?? "150";
}

describe("own stakes", () => {
  it("are read while somebody looks, and not after: time alone releases one", async () => {
    vi.useFakeTimers();
    try {
      const stop = stake.watch();
      await vi.advanceTimersByTimeAsync(9_000);
      expect([stake.stakes, called("stakes").length]).toEqual([STAKES, 3]);
      stop();
      await vi.advanceTimersByTimeAsync(20_000);
      expect(called("stakes").length).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it("come with what the network asks and what they have brought, as far as that is known", async () => {
    fake.answers.staking = undefined;
    await stake.look();
    expect([stake.stakes, stake.staking]).toEqual([STAKES, undefined]);
    fake.answers.staking = STAKING;
    await stake.look();
    expect(stake.staking).toEqual(STAKING);
    fake.broken.add("staking");
    await stake.look();
    expect([stake.staking, stake.isLookFailed]).toEqual([STAKING, false]);
  });

  it("come with where their validators stand, asked once a minute, and kept where nobody answers", async () => {
    vi.useFakeTimers();
    try {
      const stop = stake.watch();
      await vi.advanceTimersByTimeAsync(30_000);
      expect(stake.standings).toEqual(STANDINGS);
      expect(called("validators").length).toBe(1);
      fake.answers.validators = { ok: false, code: "offline" };
      await vi.advanceTimersByTimeAsync(60_000);
      fake.broken.add("validators");
      await vi.advanceTimersByTimeAsync(60_000);
      expect(stake.standings).toEqual(STANDINGS);
      expect(called("validators").length).toBe(3);
      stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it("come with what is owed for them, also where all are withdrawn, and not before they are known", async () => {
    fake.answers.stakes = [];
    fake.broken.add("stakes");
    await stake.look();
    expect([stake.accrued, called("validators")]).toEqual([undefined, []]);
    fake.broken.clear();
    await stake.look();
    await vi.waitFor(() => expect(stake.accrued).toEqual(ACCRUED));
    await stake.look();
    expect(called("validators").length).toBe(1);
  });

  it("have their validators asked about again at the next look, where the chain was not known yet", async () => {
    vi.useFakeTimers();
    try {
      fake.answers.validators = { ok: false, code: "not_ready" };
      const stop = stake.watch();
      await vi.advanceTimersByTimeAsync(1_000);
      expect([stake.accrued, called("validators").length]).toEqual([undefined, 1]);
      fake.answers.validators = { ok: true, validators: STANDINGS, accrued: ACCRUED };
      await vi.advanceTimersByTimeAsync(4_000);
      expect([stake.accrued, called("validators").length]).toEqual([ACCRUED, 2]);
      stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it("stay on show when they cannot be read, and the screen says so", async () => {
    await stake.look();
    fake.broken.add("stakes");
    await stake.look();
    expect([stake.stakes, stake.isLookFailed]).toEqual([STAKES, true]);
    fake.broken.delete("stakes");
    await stake.look();
    expect(stake.isLookFailed).toBe(false);
  });
});

describe("an offer", () => {
  it("is made for the key as people paste it, and shown for that key alone", async () => {
    stake.draft.validatorKey = ` ${"B0".repeat(24)}\n${"b0".repeat(24)} `;
    await stake.makeOffer();
    expect(called("offer")).toEqual([{ name: "offer", argument: "b0".repeat(48) }]);
    expect(stake.offer).toMatch(/^dstgoffer1/);
    stake.draft.validatorKey = "b1".repeat(48);
    expect([stake.offer, stake.offerProblem]).toEqual([undefined, undefined]);
  });

  it.each(["validator_key_invalid", "not_ready"] as const)(
    "that is refused as %s says so until the key changes",
    async (code) => {
      fake.answers.offer = { ok: false, code };
      stake.draft.validatorKey = "b0";
      await stake.makeOffer();
      expect([stake.offer, stake.offerProblem]).toEqual([undefined, code]);
      stake.draft.validatorKey = "b0b0";
      expect(stake.offerProblem).toBeUndefined();
    },
  );

  it("survives a dead worker", async () => {
    fake.broken.add("offer");
    await stake.makeOffer();
    expect([stake.offerProblem, stake.isOffering]).toEqual(["failed", false]);
  });
});

describe("the draft of a stake", () => {
  it("starts without blame and blames what is missing only on review", async () => {
    expect([stake.acceptanceProblem, stake.amountProblem]).toEqual([undefined, undefined]);
    expect(await stake.review()).toBe(false);
    expect([stake.acceptanceProblem, stake.amountProblem]).toEqual(["empty", "empty"]);
    expect(called("proposeStake")).toEqual([]);
  });

  it("is proposed with the acceptance as a mail breaks it", async () => {
    fill({ acceptance: " dstgaccept1\nfake " });
    expect(await stake.review()).toBe(true);
    const argument = { amount: amount(150_000_000n), acceptance: "dstgaccept1fake" };
    expect(called("proposeStake")).toEqual([{ name: "proposeStake", argument }]);
    expect(stake.step).toMatchObject({ act: "stake", stake: undefined, proposal: { amount: 150_000_000n } });
  });

  const REFUSALS: readonly (readonly [Refused, "amount" | "acceptance" | "whole"])[] = [
    [{ ok: false, code: "insufficient_funds", missing: amount(7n) }, "amount"],
    [{ ok: false, code: "funds_busy", missing: amount(7n) }, "amount"],
    [{ ok: false, code: "amount_zero" }, "amount"],
    [{ ok: false, code: "stake_too_small", minimum: amount(7n) }, "amount"],
    [{ ok: false, code: "acceptance_invalid" }, "acceptance"],
    [{ ok: false, code: "acceptance_foreign" }, "acceptance"],
    [{ ok: false, code: "acceptance_used" }, "acceptance"],
    [{ ok: false, code: "not_ready" }, "whole"],
    [{ ok: false, code: "address_invalid" }, "whole"],
  ];
  it.each(REFUSALS)("shows a refusal once, where it belongs, until the draft changes: %o", async (refused, place) => {
    fake.answers.proposeStake = refused;
    fill();
    expect(await stake.review()).toBe(false);
    expect({
      amount: stake.amountProblem,
      acceptance: stake.acceptanceProblem,
      whole: stake.draftProblem,
    }).toEqual({ amount: undefined, acceptance: undefined, whole: undefined, [place]: refused.code });
    const hasSum = "minimum" in refused || "missing" in refused;
    expect(stake.refusal?.sum).toBe(hasSum ? 7n : undefined);
    expect(Object.keys(en.stake.problems)).toContain(refused.code);
    stake.draft.amount = "151";
    expect([stake.amountProblem, stake.acceptanceProblem, stake.draftProblem]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is not asked about when it is more than there is", async () => {
    fill({ amount: "1000.000001" });
    expect(await stake.review()).toBe(false);
    expect([stake.amountProblem, called("proposeStake")]).toEqual(["insufficient_funds", []]);
  });

  it("that was typed on meanwhile takes no answer to the one before", async () => {
    fill();
    const reviewing = stake.review();
    stake.draft.amount = "151";
    expect(await reviewing).toBe(false);
    expect([stake.step, stake.refusal, stake.asking]).toEqual([undefined, undefined, undefined]);
  });
});

describe("a stake of ours", () => {
  it.each([
    ["unstake", "proposeUnstake"],
    ["withdraw", "proposeWithdrawal"],
  ] as const)("is asked about by its number: %s", async (act, name) => {
    const view = fakeStake({ leaf: 77 });
    expect(await stake.reviewOf(act, view)).toBe(true);
    expect(called(name)).toEqual([{ name, argument: 77 }]);
    expect(stake.step).toMatchObject({ act, stake: view });
    expect(called("confirm")).toEqual([]);
  });

  it("shows a refusal beside itself alone, and one question is open at a time", async () => {
    fake.answers.proposeStake = { ok: false, code: "stake_busy" };
    fill();
    const [first, second] = [fakeStake({ leaf: 1 }), fakeStake({ leaf: 2 })];
    const asking = stake.reviewOf("unstake", first);
    expect([stake.asking, await stake.reviewOf("unstake", second)]).toEqual([1, false]);
    expect(await asking).toBe(false);
    expect([stake.problemOf(1), stake.problemOf(2), stake.problemOf(undefined), stake.draftProblem]).toEqual([
      "stake_busy",
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("that is not on the chain yet cannot be asked about", async () => {
    expect(await stake.reviewOf("unstake", fakeStake({ leaf: undefined }))).toBe(false);
    expect(called("proposeUnstake")).toEqual([]);
  });
});

describe("the yes", () => {
  it("stores the stake, forgets the draft and looks again", async () => {
    fill();
    await stake.review();
    const proposalId = stake.step?.proposal.proposalId;
    expect(await stake.confirm()).toBe(true);
    expect(called("confirm")).toEqual([{ name: "confirm", argument: proposalId }]);
    expect([stake.draft.acceptance, stake.draft.amount, stake.isFinished, called("stakes").length]).toEqual([
      "",
      "",
      false,
      1,
    ]);
  });

  it("to another stake leaves the draft as it is", async () => {
    fill();
    await stake.reviewOf("unstake", fakeStake({}));
    expect(await stake.confirm()).toBe(true);
    expect([stake.draft.acceptance, stake.draft.amount]).toEqual(["dstgaccept1fake", "150"]);
  });

  it("that was refused says why, and the same is proposed again", async () => {
    fake.answers.confirm = { ok: false, code: "funds_changed" };
    await stake.reviewOf("withdraw", fakeStake({ leaf: 5 }));
    expect([await stake.confirm(), stake.confirmProblem]).toEqual([false, "funds_changed"]);
    const { step } = stake;
    const asking = stake.reviewAgain();
    expect([stake.step, stake.confirmProblem, stake.asking]).toEqual([step, "funds_changed", 5]);
    expect(await asking).toBe(true);
    expect([stake.confirmProblem, called("proposeWithdrawal").length]).toEqual([undefined, 2]);
    expect(stake.step).not.toEqual(step);
    fake.broken.add("confirm");
    expect([await stake.confirm(), stake.confirmProblem]).toEqual([false, "failed"]);
    fake.answers.proposeStake = { ok: false, code: "stake_busy" };
    expect(await stake.reviewAgain()).toBe(false);
    expect([stake.step, stake.confirmProblem, stake.problemOf(5)]).toEqual([undefined, undefined, "stake_busy"]);
  });

  it("needs something to say yes to, and is said once", async () => {
    expect(await stake.confirm()).toBe(false);
    await stake.reviewOf("unstake", fakeStake({}));
    await Promise.all([stake.confirm(), stake.confirm()]);
    expect(called("confirm").length).toBe(1);
    stake.dropStep();
    expect(await stake.reviewAgain()).toBe(false);
  });
});
