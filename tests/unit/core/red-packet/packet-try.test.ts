import { describe, expect, it } from "vitest";
import {
  NEW_TRY,
  stepTry,
  TRY_EVALUATIONS,
  tryOdds,
  type PacketTryJob,
  type PacketTryState,
} from "../../../../src/core/red-packet/packet-try.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex } from "../../../../src/core/values/height.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

const { work, Q } = vectors.packet;
const job: PacketTryJob = {
  packetLeaf: leafIndex(work.leaf),
  packetKey: hexBytes(Q),
  powBits: work.bits,
  refHeight: height(9),
  blockId: hash(hexBytes(work.block_hash)),
  oneTimeKey: hexBytes(work.P),
  firstNonce: 0n,
};

describe("a try on a chance packet (RP-11)", () => {
  it("[RP-5] [RP-11] finds the nonce of the vectors, in steps of any size", () => {
    const won = { status: "won", evaluated: 17, nonce: BigInt(work.nonce) };
    expect(stepTry(job, NEW_TRY, TRY_EVALUATIONS)).toEqual(won);
    let state: PacketTryState = NEW_TRY;
    const shown: number[] = [];
    while (state.status === "running") {
      state = stepTry(job, state, 5);
      shown.push(state.evaluated);
    }
    expect(state).toEqual(won);
    expect(shown).toEqual([5, 10, 15, 17]);
    expect(stepTry(job, state, 5)).toBe(state);
  });

  it("[RP-11] is lost after 64 evaluations, and stays so", () => {
    const hard = { ...job, powBits: 24, firstNonce: (1n << 64n) - 3n };
    const before = stepTry(hard, { status: "running", evaluated: 62 }, 1);
    expect(before).toEqual({ status: "running", evaluated: 63 });
    const lost = stepTry(hard, before, 100);
    expect(lost).toEqual({ status: "lost", evaluated: TRY_EVALUATIONS });
    expect(stepTry(hard, lost, 1)).toBe(lost);
  });

  it("[RP-11] wins with the odds that are shown", () => {
    expect(tryOdds(1)).toBe(1);
    expect(tryOdds(6)).toBeCloseTo(1 - (63 / 64) ** 64, 12);
    expect(tryOdds(24)).toBeCloseTo(64 / 2 ** 24, 10);
    expect(tryOdds(10)).toBeGreaterThan(tryOdds(11));
  });
});
