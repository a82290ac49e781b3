import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { decodeTransaction, inputsOf, outputsOf } from "../../../src/core/chain/transaction.ts";
import { judgeTransaction } from "../../../src/core/mempool/admit-transaction.ts";
import { EMPTY_MEMPOOL } from "../../../src/core/mempool/mempool.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { verifyClaims } from "../../../src/core/state/spend-claims.ts";
import { DevnetDirectory } from "../../../src/node/cli/devnet-directory.ts";
import { readGenesisFile } from "../../../src/node/cli/genesis-file.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import { openLedger } from "../../../src/node/open-ledger.ts";
import { proofClaims } from "../../../src/node/perform-effects.ts";
import { openLevelStore } from "../../../src/node/storage/level-store.ts";
import { preparePayments, readPayments, VALIDATORS } from "../../bench/chain/prepare-payments.ts";
import { testCurve as curve } from "../../support/test-curve.ts";
import { seededRandom } from "../../support/test-random.ts";

const COUNT = 5;

let path: string;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "stegos-payments-"));
});

afterEach(async () => {
  await rm(path, { recursive: true });
});

it("payments made for a benchmark are such as every validator of its network takes, each a coin of its own", async () => {
  await preparePayments(path, COUNT, () => undefined);
  const payments = (await readPayments(path)).map(decodeTransaction).filter(({ kind }) => kind === "transfer");
  expect(payments.length).toBe(COUNT);
  expect(new Set(payments.flatMap(inputsOf)).size).toBe(COUNT);
  const deps = { curve, bls: createBlstBls() };
  const directory = new DevnetDirectory(path);
  const { bytes } = await readGenesisFile(directory.genesis);
  for (const index of [0, VALIDATORS - 1]) {
    const store = await openLevelStore(join(directory.node(index), "database"));
    const { tip } = await openLedger(store, bytes, deps);
    for (const payment of payments) {
      const judged = judgeTransaction(deps, EMPTY_MEMPOOL, tip, store, payment, timeMs(Date.now()));
      if (judged.verdict !== "accept") throw new Error(JSON.stringify(judged));
      const claims = proofClaims(tip.chain.chainId, judged.candidate);
      expect(verifyClaims(deps, claims, seededRandom("payments"))).toEqual([undefined, undefined]);
      expect(outputsOf(payment).length).toBe(2);
    }
    await store.close();
  }
});
