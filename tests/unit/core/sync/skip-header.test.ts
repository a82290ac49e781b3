import { describe, expect, it } from "vitest";
import type { BlsBackend } from "../../../../src/core/crypto/bls-backend.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import type { HeaderItem } from "../../../../src/core/sync/compact-item.ts";
import { skipHeader, type TrustedHeader } from "../../../../src/core/sync/skip-header.ts";
import { HEADER_AHEAD_MS_MAX, startChain } from "../../../../src/core/sync/trusted-chain.ts";
import { epoch, height, timeMs, type TimeMs } from "../../../../src/core/values/height.ts";
import { certify, ClientChain } from "../../../support/client-chain.ts";
import { validatorsOf, type TestValidators } from "../../../support/consensus-chain.ts";
import { fakeBls } from "../../../support/fake-bls.ts";

const params = NETWORK_PARAMS.dev;
const set = (...powers: readonly (readonly [number, number])[]): TestValidators =>
  validatorsOf(fakeBls, new Map(powers));

function trustedAt(chain: ClientChain, at = 0): TrustedHeader {
  return startChain(chain.headerItem(at), undefined)!;
}

/** A chain whose third epoch is signed by other validators than the trusted genesis announces. */
function changedChain(first: TestValidators, third: TestValidators, seats?: readonly number[]) {
  const chain = new ClientChain(params, first);
  chain.add({ nextValidators: third });
  chain.add({ isEpochEnd: true, ...(seats === undefined ? {} : { seats }) });
  return { chain, trusted: trustedAt(chain), item: chain.headerItem(2), signers: third.set };
}

const outcome = (
  { trusted, item, signers }: { trusted: TrustedHeader; item: HeaderItem; signers: TestValidators["set"] | undefined },
  nowMs: TimeMs = item.header.time,
  bls: BlsBackend = fakeBls,
) => {
  const result = skipHeader(bls, params, trusted, item, signers, nowMs);
  return result.outcome === "fault" ? result.fault : result.outcome;
};

describe("skipping to a header whose set we do not know", () => {
  it("[LC-2] takes more than a third of the trusted power among the signers, and not a third exactly", () => {
    const first = set([0, 100], [1, 100], [2, 100]);
    // Key 0 stays, two strangers come: exactly a third of the trusted power has signed.
    expect(outcome(changedChain(first, set([0, 10], [8, 10], [9, 10])))).toBe("too-far");
    // The same with a third and one unit.
    const heavier = set([0, 101], [1, 100], [2, 100]);
    expect(outcome(changedChain(heavier, set([0, 10], [8, 10], [9, 10])))).toBe("trusted");
    const lighter = set([0, 99], [1, 100], [2, 101]);
    expect(outcome(changedChain(lighter, set([0, 10], [8, 10], [9, 10])))).toBe("too-far");
  });

  it("[LC-2] measures the power that known keys have in the trusted set, not in the new one", () => {
    const first = set([0, 1], [1, 100], [2, 100]);
    expect(outcome(changedChain(first, set([0, 1_000], [8, 10])))).toBe("too-far");
    const other = set([0, 200], [1, 100], [2, 100]);
    expect(outcome(changedChain(other, set([0, 1], [8, 1_000])))).toBe("trusted");
    // Who is in both but has not signed does not count: seats are by power, the strangers alone have signed.
    expect(outcome(changedChain(other, set([0, 1], [8, 1_000]), [0]))).toBe("too-far");
  });

  it("[LC-1] takes more than two thirds of its own set, and not two thirds exactly", () => {
    const first = set([0, 1], [1, 1], [2, 1]);
    expect(outcome(changedChain(first, first, [0, 1]))).toBe("bad_certificate");
    const heavier = set([0, 101], [1, 100], [2, 100]);
    expect(outcome(changedChain(heavier, heavier, [0, 1]))).toBe("trusted");
    expect(outcome(changedChain(heavier, heavier, [1, 2]))).toBe("bad_certificate");
    const changed = set([0, 1], [1, 1], [9, 1]);
    expect(outcome(changedChain(first, changed, [0, 1]))).toBe("bad_certificate");
    expect(outcome(changedChain(first, changed))).toBe("trusted");
  });

  it("[LC-2] gives the set that the header announces: its own, or the one that came with it", () => {
    const first = set([0, 2], [1, 2], [2, 2]);
    const third = set([0, 2], [1, 2], [9, 2]);
    const fourth = set([0, 5], [9, 2]);
    const { chain, trusted, item } = changedChain(first, third);
    const result = skipHeader(fakeBls, params, trusted, item, third.set, item.header.time);
    expect(result).toMatchObject({ outcome: "trusted", trusted: { header: item.header, nextValidators: third.set } });
    chain.add({ nextValidators: fourth });
    const later = chain.headerItem(3);
    expect(skipHeader(fakeBls, params, trusted, later, third.set, later.header.time)).toMatchObject({
      outcome: "trusted",
      trusted: { nextValidators: fourth.set },
    });
    expect(outcome({ trusted, item: { ...later, nextValidators: undefined }, signers: third.set })).toBe("bad_set");
    expect(outcome({ trusted, item: { ...later, nextValidators: third.set }, signers: third.set })).toBe("bad_set");
  });

  it("[LC-2] needs the set that val_hash names, the trusted one for the epoch after it", () => {
    const first = set([0, 2], [1, 2], [2, 2]);
    const third = set([0, 2], [1, 2], [9, 2]);
    const { chain, trusted, item } = changedChain(first, third);
    expect(outcome({ trusted, item, signers: undefined })).toBe("bad_set");
    expect(outcome({ trusted, item, signers: first.set })).toBe("bad_set");
    // Of the next epoch: what the trusted header announces is all that counts.
    expect(outcome({ trusted, item: chain.headerItem(1), signers: undefined })).toBe("trusted");
    const forged = { ...chain.headerItem(1).header, valHash: item.header.valHash };
    const bent = { ...chain.headerItem(1), header: forged, certificate: certify(third, forged) };
    expect(outcome({ trusted, item: bent, signers: third.set })).toBe("bad_set");
  });

  it("[LC-2] refuses a forged certificate at the cost of one check, and too few known signers at none", () => {
    let checks = 0;
    const bls: BlsBackend = {
      ...fakeBls,
      verifyAggregate: (...args) => {
        checks++;
        return fakeBls.verifyAggregate(...args);
      },
    };
    const first = set([0, 2], [1, 2], [2, 2]);
    const { trusted, item, signers } = changedChain(first, set([0, 2], [1, 2], [9, 2]));
    const forged = { ...item, certificate: { ...item.certificate, signature: new Uint8Array(96).fill(7) } };
    expect(outcome({ trusted, item: forged, signers }, undefined, bls)).toBe("bad_certificate");
    expect(checks).toBe(1);
    const short = { ...item, certificate: { ...item.certificate, signers: [true, true] } };
    expect(outcome({ trusted, item: short, signers }, undefined, bls)).toBe("bad_certificate");
    expect(outcome(changedChain(first, set([8, 2], [9, 2])), undefined, bls)).toBe("too-far");
    expect(checks).toBe(1);
    expect(outcome({ trusted, item, signers }, undefined, bls)).toBe("trusted");
    expect(checks).toBe(2);
  });
});

