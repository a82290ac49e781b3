import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { decodeWhole } from "../../../../src/core/bytes/reader.ts";
import { u64 } from "../../../../src/core/bytes/writer.ts";
import { decodeOutputCore, encodeOutput, outputHash, readOutput } from "../../../../src/core/chain/output.ts";
import { drawnCoin, packetCommitment, refundCoin } from "../../../../src/core/chain/packet-coins.ts";
import {
  decodePacketCore,
  decodePacketOutput,
  encodePacketCore,
  encodePacketOutput,
  PACKET_POW_BITS_MAX,
  packetRangeStatement,
  packetWeight,
  paddedShareCount,
  type PacketCore,
  type PacketGate,
} from "../../../../src/core/chain/packet-output.ts";
import { scanFieldsOf } from "../../../../src/core/chain/scan-fields.ts";
import { commitPublic } from "../../../../src/core/crypto/commitment.ts";
import { rangeProofSize } from "../../../../src/core/crypto/range-proof.ts";
import { verifyRange } from "../../../../src/core/crypto/range-proof-verifier.ts";
import { scalarOf } from "../../../../src/core/crypto/scalar.ts";
import { PACKET_SLOTS_MAX } from "../../../../src/core/params/limits.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { claims, packet, packetLeaf, packetVector } from "../../../support/packet-vectors.ts";
import { hexBytes } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const { core } = packet;
const CHAIN_ID = 1000;
// Offsets of 9.2.
const [COUNT_AT, MODE_AT, POW_AT, FEE_AT, EXPIRY_AT, ROOT_AT] = [99, 100, 101, 102, 110, 118];

function changed(place: number, ...bytes: readonly number[]): Uint8Array {
  const copy = hexBytes(packetVector.bytes);
  copy.set(bytes, place);
  return copy;
}

function withShares(count: number, gate: PacketGate = core.gate): Uint8Array {
  const shares = Array.from({ length: count }, (_, index) => core.shares[index % 3]!);
  const rangeProof = new Uint8Array(rangeProofSize(paddedShareCount(count)));
  return encodePacketOutput({ core: { ...core, shares, gate }, rangeProof });
}

const samples = [
  hexBytes(packetVector.bytes),
  withShares(1, { mode: "open" }),
  withShares(2, { mode: "chance", powBits: 4 }),
  withShares(5),
];
const coreOf = (bytes: Uint8Array): PacketCore => decodePacketOutput(bytes).core;

