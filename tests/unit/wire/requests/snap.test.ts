import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, equalBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { Writer } from "../../../../src/core/bytes/writer.ts";
import { encodeOutputCore, type CoinCore, type OutputCore } from "../../../../src/core/chain/output.ts";
import { packetProofSize } from "../../../../src/core/chain/packet-output.ts";
import { decodeFrontier, EMPTY_FRONTIER, frontierSize } from "../../../../src/core/crypto/merkle.ts";
import {
  ACCOUNT_SIZE,
  ACCOUNTS_MAX,
  AWARD_KEYS_MAX,
  PACKET_SLOTS_MAX,
  VALIDATORS_MAX,
} from "../../../../src/core/params/limits.ts";
import { encodeAccount } from "../../../../src/core/state/aux-records.ts";
import { encodeSnapshotTail, type SnapshotTail } from "../../../../src/core/state/snapshot.ts";
import { encodePacketState } from "../../../../src/core/state/leaf-state.ts";
import { height, leafIndex } from "../../../../src/core/values/height.ts";
import * as limits from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import {
  decodeSnapPinned,
  decodeSnapRequest,
  decodeSnapTile,
  encodeSnapPinned,
  encodeSnapRequest,
  encodeSnapTile,
  type SnapLeaf,
  type SnapTile,
} from "../../../../src/wire/requests/snap.ts";
import { encodeSnapTailPart, SnapTailParts } from "../../../../src/wire/requests/snap-tail.ts";
import { bytesArb, coreArb, heightArb, leafArb as leafIndexArb } from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { claims, packet } from "../../../support/packet-vectors.ts";
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

codecContract("snap pinned packets", {
  encode: encodeSnapPinned,
  decode: decodeSnapPinned,
  arbitrary: fc
    .uniqueArray(leafIndexArb, { maxLength: 3 })
    .map((leaves) => leaves.sort((left, right) => left - right).map((leaf) => ({ leaf, ...packet }))),
});

const { tip } = new LedgerBuilder({ label: "tail" });
const tailArb = fc.constant({ aux: tip.aux, nextValidators: tip.nextValidators, history: EMPTY_FRONTIER });

/** As an asker reads it: part after part. */
function readTail(frames: readonly Uint8Array[], at = height(0)): SnapshotTail {
  const parts = new SnapTailParts();
  for (const frame of frames) parts.add(frame);
  return parts.tail(at);
}

function framesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / limits.SNAP_TAIL_PART_BYTES);
  expect(encodeSnapTailPart(bytes, count)).toBeUndefined();
  return Array.from({ length: count }, (_, part) => encodeSnapTailPart(bytes, part)!);
}

