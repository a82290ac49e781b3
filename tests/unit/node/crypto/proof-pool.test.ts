import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isCoinOutput } from "../../../../src/core/chain/output.ts";
import type { SpendClaims } from "../../../../src/core/state/spend-claims.ts";
import { CompiledKernels } from "../../../../src/node/crypto/compiled-kernels.ts";
import { openProofPool, type BlockClaims, type ProofPool } from "../../../../src/node/crypto/proof-pool.ts";
import { proofClaims } from "../../../../src/node/perform-effects.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const builder = new LedgerBuilder({ label: "proof pool", proofs: true });
const claims = proofClaims(builder.tip.chain.chainId, {
  coins: [builder.coin(1n), builder.coin(2n)].map(({ output }) => output).filter(isCoinOutput),
});
const [good, other] = claims as readonly [SpendClaims, SpendClaims];
const [range, otherRange] = [...good.rangeProofs, ...other.rangeProofs];
const wrong: SpendClaims = { ...good, rangeProofs: [{ ...range!, proof: otherRange!.proof }] };

let pool: ProofPool;
beforeAll(() => {
  pool = openProofPool(new CompiledKernels().forThread());
});
afterAll(() => pool.close());

const block = (job: number, more: Partial<BlockClaims> = {}): BlockClaims => {
  return { job, claims, round: 0, isUrgent: false, isDoubted: false, ...more };
};

describe("the proof thread", () => {
  it("[RG-6] answers every claim of a transaction in its place, over any number of them", async () => {
    const many = Array.from({ length: 30 }, (_, index) => (index % 25 === 3 ? wrong : good));
    expect(await pool.verify(many)).toEqual(many.map((claim) => (claim === good ? undefined : "TX-3")));
  });

  it("[RG-6] answers for a block with a rule that it breaks", async () => {
    for (const isDoubted of [true, false]) {
      const many = Array.from({ length: 30 }, (_, index) => (index === 17 ? wrong : good));
      expect(await pool.judge(block(1, { claims: many, isDoubted }))).toEqual({ isWithdrawn: false, rule: "TX-3" });
      for (const of of [[], [good, other]]) {
        expect(await pool.judge(block(2, { claims: of, isDoubted }))).toEqual({ isWithdrawn: false, rule: undefined });
      }
    }
  });

  it("[RG-6] a block does not wait for wrong proofs of transactions", async () => {
    const ended: string[] = [];
    const flood = new Array<SpendClaims>(60).fill(wrong);
    const junk = pool.verify(flood).then(() => ended.push("junk"));
    await pool.judge(block(3)).then(() => ended.push("block"));
    expect(ended).toEqual(["block"]);
    await junk;
  });

  it.each([
    ["throws", "throw new Error('spoilt')"],
    ["dies", "process.exit(1)"],
  ])("[RG-6] gives no verdict at all where it %s, to whoever waits and to whoever asks later", async (_, act) => {
    const code = `require("node:worker_threads").parentPort.on("message", () => { ${act}; })`;
    const spoilt = openProofPool([], () => new Worker(code, { eval: true }));
    const asked = [spoilt.judge(block(1)), spoilt.verify(claims), spoilt.judge(block(2))];
    for (const result of await Promise.allSettled(asked)) expect(result.status).toBe("rejected");
    await expect(spoilt.judge(block(3))).rejects.toThrow();
    await expect(spoilt.verify(claims)).rejects.toThrow();
    await spoilt.close();
  });
});

