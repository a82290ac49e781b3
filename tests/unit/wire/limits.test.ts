import { describe, expect, it } from "vitest";
import { SEALED_BLOB_SIZE_MAX } from "../../../src/core/blob/sealed-blob.ts";
import { DecodeError } from "../../../src/core/bytes/decode-error.ts";
import { Writer } from "../../../src/core/bytes/writer.ts";
import { encodeCompactBlock } from "../../../src/core/chain/compact-block.ts";
import { CONSENSUS_FRAME_BYTES_MAX } from "../../../src/core/chain/consensus-frames.ts";
import { encodeValidatorSet } from "../../../src/core/chain/validator-set.ts";
import {
  BLOCK_BYTES_MAX,
  BLOCK_INPUTS_MAX,
  BLOCK_NEW_OUTPUTS_MAX,
  BLOCK_TRANSACTIONS_MAX,
  BLS_SIGNATURE_SIZE,
  BOUNDARY_STAKES_MAX,
  HEADER_SIZE,
  TX_BYTES_MAX,
  VALIDATORS_MAX,
} from "../../../src/core/params/limits.ts";
import { ZERO_HASH } from "../../../src/core/values/hash.ts";
import { height, leafIndex } from "../../../src/core/values/height.ts";
import { judgeBlock } from "../../../src/wire/gossip/block.ts";
import { TOPIC } from "../../../src/wire/gossip/topics.ts";
import { judgeTransaction } from "../../../src/wire/gossip/transaction.ts";
import * as limits from "../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../src/wire/protocols.ts";
import {
  decodeBlobHasAnswer,
  decodeBlobItem,
  decodeBlobPutAnswer,
  decodeBlobRequest,
  encodeBlobItem,
  encodeBlobRequest,
} from "../../../src/wire/requests/blob.ts";
import {
  decodeBlockItem,
  decodeBlocksRequest,
  decodePartItem,
  decodeWantRequest,
  encodeBlocksRequest,
} from "../../../src/wire/requests/block.ts";
import { decodeBucketAnswer, decodeBucketRequest, encodeBucketRequest } from "../../../src/wire/requests/bucket.ts";
import { decodeCompactItem, decodeCompactRequest } from "../../../src/wire/requests/compact.ts";
import { decodeDialBackAnswer, decodeDialBackRequest } from "../../../src/wire/requests/dial-back.ts";
import { decodeHdrItem, decodeHdrRequest, encodeHdrRequest } from "../../../src/wire/requests/hdr.ts";
import { decodePeersItem, decodePeersRequest, encodePeersItem } from "../../../src/wire/requests/peers.ts";
import { decodeStatus } from "../../../src/wire/requests/status.ts";
import { decodeTxAnswer, decodeTxRequest } from "../../../src/wire/requests/tx.ts";

/** A frame of type 1 (or another) and this size, all zero behind it. */
const frameOf = (size: number, type = 1): Uint8Array => {
  const frame = new Uint8Array(size);
  frame[0] = type;
  return frame;
};

const reasonOf = (decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): string => {
  try {
    decode(bytes);
    return "";
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error.message;
  }
};

/** A frame over the limit is refused for its size alone; one exactly at it is read, and refused for what is in it. */
const expectFrameLimit = (decode: (bytes: Uint8Array) => unknown, bytesMax: number, type = 1): void => {
  const refusal = (size: number): string => `frame of ${size} bytes`;
  expect(reasonOf(decode, frameOf(bytesMax + 1, type))).toMatch(
    new RegExp(`^(${refusal(bytesMax + 1)}|(want|part) of ${bytesMax + 1} bytes)`),
  );
  expect(reasonOf(decode, frameOf(bytesMax, type))).not.toMatch(/^(frame|want|part) of \d+ bytes/);
};

