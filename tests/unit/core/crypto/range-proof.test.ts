import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { CurveBackend } from "../../../../src/core/crypto/backend/curve-backend.ts";
import { buildKernel } from "../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { KERNEL_NAMES } from "../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { createNobleBackend } from "../../../../src/core/crypto/backend/noble-backend.ts";
import { createWasmBackend, type Kernel } from "../../../../src/core/crypto/backend/wasm-backend.ts";
import { commitmentGenerators } from "../../../../src/core/crypto/commitment.ts";
import {
  encodeRangeProof,
  outputRangeContext,
  packetRangeContext,
  parseRangeProof,
  rangeProofSize,
  roundCount,
  type RangeClaim,
} from "../../../../src/core/crypto/range-proof.ts";
import { drawChallenges } from "../../../../src/core/crypto/range-proof-challenges.ts";
import { proofColumns } from "../../../../src/core/crypto/range-proof-columns.ts";
import { proveRange, type RangeWitness } from "../../../../src/core/crypto/range-proof-prover.ts";
import { RangeProofTranscript } from "../../../../src/core/crypto/range-proof-transcript.ts";
import { verifyRange, verifyRangeBatch } from "../../../../src/core/crypto/range-proof-verifier.ts";
import { bigintOf, GROUP_ORDER, reduceScalar, scalarOf } from "../../../../src/core/crypto/scalar.ts";
import { splitScalars, type ScalarVector } from "../../../../src/core/crypto/scalar-vector.ts";
import { u8 } from "../../../../src/core/bytes/writer.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { hexBytes, hexScalar, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { seededRandom, zeroRandom } from "../../../support/test-random.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

const CHAIN_ID = 1000;
const single: RangeWitness = {
  chainId: CHAIN_ID,
  context: hexBytes(vectors.rangeproof.ctx),
  values: [BigInt(vectors.rangeproof.value)],
  blindings: [hexScalar(vectors.rangeproof.z)],
};
const pair: RangeWitness = {
  chainId: CHAIN_ID,
  context: hexBytes(vectors.rangeproof_m2.ctx),
  values: vectors.rangeproof_m2.values.map(BigInt),
  blindings: vectors.rangeproof_m2.z.map(hexScalar),
};
const claim: RangeClaim = {
  chainId: CHAIN_ID,
  context: single.context,
  commitments: [hexBytes(vectors.rangeproof.V)],
  proof: hexBytes(vectors.rangeproof.proof),
};
const pairClaim: RangeClaim = {
  chainId: CHAIN_ID,
  context: pair.context,
  commitments: vectors.rangeproof_m2.V.map(hexBytes),
  proof: hexBytes(vectors.rangeproof_m2.proof),
};

/** The backend with other challenges: numbers out of hashes, of so many bytes if that is given. */
function withChallenges(change: (challenges: ScalarVector) => ScalarVector, size?: number): CurveBackend {
  return {
    ...curve,
    scalars: {
      ...curve.scalars,
      reduceWide(wide) {
        const numbers = curve.scalars.reduceWide(wide);
        return size === undefined || numbers.length === size ? change(numbers) : numbers;
      },
    },
  };
}

function withByte(bytes: Uint8Array, index: number, mask: number): Uint8Array {
  const changed = bytes.slice();
  changed[index]! ^= mask;
  return changed;
}

