import { describe, expect, it } from "vitest";
import { devValidatorSeed } from "../../../src/core/chain/dev-seeds.ts";
import { ZERO_WEEK } from "../../../src/core/state/aux-records.ts";
import { awardView } from "../../../src/node/award-view.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import { withAccount } from "../../support/stake-ledger.ts";

describe("the award to come", () => {
  const builder = new LedgerBuilder({ label: "award view", params: { weekEpochs: 3 } });
  const { epochMs, emptyBlockMs, awardDelayBlocks } = builder.tip.chain.params;
  const delay = awardDelayBlocks * emptyBlockMs;
  const keys = () => builder.tip.aux.accounts.map(({ blsKey }) => blsKey);

  it("[AW-2] is drawn some blocks behind the end of the week, which is told from every epoch of it", () => {
    const start = builder.tip.header.time;
    expect(awardView(builder.tip).drawAt).toBe(start + 3 * epochMs + delay);
    builder.extendToBoundary();
    expect(awardView(builder.tip).drawAt).toBe(builder.tip.header.time + 2 * epochMs + delay);
    builder.extendToBoundary();
    builder.extend();
    expect(awardView(builder.tip).drawAt).toBe(builder.tip.aux.epoch.start + epochMs + delay);
    builder.extendToBoundary();
    expect(awardView(builder.tip).drawAt).toBe(builder.tip.header.time + delay);
    builder.extend();
    expect(awardView(builder.tip).drawAt).toBe(builder.tip.header.time + delay - emptyBlockMs);
    expect(awardView(builder.tip).pot).toBe(builder.tip.header.pot);
  });

  it("[AW-1] goes to one of the list while it is due, and before to one who has served so far", () => {
    expect(awardView(builder.tip).eligible).toEqual(builder.tip.aux.award!.blsKeys);
    for (let count = 0; count < 4; count++) builder.extend();
    expect(builder.tip.aux.award).toBeUndefined();
    expect(awardView(builder.tip).eligible).toEqual(keys());
    builder.extendToBoundary();
    const lazy = devValidatorSeed(2);
    withAccount(builder, lazy, { week: { ...ZERO_WEEK, blocks: 10, epochs: 1 } });
    const others = keys().filter((key) => key.join() !== builder.deps.bls.publicKey(lazy).join());
    expect(awardView(builder.tip).eligible).toEqual(others);
    // A key without a seat has not served, however little it was asked to do.
    builder.lock([builder.stake(200_000_000n, devValidatorSeed(9))]);
    expect(awardView(builder.tip).eligible).toEqual(others);
  });
});
