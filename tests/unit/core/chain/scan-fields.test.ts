import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeOutputCore } from "../../../../src/core/chain/output.ts";
import { scanFieldsOf } from "../../../../src/core/chain/scan-fields.ts";
import { coreArb } from "../../../support/chain-arbitraries.ts";

describe("what a scan reads of a core", () => {
  it("[BL-7] is its D and its view tag, whatever its type", () => {
    fc.assert(
      fc.property(coreArb, (core) => {
        const { ephemeralKey, viewTag } = scanFieldsOf(encodeOutputCore(core));
        expect({ ephemeralKey, viewTag }).toEqual({ ephemeralKey: core.ephemeralKey, viewTag: core.viewTag });
      }),
      { numRuns: 200 },
    );
  });
});
