import { describe, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../../../src/core/machines/light-client-records.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { runs } from "../../../support/run-counts.ts";

describe("records of a light client", () => {
  it("[EN-3] [EN-4] an entered checkpoint comes back as it was, hostile bytes do no harm", () => {
    const checkpoint = { height: height(123), blockId: hash32("block"), timeMs: timeMs(1_700_000_000_000) };
    const codec = codecOf("checkpoint", decodeCheckpoint, encodeCheckpoint, [encodeCheckpoint(checkpoint)]);
    checkDecoder(codec, runs(10_000, 1_000_000));
  });
});