describe("clocks and places", () => {
  const first = set([0, 2], [1, 2], [2, 2]);
  const { chain, trusted, item, signers } = changedChain(first, set([0, 2], [1, 2], [9, 2]));
  const forge = (fields: Partial<HeaderItem["header"]>): string =>
    outcome({ trusted, item: { ...item, header: { ...item.header, ...fields } }, signers });

  it("[LC-1] trust ends with trusting_ms, to the millisecond; a stale but valid header is trusted as what it is", () => {
    const end = trusted.header.time + params.trustingMs;
    expect(outcome({ trusted, item, signers }, timeMs(end - 1))).toBe("trusted");
    expect(outcome({ trusted, item, signers }, timeMs(end))).toBe("stale");
  });

  it("[LC-1] a header ahead of our clock is refused, and said to be so only if it is certified", () => {
    const early = timeMs(item.header.time - HEADER_AHEAD_MS_MAX);
    expect(outcome({ trusted, item, signers }, early)).toBe("trusted");
    expect(outcome({ trusted, item, signers }, timeMs(early - 1))).toBe("ahead");
    const forged = { ...item, certificate: { ...item.certificate, signature: new Uint8Array(96) } };
    expect(outcome({ trusted, item: forged, signers }, timeMs(early - 1))).toBe("bad_certificate");
  });

  it("[LC-1] places, times and epochs that no chain has are refused before any signature is looked at", () => {
    expect(forge({ chainId: 7 })).toBe("wrong_chain");
    expect(forge({ paramsHash: item.header.prev })).toBe("wrong_chain");
    expect(forge({ height: height(0) })).toBe("not_above");
    expect(forge({ time: timeMs(trusted.header.time + 2 * params.minBlockMs - 1) })).toBe("bad_time");
    expect(forge({ epoch: epoch(0) })).toBe("bad_epoch");
    expect(forge({ epoch: epoch(3) })).toBe("bad_epoch");
    expect(forge({ isEpochEnd: false, nextValHash: item.header.prev })).toBe("bad_set");
    expect(outcome({ trusted: trustedAt(chain, 2), item: chain.headerItem(1), signers })).toBe("not_above");
  });
});
