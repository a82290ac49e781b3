import { describe, expect, it } from "vitest";
import { encodeValidatorSet } from "../../../../src/core/chain/validator-set.ts";
import { nextBoundary } from "../../../../src/core/sync/boundary-chain.ts";
import type { HeaderItem } from "../../../../src/core/sync/compact-item.ts";
import { epoch, height, timeMs } from "../../../../src/core/values/height.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

describe("[BL-12] boundaries from the genesis on", () => {
  const builder = new LedgerBuilder({ label: "boundaries" });
  const trusted = () => {
    const { header, blockId, nextValidators } = builder.tip;
    return { header, blockId, nextValidators };
  };
  const itemOf = (): HeaderItem => ({
    header: builder.tip.header,
    certificate: builder.lastCertificate,
    nextValidators: builder.tip.nextValidators,
  });
  const genesis = trusted();
  builder.extend();
  const inside = itemOf();
  builder.extendToBoundary();
  const first = itemOf();
  const firstTrusted = trusted();
  builder.extendToBoundary();
  const second = itemOf();

  it("lead from one to the next, with or without the set that stays the same", () => {
    expect(nextBoundary(fakeBls, genesis, first)).toEqual(firstTrusted);
    expect(nextBoundary(fakeBls, genesis, { ...first, nextValidators: undefined })).toEqual(firstTrusted);
    expect(nextBoundary(fakeBls, firstTrusted, second)).toEqual(trusted());
    expect(encodeValidatorSet(firstTrusted.nextValidators)).toEqual(encodeValidatorSet(genesis.nextValidators));
  });

  it("leave no epoch out, and are no other blocks", () => {
    expect(nextBoundary(fakeBls, genesis, second)).toBeUndefined();
    expect(nextBoundary(fakeBls, firstTrusted, first)).toBeUndefined();
    expect(nextBoundary(fakeBls, genesis, inside)).toBeUndefined();
  });

  it.each([
    ["chain", { chainId: 1_001 }],
    ["parameters", { paramsHash: first.header.utxoRoot }],
    ["height", { height: height(0) }],
    ["epoch", { epoch: epoch(7) }],
    ["time", { time: timeMs(1) }],
    ["validators", { valHash: first.header.utxoRoot }],
    ["state", { utxoRoot: first.header.histRoot }],
    ["announced set", { nextValHash: first.header.utxoRoot }],
  ] as const)("with another %s are none", (_, change) => {
    expect(nextBoundary(fakeBls, genesis, { ...first, header: { ...first.header, ...change } })).toBeUndefined();
  });

  it("need more than two thirds of the power", () => {
    // The signature is that of two seats of four, and their own.
    const certificate = builder.certify([0, 1]);
    expect(nextBoundary(fakeBls, firstTrusted, { ...second, certificate })).toBeUndefined();
    expect(nextBoundary(fakeBls, firstTrusted, { ...second, certificate: builder.certify([0, 1, 2]) })).toBeDefined();
    expect(nextBoundary(fakeBls, firstTrusted, { ...second, certificate: first.certificate })).toBeUndefined();
  });
});
