import { describe, expect, it } from "vitest";
import type { ChainView } from "../../../../src/api/views.ts";
import { CHAIN_METHODS, DRAWS_MAX, parseChainAnswer, SEATS_MAX } from "../../../../src/client/network/chain-answer.ts";
import { amount, AMOUNT_LIMIT } from "../../../../src/core/values/amount.ts";

const SEAT = {
  index: 0,
  stake: "1000000",
  reward_address: "dstg1",
  online_share: 0.5,
  missed_proposals: 2,
  jailed: false,
};
const DRAW = { week: 3, winner: "b0", amount: "7", beacon_height: 41, eligible_list: [], beacon: "00" };

type Results = Record<(typeof CHAIN_METHODS)[number], unknown>;

const RESULTS = {
  status: { height: 42, time_ms: 1_700_000_000_000, version: "0.1.0" },
  validators: [SEAT],
  supply: { minted: (AMOUNT_LIMIT - 1n).toString(), burned: "0", in_outputs: "1", pot: "5", invariant_ok: true },
  award: { pot: "5", draw_at_ms: null, eligible: ["b0"], past: [DRAW] },
};

function answer(change: Partial<Results> = {}): string {
  const results: Results = { ...RESULTS, ...change };
  return JSON.stringify(CHAIN_METHODS.map((method, id) => ({ jsonrpc: "2.0", id, result: results[method] })));
}

const read = (change: Partial<Results>): ChainView | undefined => parseChainAnswer(answer(change));

describe("what a node says of the chain", () => {
  it("is read whatever the order of the answers", () => {
    const shuffled = JSON.stringify((JSON.parse(answer()) as unknown[]).reverse());
    const view: ChainView = {
      height: 42,
      timeMs: 1_700_000_000_000,
      seats: [{ stake: amount(1_000_000n), onlineShare: 0.5, missedProposals: 2, isJailed: false }],
      minted: amount(AMOUNT_LIMIT - 1n),
      burned: amount(0n),
      doesSupplyAddUp: true,
      award: {
        pot: amount(5n),
        drawAtMs: undefined,
        eligibleCount: 1,
        past: [{ week: 3, winner: "b0", amount: amount(7n), beaconHeight: 41 }],
      },
    };
    expect([parseChainAnswer(answer()), parseChainAnswer(shuffled)]).toEqual([view, view]);
  });

  it("is refused where an answer is missing, an error, or no list of answers", () => {
    const answers = JSON.parse(answer()) as readonly object[];
    const broken = [
      "",
      "{}",
      "null",
      JSON.stringify(answers.slice(1)),
      JSON.stringify([...answers, answers[0]]),
      JSON.stringify([{ id: 0, error: { code: -32_000 } }, ...answers.slice(1)]),
      JSON.stringify([...answers.slice(1), null]),
    ];
    expect(broken.map(parseChainAnswer)).toEqual(broken.map(() => undefined));
  });

  it("is refused where a figure is none", () => {
    const { award, status, supply } = RESULTS;
    const changes: readonly Partial<Results>[] = [
      { status: { ...status, height: -1 } },
      { status: { ...status, height: 1.5 } },
      { status: { ...status, time_ms: 8.64e15 + 2 } },
      { supply: { ...supply, minted: AMOUNT_LIMIT.toString() } },
      { supply: { ...supply, minted: 5 } },
      { supply: { ...supply, burned: "-1" } },
      { supply: { ...supply, burned: "0x10" } },
      { supply: { ...supply, invariant_ok: "true" } },
      { validators: [{ ...SEAT, online_share: 1.01 }] },
      { validators: [{ ...SEAT, online_share: null }] },
      { validators: [{ ...SEAT, jailed: 0 }] },
      { validators: {} },
      { award: { ...award, draw_at_ms: "soon" } },
      { award: { ...award, eligible: 3 } },
      { award: { ...award, past: [{ ...DRAW, winner: "b".repeat(257) }] } },
      { award: { ...award, past: [{ ...DRAW, winner: 5 }] } },
    ];
    expect(changes.map(read)).toEqual(changes.map(() => undefined));
  });

  it("SEATS_MAX, DRAWS_MAX: more seats are refused, of more draws the newest stay", () => {
    const seats = (count: number): readonly unknown[] => Array.from({ length: count }, () => SEAT);
    expect(read({ validators: seats(SEATS_MAX) })?.seats.length).toBe(SEATS_MAX);
    expect(read({ validators: seats(SEATS_MAX + 1) })).toBeUndefined();
    const past = Array.from({ length: DRAWS_MAX + 5 }, (_, week) => ({ ...DRAW, week }));
    const weeks = read({ award: { ...RESULTS.award, past } })!.award.past.map(({ week }) => week);
    expect([weeks.length, weeks[0], weeks.at(-1)]).toEqual([DRAWS_MAX, DRAWS_MAX + 4, 5]);
  });
});
