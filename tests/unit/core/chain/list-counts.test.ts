import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { u16, u32, u64, u8 } from "../../../../src/core/bytes/writer.ts";
import { decodeBlock, encodeBlock } from "../../../../src/core/chain/block.ts";
import { encodeCertificate } from "../../../../src/core/chain/certificate.ts";
import { decodeCompactBlock, encodeCompactBlock, type CompactBlock } from "../../../../src/core/chain/compact-block.ts";
import { decodeConsensusFrame, encodeConsensusFrame } from "../../../../src/core/chain/consensus-frames.ts";
import { decodeGenesis, encodeGenesis } from "../../../../src/core/chain/genesis.ts";
import { decodeHeader, encodeHeader } from "../../../../src/core/chain/header.ts";
import { decodeOutputCore, type PublicCore } from "../../../../src/core/chain/output.ts";
import { decodePacketOutput } from "../../../../src/core/chain/packet-output.ts";
import { decodeTransaction, decodeTransfer } from "../../../../src/core/chain/transaction.ts";
import { decodeValidatorSet } from "../../../../src/core/chain/validator-set.ts";
import { BLOCK_NEW_OUTPUTS_MAX, HEADER_SIZE } from "../../../../src/core/params/limits.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import { hash, ZERO_HASH } from "../../../../src/core/values/hash.ts";
import { height, LEAF_INDEX_LIMIT, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { blockArb, headerArb, transactionArb } from "../../../support/chain-arbitraries.ts";
import { packetVector } from "../../../support/packet-vectors.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

const sample = <T>(arbitrary: fc.Arbitrary<T>): T => fc.sample(arbitrary, { numRuns: 1, seed: 3 })[0]!;
const written = { 1: u8, 2: u16, 4: u32 } as const;

interface CountedList {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly width: keyof typeof written;
  readonly count: number;
  readonly decode: (bytes: Uint8Array) => unknown;
}

const transaction = sample(transactionArb);
const wire = hexBytes(vectors.tx.wire);
const inputs = vectors.tx.inputs.length;
const outputCore = decodeOutputCore(hexBytes(vectors.public_output.bytes)) as PublicCore;
const genesis = { chainId: 1000, time: timeMs(1), params: NETWORK_PARAMS.dev, outputs: [outputCore, outputCore] };
const block = { ...sample(blockArb), evidence: [], transactions: [transaction, transaction, transaction] };
const evidenceAt = HEADER_SIZE + encodeCertificate(block.lastCertificate).length;
const place = { height: height(7), blockId: ZERO_HASH };
const entry = {
  ephemeralKey: new Uint8Array(32).fill(3),
  viewTag: new Uint8Array(2),
  payloadTag: new Uint8Array(16),
  outputHash: ZERO_HASH,
};
const compact: CompactBlock = {
  height: height(7),
  firstLeaf: leafIndex(9),
  entries: [entry, entry],
  spent: [leafIndex(1), leafIndex(2), leafIndex(4)],
  changed: [{ leaf: leafIndex(5), state: hash(new Uint8Array(32).fill(1)) }],
};

const LISTS: readonly CountedList[] = [
  { name: "inputs", bytes: wire, at: 62, width: 1, count: inputs, decode: decodeTransaction },
  {
    name: "outputs of a transaction",
    bytes: wire,
    at: 63 + 5 * inputs,
    width: 1,
    count: decodeTransfer(wire).outputs.length,
    decode: decodeTransaction,
  },
  { name: "evidence", bytes: encodeBlock(block), at: evidenceAt, width: 1, count: 0, decode: decodeBlock },
  { name: "transactions", bytes: encodeBlock(block), at: evidenceAt + 1, width: 2, count: 3, decode: decodeBlock },
  {
    name: "seats",
    bytes: hexBytes(vectors.bls.valset.bytes),
    at: 0,
    width: 2,
    count: vectors.bls.validators.length,
    decode: decodeValidatorSet,
  },
  {
    name: "genesis outputs",
    bytes: encodeGenesis(genesis),
    at: 13 + 28 * 8,
    width: 4,
    count: 2,
    decode: decodeGenesis,
  },
  { name: "entries", bytes: encodeCompactBlock(compact), at: 16, width: 4, count: 2, decode: decodeCompactBlock },
  { name: "spent leaves", bytes: encodeCompactBlock(compact), at: 20, width: 4, count: 3, decode: decodeCompactBlock },
  {
    name: "changed leaves",
    bytes: encodeCompactBlock(compact),
    at: 24 + 15,
    width: 2,
    count: 1,
    decode: decodeCompactBlock,
  },
  {
    name: "wanted places",
    bytes: encodeConsensusFrame({ type: "want", want: { ...place, indexes: [1, 5] } }),
    at: 41,
    width: 2,
    count: 2,
    decode: decodeConsensusFrame,
  },
  {
    name: "parts",
    bytes: encodeConsensusFrame({ type: "part", part: { ...place, transactions: [{ index: 0, transaction }] } }),
    at: 41,
    width: 2,
    count: 1,
    decode: decodeConsensusFrame,
  },
  { name: "shares", bytes: hexBytes(packetVector.bytes), at: 99, width: 1, count: 3, decode: decodePacketOutput },
];

describe("lists on the wire", () => {
  it.each(LISTS)("[EN-2] $name follow a count of the width of their layout", ({ bytes, at, width, count, decode }) => {
    expect(bytes.slice(at, at + width)).toEqual(written[width](count));
    expect(() => decode(bytes)).not.toThrow();
    for (const wrong of [count - 1, count + 1].filter((each) => each >= 0)) {
      const bent = bytes.slice();
      bent.set(written[width](wrong), at);
      expect(() => decode(bent), `count ${wrong}`).toThrow(DecodeError);
    }
  });

  it("[EN-2] leave a repeated D out where a flag says so, and only there", () => {
    const bytes = encodeCompactBlock(compact);
    // The second entry is the last: its flag, and 50 bytes behind it.
    const flagAt = bytes.length - 51;
    expect(bytes[flagAt]).toBe(1);
    expect(() => decodeCompactBlock(bytes.with(flagAt, 0))).toThrow(DecodeError);
    expect(() => decodeCompactBlock(bytes.with(flagAt, 2))).toThrow("entry flags 2");
    const twice = Uint8Array.from([...bytes.slice(0, flagAt), 0, ...entry.ephemeralKey, ...bytes.slice(flagAt + 1)]);
    expect(() => decodeCompactBlock(twice)).toThrow("repeated D written twice");
    expect(() => decodeCompactBlock(bytes.with(flagAt - 83, 1))).toThrow("first entry without D");
  });
});

describe("numbers on the wire", () => {
  it("[EN-1] supply counters of a header stay below 2^53", () => {
    const header = { ...sample(headerArb), minted: 1n, burned: 2n, accrued: 3n, pot: 4n };
    const bytes = encodeHeader(header);
    // minted, burned, accrued and pot stand before gamma_acc, beacon and beacon_sig.
    for (const offset of [0, 8, 16, 24].map((each) => HEADER_SIZE - 160 - 32 + each)) {
      const bent = (value: bigint): Uint8Array => {
        const copy = bytes.slice();
        copy.set(u64(value), offset);
        return copy;
      };
      expect(encodeHeader(decodeHeader(bent((1n << 53n) - 1n)))).toEqual(bent((1n << 53n) - 1n));
      expect(() => decodeHeader(bent(1n << 53n))).toThrow(DecodeError);
    }
  });

  it("[EN-1] the last new output of a block still has a leaf number below 2^40", () => {
    const at = (first: number): Uint8Array => encodeCompactBlock({ ...compact, firstLeaf: leafIndex(first) });
    expect(decodeCompactBlock(at(LEAF_INDEX_LIMIT - 2)).firstLeaf).toBe(LEAF_INDEX_LIMIT - 2);
    expect(() => decodeCompactBlock(at(LEAF_INDEX_LIMIT - 1))).toThrow("leaf out of range");
    const beyond = at(0);
    beyond.set(u64(LEAF_INDEX_LIMIT), 8);
    expect(() => decodeCompactBlock(beyond)).toThrow("leaf out of range");
  });

  it("[EN-3] counts of compact data are refused before an item is read", () => {
    const entries = encodeCompactBlock(compact).slice(0, 24);
    entries.set(u32(BLOCK_NEW_OUTPUTS_MAX + 1), 16);
    expect(() => decodeCompactBlock(entries)).toThrow(`${BLOCK_NEW_OUTPUTS_MAX + 1} new outputs`);
  });

  it("[EN-3] a parameter that is one number is refused from 2^53 on, a row of two u32 is not", () => {
    const bytes = encodeGenesis(genesis);
    const withRow = (row: number, value: bigint): Uint8Array => {
      const copy = bytes.slice();
      copy.set(u64(value), 13 + 8 * (row - 1));
      return copy;
    };
    for (let row = 1; row <= 28; row++) {
      const changed = withRow(row, 1n << 53n);
      if ([4, 5, 20].includes(row)) expect(encodeGenesis(decodeGenesis(changed))).toEqual(changed);
      else expect(() => decodeGenesis(changed), `row ${row}`).toThrow("parameter of 2^53 or more");
    }
  });
});
