import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isCoinOutput } from "../../../../src/core/chain/output.ts";
import type { RangeClaim } from "../../../../src/core/crypto/range-proof-verifier.ts";
import { openProofPool, type ProofPool } from "../../../../src/node/crypto/proof-pool.ts";
import { rangeClaims } from "../../../../src/node/perform-effects.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const builder = new LedgerBuilder({ label: "proof pool", proofs: true });
const claims = rangeClaims(
  builder.tip.chain.chainId,
  [builder.coin(1n), builder.coin(2n)].map(({ output }) => output).filter(isCoinOutput),
);
const [good, other] = claims as readonly [RangeClaim, RangeClaim];
const wrong = { ...good, proof: other.proof };

let pool: ProofPool;
beforeAll(() => {
  pool = openProofPool();
});
afterAll(() => pool.close());

describe("the proof thread", () => {
  it("[RG-6] answers every claim in its place, over any number of them", async () => {
    const many = Array.from({ length: 30 }, (_, index) => (index % 25 === 3 ? wrong : good));
    const expected = many.map((claim) => claim === good);
    expect(await pool.verify(many, "transaction")).toEqual(expected);
    expect(await pool.verify(many, "block")).toEqual(expected);
    expect(await pool.verify([], "block")).toEqual([]);
  });

  it("[RG-6] a block does not wait for wrong proofs of transactions", async () => {
    const ended: string[] = [];
    const flood = new Array<RangeClaim>(60).fill(wrong);
    const junk = pool.verify(flood, "transaction").then(() => ended.push("junk"));
    await pool.verify(claims, "block").then(() => ended.push("block"));
    expect(ended).toEqual(["block"]);
    await junk;
  });
});
