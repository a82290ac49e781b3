import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outputHashes } from "../../../../src/core/chain/output-hashes.ts";
import { outputHash } from "../../../../src/core/chain/output.ts";
import { coreArb } from "../../../support/chain-arbitraries.ts";
import { packet } from "../../../support/packet-vectors.ts";
import { testCurve } from "../../../support/test-curve.ts";

const anyCore = fc.oneof(coreArb, fc.constant(packet.core));

describe("[2.1] hashes of many outputs", () => {
  it("are those of each, in their order, whatever their types", () => {
    fc.assert(
      fc.property(fc.array(anyCore, { maxLength: 40 }), (cores) => {
        expect(outputHashes(testCurve, cores)).toEqual(cores.map(outputHash));
      }),
    );
  });

  it("change with any output and leave those beside it alone", () => {
    fc.assert(
      fc.property(fc.array(anyCore, { minLength: 2, maxLength: 9 }), fc.nat(8), (cores, at) => {
        const place = at % cores.length;
        const changed = cores.map((core, index) => {
          return index === place ? { ...core, ephemeralKey: core.ephemeralKey.map((byte) => byte ^ 1) } : core;
        });
        const before = outputHashes(testCurve, cores);
        for (const [index, hash] of outputHashes(testCurve, changed).entries()) {
          if (index === place) expect(hash).not.toEqual(before[index]);
          else expect(hash).toEqual(before[index]);
        }
      }),
    );
  });
});
