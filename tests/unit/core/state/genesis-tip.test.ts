import { describe, expect, it } from "vitest";
import { decodeBlock, encodeBlock } from "../../../../src/core/chain/block.ts";
import { EMPTY_CERTIFICATE } from "../../../../src/core/chain/certificate.ts";
import { decodeCompactBlock } from "../../../../src/core/chain/compact-block.ts";
import type { Genesis } from "../../../../src/core/chain/genesis.ts";
import type { PublicCore, StakeCore } from "../../../../src/core/chain/output.ts";
import { possessionMessage } from "../../../../src/core/chain/stake-possession.ts";
import { KEY_STAKES_MAX } from "../../../../src/core/params/limits.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import { blockCommit } from "../../../../src/core/state/block-outcome.ts";
import { genesisTip, isTipOfGenesis } from "../../../../src/core/state/genesis-tip.ts";
import { decodeLedgerTip } from "../../../../src/core/state/ledger-tip.ts";
import { GENESIS_TIME_LIMIT } from "../../../../src/core/state/validate-genesis.ts";
import { holdsSupplyInvariant } from "../../../../src/core/state/supply-invariant.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { devGenesis } from "../../../../src/core/wallet/dev-genesis.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { MemoryLedger } from "../../../support/memory-ledger.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const deps = { curve, bls: fakeBls };
const whole = devGenesis(deps, { time: timeMs(1_700_000_000_000) });
const genesis: Genesis = { ...whole, outputs: whole.outputs.slice(0, 6) };
const stake = genesis.outputs[0] as StakeCore;
const coin = genesis.outputs[4] as PublicCore;

const ruleOf = (changed: Partial<Genesis>): string => {
  const result = genesisTip(deps, { ...genesis, ...changed });
  return result.ok ? "kept" : result.rule;
};
const withOutput = (index: number, core: PublicCore | StakeCore): string =>
  ruleOf({ outputs: genesis.outputs.with(index, core) });
/** A stake whose key accepts what it says. */
const proven = (core: StakeCore): StakeCore => ({
  ...core,
  possessionProof: fakeBls.prove(
    new Uint8Array(32),
    possessionMessage(1000, { ...core, blsKey: fakeBls.publicKey(new Uint8Array(32)) }),
  ),
  blsKey: fakeBls.publicKey(new Uint8Array(32)),
});

