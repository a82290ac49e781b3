import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { validatorSetHash, type ValidatorSet } from "../../../../src/core/chain/validator-set.ts";
import type { BlsBackend } from "../../../../src/core/crypto/bls-backend.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import type { HeaderItem } from "../../../../src/core/sync/compact-item.ts";
import {
  planSkip,
  SKIP_BOUNDARIES_MAX,
  SKIP_REQUESTS_MAX,
  SKIP_WINDOW,
  stepSkip,
  type SkipProgress,
} from "../../../../src/core/sync/skip-plan.ts";
import type { TrustedHeader } from "../../../../src/core/sync/skip-header.ts";
import { startChain } from "../../../../src/core/sync/trusted-chain.ts";
import { epoch, height, timeMs } from "../../../../src/core/values/height.ts";
import { certify } from "../../../support/client-chain.ts";
import { GENESIS_TIME, testHeader, testValidators, validatorsOf } from "../../../support/consensus-chain.ts";
import { fakeBls } from "../../../support/fake-bls.ts";

const params = { ...NETWORK_PARAMS.dev, trustingMs: 2 ** 42 };

/** The boundaries of a chain, without the blocks in between. */
interface Boundaries {
  readonly items: readonly HeaderItem[];
  readonly announced: readonly ValidatorSet[];
  readonly tip: HeaderItem["header"];
}

/** Epochs of so many blocks; `keys` says who signs the epoch after a boundary. */
function chainOf(epochs: number, blocks: number, keys: (epoch: number) => readonly number[]): Boundaries {
  const items: HeaderItem[] = [];
  const sets = Array.from({ length: epochs + 1 }, (_, at) => {
    return validatorsOf(fakeBls, new Map(keys(at).map((key) => [key, 10])));
  });
  sets.forEach(({ set }, at) => {
    const signers = sets[Math.max(0, at - 1)]!;
    const header = testHeader(params, {
      height: height(at * blocks),
      epoch: epoch(at),
      time: timeMs(GENESIS_TIME + at * blocks * params.minBlockMs),
      isEpochEnd: true,
      valHash: validatorSetHash(signers.set),
      nextValHash: validatorSetHash(set),
    });
    const isChange = !equalBytes(header.nextValHash, header.valHash);
    items.push({ header, certificate: certify(signers, header), nextValidators: isChange ? set : undefined });
  });
  return { items, announced: sets.map(({ set }) => set), tip: items.at(-1)!.header };
}

/** What a node answers: so many heights, and the first item brings its set. */
function honest(from: number, { items, announced }: Boundaries): readonly HeaderItem[] {
  const found = items.filter(({ header }) => header.height >= from && header.height < from + SKIP_WINDOW);
  const first = found[0];
  if (first === undefined) return [];
  const opened = { ...first, nextValidators: announced[first.header.epoch] };
  return [opened, ...found.slice(1, SKIP_BOUNDARIES_MAX)];
}

interface Walk {
  readonly end: Exclude<SkipProgress, { readonly type: "ask" }>;
  readonly questions: readonly number[];
  readonly checks: number;
}

type Answer = (from: number, chain: Boundaries) => readonly HeaderItem[];

function startOf({ items, announced }: Boundaries): TrustedHeader {
  return startChain({ ...items[0]!, nextValidators: announced[0] }, undefined)!;
}

function walk(chain: Boundaries, options: { readonly answer?: Answer; readonly goal?: number } = {}): Walk {
  let checks = 0;
  const bls: BlsBackend = {
    ...fakeBls,
    verifyAggregate: (...args) => {
      checks++;
      return fakeBls.verifyAggregate(...args);
    },
  };
  const questions: number[] = [];
  let progress = planSkip(params, startOf(chain), options.goal ?? chain.tip.height);
  while (progress.type === "ask") {
    const { from, waiting } = progress.plan;
    questions.push(from);
    expect(waiting.length).toBeLessThan(32);
    progress = stepSkip(bls, progress.plan, (options.answer ?? honest)(from, chain), chain.tip.time);
  }
  return { end: progress, questions, checks };
}

/** Half of the validators change with each epoch. */
const churning = (epoch: number): readonly number[] => [0, 1, 2, 3, 4, 5].map((seat) => 3 * epoch + seat);

