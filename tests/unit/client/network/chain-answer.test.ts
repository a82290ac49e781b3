import { describe, expect, it } from "vitest";
import {
  CHAIN_METHODS,
  DRAWS_MAX,
  parseChainAnswer,
  SEATS_MAX,
  type ChainAnswer,
} from "../../../../src/client/network/chain-answer.ts";
import { ChainReader } from "../../../../src/client/network/request-chain.ts";
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
  holdings: { bytes: 1_950_000_000, classes: {} },
};

function answer(change: Partial<Results> = {}): string {
  const results: Results = { ...RESULTS, ...change };
  return JSON.stringify(CHAIN_METHODS.map((method, id) => ({ jsonrpc: "2.0", id, result: results[method] })));
}

const read = (change: Partial<Results>): ChainAnswer | undefined => parseChainAnswer(answer(change));

describe("what a node says of the chain", () => {
  it("is read whatever the order of the answers", () => {
    const shuffled = JSON.stringify((JSON.parse(answer()) as unknown[]).reverse());
    const view: ChainAnswer = {
      chain: {
        height: 42,
        timeMs: 1_700_000_000_000,
        seats: [{ stake: amount(1_000_000n), onlineShare: 0.5, missedProposals: 2, isJailed: false }],
        minted: amount(AMOUNT_LIMIT - 1n),
        burned: amount(0n),
        doesSupplyAddUp: true,
        bytesStored: 1_950_000_000,
      },
      award: { pot: amount(5n), drawAtMs: undefined, eligibleCount: 1 },
      past: [{ view: { week: 3, winner: "b0", amount: amount(7n), beaconHeight: 41 }, claim: DRAW }],
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

  it("is read without what only our own nodes say", () => {
    expect(read({ holdings: undefined })?.chain).toMatchObject({ height: 42, bytesStored: undefined });
    for (const holdings of [null, [], { bytes: -1 }, { bytes: "7" }, {}]) expect(read({ holdings })).toBeUndefined();
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
      { award: { ...award, past: [{ ...DRAW, winner: "b".repeat(97) }] } },
      { award: { ...award, past: [{ ...DRAW, winner: "" }] } },
      { award: { ...award, past: [{ ...DRAW, winner: "B0" }] } },
      { award: { ...award, past: [{ ...DRAW, winner: "<b>" }] } },
      { award: { ...award, past: [{ ...DRAW, winner: 5 }] } },
    ];
    expect(changes.map(read)).toEqual(changes.map(() => undefined));
  });

  it("SEATS_MAX, DRAWS_MAX: more seats are refused, of more draws the newest stay", () => {
    const seats = (count: number): readonly unknown[] => Array.from({ length: count }, () => SEAT);
    expect(read({ validators: seats(SEATS_MAX) })?.chain.seats.length).toBe(SEATS_MAX);
    expect(read({ validators: seats(SEATS_MAX + 1) })).toBeUndefined();
    const past = Array.from({ length: DRAWS_MAX + 5 }, (_, week) => ({ ...DRAW, week }));
    const weeks = read({ award: { ...RESULTS.award, past } })!.past.map(({ view }) => view.week);
    expect([weeks.length, weeks[0], weeks.at(-1)]).toEqual([DRAWS_MAX, DRAWS_MAX + 4, 5]);
  });
});

describe("a reader of the chain", () => {
  /** A node of these past draws; it remembers how many of them each question wanted. */
  function askedReader() {
    const asked: number[] = [];
    const node = { nowMs: 0, pot: 5, past: [DRAW] as readonly object[], isGone: false };
    const reader = new ChainReader(
      () => node.nowMs,
      (body) => {
        const calls = JSON.parse(body) as readonly { readonly method: string; readonly params?: { past: number } }[];
        expect(calls.map(({ method }) => method)).toEqual(CHAIN_METHODS);
        const { past } = calls.at(-1)!.params!;
        asked.push(past);
        const award = { ...RESULTS.award, pot: String(node.pot), past: node.past.slice(0, past) };
        return Promise.resolve(node.isGone ? undefined : answer({ award }));
      },
    );
    return { reader, node, asked };
  }

  it("asks for draws, which are large, once a minute and after somebody has won", async () => {
    const { reader, node, asked } = askedReader();
    const look = async () => (await reader.read(() => "unchecked"))?.award.past.map(({ week }) => week);
    node.isGone = true;
    expect(await look()).toBeUndefined();
    node.isGone = false;
    expect([await look(), await look(), await look()]).toEqual([[3], [3], [3]]);
    expect(asked).toEqual([DRAWS_MAX, DRAWS_MAX, 0, 0]);
    node.past = [{ ...DRAW, week: 4 }, DRAW];
    node.pot = 9;
    expect(await look()).toEqual([3]);
    node.pot = 1;
    expect([await look(), await look()]).toEqual([[3], [4, 3]]);
    expect(asked.slice(4)).toEqual([0, 0, DRAWS_MAX]);
    node.nowMs = 59_999;
    await look();
    node.nowMs = 60_000;
    await look();
    expect(asked.slice(7)).toEqual([0, DRAWS_MAX]);
  });

  it("[AW-4] hands in a draw as the node wrote it, the same object until the node writes it otherwise", async () => {
    const { reader, node } = askedReader();
    const seen: unknown[] = [];
    const look = () => reader.read((draw) => (seen.push(draw), "ok"));
    expect((await look())!.award.past).toMatchObject([{ week: 3, recheck: "ok" }]);
    await look();
    node.nowMs = 60_000;
    await look();
    expect(seen).toEqual([DRAW, DRAW, DRAW]);
    expect(new Set(seen).size).toBe(1);
    node.nowMs = 120_000;
    node.past = [{ ...DRAW, amount: "8" }];
    await look();
    expect(seen.at(-1)).toEqual({ ...DRAW, amount: "8" });
  });
});
