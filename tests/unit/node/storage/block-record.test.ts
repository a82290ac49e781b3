import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { EMPTY_CERTIFICATE } from "../../../../src/core/chain/certificate.ts";
import { HEADER_SIZE, PAYLOAD_SIZE } from "../../../../src/core/params/limits.ts";
import { blockCommit } from "../../../../src/core/state/block-outcome.ts";
import { leafIndex, type LeafIndex } from "../../../../src/core/values/height.ts";
import { decodeBlockRecord, encodeBlockRecord, wholeBlock } from "../../../../src/node/storage/block-record.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

type Payloads = ReadonlyMap<LeafIndex, Uint8Array>;

/** What a reader makes of the record of a block: itself, if all goes well. */
function readBack(block: Uint8Array, header: Uint8Array, payloads: Payloads) {
  const record = encodeBlockRecord({ block, header, payloads });
  const read = decodeBlockRecord(record);
  if (read instanceof Uint8Array) return { record, leftOut: undefined, block: read };
  const leftOut = read.leftOut.map(({ leaf }) => leaf);
  const found = leftOut.map((leaf) => payloads.get(leaf)!);
  return { record, leftOut, block: wholeBlock(read, header, found) };
}

const filled = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);
const numbered = (...payloads: readonly Uint8Array[]): Payloads =>
  new Map(payloads.map((payload, index) => [leafIndex(70 + index), payload]));

describe("the record of a block", () => {
  it("is a real block without its header and the payload of each coin, and gives it back byte for byte", () => {
    const builder = new LedgerBuilder({ label: "block record", noteCount: 4 });
    const transfers = [
      builder.transfer(builder.take(1), [0n, 1_000n]),
      builder.transfer(builder.take(2), [5n, 0n, 7n]),
    ];
    const block = builder.build(transfers.map(({ transaction }) => transaction));
    const result = builder.execute(block);
    if (!result.ok) throw new Error(result.rule);
    const commit = blockCommit(result, block, builder.commit(result));
    expect(commit.payloads.size).toBeGreaterThan(4);
    const read = readBack(commit.block, commit.header, commit.payloads);
    expect(read.block).toEqual(commit.block);
    expect(read.leftOut).toEqual([...commit.payloads.keys()]);
    const saved = HEADER_SIZE + commit.payloads.size * (PAYLOAD_SIZE - 9);
    expect(read.record).toHaveLength(commit.block.length + 3 - saved);
  });

  it("is all of a block that does not begin with its header", () => {
    const builder = new LedgerBuilder({ label: "genesis record" });
    const genesis = blockCommit(builder.start, builder.start.block, EMPTY_CERTIFICATE);
    for (const block of [genesis.block, filled(3, 9), new Uint8Array(0)]) {
      const read = readBack(block, filled(592, 1), numbered(filled(2, 9)));
      expect(read).toMatchObject({ leftOut: undefined, block });
    }
  });

  it("of an older database is the block itself", () => {
    const old = concatBytes(Uint8Array.of(1), filled(700, 2));
    expect(decodeBlockRecord(old)).toEqual(old);
    expect(decodeBlockRecord(new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  it("gives back what looks like a payload and is none, payloads that are alike, and those in no order", () => {
    const header = filled(4, 1);
    const [a, b] = [filled(8, 5), filled(8, 6)];
    const blocks = [
      concatBytes(header, a, a, a),
      concatBytes(header, filled(3, 5), a, filled(5, 5), b),
      concatBytes(header, b, filled(1, 0), a),
      concatBytes(header, a.subarray(1), b),
      header,
    ];
    for (const block of blocks)
      for (const payloads of [numbered(a, b), numbered(b, a), numbered(a, a), numbered(new Uint8Array(0), a)])
        expect(readBack(block, header, payloads).block).toEqual(block);
  });

  it("that is cut short is refused", () => {
    const header = filled(4, 1);
    const payloads = numbered(filled(8, 5));
    const record = encodeBlockRecord({ block: concatBytes(header, payloads.get(leafIndex(70))!), header, payloads });
    expect(() => decodeBlockRecord(record.subarray(0, record.length - 1))).toThrow(DecodeError);
  });
});
