import fc from "fast-check";
import { splitParts, type PartFrame, type WantFrame } from "../../../../src/core/chain/consensus-frames.ts";
import { encodeBlock } from "../../../../src/core/chain/block.ts";
import { encodeTransaction } from "../../../../src/core/chain/transaction.ts";
import { height } from "../../../../src/core/values/height.ts";
import { RULE_CHAPTERS, type RuleNumber } from "../../../../src/core/values/rule-number.ts";
import { hash, ZERO_HASH } from "../../../../src/core/values/hash.ts";
import {
  decodeBlobHasAnswer,
  decodeBlobItem,
  decodeBlobPutAnswer,
  decodeBlobRequest,
  encodeBlobHasAnswer,
  encodeBlobItem,
  encodeBlobPutAnswer,
  encodeBlobRequest,
} from "../../../../src/wire/requests/blob.ts";
import {
  decodeBlockItem,
  decodeBlocksRequest,
  decodePartItem,
  decodeWantRequest,
  encodeBlockItem,
  encodeBlocksRequest,
  encodePartItem,
  encodeWantRequest,
} from "../../../../src/wire/requests/block.ts";
import {
  decodeBucketAnswer,
  decodeBucketRequest,
  encodeBucketAnswer,
  encodeBucketRequest,
  type BucketAnswer,
  type BucketSlot,
} from "../../../../src/wire/requests/bucket.ts";
import { isSetDue, type CertifiedHeader } from "../../../../src/wire/requests/certified-header.ts";
import {
  decodeCompactItem,
  decodeCompactRequest,
  encodeCompactItem,
  encodeCompactRequest,
  type CompactItem,
} from "../../../../src/wire/requests/compact.ts";
import {
  decodeDialBackAnswer,
  decodeDialBackRequest,
  encodeDialBackAnswer,
  encodeDialBackRequest,
} from "../../../../src/wire/requests/dial-back.ts";
import { decodeHdrItem, decodeHdrRequest, encodeHdrItem, encodeHdrRequest } from "../../../../src/wire/requests/hdr.ts";
import {
  decodePeersItem,
  decodePeersRequest,
  encodePeersItem,
  encodePeersRequest,
} from "../../../../src/wire/requests/peers.ts";
import type { ServedOutput } from "../../../../src/wire/requests/served-output.ts";
import { decodeStatus, encodeStatus } from "../../../../src/wire/requests/status.ts";
import { decodeTxAnswer, decodeTxRequest, encodeTxAnswer, encodeTxRequest } from "../../../../src/wire/requests/tx.ts";
import {
  announcingHeaderArb,
  blockArb,
  bytesArb,
  certificateArb,
  compactBlockArb,
  coreArb,
  hashArb,
  heightArb,
  transactionArb,
} from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";

codecContract("status", {
  encode: encodeStatus,
  decode: decodeStatus,
  arbitrary: fc.record({
    chainId: fc.integer({ min: 0, max: 0xffff_ffff }),
    genesis: hashArb,
    height: heightArb,
    blockId: hashArb,
    oldestBlock: heightArb,
  }),
});

codecContract("hdr request", {
  encode: encodeHdrRequest,
  decode: decodeHdrRequest,
  arbitrary: fc.record({ from: heightArb, count: fc.integer({ min: 1, max: 256 }), boundariesOnly: fc.boolean() }),
});

const certifiedArb = (isFirst: boolean): fc.Arbitrary<CertifiedHeader> =>
  fc.tuple(announcingHeaderArb, certificateArb).map(([{ header, set }, certificate]) => {
    return { header, certificate, nextValidators: isSetDue(header, isFirst) ? set : undefined };
  });

for (const isFirst of [true, false]) {
  codecContract(`hdr item, ${isFirst ? "first" : "later"}`, {
    encode: encodeHdrItem,
    decode: (bytes) => decodeHdrItem(bytes, isFirst),
    arbitrary: certifiedArb(isFirst),
  });
}

codecContract("compact request", {
  encode: encodeCompactRequest,
  decode: decodeCompactRequest,
  arbitrary: fc.record({ from: heightArb, isFull: fc.boolean() }),
});

const servedOutputArb: fc.Arbitrary<ServedOutput> = fc
  .tuple(coreArb, fc.option(bytesArb(512)))
  .map(([core, payload]) => ({ core, payload: core.type === "coin" ? (payload ?? undefined) : undefined }));

const compactItemArb = (isFull: boolean): fc.Arbitrary<CompactItem> =>
  fc
    .tuple(certifiedArb(false), compactBlockArb, fc.array(servedOutputArb, { minLength: 5, maxLength: 5 }))
    .map(([certified, compact, outputs]) => ({
      ...certified,
      compact: { ...compact, height: certified.header.height },
      outputs: isFull ? outputs.slice(0, compact.entries.length) : undefined,
    }));

for (const isFull of [true, false]) {
  codecContract(`compact item, ${isFull ? "full" : "short"}`, {
    encode: encodeCompactItem,
    decode: (bytes) => decodeCompactItem(bytes, isFull),
    arbitrary: compactItemArb(isFull),
  });
}