codecContract("snap tail", {
  encode: (tail) => encodeSnapTailPart(encodeSnapshotTail(tail), 0)!,
  decode: (bytes) => readTail([bytes]),
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

  it("SNAP_FRAME_BYTES_MAX is what the asking side takes at most, and three of the largest fit SNAP_ANSWER_BYTES_MAX", () => {
    expect(PROTOCOL.snap.asked.frameBytesMax).toBe(limits.SNAP_FRAME_BYTES_MAX);
    expect(limits.SNAP_TAIL_PART_BYTES).toBeLessThan(limits.SNAP_FRAME_BYTES_MAX);
    expect(limits.SNAP_ANSWER_BYTES_MAX).toBeGreaterThan(3 * limits.SNAP_FRAME_BYTES_MAX);
  });

  it("[BL-12] [CO-18] a tail of ACCOUNTS_MAX records, the largest set and the longest frontier goes over in parts", () => {
    const [account] = tip.aux.accounts;
    const keyOf = (index: number): Uint8Array => new Writer(48).u64(index).fixed(new Uint8Array(40), 40).finish();
    const accounts = Array.from({ length: ACCOUNTS_MAX }, (_, index) => ({ ...account!, blsKey: keyOf(index) }));
    const blsKeys = accounts
      .slice(0, AWARD_KEYS_MAX)
      .map(({ blsKey }) => blsKey)
      .sort(compareBytes);
    accounts.sort((left, right) => compareBytes(left.blsKey, right.blsKey));
    expect(encodeAccount(account!)).toHaveLength(ACCOUNT_SIZE);
    const award = { week: 1n, dueHeight: height(2), blsKeys };
    const seats = accounts.slice(0, VALIDATORS_MAX).map(({ blsKey }) => ({ blsKey, power: 1 }));
    // No height has more subtrees than this one.
    const at = height(Number.MAX_SAFE_INTEGER);
    const history = decodeFrontier(at, new Uint8Array(frontierSize(at)).fill(7));
    const tail = { aux: { ...tip.aux, accounts, award }, nextValidators: seats, history };
    const bytes = encodeSnapshotTail(tail);
    expect(bytes.length).toBeGreaterThan(ACCOUNTS_MAX * ACCOUNT_SIZE);
    expect(bytes.length).toBeLessThanOrEqual(limits.SNAP_TAIL_BYTES_MAX);
    const frames = framesOf(bytes);
    expect(Math.max(...frames.map(({ length }) => length))).toBeLessThanOrEqual(limits.SNAP_FRAME_BYTES_MAX);
    const read = readTail(frames, at);
    expect(read.aux.accounts).toHaveLength(ACCOUNTS_MAX);
    expect(equalBytes(encodeSnapshotTail(read), bytes)).toBe(true);
  });

  it("[EN-3] SNAP_TAIL_BYTES_MAX is what an asker holds of a tail, SNAP_TAIL_PART_BYTES of each part but the last", () => {
    const bytes = new Uint8Array(limits.SNAP_TAIL_BYTES_MAX);
    const frames = framesOf(bytes);
    const parts = new SnapTailParts();
    for (const frame of frames) parts.add(frame);
    expect([parts.isWhole, parts.next]).toEqual([true, frames.length]);
    expect(() => parts.add(frames.at(-1)!)).toThrow("behind the last");
    expect(() => readTail(framesOf(new Uint8Array(limits.SNAP_TAIL_BYTES_MAX + 1)))).toThrow("longer tail");
    const whole = new Uint8Array(1 + limits.SNAP_TAIL_PART_BYTES).fill(3);
    expect(() => readTail([whole])).toThrow("without its end");
    for (const length of [0, 1, limits.SNAP_TAIL_PART_BYTES, limits.SNAP_TAIL_PART_BYTES + 2])
      expect(() => readTail([new Uint8Array(length).fill(3)])).toThrow(DecodeError);
    for (const length of [1, limits.SNAP_TAIL_PART_BYTES + 2])
      expect(() => readTail([new Uint8Array(length).fill(2)])).toThrow("part of");
    expect(() => readTail([whole.fill(1)])).toThrow("frame type");
  });

  it("[BL-12] takes a range proof with coins alone", () => {
    const leaf = { record: recordOf(publicCore, 1, new Uint8Array()), rangeProof: new Uint8Array(576) };
    expect(() => decodeSnapTile(encodeSnapTile(full(leaf)))).toThrow(DecodeError);
  });

  it("SNAP_FRAME_BYTES_MAX holds a tile of the largest packets with all claims made, and what is pinned behind a tile", () => {
    const shares = Array.from({ length: PACKET_SLOTS_MAX }, () => packet.core.shares[0]!);
    const core = { ...packet.core, shares };
    const used = shares.map((_, index) => ({
      oneTimeKey: new Uint8Array(32).fill(index),
      ticketKey: new Uint8Array(32).fill(index),
    }));
    // 128 claims can wait in all (RP-5), each of 600 bytes at most; one for each of these.
    const pending = [{ height: height(1), claim: claims[2]! }];
    const stateFields = encodePacketState({ paidBitmap: 1n, isClosing: false, used, pending });
    const record = { height: height(1), core: encodeOutputCore(core), stateFields };
    const rangeProof = new Uint8Array(packetProofSize(core));
    const frame = encodeSnapTile(full({ record, rangeProof }));
    expect(frame.length + 128 * 200).toBeLessThan(limits.SNAP_FRAME_BYTES_MAX);
    expect(decodeSnapTile(frame)[127]).toEqual({ record, rangeProof });
    const pinned = Array.from({ length: 128 }, (_, leaf) => ({ leaf: leafIndex(leaf), core, rangeProof }));
    expect(encodeSnapPinned(pinned).length).toBeLessThan(limits.SNAP_FRAME_BYTES_MAX);
    expect(() => encodeSnapPinned([...pinned, pinned[0]!])).toThrow(RangeError);
    expect(() => decodeSnapPinned(encodeSnapPinned([pinned[1]!, pinned[1]!]))).toThrow("not ascending");
  });

  it("[BL-12] no packet is pinned in a tail: they stand behind their tiles", () => {
    const tail = encodeSnapshotTail({ aux: tip.aux, nextValidators: tip.nextValidators, history: EMPTY_FRONTIER });
    const pinned = new Writer(tail.length).bytes(tail.subarray(0, -4)).u32(1).finish();
    expect(() => readTail(framesOf(pinned))).toThrow("pinned");
  });

  it("[BL-13] the frontier is as long as its height says", () => {
    const tail = framesOf(
      encodeSnapshotTail({ aux: tip.aux, nextValidators: tip.nextValidators, history: EMPTY_FRONTIER }),
    );
    for (const at of [1, 2, 3, 255]) {
      expect(frontierSize(at)).toBeGreaterThan(0);
      expect(() => readTail(tail, height(at))).toThrow(DecodeError);
    }
  });

  it("a tile number behind the last possible one is refused", () => {
    expect(() => decodeSnapRequest(encodeSnapRequest({ boundary: height(1), fromTile: 2 ** 33 + 1 }))).toThrow(
      DecodeError,
    );
  });
});
