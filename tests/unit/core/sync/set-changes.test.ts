import { expect, it } from "vitest";
import { equalBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { EMPTY_CERTIFICATE, verifyCertificate } from "../../../../src/core/chain/certificate.ts";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { isBoundary } from "../../../../src/core/chain/header.ts";
import { decodeValidatorSet, validatorSetHash } from "../../../../src/core/chain/validator-set.ts";
import type { BlockOutcome } from "../../../../src/core/state/block-outcome.ts";
import { linkHeader, startChain, type TrustedChain } from "../../../../src/core/sync/trusted-chain.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { isInSet, makingNothing, withAccount } from "../../../support/stake-ledger.ts";

const STG = 1_000_000n;

it("[LC-1] [LC-2] [ST-2] a client follows sets that stakes, jails and unbonds have changed", () => {
  const builder = new LedgerBuilder({ label: "sets", validatorCount: 6, params: { weekEpochs: 50 } });
  const { chain: constants, header, nextValidators } = builder.tip;
  let chain: TrustedChain = startChain({ header, certificate: EMPTY_CERTIFICATE, nextValidators }, 1_000)!;
  const changes: number[] = [];
  /** What a node serves of the block: the set it stored, where one is due. */
  const follow = ({ tip, validatorSet }: BlockOutcome): void => {
    const isChange = !equalBytes(tip.header.nextValHash, tip.header.valHash);
    expect(validatorSet !== undefined).toBe(isChange);
    const served = validatorSet === undefined ? undefined : decodeValidatorSet(validatorSet.bytes);
    if (served !== undefined) expect(validatorSetHash(served)).toEqual(tip.header.nextValHash);
    if (isChange) expect(isBoundary(tip.header)).toBe(true);
    const certificate = builder.lastCertificate;
    const item = { header: tip.header, certificate, nextValidators: served };
    const linked = linkHeader(constants.params, chain, item, tip.header.time);
    if (!linked.ok) throw new Error(linked.fault);
    const isSigned = (by: TrustedChain): boolean =>
      verifyCertificate(fakeBls, constants.chainId, tip.header.height, tip.blockId, certificate, by.nextValidators);
    expect(isSigned(chain)).toBe(true);
    // The set that a block announces signs from the next one on.
    if (isChange && linked.chain.nextValidators.length !== chain.nextValidators.length) {
      expect(isSigned(linked.chain)).toBe(false);
    }
    if (isChange) changes.push(linked.chain.nextValidators.length);
    chain = linked.chain;
    expect(chain.feeMultiplier).toBe(builder.tip.aux.epoch.multiplier);
  };
  const toBoundary = (): void => {
    for (;;) {
      const outcome = builder.extend([], { afterMs: constants.params.epochMs });
      follow(outcome);
      if (outcome.tip.header.isEpochEnd) return;
    }
  };
  const seed = devValidatorSeed(8);
  const stake = builder.stake(2_000n * STG, seed);
  const [note] = builder.take(1);
  const fee = 31_000n;
  const coins = [stake, builder.coin(note!.amount - stake.amount - fee)];
  follow(builder.extend([builder.transferInto([note!], coins, { fee })]));
  const locked = builder.notes.find(({ output }) => output.core.type === "stake")!;
  toBoundary();
  expect(isInSet(builder, seed)).toBe(true);
  follow(builder.extend([makingNothing(builder.unbond(locked))]));
  withAccount(builder, devValidatorSeed(0), { status: "jailed" });
  toBoundary();
  toBoundary();
  expect([isInSet(builder, seed), isInSet(builder, devValidatorSeed(0))]).toEqual([false, false]);
  expect(changes).toEqual([7, 5]);
});
