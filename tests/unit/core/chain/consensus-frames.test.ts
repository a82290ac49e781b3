import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { Writer } from "../../../../src/core/bytes/writer.ts";
import {
  CONSENSUS_FRAME_BYTES_MAX,
  decodeConsensusFrame,
  encodeConsensusFrame,
  splitParts,
  type ConsensusFrame,
} from "../../../../src/core/chain/consensus-frames.ts";
import { encodeTransaction } from "../../../../src/core/chain/transaction.ts";
import {
  blockArb,
  bytesArb,
  certificateArb,
  evidenceArb,
  hashArb,
  headerArb,
  heightArb,
  transactionArb,
} from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";

const roundArb = fc.integer({ min: 0, max: 0xffff_ffff });
const flagsArb = fc.integer({ min: 0, max: 100 }).chain((size) => {
  return fc.tuple(...[0, 1].map(() => fc.array(fc.boolean(), { minLength: size, maxLength: size })));
});

const voteArb: fc.Arbitrary<ConsensusFrame> = fc.record({
  type: fc.constant("vote" as const),
  vote: fc.record({
    type: fc.constantFrom("prevote" as const, "precommit" as const),
    height: heightArb,
    round: roundArb,
    blockId: hashArb,
    validator: fc.integer({ min: 0, max: 99 }),
    signature: bytesArb(96),
  }),
});

const proposalArb: fc.Arbitrary<ConsensusFrame> = fc.record({
  type: fc.constant("proposal" as const),
  proposal: fc.record({
    height: heightArb,
    round: roundArb,
    validRound: fc.integer({ min: -1, max: 0xffff_fffe }),
    signature: bytesArb(96),
    body: fc.record({
      header: headerArb,
      lastCertificate: certificateArb,
      evidence: fc.array(evidenceArb, { maxLength: 2 }),
      shortIds: fc.array(bytesArb(8), { maxLength: 5 }),
    }),
  }),
});

const wantArb: fc.Arbitrary<ConsensusFrame> = fc.record({
  type: fc.constant("want" as const),
  want: fc.record({
    height: heightArb,
    blockId: hashArb,
    indexes: fc
      .uniqueArray(fc.integer({ min: 0, max: 0xffff }), { maxLength: 9 })
      .map((list) => list.sort((a, b) => a - b)),
  }),
});

const partArb: fc.Arbitrary<ConsensusFrame> = fc.record({
  type: fc.constant("part" as const),
  part: fc.record({
    height: heightArb,
    blockId: hashArb,
    transactions: fc.array(fc.record({ index: fc.integer({ min: 0, max: 0xffff }), transaction: transactionArb }), {
      maxLength: 2,
    }),
  }),
});

const haveSetArb: fc.Arbitrary<ConsensusFrame> = fc
  .tuple(heightArb, roundArb, fc.boolean(), flagsArb)
  .map(([height, round, isProposalKnown, flags]) => {
    return { type: "have-set", set: { height, round, isProposalKnown, prevotes: flags[0]!, precommits: flags[1]! } };
  });

describe("[CO-19] frames of protocol vote", () => {
  codecContract("consensus frames (CO-19)", {
    encode: encodeConsensusFrame,
    decode: decodeConsensusFrame,
    arbitrary: fc.oneof(voteArb, proposalArb, wantArb, partArb, haveSetArb),
  });

  const sample = <T>(arbitrary: fc.Arbitrary<T>): T => fc.sample(arbitrary, { numRuns: 1, seed: 3 })[0]!;

  it("[CO-19] a vote is type1 h8 r4 block_id32 val2 sig96 behind its frame type", () => {
    const frame = sample(voteArb);
    if (frame.type !== "vote") throw new Error("not a vote");
    const { vote } = frame;
    const writer = new Writer()
      .u8(1)
      .u8(vote.type === "prevote" ? 1 : 2)
      .u64(vote.height)
      .u32(vote.round);
    writer.bytes(vote.blockId).u16(vote.validator).bytes(vote.signature);
    expect(formatHex(encodeConsensusFrame(frame))).toBe(formatHex(writer.finish()));
  });

  it("[CO-19] a have-set of 9 seats is h8 r4 flags1 n1 and two bitmaps of two bytes", () => {
    const set = {
      height: sample(heightArb),
      round: 5,
      isProposalKnown: true,
      prevotes: Array.from({ length: 9 }, (_, seat) => seat === 8),
      precommits: Array.from({ length: 9 }, (_, seat) => seat === 0),
    };
    const expected = new Writer().u8(5).u64(set.height).u32(5).u8(1).u8(9).u16(0x100).u16(1).finish();
    expect(formatHex(encodeConsensusFrame({ type: "have-set", set }))).toBe(formatHex(expected));
  });

  it.each([
    ["a frame type 0", "00"],
    ["a frame type 6", "06"],
    ["nothing", ""],
    ["a vote type 3", `0103${"00".repeat(142)}`],
    ["a vote of seat 100", `0101${"00".repeat(44)}6400${"00".repeat(96)}`],
    ["a reserved flag", `05${"00".repeat(12)}0200`],
    ["101 seats", `05${"00".repeat(12)}0065${"00".repeat(26)}`],
    ["a bit behind the last seat", `05${"00".repeat(12)}00010200`],
    ["unsorted places", `03${"00".repeat(40)}020001000000`],
    ["equal places", `03${"00".repeat(40)}020001000100`],
  ])("[EN-3] refuses %s", (_, hex) => {
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
    expect(() => decodeConsensusFrame(bytes)).toThrow(DecodeError);
  });

  it("[CO-19] refuses a frame one byte over 192 KiB before decoding it", () => {
    expect(() => decodeConsensusFrame(new Uint8Array(CONSENSUS_FRAME_BYTES_MAX + 1))).toThrow(/frame of/);
    expect(() => decodeConsensusFrame(new Uint8Array(CONSENSUS_FRAME_BYTES_MAX))).toThrow(/frame type/);
  });

  it("[CO-19] an answer to want is split so that every frame stays under its limit, and nothing is lost", () => {
    const { header } = sample(blockArb);
    const transactions = fc
      .sample(transactionArb, { numRuns: 400, seed: 5 })
      .map((transaction, index) => ({ index, transaction }));
    const parts = splitParts(header.height, header.prev, transactions);
    const sizes = parts.map((part) => encodeConsensusFrame({ type: "part", part }).length);
    expect(parts.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(CONSENSUS_FRAME_BYTES_MAX);
    expect(parts.flatMap((part) => part.transactions)).toEqual(transactions);
    expect(Math.max(...transactions.map((item) => encodeTransaction(item.transaction).length))).toBeGreaterThan(1_000);
  });
});