describe("frames exactly at and one byte past the limit", () => {
  it.each([
    ["STATUS_FRAME_BYTES_MAX", decodeStatus, limits.STATUS_FRAME_BYTES_MAX],
    ["REQUEST_FRAME_BYTES_MAX hdr", decodeHdrRequest, limits.REQUEST_FRAME_BYTES_MAX],
    ["REQUEST_FRAME_BYTES_MAX compact", decodeCompactRequest, limits.REQUEST_FRAME_BYTES_MAX],
    ["REQUEST_FRAME_BYTES_MAX bucket", decodeBucketRequest, limits.REQUEST_FRAME_BYTES_MAX],
    ["REQUEST_FRAME_BYTES_MAX peers", decodePeersRequest, limits.REQUEST_FRAME_BYTES_MAX],
    ["REQUEST_FRAME_BYTES_MAX tx answer", decodeTxAnswer, limits.REQUEST_FRAME_BYTES_MAX],
    ["HDR_FRAME_BYTES_MAX", (bytes: Uint8Array) => decodeHdrItem(bytes, true), limits.HDR_FRAME_BYTES_MAX],
    ["COMPACT_FRAME_BYTES_MAX", (bytes: Uint8Array) => decodeCompactItem(bytes, false), limits.COMPACT_FRAME_BYTES_MAX],
    [
      "COMPACT_FULL_FRAME_BYTES_MAX",
      (bytes: Uint8Array) => decodeCompactItem(bytes, true),
      limits.COMPACT_FULL_FRAME_BYTES_MAX,
    ],
    ["BUCKET_FRAME_BYTES_MAX", decodeBucketAnswer, limits.BUCKET_FRAME_BYTES_MAX],
    ["TX_FRAME_BYTES_MAX", decodeTxRequest, limits.TX_FRAME_BYTES_MAX],
    ["PEERS_FRAME_BYTES_MAX", decodePeersItem, limits.PEERS_FRAME_BYTES_MAX],
    ["PEERS_FRAME_BYTES_MAX dial-back", decodeDialBackRequest, limits.PEERS_FRAME_BYTES_MAX],
    ["REQUEST_FRAME_BYTES_MAX dial-back", decodeDialBackAnswer, limits.REQUEST_FRAME_BYTES_MAX],
    ["BLOCK_FRAME_BYTES_MAX", decodeBlockItem, limits.BLOCK_FRAME_BYTES_MAX],
    ["BLOB_FRAME_BYTES_MAX put", decodeBlobRequest, limits.BLOB_FRAME_BYTES_MAX],
    ["REQUEST_FRAME_BYTES_MAX blob answer", decodeBlobPutAnswer, limits.REQUEST_FRAME_BYTES_MAX],
    ["BLOCK_REQUEST_FRAME_BYTES_MAX", decodeBlocksRequest, limits.BLOCK_REQUEST_FRAME_BYTES_MAX],
  ])("%s", (_name, decode, bytesMax) => expectFrameLimit(decode, bytesMax));

  it("BLOCK_REQUEST_FRAME_BYTES_MAX and BLOCK_PART_FRAME_BYTES_MAX, want and part", () => {
    expectFrameLimit(decodeWantRequest, limits.BLOCK_REQUEST_FRAME_BYTES_MAX, 2);
    expectFrameLimit(decodePartItem, limits.BLOCK_PART_FRAME_BYTES_MAX, 2);
  });

  it("BLOB_FRAME_BYTES_MAX holds a PUT and an answer of the largest blob, and GET and HAS are small", () => {
    const bytes = new Uint8Array(SEALED_BLOB_SIZE_MAX);
    const put = encodeBlobRequest({ type: "put", blobId: ZERO_HASH, work: { hour: 0, nonce: 0n }, bytes });
    expect(put).toHaveLength(1024 * 1024 + 65);
    expect(put.length).toBeLessThanOrEqual(limits.BLOB_FRAME_BYTES_MAX);
    expect(decodeBlobRequest(put)).toMatchObject({ type: "put" });
    expect(decodeBlobItem(encodeBlobItem(bytes))).toHaveLength(bytes.length);
    expectFrameLimit(decodeBlobItem, limits.BLOB_FRAME_BYTES_MAX, 2);
    expectFrameLimit(decodeBlobRequest, limits.REQUEST_FRAME_BYTES_MAX, 2);
    expectFrameLimit(decodeBlobRequest, limits.REQUEST_FRAME_BYTES_MAX, 3);
    expectFrameLimit(decodeBlobHasAnswer, limits.REQUEST_FRAME_BYTES_MAX, 3);
  });

  it("BLOCK_PART_FRAME_BYTES_MAX and VOTE_FRAME_BYTES_MAX are what parts are split for (CO-19)", () => {
    expect(limits.BLOCK_PART_FRAME_BYTES_MAX).toBe(CONSENSUS_FRAME_BYTES_MAX);
    expect(limits.VOTE_FRAME_BYTES_MAX).toBe(CONSENSUS_FRAME_BYTES_MAX);
  });

  it("HDR_FRAME_BYTES_MAX holds the largest validator set, and HDR_ANSWER_BYTES_MAX at least one such header", () => {
    const set = Array.from({ length: VALIDATORS_MAX }, () => ({ blsKey: new Uint8Array(48), power: 1 }));
    const certificateSize = 4 + 1 + Math.ceil(VALIDATORS_MAX / 8) + BLS_SIGNATURE_SIZE;
    const itemSize = 1 + HEADER_SIZE + certificateSize + 1 + encodeValidatorSet(set).length;
    expect(itemSize).toBe(6_310);
    expect(itemSize).toBeLessThanOrEqual(limits.HDR_FRAME_BYTES_MAX);
    expect(limits.HDR_ANSWER_BYTES_MAX).toBeGreaterThanOrEqual(limits.HDR_HEADERS_MAX * (1 + HEADER_SIZE + 114 + 1));
  });

  it("[ST-9] COMPACT_FRAME_BYTES_MAX holds what the fullest boundary block makes, spends, unbonds, slashes and releases", () => {
    const leaves = (count: number) => Array.from({ length: count }, (_, leaf) => leafIndex(leaf));
    const compact = {
      height: height(1),
      firstLeaf: leafIndex(0),
      entries: leaves(BLOCK_NEW_OUTPUTS_MAX).map((leaf) => ({
        ephemeralKey: new Uint8Array(32).fill(leaf),
        viewTag: new Uint8Array(2),
        payloadTag: new Uint8Array(16),
        outputHash: ZERO_HASH,
      })),
      spent: leaves(BLOCK_INPUTS_MAX),
      changed: leaves(BLOCK_TRANSACTIONS_MAX + BOUNDARY_STAKES_MAX).map((leaf) => ({ leaf, state: ZERO_HASH })),
    };
    const itemSize = limits.HDR_FRAME_BYTES_MAX + encodeCompactBlock(compact).length;
    expect(itemSize).toBeLessThanOrEqual(limits.COMPACT_FRAME_BYTES_MAX);
  });

  it("a transaction and a block of the largest size fit their frames", () => {
    expect(limits.TX_FRAME_BYTES_MAX).toBe(1 + TX_BYTES_MAX);
    expect(limits.BLOCK_FRAME_BYTES_MAX).toBe(1 + BLOCK_BYTES_MAX);
  });
});

