import { describe, expect, it } from "vitest";
import type { DrawRecheck } from "../../../../src/api/views.ts";
import type { BlsBackend } from "../../../../src/core/crypto/bls-backend.ts";
import type { ProofRoot } from "../../../../src/core/machines/light-client-proof-root.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { AwardRechecks } from "../../../../src/engine/services/award-rechecks.ts";
import { extendToDraw, pastDrawsOf } from "../../../support/award-ledger.ts";
import { validatorsOf } from "../../../support/consensus-chain.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { LedgerNode } from "../../../support/ledger-node.ts";
import { MemoryStore } from "../../../support/memory-store.ts";

const builder = new LedgerBuilder({ label: "rechecks", params: { weekEpochs: 2, awardDelayBlocks: 2 } });
const { store } = await LedgerNode.open(builder, new MemoryStore());
for (let week = 1; week <= 3; week++) await extendToDraw(builder, store);
const draws = await pastDrawsOf(store);
const { header, blockId, nextValidators } = builder.tip;
const followed: ProofRoot = { type: "header", header: { header, blockId, nextValidators } };

/** A device that believes this; counts the certificates that it checks. */
function device() {
  const it = { root: followed as ProofRoot | undefined, fork: undefined as unknown, checks: 0, isRunning: true };
  const bls: BlsBackend = {
    ...fakeBls,
    verifyAggregate: (...args) => {
      it.checks++;
      return fakeBls.verifyAggregate(...args);
    },
  };
  const run = { proofRoot: () => it.root, state: { durable: { fork: undefined as unknown } } };
  const rechecks = new AwardRechecks(bls, () => {
    run.state.durable.fork = it.fork;
    return it.isRunning ? run : undefined;
  });
  const look = (of: readonly unknown[] = draws): readonly DrawRecheck[] => of.map(rechecks.look());
  return { it, look };
}

describe("past draws on a device", () => {
  it("[AW-4] are rechecked two at a look, each once", () => {
    const { it, look } = device();
    expect(look()).toEqual(["ok", "ok", "unchecked"]);
    expect(it.checks).toBe(4);
    expect(look()).toEqual(["ok", "ok", "ok"]);
    expect(look()).toEqual(["ok", "ok", "ok"]);
    expect(it.checks).toBe(6);
  });

  it("[AW-4] that do not stand up to it have a code and a rule", () => {
    const { look } = device();
    const [newest] = draws;
    const bent = { ...newest, amount: "1" };
    expect(look([bent, { ...newest, cert: "00" }])).toEqual([
      { code: "bad_payout", rule: "AW-2" },
      { code: "malformed", rule: "EN-3" },
    ]);
    expect(look([{ ...newest }, null, "text"])).toEqual(["ok", "unchecked", "unchecked"]);
  });

  it("[LC-2] signed by people whom the device does not know yet wait until it does", () => {
    const { it, look } = device();
    const strangers = validatorsOf(fakeBls, new Map([[30, 5]])).set;
    it.root = { type: "header", header: { header, blockId, nextValidators: strangers } };
    expect(look()).toEqual(["unchecked", "unchecked", "unchecked"]);
    expect(it.checks).toBe(0);
    it.root = followed;
    expect(look()).toEqual(["ok", "ok", "unchecked"]);
  });

  it("[LC-3] [LC-4] are not rechecked over a fork, nor by a device that has nothing to believe", () => {
    const { it, look } = device();
    const nothing = ["unchecked", "unchecked", "unchecked"];
    it.fork = {};
    expect(look()).toEqual(nothing);
    it.fork = undefined;
    it.root = undefined;
    expect(look()).toEqual(nothing);
    it.root = { type: "checkpoint", checkpoint: { height: height(0), blockId, timeMs: timeMs(0) } };
    expect(look()).toEqual(nothing);
    it.root = followed;
    it.isRunning = false;
    expect(look()).toEqual(nothing);
    expect(it.checks).toBe(0);
  });
});