describe("the way to the newest boundary", () => {
  it("[LC-2] [LC-5] is one question and one check while the validators stay, however far it is", () => {
    const { end, questions, checks } = walk(chainOf(216, 360, () => [0, 1, 2, 3]));
    expect(end).toMatchObject({ type: "arrived", trusted: { header: { height: 216 * 360 } } });
    expect([questions.length, checks]).toEqual([1, 1]);
  });

  it("[LC-2] bisects over 100 epochs of changing validators, with one check for each header taken", () => {
    const chain = chainOf(100, 360, churning);
    const { end, questions, checks } = walk(chain);
    expect(end).toMatchObject({
      type: "arrived",
      trusted: { header: chain.tip, nextValidators: chain.announced[100] },
      proof: { header: chain.tip },
    });
    expect(questions.length).toBeLessThanOrEqual(30);
    expect(checks).toBeLessThanOrEqual(100);
  });

  it("[LC-2] within SKIP_REQUESTS_MAX questions also where an answer covers one epoch only", () => {
    const { end, questions, checks } = walk(chainOf(100, 3_602, churning));
    expect(end).toMatchObject({ type: "arrived", trusted: { header: { height: 360_200 } } });
    expect(questions.length).toBeLessThanOrEqual(250);
    expect(questions.length).toBeLessThan(SKIP_REQUESTS_MAX / 2);
    expect(checks).toBeLessThanOrEqual(100);
  });

  it("takes few questions where few change", () => {
    const slow = chainOf(100, 3_602, (at) => [0, 1, 2, 3, 4, 5].map((seat) => (seat === 0 ? 10 + at : seat)));
    const { end, questions, checks } = walk(slow);
    expect(end).toMatchObject({ type: "arrived", trusted: { header: slow.tip } });
    expect([questions.length, checks]).toEqual([1, 1]);
  });

  it("goes on behind a full answer", () => {
    const chain = chainOf(SKIP_BOUNDARIES_MAX + 20, 20, churning);
    expect(walk(chain)).toMatchObject({
      end: { type: "arrived", trusted: { header: chain.tip } },
      questions: [1, 1281],
    });
  });

  it("has nothing to ask where we stand at the goal, and one thing where no boundary is above us", () => {
    const chain = chainOf(0, 1, () => [0, 1, 2]);
    expect(walk(chain)).toMatchObject({ end: { type: "arrived", proof: undefined }, questions: [] });
    expect(walk(chain, { goal: 5 })).toMatchObject({
      end: { type: "arrived", trusted: { header: { height: 0 } } },
      questions: [1],
    });
  });

  it("goes no higher than the goal", () => {
    const chain = chainOf(10, 3, churning);
    expect(walk(chain, { goal: 20 }).end).toMatchObject({ type: "arrived", trusted: { header: { height: 18 } } });
  });
});

describe("nodes that lie on the way", () => {
  const chain = chainOf(40, 200, churning);
  const notBoundary = (item: HeaderItem): HeaderItem => ({ ...item, header: { ...item.header, isEpochEnd: false } });

  it.each<readonly [string, Answer, string]>([
    ["says nothing", () => [], "no_boundary"],
    ["leaves a boundary out", (from) => honest(from, chain).filter((_, index) => index !== 1), "bad_answer"],
    ["answers lower than asked", (from) => honest(Math.max(0, from - 200), chain), "bad_answer"],
    ["sends blocks that are no boundaries", (from) => honest(from, chain).map(notBoundary), "bad_answer"],
    ["sends too many", (from) => [...honest(from, chain), ...chain.items], "bad_answer"],
    [
      "forges signatures",
      (from) =>
        honest(from, chain).map((item) => {
          return { ...item, certificate: { ...item.certificate, signature: new Uint8Array(96) } };
        }),
      "bad_certificate",
    ],
    [
      "forges sets",
      (from) => honest(from, chain).map((item) => ({ ...item, nextValidators: testValidators(fakeBls, [1]).set })),
      "bad_set",
    ],
    ["hides what is near", (from) => honest(from, chain).filter(({ header }) => header.height > 6_000), "no_boundary"],
    ["hides what is next", (from) => honest(from, chain).filter(({ header }) => header.height > 3_000), "bad_set"],
  ])("one that %s is refused", (_, answer, fault) => {
    const { end, questions } = walk(chain, { answer });
    expect(end).toEqual({ type: "refused", fault });
    expect(questions.length).toBeLessThan(40);
  });

  it("[LC-2] a fork of strangers never gets as far as using its own set", () => {
    const forged = chainOf(5, 100, (at) => (at === 0 ? [0, 1, 2] : [70, 71, 72]));
    const signedByNobody = (item: HeaderItem): HeaderItem => {
      const { certificate, header } = item;
      return header.epoch === 1 ? { ...item, certificate: { ...certificate, signers: [false, false, false] } } : item;
    };
    const answer: Answer = (from) => honest(from, forged).map(signedByNobody);
    expect(walk(forged, { answer }).end).toEqual({ type: "refused", fault: "bad_certificate" });
  });

  it("one that leads on for ever is left after SKIP_REQUESTS_MAX questions", () => {
    const { end, questions } = walk(chainOf(SKIP_REQUESTS_MAX + 50, 4_000, churning));
    expect(end).toEqual({ type: "refused", fault: "too_many" });
    expect(questions).toHaveLength(SKIP_REQUESTS_MAX);
  });

  it("[LC-1] trust that runs out on the way ends it", () => {
    const trusted = startOf(chain);
    const short = { ...params, trustingMs: 1_000 };
    const progress = planSkip(short, trusted, chain.tip.height);
    if (progress.type !== "ask") throw new Error("nothing to ask");
    const items = honest(progress.plan.from, chain);
    expect(stepSkip(fakeBls, progress.plan, items, timeMs(trusted.header.time + 1_000))).toEqual({
      type: "refused",
      fault: "stale",
    });
  });
});
