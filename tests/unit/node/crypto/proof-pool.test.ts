import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isCoinOutput } from "../../../../src/core/chain/output.ts";
import type { SpendClaims } from "../../../../src/core/state/spend-claims.ts";
import { openProofPool, type ProofPool } from "../../../../src/node/crypto/proof-pool.ts";
import { proofClaims } from "../../../../src/node/perform-effects.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const builder = new LedgerBuilder({ label: "proof pool", proofs: true });
const claims = proofClaims(
  builder.tip.chain.chainId,
  [builder.coin(1n), builder.coin(2n)].map(({ output }) => output).filter(isCoinOutput),
);
const [good, other] = claims as readonly [SpendClaims, SpendClaims];
const [range, otherRange] = [...good.rangeProofs, ...other.rangeProofs];
const wrong: SpendClaims = { ...good, rangeProofs: [{ ...range!, proof: otherRange!.proof }] };

let pool: ProofPool;
beforeAll(() => {
  pool = openProofPool();
});
afterAll(() => pool.close());

describe("the proof thread", () => {
  it("[RG-6] answers every claim in its place, over any number of them", async () => {
    const many = Array.from({ length: 30 }, (_, index) => (index % 25 === 3 ? wrong : good));
    const expected = many.map((claim) => (claim === good ? undefined : "TX-3"));
    expect(await pool.verify(many, "transaction")).toEqual(expected);
    expect(await pool.verify(many, "block")).toEqual(expected);
    expect(await pool.verify([], "block")).toEqual([]);
  });

  it("[RG-6] a block does not wait for wrong proofs of transactions", async () => {
    const ended: string[] = [];
    const flood = new Array<SpendClaims>(60).fill(wrong);
    const junk = pool.verify(flood, "transaction").then(() => ended.push("junk"));
    await pool.verify(claims, "block").then(() => ended.push("block"));
    expect(ended).toEqual(["block"]);
    await junk;
  });

  it.each([
    ["throws", "throw new Error('spoilt')"],
    ["dies", "process.exit(1)"],
  ])("[RG-6] gives no verdict at all where it %s, to whoever waits and to whoever asks later", async (_, act) => {
    const code = `require("node:worker_threads").parentPort.on("message", () => { ${act}; })`;
    const spoilt = openProofPool(() => new Worker(code, { eval: true }));
    const asked = [
      spoilt.verify(claims, "block"),
      spoilt.verify(claims, "transaction"),
      spoilt.verify(claims, "block"),
    ];
    for (const result of await Promise.allSettled(asked)) expect(result.status).toBe("rejected");
    await expect(spoilt.verify(claims, "block")).rejects.toThrow();
    await spoilt.close();
  });
});