codecContract("bucket request", {
  encode: encodeBucketRequest,
  decode: decodeBucketRequest,
  arbitrary: fc.record({
    at: heightArb,
    withPayloads: fc.boolean(),
    buckets: fc
      .uniqueArray(fc.integer({ min: 0, max: 2 ** 34 - 1 }), { minLength: 3, maxLength: 3 })
      .map((ids) => ids.sort((left, right) => left - right)),
  }),
});

const slotArb: fc.Arbitrary<BucketSlot> = fc
  .tuple(servedOutputArb, fc.boolean(), heightArb, bytesArb(17))
  .map(([output, isLive, madeAt, state]) => ({
    ...output,
    isLive,
    height: madeAt,
    stateFields: output.core.type === "stake" && isLive ? state : new Uint8Array(0),
  }));
const bucketAnswerArb: fc.Arbitrary<BucketAnswer> = fc.record({
  at: heightArb,
  slots: fc
    .tuple(fc.array(slotArb, { maxLength: 3 }), fc.integer({ min: 0, max: 61 }))
    .map(([slots, from]) => Array.from({ length: 64 }, (_, index) => slots[index - from])),
  proof: fc.record({
    other: hashArb,
    scan: hashArb,
    siblings: fc
      .tuple(hashArb, fc.array(fc.boolean(), { minLength: 33, maxLength: 33 }))
      .map(([sibling, present]) =>
        present.map((isPresent) => (isPresent ? hash(sibling.map((byte) => byte | 1)) : ZERO_HASH)),
      ),
  }),
});

codecContract("bucket answer", {
  encode: encodeBucketAnswer,
  decode: decodeBucketAnswer,
  arbitrary: bucketAnswerArb,
});

codecContract("tx request", {
  encode: (transaction) => encodeTxRequest(encodeTransaction(transaction)),
  decode: decodeTxRequest,
  arbitrary: transactionArb,
});

codecContract("tx answer", {
  encode: encodeTxAnswer,
  decode: decodeTxAnswer,
  arbitrary: fc.record({
    refusedBy: fc.option(
      fc
        .tuple(fc.constantFrom(...RULE_CHAPTERS), fc.integer({ min: 1, max: 255 }))
        .map(([chapter, number]): RuleNumber => `${chapter}-${number}`),
      { nil: undefined },
    ),
    txid: hashArb,
  }),
});

const sealedArb = bytesArb(4_112);

codecContract("blob request", {
  encode: encodeBlobRequest,
  decode: decodeBlobRequest,
  arbitrary: fc.oneof(
    fc.record({
      type: fc.constant("put" as const),
      blobId: hashArb,
      work: fc.record({ hour: heightArb.map(Number), nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
      bytes: sealedArb,
    }),
    fc.record({ type: fc.constantFrom("get" as const, "has" as const), blobId: hashArb }),
  ),
});

codecContract("blob put answer", {
  encode: encodeBlobPutAnswer,
  decode: decodeBlobPutAnswer,
  arbitrary: fc.constantFrom("kept", "wrong_hour", "too_little_work", "wrong_hash", "no_room"),
});

codecContract("blob item", { encode: encodeBlobItem, decode: decodeBlobItem, arbitrary: sealedArb });

codecContract("blob has answer", {
  encode: encodeBlobHasAnswer,
  decode: decodeBlobHasAnswer,
  arbitrary: fc.boolean(),
});

codecContract("peers request", {
  encode: encodePeersRequest,
  decode: decodePeersRequest,
  arbitrary: fc.constant(undefined),
});

codecContract("peers item", {
  encode: encodePeersItem,
  // Addresses are opaque here and end with their frame, so the contract's cut ones would be others: one size only.
  decode: (bytes) => decodePeersItem(bytes.length === 41 ? bytes : new Uint8Array(0)),
  arbitrary: bytesArb(40),
});

codecContract("dial-back request", {
  encode: encodeDialBackRequest,
  // As above: the address ends with its frame.
  decode: (bytes) => decodeDialBackRequest(bytes.length === 41 ? bytes : new Uint8Array(0)),
  arbitrary: bytesArb(40),
});

codecContract("dial-back answer", {
  encode: encodeDialBackAnswer,
  decode: decodeDialBackAnswer,
  arbitrary: fc.boolean(),
});

codecContract("blocks request", {
  encode: encodeBlocksRequest,
  decode: decodeBlocksRequest,
  arbitrary: fc.record({ from: heightArb, count: fc.integer({ min: 1, max: 16 }) }),
});

codecContract("block item", {
  encode: (block) => encodeBlockItem(encodeBlock(block)),
  decode: decodeBlockItem,
  arbitrary: blockArb,
});

const indexesArb = fc
  .uniqueArray(fc.integer({ min: 0, max: 2_047 }), { maxLength: 20 })
  .map((indexes) => indexes.sort((left, right) => left - right));

codecContract<WantFrame>("want", {
  encode: encodeWantRequest,
  decode: decodeWantRequest,
  arbitrary: fc.record({ height: heightArb, blockId: hashArb, indexes: indexesArb }),
});

codecContract<PartFrame>("part", {
  encode: encodePartItem,
  decode: decodePartItem,
  arbitrary: fc
    .tuple(hashArb, fc.array(transactionArb, { minLength: 1, maxLength: 3 }))
    .map(([blockId, transactions]) => {
      return splitParts(
        height(5),
        blockId,
        transactions.map((transaction, index) => ({ index, transaction })),
      )[0]!;
    }),
});
