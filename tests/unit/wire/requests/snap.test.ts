import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { Writer } from "../../../../src/core/bytes/writer.ts";
import { encodeOutputCore, type CoinCore, type OutputCore } from "../../../../src/core/chain/output.ts";
import { EMPTY_FRONTIER, frontierSize } from "../../../../src/core/crypto/merkle.ts";
import { encodeSnapshotTail } from "../../../../src/core/state/snapshot.ts";
import { height } from "../../../../src/core/values/height.ts";
import * as limits from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import {
  decodeSnapRequest,
  decodeSnapTailItem,
  decodeSnapTile,
  encodeSnapRequest,
  encodeSnapTailItem,
  encodeSnapTile,
  type SnapLeaf,
  type SnapTile,
} from "../../../../src/wire/requests/snap.ts";
import { bytesArb, coreArb, heightArb } from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

codecContract("snap request", {
  encode: encodeSnapRequest,
  decode: decodeSnapRequest,
  arbitrary: fc.record({ boundary: heightArb, fromTile: fc.integer({ min: 0, max: 2 ** 33 }) }),
});

const recordOf = (core: OutputCore, at: number, state: Uint8Array) => ({
  height: height(at),
  core: encodeOutputCore(core),
  stateFields: core.type === "stake" ? state : new Uint8Array(),
});
const leafArb: fc.Arbitrary<SnapLeaf | undefined> = fc
  .tuple(coreArb, fc.integer({ min: 0, max: 10 ** 9 }), bytesArb(17), bytesArb(576), fc.boolean(), fc.boolean())
  .map(([core, at, state, proof, isLive, hasProof]) => {
    if (!isLive) return undefined;
    return { record: recordOf(core, at, state), rangeProof: hasProof && core.type === "coin" ? proof : undefined };
  });
const tileArb = fc.array(leafArb, { minLength: 128, maxLength: 128 });

codecContract("snap tile", { encode: encodeSnapTile, decode: decodeSnapTile, arbitrary: tileArb });

const { tip } = new LedgerBuilder({ label: "tail" });
const tailArb = fc.constant({ aux: tip.aux, nextValidators: tip.nextValidators, history: EMPTY_FRONTIER });

codecContract("snap tail", {
  encode: (tail) => encodeSnapTailItem(encodeSnapshotTail(tail)),
  decode: (bytes) => decodeSnapTailItem(bytes, height(0)),
  arbitrary: tailArb,
});

describe("snapshots on the wire", () => {
  const coin = fc.sample(
    coreArb.filter((core): core is CoinCore => core.type === "coin"),
    { numRuns: 1, seed: 4 },
  )[0]!;
  const publicCore = fc.sample(
    coreArb.filter((core) => core.type === "public"),
    { numRuns: 1, seed: 4 },
  )[0]!;
  const full = (leaf: SnapLeaf): SnapTile => Array.from({ length: 128 }, () => leaf);

  it("SNAP_FRAME_BYTES_MAX holds the largest tile, and a byte more is refused", () => {
    const tile = full({ record: recordOf(coin, 1, new Uint8Array()), rangeProof: new Uint8Array(576) });
    const frame = encodeSnapTile(tile);
    expect(frame.length).toBe(17 + 128 * (8 + 203 + 1 + 576));
    expect(frame.length).toBeLessThan(limits.SNAP_FRAME_BYTES_MAX);
    expect(() => decodeSnapTile(new Uint8Array(limits.SNAP_FRAME_BYTES_MAX + 1).fill(1))).toThrow("frame of");
  });

  it("SNAP_TAIL_BYTES_MAX is what the asking side takes at most, and many frames fit SNAP_ANSWER_BYTES_MAX", () => {
    expect(PROTOCOL.snap.asked.frameBytesMax).toBe(limits.SNAP_TAIL_BYTES_MAX);
    expect(() => decodeSnapTailItem(new Uint8Array(limits.SNAP_TAIL_BYTES_MAX + 1).fill(2), height(0))).toThrow(
      "frame of",
    );
    expect(limits.SNAP_ANSWER_BYTES_MAX).toBeGreaterThan(16 * limits.SNAP_FRAME_BYTES_MAX - 1);
  });

  it("[BL-12] takes a range proof with coins alone", () => {
    const leaf = { record: recordOf(publicCore, 1, new Uint8Array()), rangeProof: new Uint8Array(576) };
    expect(() => decodeSnapTile(encodeSnapTile(full(leaf)))).toThrow(DecodeError);
  });

  it("[BL-12] no packet can be pinned yet", () => {
    const tail = encodeSnapshotTail({ aux: tip.aux, nextValidators: tip.nextValidators, history: EMPTY_FRONTIER });
    const pinned = new Writer(tail.length).bytes(tail.subarray(0, -4)).u32(1).finish();
    expect(() => decodeSnapTailItem(encodeSnapTailItem(pinned), height(0))).toThrow("pinned");
  });

  it("[BL-13] the frontier is as long as its height says", () => {
    const tail = encodeSnapTailItem(
      encodeSnapshotTail({ aux: tip.aux, nextValidators: tip.nextValidators, history: EMPTY_FRONTIER }),
    );
    for (const at of [1, 2, 3, 255]) {
      expect(frontierSize(at)).toBeGreaterThan(0);
      expect(() => decodeSnapTailItem(tail, height(at))).toThrow(DecodeError);
    }
  });

  it("a tile number behind the last possible one is refused", () => {
    expect(() => decodeSnapRequest(encodeSnapRequest({ boundary: height(1), fromTile: 2 ** 33 + 1 }))).toThrow(
      DecodeError,
    );
  });
});