describe("range proofs", () => {
  it("[RG-4] [RG-5] proves as in the vector", () => {
    const proven = proveRange(curve, single, zeroRandom);
    expect(proven.commitments.map(formatHex)).toEqual([vectors.rangeproof.V]);
    expect(formatHex(proven.proof)).toBe(vectors.rangeproof.proof);
    expect(verifyRange(curve, claim)).toBe(true);
  });

  it("[RG-1] proves two values at once as in the vector: 0 and 2^64 − 1", () => {
    const proven = proveRange(curve, pair, zeroRandom);
    expect(proven.commitments.map(formatHex)).toEqual(vectors.rangeproof_m2.V);
    expect(formatHex(proven.proof)).toBe(vectors.rangeproof_m2.proof);
    expect(verifyRange(curve, pairClaim)).toBe(true);
  });

  it.each(KERNEL_NAMES)("[RG-4] proves and verifies with the %s kernel as in the vectors", (name) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(name) as BufferSource));
    const withKernel = createWasmBackend(name, exports as unknown as Kernel, createNobleBackend());
    expect(formatHex(proveRange(withKernel, single, zeroRandom).proof)).toBe(vectors.rangeproof.proof);
    expect(formatHex(proveRange(withKernel, pair, zeroRandom).proof)).toBe(vectors.rangeproof_m2.proof);
    expect(verifyRangeBatch(withKernel, [claim, pairClaim, claim], seededRandom(name))).toEqual({ ok: true });
    const bad = { ...pairClaim, chainId: 1 };
    expect(verifyRangeBatch(withKernel, [claim, bad], seededRandom(name))).toEqual({ ok: false, bad: [1] });
  });

  it("[RG-5] proves with any kernel what it proves without, any number of values", () => {
    const random = seededRandom("kernel proofs");
    const limit = 2n ** 64n - 1n;
    const kernels = KERNEL_NAMES.map((name) => {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(name) as BufferSource));
      return createWasmBackend(name, exports as unknown as Kernel, createNobleBackend());
    });
    for (const values of [[0n], [limit], [1n], [2n ** 63n], [1n, limit], [0n, limit, 5n, 2n ** 32n]]) {
      const blindings = values.map(() => reduceScalar(random.bytes(64)));
      const witness = { chainId: CHAIN_ID, context: random.bytes(32), values, blindings };
      const proven = proveRange(createNobleBackend(), witness, zeroRandom);
      for (const withKernel of kernels) expect(proveRange(withKernel, witness, zeroRandom)).toEqual(proven);
      expect(verifyRange(curve, { ...witness, ...proven })).toBe(true);
    }
  });

  it.each([8, 16, 32, 64])("[RG-1] proves %i values, with a kernel", (count) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(buildKernel("simd") as BufferSource));
    const withKernel = createWasmBackend("simd", exports as unknown as Kernel, createNobleBackend());
    const random = seededRandom(`${count} values`);
    const values = Array.from({ length: count }, (_, index) => (index % 3 === 0 ? BigInt(index) : 2n ** 64n - 1n));
    const witness = { chainId: CHAIN_ID, context: random.bytes(32), values, blindings: values.map(() => reduceScalar(random.bytes(64))) }; // prettier-ignore
    expect(verifyRange(withKernel, { ...witness, ...proveRange(withKernel, witness, random) })).toBe(true);
  });

  it("[RG-2] draws the challenges of the vector", () => {
    const parts = parseRangeProof(claim.proof, 1)!;
    const transcript = new RangeProofTranscript(curve, claim, parts.head[0]);
    expect(formatHex(reduceScalar(transcript.y()))).toBe(vectors.rangeproof.y);
    expect(formatHex(reduceScalar(transcript.z()))).toBe(vectors.rangeproof.z_ch);
    for (const [left, right] of parts.rounds) transcript.round(left, right);
    expect(formatHex(reduceScalar(transcript.last(parts.head[1], parts.head[2])))).toBe(vectors.rangeproof.e);
  });

  it.each([
    [1, 1],
    [3, 1],
    [2, 2],
  ])("[RG-2] draws the challenges of %i proofs of %i values as those of each", (count, valueCount) => {
    const one = valueCount === 1 ? claim : pairClaim;
    const claims = Array.from({ length: count }, (_, index): RangeClaim => {
      const context = hash32("test/context", u8(index));
      return {
        ...one,
        chainId: 7 + index,
        context,
        commitments: index === 0 ? one.commitments : one.commitments.toReversed(),
      };
    });
    const drawn = drawChallenges(curve, proofColumns(claims)!)!;
    const each = claims.map((own) => {
      const parts = parseRangeProof(own.proof, valueCount)!;
      const transcript = new RangeProofTranscript(curve, own, parts.head[0]);
      const [y, z] = [transcript.y(), transcript.z()];
      const rounds = parts.rounds.map(([left, right]) => transcript.round(left, right));
      return { y, z, rounds: rounds.reverse(), e: transcript.last(parts.head[1], parts.head[2]) };
    });
    const column = (pick: (own: (typeof each)[number]) => Uint8Array) => each.map((own) => reduceScalar(pick(own)));
    expect(splitScalars(drawn.y)).toEqual(column(({ y }) => y));
    expect(splitScalars(drawn.z)).toEqual(column(({ z }) => z));
    expect(splitScalars(drawn.e)).toEqual(column(({ e }) => e));
    const rounds = each[0]!.rounds.flatMap((_, place) => column((own) => own.rounds[place]!));
    expect(splitScalars(drawn.rounds)).toEqual(rounds);
  });

  it("[RG-3] takes its context from type, P and D", () => {
    const { P, D } = vectors.external;
    expect(formatHex(outputRangeContext(0, hexBytes(P), hexBytes(D)))).toBe(vectors.rangeproof.ctx);
    // type u8 ‖ P_refund ‖ D ‖ vtag ‖ Q: the front of a packet output (9.2), whose proof holds under this context.
    const packet = hexBytes(vectors.packet_output.bytes);
    const [refundKey, packetD, packetKey] = [packet.slice(1, 33), packet.slice(33, 65), packet.slice(67, 99)];
    const context = packetRangeContext(packetKey, refundKey, packetD);
    const count = packet[99]!;
    const stored = Array.from({ length: count }, (_, slot) => packet.slice(310 + 32 * slot, 342 + 32 * slot));
    const padding = curve.ristrettoEncode([curve.ristrettoBase()]);
    const commitments = [...stored, padding];
    const proof = packet.slice(-rangeProofSize(4));
    expect(verifyRange(curve, { chainId: CHAIN_ID, context, commitments, proof })).toBe(true);
    expect(context).not.toEqual(outputRangeContext(3, packetKey, packetD));
  });

  it("[RG-3] does not hold for another chain, output, commitment or count", () => {
    const other = (change: Partial<RangeClaim>): boolean => verifyRange(curve, { ...claim, ...change });
    expect(other({ chainId: 1001 })).toBe(false);
    expect(other({ chainId: 1 })).toBe(false);
    expect(other({ context: withByte(claim.context, 0, 1) })).toBe(false);
    expect(other({ commitments: pairClaim.commitments.slice(0, 1) })).toBe(false);
    expect(other({ commitments: [...claim.commitments, ...claim.commitments] })).toBe(false);
    expect(other({ commitments: [] })).toBe(false);
    expect(verifyRange(curve, { ...pairClaim, commitments: pairClaim.commitments.toReversed() })).toBe(false);
  });

  it("[RG-2] refuses a proof with a challenge of zero, whichever it is", () => {
    for (let place = 0; place < 9; place++) {
      const zeroed = withChallenges((challenges) => challenges.fill(0, 32 * place, 32 * place + 32));
      expect(verifyRange(zeroed, claim)).toBe(false);
    }
    expect(
      verifyRange(
        withChallenges((challenges) => challenges),
        claim,
      ),
    ).toBe(true);
  });

  it("[RG-2] the prover starts again, with scalars of its own, when a challenge is zero", () => {
    for (const place of [0, 1, 2, 8]) {
      let count = 0;
      const zeroed = withChallenges((challenges) => (count++ === place ? challenges.fill(0) : challenges), 32);
      const { proof } = proveRange(zeroed, single, seededRandom("starts again"));
      expect(verifyRange(curve, { ...claim, proof })).toBe(true);
      // y and z are read together.
      expect(count).toBe(Math.max(place + 1, 2) + 9);
    }
  });

  it("[RG-4] rejects every single changed byte", () => {
    // Each byte in turn, another bit each time; all eight bits in a soak.
    const random = seededRandom("changed bytes");
    let accepted = 0;
    for (let index = 0; index < claim.proof.length; index++) {
      const masks = runs(0, 1) === 0 ? [1 << (random.bytes(1)[0]! & 7)] : [1, 2, 4, 8, 16, 32, 64, 128];
      for (const mask of masks) {
        if (verifyRange(curve, { ...claim, proof: withByte(claim.proof, index, mask) })) accepted++;
      }
    }
    expect(accepted).toBe(0);
  });

  it("[RG-4] rejects s + ℓ in any scalar, identity commitments and wrong sizes", () => {
    for (const place of [3, 4, 5]) {
      const value = bigintOf(claim.proof.slice(32 * place, 32 * place + 32)) + GROUP_ORDER;
      const proof = claim.proof.slice();
      for (let index = 0; index < 32; index++) proof[32 * place + index] = Number((value >> BigInt(8 * index)) & 0xffn);
      expect(verifyRange(curve, { ...claim, proof })).toBe(false);
    }
    expect(verifyRange(curve, { ...claim, commitments: [new Uint8Array(32)] })).toBe(false);
    expect(verifyRange(curve, { ...claim, commitments: [new Uint8Array(31)] })).toBe(false);
    for (const size of [0, 191, 575, 577, 640]) {
      expect(verifyRange(curve, { ...claim, proof: new Uint8Array(size) })).toBe(false);
    }
    // Identity points are allowed in a proof, so this one is parsed, and then simply does not hold.
    expect(verifyRange(curve, { ...claim, proof: new Uint8Array(576) })).toBe(false);
  });

  it("[RG-1] cannot be made for 2^64 or for less than nothing", () => {
    const blindings = single.blindings;
    for (const value of [2n ** 64n, -1n, GROUP_ORDER - 1n]) {
      expect(() => proveRange(curve, { ...single, values: [value] }, zeroRandom)).toThrow(RangeError);
      // A commitment to it does not borrow the proof of the value it equals in its low 64 bits.
      const { table } = commitmentGenerators(curve);
      const commitment = curve.ristrettoEncode([curve.fixedMsmSecret(table, [blindings[0]!, scalarOf(value)])]);
      const low = proveRange(curve, { ...single, values: [BigInt.asUintN(64, value)] }, zeroRandom);
      expect(verifyRange(curve, { ...claim, commitments: [commitment], proof: low.proof })).toBe(false);
    }
  });

  it("[RG-6] a proof changed in any item fails in a batch as well", () => {
    const random = seededRandom("changed items");
    for (const one of [claim, pairClaim]) {
      for (let item = 0; item < one.proof.length / 32; item++) {
        const changed = { ...one, proof: withByte(one.proof, 32 * item, 2) };
        expect(verifyRangeBatch(curve, [claim, changed, one], random), `item ${item}`).toEqual({ ok: false, bad: [1] });
      }
    }
  });

  it.each([[0n, 2n ** 64n - 1n, 1n, 2n ** 63n]])(
    "[RG-1] proves four values at once, at both ends of the range",
    (...values) => {
      const random = seededRandom("four values");
      const blindings = values.map(() => reduceScalar(random.bytes(64)));
      const proven = proveRange(curve, { ...single, values, blindings }, random);
      expect(proven.proof).toHaveLength(rangeProofSize(4));
      expect(verifyRange(curve, { ...claim, ...proven })).toBe(true);
      expect(verifyRange(curve, { ...claim, ...proven, commitments: proven.commitments.toReversed() })).toBe(false);
    },
  );

  it("[RG-1] knows counts that are powers of two up to 64 only", () => {
    for (const [count, rounds] of [
      [1, 6],
      [2, 7],
      [4, 8],
      [64, 12],
    ] as const)
      expect(roundCount(count)).toBe(rounds);
    for (const count of [0, 3, 5, 63, 65, 128, -1, 0.5]) expect(roundCount(count)).toBeUndefined();
    expect([rangeProofSize(1), rangeProofSize(2), rangeProofSize(64)]).toEqual([576, 640, 960]);
    expect(() => proveRange(curve, { ...single, values: [1n, 2n, 3n] }, zeroRandom)).toThrow(RangeError);
  });

  it("[RG-5] hedges its randomness: equal aux, other value, nothing in common", () => {
    const other = proveRange(curve, { ...single, values: [7n] }, zeroRandom).proof;
    for (const place of [0, 1, 2, 6, 7]) {
      expect(other.slice(32 * place, 32 * place + 32)).not.toEqual(claim.proof.slice(32 * place, 32 * place + 32));
    }
    expect(formatHex(proveRange(curve, single, seededRandom("aux")).proof)).not.toBe(vectors.rangeproof.proof);
  });

  it("[RG-6] names the bad proofs of a batch", () => {
    const count = runs(8, 64);
    const random = seededRandom("batch");
    const claims = Array.from({ length: count }, (_, index): RangeClaim => {
      const context = hash32("test/context", u8(index));
      const witness = {
        chainId: CHAIN_ID,
        context,
        values: [BigInt(index)],
        blindings: [reduceScalar(random.bytes(64))],
      };
      return { chainId: CHAIN_ID, context, ...proveRange(curve, witness, random) };
    });
    expect(verifyRangeBatch(curve, claims, random)).toEqual({ ok: true });
    expect(verifyRangeBatch(curve, [...claims, pairClaim], random)).toEqual({ ok: true });
    expect(verifyRangeBatch(curve, [pairClaim, ...claims, pairClaim], random)).toEqual({ ok: true });
    const mixed = [claims[0]!, { ...pairClaim, chainId: 1 }, claims[1]!, pairClaim];
    expect(verifyRangeBatch(curve, mixed, random)).toEqual({ ok: false, bad: [1] });
    expect(verifyRangeBatch(curve, [], random)).toEqual({ ok: true });
    const oneBad = claims.with(5, { ...claims[5]!, chainId: 1 });
    expect(verifyRangeBatch(curve, oneBad, random)).toEqual({ ok: false, bad: [5] });
    const malformed = oneBad.with(2, { ...claims[2]!, proof: claims[2]!.proof.slice(1) });
    expect(verifyRangeBatch(curve, [...malformed, pairClaim], random)).toEqual({ ok: false, bad: [2, 5] });
    expect(verifyRangeBatch(curve, claims.with(1, claims[0]!), random)).toEqual({ ok: true });
  });

  it("[EN-4] parses any bytes into parts or nothing, and encodes the parts to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 570, maxLength: 580 }), (bytes) => {
        const parts = parseRangeProof(bytes, 1);
        if (parts !== undefined) expect(encodeRangeProof(parts)).toEqual(bytes);
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
    expect(encodeRangeProof(parseRangeProof(pairClaim.proof, 2)!)).toEqual(pairClaim.proof);
  });
});