describe("packet outputs (9.2)", () => {
  it("[RP-1] decode and encode the packet of the vectors, whole and as core", () => {
    expect(formatHex(encodePacketOutput(packet))).toBe(packetVector.bytes);
    expect(formatHex(encodePacketCore(core))).toBe(packetVector.core);
    expect(decodePacketCore(hexBytes(packetVector.core))).toEqual(core);
    expect(formatHex(outputHash(core))).toBe(packetVector.out_hash);
    expect(formatHex(core.ephemeralKey)).toBe(packetVector.D);
    expect(core).toMatchObject({ claimFee: 10_000n, gate: { mode: "ticket" } });
    expect(core.shares).toHaveLength(3);
    expect(packetWeight(core)).toBe(4);
  });

  it("[RG-3] carry an aggregate proof over four values, the fourth being 1·G", () => {
    const statement = packetRangeStatement(CHAIN_ID, core);
    expect(statement.commitments).toHaveLength(4);
    expect(statement.commitments[3]).toEqual(curve.ristrettoEncode([curve.ristrettoBase()]));
    expect(verifyRange(curve, { ...statement, proof: packet.rangeProof })).toBe(true);
  });

  it("[RG-3] carry a proof that holds for this chain, these keys and these shares alone", () => {
    const [first, second, third] = core.shares;
    const others = [
      packetRangeStatement(1, core),
      packetRangeStatement(CHAIN_ID, { ...core, packetKey: core.refundKey }),
      packetRangeStatement(CHAIN_ID, { ...core, refundKey: core.packetKey }),
      packetRangeStatement(CHAIN_ID, { ...core, ephemeralKey: core.packetKey }),
      packetRangeStatement(CHAIN_ID, { ...core, shares: [second!, first!, third!] }),
    ];
    for (const each of others) expect(verifyRange(curve, { ...each, proof: packet.rangeProof })).toBe(false);
  });

  it("[RP-1] hold 1 to 64 shares, rounded up to a power of two for the proof", () => {
    for (const [count, padded] of [
      [1, 1],
      [2, 2],
      [3, 4],
      [5, 8],
      [33, 64],
      [PACKET_SLOTS_MAX, 64],
    ] as const) {
      expect(paddedShareCount(count)).toBe(padded);
      const whole = withShares(count);
      expect(whole).toHaveLength(310 + 40 * count + rangeProofSize(padded));
      expect(encodePacketOutput(decodePacketOutput(whole))).toEqual(whole);
      expect(packetRangeStatement(CHAIN_ID, coreOf(whole)).commitments).toHaveLength(padded);
    }
    expect(() => decodePacketOutput(changed(COUNT_AT, 0))).toThrow("packet without shares");
    // Nothing behind the greeting is needed to refuse: the limit comes first.
    expect(() => decodePacketOutput(changed(COUNT_AT, 65).slice(0, 150))).toThrow("65 shares, at most 64");
    expect(() => encodePacketCore({ ...core, shares: [] })).toThrow(RangeError);
  });

  it("[RP-1] state work bits in mode 1 and a ticket root in mode 2 only", () => {
    const noRoot = Array.from({ length: 32 }, () => 0);
    const open = withShares(3, { mode: "open" });
    const chance = withShares(3, { mode: "chance", powBits: PACKET_POW_BITS_MAX });
    expect(coreOf(open).gate).toEqual({ mode: "open" });
    expect(coreOf(chance).gate).toEqual({ mode: "chance", powBits: 24 });
    const bend = (bytes: Uint8Array, place: number, value: number): Uint8Array => bytes.with(place, value);
    const refused = [
      [changed(MODE_AT, 0), "ticket root in mode 0"],
      [changed(MODE_AT, 1, 4), "ticket root in mode 1"],
      [changed(POW_AT, 1), "work bits in mode 2"],
      [bend(open, POW_AT, 1), "work bits in mode 0"],
      [bend(chance, POW_AT, 0), "0 bits of work"],
      [bend(chance, POW_AT, 25), "25 bits of work"],
      [bend(chance, ROOT_AT + 31, 1), "ticket root in mode 1"],
      [bend(open, MODE_AT, 3), "packet mode 3"],
    ] as const;
    for (const [bytes, reason] of refused) expect(() => decodePacketOutput(bytes)).toThrow(reason);
    // An empty list of tickets is foolish, not malformed.
    expect(coreOf(changed(ROOT_AT, ...noRoot)).gate.mode).toBe("ticket");
  });

  it("[EN-1] keep fees, their sum over all shares, and expiry below 2^53", () => {
    const most = (1n << 53n) / 3n;
    expect(coreOf(changed(FEE_AT, ...u64(most))).claimFee).toBe(most);
    expect(() => decodePacketOutput(changed(FEE_AT, ...u64(most + 1n)))).toThrow("claim fees of 2^53 or more");
    expect(() => decodePacketOutput(changed(FEE_AT, ...u64((1n << 64n) - 1n)))).toThrow(DecodeError);
    expect(() => decodePacketOutput(changed(EXPIRY_AT, ...u64(1n << 53n)))).toThrow(DecodeError);
  });

  it("[RP-2] count in a balance as their shares and the fees of all claims", () => {
    const points = curve.ristrettoDecode(Uint8Array.from(core.shares.flatMap((share) => [...share.commitment])))!;
    const one = scalarOf(1n);
    const expected = curve.msm([...points, commitPublic(curve, 30_000n)], [one, one, one, one]);
    expect(curve.ristrettoEncode([packetCommitment(curve, core, 0n)])).toEqual(curve.ristrettoEncode([expected]));
    expect(curve.isIdentity(packetCommitment(curve, core, 7n))).toBe(true);
    expect(() => packetCommitment(curve, core, 8n)).toThrow(RangeError);
  });

  it("[RP-6] give the drawn coin of the vectors for slot 1", () => {
    const coin = drawnCoin(core, packetLeaf, claims[2]!, 1);
    expect(coin).toEqual(decodeOutputCore(hexBytes(packetVector.drawn_coin_slot1.bytes)));
    expect(() => drawnCoin(core, packetLeaf, claims[2]!, 3)).toThrow(RangeError);
  });

  it("[RP-7] give the refund of the vectors once slot 1 is paid", () => {
    const coin = refundCoin(curve, core, packetLeaf, 2n);
    expect(coin).toEqual(decodeOutputCore(hexBytes(packetVector.refund_after_slot1.bytes)));
  });

  it("[TX-9] stand in transactions as outputs of type 3", () => {
    expect(decodeWhole(hexBytes(packetVector.bytes), readOutput)).toEqual(packet);
    expect(formatHex(encodeOutput(packet))).toBe(packetVector.bytes);
    expect(decodeOutputCore(hexBytes(packetVector.core))).toEqual(core);
    expect(() => decodePacketOutput(changed(0, 0))).toThrow("output type 0");
    expect(() => decodePacketCore(changed(0, 4))).toThrow("output type 4");
  });

  it("[BL-7] say D and vtag at a place of their own", () => {
    expect(scanFieldsOf(hexBytes(packetVector.core))).toEqual({
      ephemeralKey: core.ephemeralKey,
      viewTag: core.viewTag,
    });
  });

  it.each([
    codecOf("packet output", decodePacketOutput, encodePacketOutput, samples),
    codecOf(
      "packet core",
      decodePacketCore,
      encodePacketCore,
      samples.map((bytes) => encodePacketCore(coreOf(bytes))),
    ),
  ])(
    "[EN-3] [EN-4] $name: throws nothing but DecodeError and accepts one encoding per value",
    (codec) => checkDecoder(codec, runs(10_000, 1_000_000)),
    runs(60_000, 36_000_000),
  );
});