describe("a genesis", () => {
  it("[GE-2] [SU-3] makes block 0 as any other block, with supply and roots", () => {
    const result = genesisTip(deps, genesis);
    if (!result.ok) throw new Error(result.rule);
    const ledger = new MemoryLedger();
    ledger.apply(result.changes);
    expect(holdsSupplyInvariant(curve, ledger.leaves.values(), result.tip.header)).toBe(true);
    const commit = blockCommit(result, result.block, EMPTY_CERTIFICATE);
    expect(decodeLedgerTip(commit.tip)).toEqual(result.tip);
    expect(encodeBlock(decodeBlock(commit.block))).toEqual(commit.block);
    expect(decodeCompactBlock(commit.compact).entries.length).toBe(6);
    expect(commit.validatorSet?.hash).toEqual(result.tip.header.nextValHash);
    expect(isTipOfGenesis(result.tip, genesis)).toBe(true);
    expect(isTipOfGenesis(result.tip, { ...genesis, time: timeMs(1) })).toBe(false);
  });

  it("[ST-9] is refused with more than KEY_STAKES_MAX stakes of one key", () => {
    const small = { ...stake, amount: amount(1n) };
    const of = (count: number) => ruleOf({ outputs: Array.from({ length: count }, () => small) });
    expect(of(KEY_STAKES_MAX + 1)).toBe("ST-9");
    expect(of(KEY_STAKES_MAX)).toBe("ST-1");
  });

  it("[GE-1] is refused with an unknown chain, other parameters on main and test, or impossible ones", () => {
    expect(ruleOf({ chainId: 3 })).toBe("GE-1");
    expect(ruleOf({ chainId: 1 })).toBe("GE-1");
    expect(ruleOf({ chainId: 2, params: NETWORK_PARAMS.main })).toBe("GE-1");
    for (const change of [
      { halvingMs: 0 },
      { weekEpochs: 0 },
      { maxValidators: 101 },
      { awardBp: 10_001 },
      { maxBlockBytes: 2 ** 21 },
    ]) {
      expect(ruleOf({ params: { ...genesis.params, ...change } })).toBe("GE-1");
    }
    expect(ruleOf({ time: timeMs(2 ** 53 - 1) })).toBe("GE-1");
    expect(ruleOf({ time: timeMs(GENESIS_TIME_LIMIT) })).toBe("GE-1");
    expect(ruleOf({ time: timeMs(GENESIS_TIME_LIMIT - 1) })).toBe("kept");
    expect(withOutput(4, { ...coin, anchor: new Uint8Array(16) })).toBe("GE-1");
    expect(ruleOf({ outputs: genesis.outputs.toReversed() })).toBe("GE-1");
  });

  it("[GE-2] is refused without a validator", () => {
    const outputs = genesis.outputs.filter((core) => core.type === "public");
    expect(ruleOf({ outputs: [] })).toBe("GE-2");
    expect(outputs.length).toBe(2);
    const small = proven({ ...stake, amount: amount(BigInt(genesis.params.minStake) / 2n) });
    expect(ruleOf({ outputs: [small] })).toBe("GE-2");
  });

  it("[GE-3] is refused on main and test with a key everybody knows", () => {
    expect(ruleOf({ chainId: 1, params: NETWORK_PARAMS.main })).toBe("GE-3");
    expect(ruleOf({ chainId: 2, params: NETWORK_PARAMS.test })).toBe("GE-3");
  });

  it("[SU-4] is refused when coins and all rewards to come could reach 2^53", () => {
    const future = 86_400n * (2n * 10_000_000n);
    expect(ruleOf({ params: { ...genesis.params, rewardPerS: 9_000_000_000_000 } })).toBe("SU-4");
    const rest = (1n << 53n) - future;
    expect(withOutput(0, proven({ ...stake, amount: amount(rest) }))).toBe("SU-4");
  });

  it("[ST-1] is refused with a stake that is too small, cannot be paid, or was not accepted by its key", () => {
    const least = BigInt(genesis.params.minStake) / 10n;
    expect(withOutput(0, proven({ ...stake, amount: amount(least) }))).toBe("kept");
    expect(withOutput(0, proven({ ...stake, amount: amount(least - 1n) }))).toBe("ST-1");
    expect(withOutput(0, proven({ ...stake, reward: { ...stake.reward, viewKey: new Uint8Array(32) } }))).toBe("ST-1");
    expect(withOutput(0, { ...stake, blsKey: (genesis.outputs[1] as StakeCore).blsKey })).toBe("ST-1");
    expect(withOutput(0, { ...stake, reward: coin.recipient })).toBe("ST-1");
    expect(withOutput(0, proven({ ...stake, oneTimeKey: new Uint8Array(32) }))).toBe("OU-1");
  });

  it("[PU-1] is refused with a public output that does not follow from its address", () => {
    expect(withOutput(4, { ...coin, amount: amount(coin.amount + 1n) })).toBe("PU-1");
    expect(withOutput(4, { ...coin, viewTag: Uint8Array.of(0, 0) })).toBe("PU-1");
  });

  it("[ST-1] sums the stakes of one key and pays its oldest address", () => {
    const second = proven({ ...stake, reward: coin.recipient });
    const result = genesisTip(deps, { ...genesis, outputs: [proven(stake), second] });
    if (!result.ok) throw new Error(result.rule);
    expect(result.tip.validators.map(({ power }) => power)).toEqual([200_000]);
    expect(result.tip.aux.accounts.map(({ reward }) => reward)).toEqual([stake.reward]);
    expect(result.tip.stakes.map(({ leaf }) => leaf)).toEqual([0, 1]);
  });
});