describe("transactions that wait for the proof thread together", () => {
  it("[TX-3] each has its own verdicts, whatever is wrong with the others", async () => {
    const asked = [[good, other], [wrong], [good], [], [other, wrong, good]];
    const verdicts = asked.map((each) => each.map((claim) => (claim === wrong ? "TX-3" : undefined)));
    expect(await Promise.all(asked.map((each) => pool.verify(each)))).toEqual(verdicts);
  });

  it("[RG-6] share a batch of 24 claims at most, and one that is cut has its verdicts in their order", async () => {
    const code = `
      const { parentPort } = require("node:worker_threads");
      let asked = 0;
      parentPort.on("message", ({ claims }) => {
        asked++;
        parentPort.postMessage({ verdicts: claims.map((_, index) => asked + "/" + index) });
      });`;
    const watched = openProofPool([], () => new Worker(code, { eval: true }));
    const five = new Array<SpendClaims>(5).fill(good);
    const names = await Promise.all(Array.from({ length: 11 }, () => watched.verify(five)));
    const batch = (asked: number, from: number, to: number): readonly string[] =>
      Array.from({ length: to - from }, (_, index) => `${asked}/${from + index}`);
    // The first finds the thread idle; the others wait for it.
    expect(names[0]).toEqual(batch(1, 0, 5));
    expect(names[1]).toEqual(batch(2, 0, 5));
    expect(names[5]).toEqual([...batch(2, 20, 24), ...batch(3, 0, 1)]);
    expect(names[6]).toEqual(batch(3, 1, 6));
    expect(names[10]).toEqual([...batch(3, 21, 24), ...batch(4, 0, 2)]);
    await watched.close();
  });
});

describe("packets that wait for the proof thread", () => {
  it("[RG-6] take room for each of their values: one of 64 goes alone, so that a block waits for no second", async () => {
    const code = `
      const { parentPort } = require("node:worker_threads");
      let asked = 0;
      parentPort.on("message", ({ claims }) => {
        asked++;
        parentPort.postMessage({ verdicts: claims.map((_, index) => asked + "/" + index) });
      });`;
    const watched = openProofPool([], () => new Worker(code, { eval: true }));
    const over = (count: number): SpendClaims => {
      const commitments = Array.from({ length: count }, () => range!.commitments[0]!);
      return { ...good, rangeProofs: [{ ...range!, commitments }] };
    };
    const asked = [[good], [over(16), over(8), over(1)], [over(64), over(64)], [good, over(32)], [good]];
    expect(await Promise.all(asked.map((each) => watched.verify(each)))).toEqual([
      ["1/0"],
      ["2/0", "2/1", "3/0"],
      ["4/0", "5/0"],
      ["6/0", "7/0"],
      ["8/0"],
    ]);
    await watched.close();
  });
});

describe("the order of blocks on the proof thread", () => {
  /** A thread that finds nothing wrong, how often it was asked, and the answers in the order in which they came. */
  function openWatched() {
    const code = `
      const { parentPort } = require("node:worker_threads");
      let asked = 0;
      parentPort.on("message", () => parentPort.postMessage({ verdicts: ["TX-" + ++asked] }));`;
    const watched = openProofPool([], () => new Worker(code, { eval: true }));
    const ended: string[] = [];
    const judge = (job: number, more: Partial<BlockClaims> = {}): Promise<unknown> =>
      watched.judge(block(job, more)).then((answer) => {
        ended.push(answer.isWithdrawn ? `${job} withdrawn` : `${job} ${answer.rule}`);
      });
    return { watched, ended, judge };
  }

  it("[CO-13] goes from newer rounds to older ones, and in a round as they came", async () => {
    const { watched, ended, judge } = openWatched();
    await Promise.all([judge(1), judge(2), judge(3, { round: 1 }), judge(4), judge(5, { round: 7 })]);
    expect(ended).toEqual(["1 TX-1", "5 TX-2", "3 TX-3", "2 TX-4", "4 TX-5"]);
    await watched.close();
  });

  it("[CO-11] what is urgent goes before every round, also where it becomes so later", async () => {
    const { watched, ended, judge } = openWatched();
    const all = [judge(1), judge(2, { round: 9 }), judge(3), judge(4, { isUrgent: true })];
    watched.hurry(3);
    watched.hurry(99);
    await Promise.all(all);
    expect(ended).toEqual(["1 TX-1", "3 TX-2", "4 TX-3", "2 TX-4"]);
    await watched.close();
  });

  it("a block that nobody waits for costs the thread nothing, and one that it has begun delays no answer", async () => {
    const { watched, ended, judge } = openWatched();
    const all = [judge(1), judge(2), judge(3)];
    for (const job of [1, 2, 2, 99]) watched.withdraw(job);
    await Promise.all(all);
    watched.withdraw(3);
    expect(ended).toEqual(["1 withdrawn", "2 withdrawn", "3 TX-2"]);
    await judge(4);
    expect(ended.at(-1)).toBe("4 TX-3");
    await watched.close();
  });
});
