import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { Writer } from "../../../../src/core/bytes/writer.ts";
import type { RangeAnswer, RangeTile } from "../../../../src/core/state/range-answer.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { hash, ZERO_HASH } from "../../../../src/core/values/hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import * as limits from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import {
  decodeRangeItem,
  decodeRangeRootsItem,
  decodeRangeRootsRequest,
  decodeRangesRequest,
  encodeRangeItem,
  encodeRangeRootsItem,
  encodeRangeRootsRequest,
  encodeRangesRequest,
} from "../../../../src/wire/requests/range.ts";
import { bytesArb, hashArb, heightArb } from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";

codecContract("ranges request", {
  encode: encodeRangesRequest,
  decode: decodeRangesRequest,
  arbitrary: fc.record({
    boundary: heightArb,
    ranges: fc
      .uniqueArray(fc.integer({ min: 0, max: 2 ** 30 - 1 }), { minLength: 1, maxLength: 16 })
      .map((ranges) => ranges.sort((left, right) => left - right)),
  }),
});

codecContract("range roots request", {
  encode: encodeRangeRootsRequest,
  decode: decodeRangeRootsRequest,
  arbitrary: fc.record({ boundary: heightArb }),
});

const bitsOf = (bitmap: Uint8Array): number =>
  [...bitmap].reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
const tileArb: fc.Arbitrary<RangeTile | undefined> = fc
  .tuple(bytesArb(16), hashArb, bytesArb(32), bytesArb(2), fc.boolean())
  .map(([bits, rest, ephemeralKey, viewTag, isLive]) => {
    const bitmap = bits.map((byte, index) => (index === 3 ? 1 : byte & 0x11));
    const entries = concatBytes(...Array.from({ length: bitsOf(bitmap) }, () => [ephemeralKey, viewTag]).flat());
    return isLive ? { bitmap, rest, entries } : undefined;
  });
const answerArb: fc.Arbitrary<RangeAnswer> = fc.record({
  tiles: fc.array(tileArb, { minLength: 8, maxLength: 8 }),
  siblings: fc
    .tuple(hashArb, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }))
    .map(([sibling, present]) =>
      present.map((isPresent) => (isPresent ? hash(sibling.map((byte) => byte | 1)) : ZERO_HASH)),
    ),
});

codecContract("range item", { encode: encodeRangeItem, decode: decodeRangeItem, arbitrary: answerArb });

codecContract("range roots item", {
  encode: encodeRangeRootsItem,
  // Roots end with their frame, so the contract's cut ones would be fewer: one size only.
  decode: (bytes) => decodeRangeRootsItem(bytes.length === 161 ? bytes : Uint8Array.of(2)),
  arbitrary: fc.array(hashArb, { minLength: 5, maxLength: 5 }),
});

const reasonOf = (decode: () => unknown): string => {
  try {
    decode();
    return "";
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error.message;
  }
};

describe("limits of ranges", () => {
  const request = (ranges: readonly number[], count = ranges.length): Uint8Array => {
    const writer = new Writer().u8(1).u64(7).u8(count);
    return writer.list(ranges, (out, range) => out.u32(range)).finish();
  };
  const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, range) => range);

  it("RANGE_RANGES_MAX: no request names more ranges, or none, or twice, or one that cannot be", () => {
    const { RANGE_RANGES_MAX: max } = limits;
    expect(decodeRangesRequest(request(upTo(max))).ranges).toEqual(upTo(max));
    expect(decodeRangesRequest(request([2 ** 30 - 1])).ranges).toEqual([2 ** 30 - 1]);
    for (const ranges of [upTo(max + 1), [], [3, 3], [4, 3], [2 ** 30]]) {
      expect(() => decodeRangesRequest(request(ranges))).toThrow(DecodeError);
    }
    for (const ranges of [upTo(max + 1), []]) {
      expect(() => encodeRangesRequest({ boundary: height(7), ranges })).toThrow(RangeError);
    }
    expect(request(upTo(max)).length).toBeLessThanOrEqual(limits.REQUEST_FRAME_BYTES_MAX);
  });

  it("RANGE_ITEM_BYTES_MAX holds a range whose outputs are all live, and no more is read", () => {
    const entries = new Uint8Array(34 * 128).fill(1);
    const tile = { bitmap: new Uint8Array(16).fill(0xff), rest: sha256Hash(), entries };
    const siblings = new Array<ReturnType<typeof hash>>(30).fill(sha256Hash());
    const full = { tiles: new Array<RangeTile>(8).fill(tile), siblings };
    const frame = encodeRangeItem(full);
    expect(frame).toHaveLength(36_173);
    expect(decodeRangeItem(frame)).toEqual(full);
    const frameOf = (size: number): Uint8Array =>
      Uint8Array.from({ length: size }, (_, index) => (index === 0 ? 1 : 0));
    const { RANGE_ITEM_BYTES_MAX: max } = limits;
    expect(reasonOf(() => decodeRangeItem(frameOf(max + 1)))).toMatch(/^frame of/);
    expect(reasonOf(() => decodeRangeItem(frameOf(max)))).toMatch(/trailing/);
    expect(limits.RANGE_RANGES_MAX * max).toBeLessThanOrEqual(1024 * 1024);
  });

  it("RANGE_ROOTS_PER_FRAME_MAX fills RANGE_ROOTS_BYTES_MAX, and no frame holds more or none", () => {
    const { RANGE_ROOTS_PER_FRAME_MAX: count, RANGE_ROOTS_BYTES_MAX: max } = limits;
    const most = new Array<ReturnType<typeof hash>>(count).fill(ZERO_HASH);
    const frame = encodeRangeRootsItem(most);
    expect(max - frame.length).toBeLessThan(32);
    expect(decodeRangeRootsItem(frame)).toHaveLength(count);
    expect(() => encodeRangeRootsItem([...most, ZERO_HASH])).toThrow(RangeError);
    expect(() => encodeRangeRootsItem([])).toThrow(RangeError);
    expect(reasonOf(() => decodeRangeRootsItem(new Uint8Array(max + 1)))).toMatch(/^frame of/);
    for (const size of [1, 32, 34]) expect(() => decodeRangeRootsItem(frame.slice(0, size))).toThrow(DecodeError);
    expect(PROTOCOL.range.asked.frameBytesMax).toBe(max);
    expect(PROTOCOL.range.served.frameBytesMax).toBe(limits.REQUEST_FRAME_BYTES_MAX);
    expect(PROTOCOL.range.served.streamsPerPeerMax).toBe(limits.REQUEST_STREAMS_PER_PEER_MAX);
  });
});