describe("counts exactly at and one past the limit", () => {
  it("HDR_HEADERS_MAX", () => {
    const request = (count: number): Uint8Array => encodeHdrRequest({ from: height(1), count, boundariesOnly: false });
    expect(decodeHdrRequest(request(limits.HDR_HEADERS_MAX)).count).toBe(limits.HDR_HEADERS_MAX);
    expect(() => decodeHdrRequest(request(limits.HDR_HEADERS_MAX + 1))).toThrow(DecodeError);
    expect(() => decodeHdrRequest(request(0))).toThrow(DecodeError);
  });

  it("BLOCK_BLOCKS_MAX", () => {
    const request = (count: number): Uint8Array => encodeBlocksRequest({ from: height(1), count });
    expect(decodeBlocksRequest(request(limits.BLOCK_BLOCKS_MAX)).count).toBe(limits.BLOCK_BLOCKS_MAX);
    expect(() => decodeBlocksRequest(request(limits.BLOCK_BLOCKS_MAX + 1))).toThrow(DecodeError);
    expect(() => decodeBlocksRequest(request(0))).toThrow(DecodeError);
  });

  it("[NW-9] BUCKET_IDS_COUNT: no request names fewer buckets or more, ascending", () => {
    const request = (ids: readonly number[]): Uint8Array => {
      return new Writer()
        .u8(1)
        .u64(0)
        .u8(0)
        .list(ids, (out, id) => out.u40(id))
        .finish();
    };
    expect(limits.BUCKET_IDS_COUNT).toBe(3);
    expect(decodeBucketRequest(request([1, 2, 2 ** 34 - 1])).buckets).toEqual([1, 2, 2 ** 34 - 1]);
    for (const ids of [
      [1, 2],
      [1, 2, 3, 4],
      [1, 2, 2],
      [2, 1, 3],
      [1, 2, 2 ** 34],
    ]) {
      expect(() => decodeBucketRequest(request(ids))).toThrow(DecodeError);
    }
    expect(() => encodeBucketRequest({ at: height(0), withPayloads: true, buckets: [1, 2] })).toThrow(RangeError);
  });

  it("PEERS_ADDRESS_BYTES_MAX", () => {
    const longest = new Uint8Array(limits.PEERS_ADDRESS_BYTES_MAX).fill(4);
    expect(decodePeersItem(encodePeersItem(longest))).toEqual(longest);
    expect(() => encodePeersItem(new Uint8Array(limits.PEERS_ADDRESS_BYTES_MAX + 1))).toThrow(RangeError);
    expect(() => decodePeersItem(frameOf(limits.PEERS_ADDRESS_BYTES_MAX + 2))).toThrow(DecodeError);
    expect(() => decodePeersItem(frameOf(1))).toThrow(DecodeError);
  });
});

