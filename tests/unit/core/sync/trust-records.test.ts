import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import { decodeForkEvidence, encodeForkEvidence, type ForkEvidence } from "../../../../src/core/sync/fork-evidence.ts";
import { decodeTrustedHeader, encodeTrustedHeader } from "../../../../src/core/sync/trusted-header-record.ts";
import { decodeTrustedChain, encodeTrustedChain, startChain } from "../../../../src/core/sync/trusted-chain.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { ClientChain } from "../../../support/client-chain.ts";
import { testValidators } from "../../../support/consensus-chain.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { runs } from "../../../support/run-counts.ts";

const params = NETWORK_PARAMS.dev;
const chain = new ClientChain(params, testValidators(fakeBls, [9, 5, 5, 4]));
const other = new ClientChain(params, testValidators(fakeBls, [9, 5, 5, 4]));
for (const each of [chain, other]) each.add({ isEpochEnd: true });
chain.add();
other.add({ afterMs: 2_000 });

const evidence: ForkEvidence = { foundMs: timeMs(1_700_000_000_123), ours: chain.items[2]!, theirs: other.items[2]! };
const blocksOf = ({ ours, theirs }: ForkEvidence) =>
  [ours, theirs].map(({ header, certificate }) => ({ header, certificate }));

describe("records of trust", () => {
  it("[LC-3] evidence of a fork comes back as it was: both headers, both certificates, when it was found", () => {
    const back = decodeForkEvidence(encodeForkEvidence(evidence));
    expect(back.foundMs).toBe(evidence.foundMs);
    expect(blocksOf(back)).toEqual(blocksOf(evidence));
  });

  it("[LC-3] one block twice, or blocks of two heights or chains, are no fork", () => {
    const { ours, theirs } = evidence;
    const higher = { ...theirs, header: { ...theirs.header, height: chain.items[1]!.header.height } };
    const foreign = { ...theirs, header: { ...theirs.header, chainId: 7 } };
    for (const bad of [ours, higher, foreign])
      expect(() => decodeForkEvidence(encodeForkEvidence({ ...evidence, theirs: bad }))).toThrow(DecodeError);
  });

  it("[LC-2] a trusted header comes back with the set it announces, and with no other", () => {
    const trusted = startChain(chain.headerItem(1), undefined)!;
    const { header, blockId, nextValidators } = trusted;
    expect(decodeTrustedHeader(encodeTrustedHeader(trusted))).toEqual({ header, blockId, nextValidators });
    const swapped = { ...trusted, nextValidators: testValidators(fakeBls, [1]).set };
    expect(() => decodeTrustedHeader(encodeTrustedHeader(swapped))).toThrow(DecodeError);
  });

  const trusted = startChain(chain.headerItem(1), 2_000)!;
  const earlier = [3, 2, 1].map((steps) => ({ timeMs: timeMs(trusted.header.time - steps * 60_000), nextLeaf: 0 }));
  const busy = { ...trusted, pace: { marks: [...earlier, ...trusted.pace.marks], isBusy: true } };
  const CODECS = [
    codecOf("fork evidence", decodeForkEvidence, encodeForkEvidence, [encodeForkEvidence(evidence)]),
    codecOf("trusted header", decodeTrustedHeader, encodeTrustedHeader, [encodeTrustedHeader(trusted)]),
    codecOf("trusted chain", decodeTrustedChain, encodeTrustedChain, [trusted, busy].map(encodeTrustedChain)),
  ];
  it("[NW-8] a pace has marks in order and none later than its header", () => {
    expect(decodeTrustedChain(encodeTrustedChain(busy))).toEqual(busy);
    const [mark] = trusted.pace.marks;
    const later = { timeMs: timeMs(mark!.timeMs + 1), nextLeaf: mark!.nextLeaf };
    const fuller = { timeMs: mark!.timeMs, nextLeaf: mark!.nextLeaf + 1 };
    for (const marks of [[], [mark!, mark!], [later], [fuller], [mark!, ...earlier], Array(32).fill(mark!)]) {
      const bad = { ...trusted, pace: { marks, isBusy: false } };
      expect(() => decodeTrustedChain(encodeTrustedChain(bad))).toThrow(DecodeError);
    }
  });

  it.each(CODECS.map((codec) => [codec.name, codec] as const))("[EN-4] hostile bytes for %s", (_, codec) => {
    checkDecoder(codec, runs(10_000, 1_000_000));
  });
});
