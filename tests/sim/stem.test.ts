import { describe, expect, it } from "vitest";
import { formatHex } from "../../src/core/bytes/hex.ts";
import { transactionId } from "../../src/core/chain/transaction.ts";
import { EMBARGO_MS_MIN } from "../../src/core/mempool/stem-route.ts";
import { NETWORK_PARAMS } from "../../src/core/params/network-params.ts";
import { timeMs } from "../../src/core/values/height.ts";
import { devGenesis } from "../../src/core/wallet/dev-genesis.ts";
import { fakeBls } from "../support/fake-bls.ts";
import { LedgerBuilder } from "../support/ledger-builder.ts";
import { runs } from "../support/run-counts.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { testCurve as curve } from "../support/test-curve.ts";
import { FullNodeSimulation } from "./full-node-simulator.ts";

const SEEDS = Array.from({ length: runs(4, 200) }, (_, index) => index + 1);
const REPLAY = "npx vitest run --project sim tests/sim/stem.test.ts -t";
const NODE_COUNT = 7;

const genesis = devGenesis(
  { curve, bls: fakeBls },
  { time: timeMs(1_700_000_000_000), params: NETWORK_PARAMS.dev, validatorCount: 4 },
);

describe("stems in virtual time", () => {
  it.each(SEEDS)("[NW-4] seed %i: what is handed in once becomes final though nodes swallow stems", async (seed) => {
    const replay = `${REPLAY} "seed ${seed}:"`;
    const numbers = new SeededNumbers(seed);
    const swallowing = [0, 1, 2].map(() => numbers.between(0, NODE_COUNT - 1));
    const simulation = new FullNodeSimulation({
      curve,
      genesis,
      seed,
      validatorCount: 4,
      followerCount: NODE_COUNT - 4,
      swallowing,
      lossChance: 0.05,
    });
    const builder = new LedgerBuilder({ validatorCount: 4, label: `stem ${seed}` });
    await simulation.start();
    await simulation.runUntil(() => simulation.lowestHeight() >= 2, 60_000);
    const transfers = Array.from({ length: 8 }, () => builder.transfer(builder.take(1)).transaction);
    transfers.forEach((transaction, index) =>
      simulation.submit(numbers.between(0, NODE_COUNT - 1), transaction, index),
    );
    const isFinal = () => transfers.every((transaction) => simulation.isFinalEverywhere(transactionId(transaction)));
    expect(await simulation.runUntil(isFinal, 600_000), replay).toBe(true);
    expect(simulation.replies.filter(({ reply, ok }) => reply >= 0 && ok).length, replay).toBe(transfers.length);
    // No node has to remember it.
    for (const { running } of simulation.nodes) expect(running!.state.stemPool.ways.size, replay).toBe(0);
  });

  it("[NW-4] without anybody who swallows them, stems cost no embargo", async () => {
    const simulation = new FullNodeSimulation({ curve, genesis, seed: 5, validatorCount: 4, followerCount: 3 });
    const builder = new LedgerBuilder({ validatorCount: 4, label: "quick stems" });
    await simulation.start();
    await simulation.runUntil(() => simulation.lowestHeight() >= 2, 60_000);
    const begun = simulation.now;
    const transfers = Array.from({ length: 8 }, () => builder.transfer(builder.take(1)).transaction);
    transfers.forEach((transaction, index) => simulation.submit(index % NODE_COUNT, transaction, index));
    const isFinal = () => transfers.every((transaction) => simulation.isFinalEverywhere(transactionId(transaction)));
    expect(await simulation.runUntil(isFinal, 60_000)).toBe(true);
    expect(simulation.now - begun).toBeLessThan(EMBARGO_MS_MIN);
    for (const transaction of transfers) {
      const txid = formatHex(transactionId(transaction));
      const hops = simulation.stemHops.filter((hop) => hop.startsWith(txid));
      expect(hops.length).toBeGreaterThan(0);
      expect(new Set(hops).size).toBe(hops.length);
    }
  });
});