describe("gossip exactly at and one byte past the limit", () => {
  const view = { chainId: 1, isKnown: () => false, finalHeight: () => height(0) };

  it("GOSSIP_TX_BYTES_MAX: over it nothing is decoded", () => {
    const judge = (size: number) => judgeTransaction(new Uint8Array(size), view);
    expect(judge(limits.GOSSIP_TX_BYTES_MAX)).toEqual({ verdict: "reject", reason: "malformed" });
    expect(judge(limits.GOSSIP_TX_BYTES_MAX + 1)).toEqual({ verdict: "reject", reason: "too_large" });
    expect(TOPIC.tx.bytesMax).toBe(limits.GOSSIP_TX_BYTES_MAX);
  });

  it("GOSSIP_BLOCK_BYTES_MAX: over it nothing is decoded", () => {
    const judge = (size: number) => judgeBlock(new Uint8Array(size), view);
    expect(judge(limits.GOSSIP_BLOCK_BYTES_MAX)).toEqual({ verdict: "reject", reason: "malformed" });
    expect(judge(limits.GOSSIP_BLOCK_BYTES_MAX + 1)).toEqual({ verdict: "reject", reason: "too_large" });
    expect(TOPIC.block.bytesMax).toBe(limits.GOSSIP_BLOCK_BYTES_MAX);
  });
});

describe("what each side of a protocol takes", () => {
  it("BLOB_STREAMS_PER_PEER_MAX: two of a megabyte each wait for one peer", () => {
    expect(PROTOCOL.blob.served.streamsPerPeerMax).toBe(limits.BLOB_STREAMS_PER_PEER_MAX);
    expect(PROTOCOL.blob.served.frameBytesMax).toBe(limits.BLOB_FRAME_BYTES_MAX);
  });

  it("VOTE_STREAMS_PER_PEER_MAX and COMPACT_STREAMS_PER_PEER_MAX bound the streams that stay open", () => {
    expect(PROTOCOL.vote.served.streamsPerPeerMax).toBe(limits.VOTE_STREAMS_PER_PEER_MAX);
    expect(PROTOCOL.compact.served.streamsPerPeerMax).toBe(limits.COMPACT_STREAMS_PER_PEER_MAX);
  });

  it("REQUEST_STREAMS_PER_PEER_MAX is the four parallel requests of NW-1, and servers take small frames only", () => {
    expect(limits.REQUEST_STREAMS_PER_PEER_MAX).toBe(4);
    for (const name of ["hdr", "compact", "bucket", "peers"] as const) {
      expect(PROTOCOL[name].served.frameBytesMax).toBe(limits.REQUEST_FRAME_BYTES_MAX);
    }
  });

  it("an error frame fits every answer", () => {
    for (const { asked } of Object.values(PROTOCOL)) {
      expect(asked.frameBytesMax).toBeGreaterThanOrEqual(3 + limits.ERROR_TEXT_BYTES_MAX);
    }
  });

  it("PEERS_ADDRESSES_MAX of the largest addresses are a small answer", () => {
    expect(limits.PEERS_ADDRESSES_MAX * limits.PEERS_FRAME_BYTES_MAX).toBeLessThan(8 * 1024);
  });
});
