import { describe, expect, it } from "vitest";
import { decodeClaim } from "../../../../src/core/chain/claim.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import { nextMultiplier } from "../../../../src/core/state/fee-multiplier.ts";
import { exactFee, feeFactor, unitFee } from "../../../../src/core/state/fees.ts";
import {
  decodePacketState,
  decodeStakeState,
  encodePacketState,
  encodeStakeState,
  packetStateHash,
  stakeStateHash,
} from "../../../../src/core/state/leaf-state.ts";
import { nextValidatorSet, type StakeAccount } from "../../../../src/core/state/next-validator-set.ts";
import { blockReward, futureRewardsTimes1000, splitReward } from "../../../../src/core/state/rewards.ts";
import { slashAmounts } from "../../../../src/core/state/slash-amounts.ts";
import { ACCOUNT_STATUS } from "../../../../src/core/state/aux-records.ts";
import { amount, MICRO_PER_STG } from "../../../../src/core/values/amount.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

const params = NETWORK_PARAMS.dev;

describe("leaf states", () => {
  it("[BL-1] hashes the state of a stake", () => {
    for (const each of vectors.lstate.type2) {
      const state = {
        isUnbonding: each.status === 1,
        amount: amount(BigInt(each.amount_now)),
        release: timeMs(Number(each.release_ms)),
      };
      expect(formatHex(stakeStateHash(state))).toBe(each.state32);
      expect(decodeStakeState(encodeStakeState(state))).toEqual(state);
    }
    expect(vectors.lstate.type2[0]!.state32).toBe(vectors.dev.genesis.stake_state_0);
  });

  it("[BL-1] hashes the state of a packet", () => {
    for (const each of vectors.lstate.type3) {
      const used = each.used.map((text) => ({
        oneTimeKey: hexBytes(text).slice(0, 32),
        ticketKey: hexBytes(text).slice(32),
      }));
      const pending = each.pending.map((claim) => ({
        height: height(claim.height),
        claim: decodeClaim(hexBytes(claim.claim)),
      }));
      const state = { paidBitmap: BigInt(each.paid_bitmap), isClosing: each.closing === 1, used, pending };
      expect(formatHex(packetStateHash(state))).toBe(each.state32);
      expect(decodePacketState(encodePacketState(state))).toEqual(state);
    }
  });
});

describe("fees", () => {
  it("[FE-1] moves the multiplier as in the vectors", () => {
    for (const { mult, T, growth, next } of vectors.consensus.mult) expect(nextMultiplier(mult, T, growth)).toBe(next);
  });

  it("[FE-1] never leaves its range, and a busy epoch always raises it", () => {
    for (const multiplier of [1_000, 1_001, 4_321, 999_999, 1_000_000]) {
      for (const growth of [0, 1, 599, 600, 601, 5_399, 5_400, 10 ** 6]) {
        const next = nextMultiplier(multiplier, 600, growth);
        expect(next).toBeGreaterThanOrEqual(1_000);
        expect(next).toBeLessThanOrEqual(1_000_000);
        if (growth > 600 && multiplier < 1_000_000) expect(next).toBeGreaterThan(multiplier);
        expect(next).toBeLessThanOrEqual(2 * multiplier);
      }
    }
  });

  it("[TX-8] takes the exact fee of this or the previous multiplier and nothing else", () => {
    const record = { multiplier: 2_000, previousMultiplier: 1_125, start: timeMs(0), firstLeaf: 0 };
    expect(unitFee(params, 1_000, 2, 2)).toBe(22_000n);
    expect(unitFee(params, 1_125, 2, 1)).toBe(2n * 11_250n + 1_125n);
    expect(exactFee(params, record, 4, 2, 2)).toBe(4n * 44_000n);
    for (const factor of [1, 2, 4, 8, 16] as const) {
      expect(feeFactor(params, record, 2, 2, BigInt(factor) * 44_000n)).toBe(factor);
      expect(feeFactor(params, record, 2, 1, BigInt(factor) * 23_625n)).toBe(factor);
    }
    for (const fee of [0n, 43_999n, 44_001n, 3n * 44_000n, 32n * 44_000n, 22_000n]) {
      expect(feeFactor(params, record, 2, 2, fee)).toBe(undefined);
    }
  });
});

describe("rewards", () => {
  it("[RW-1] shares out as in the vectors, to the last unit", () => {
    for (const each of vectors.consensus.reward) {
      const validators = each.powers.map((power, seat) => ({
        blsKey: new Uint8Array(48).fill(seat),
        power: Number(power),
      }));
      const signed = validators.map((_, seat) => each.signers.includes(seat));
      const split = splitReward(BigInt(each.reward), BigInt(each.fees), Number(each.award_bp), validators, signed);
      expect(String(split.awardPart)).toBe(each.award_part);
      expect(String(split.proposer)).toBe(each.proposer);
      expect(each.signers.map((seat) => String(split.signers[seat]))).toEqual(each.signer_shares);
      expect(String(split.leftover)).toBe(each.leftover_to_pot);
      const shared = split.signers.reduce(
        (sum, share) => sum + share,
        split.awardPart + split.proposer + split.leftover,
      );
      expect(shared).toBe(BigInt(each.reward) + BigInt(each.fees));
    }
  });

  it("[SU-4] pays per time, at most a minute of it, and halves", () => {
    const genesis = timeMs(1_000_000);
    const at = (parentMs: number, elapsedMs: number): bigint =>
      blockReward(params, genesis, timeMs(genesis + parentMs), timeMs(genesis + parentMs + elapsedMs));
    expect(at(0, 1_000)).toBe(10_000_000n);
    expect(at(0, 1_999)).toBe(19_990_000n);
    expect(at(0, 60_000)).toBe(600_000_000n);
    expect(at(0, 90_000)).toBe(600_000_000n);
    expect(at(params.halvingMs, 1_000)).toBe(5_000_000n);
    expect(at(params.halvingMs * 23, 1_000)).toBe(1n);
    expect(at(params.halvingMs * 24, 60_000)).toBe(0n);
    expect(at(params.halvingMs * 200, 1_000)).toBe(0n);
    // Main: about 757 million STG in all.
    expect(futureRewardsTimes1000(NETWORK_PARAMS.main) / 1_000n / MICRO_PER_STG / 1_000_000n).toBe(757n);
  });

  it("[ST-4] takes a slash apart as in the vectors", () => {
    for (const each of vectors.consensus.slash) {
      const amounts = slashAmounts(BigInt(each.amount_now), Number(each.bp));
      expect(String(amounts.slashed)).toBe(each.s);
      expect(String(amounts.includer)).toBe(each.includer);
      expect(String(amounts.burned)).toBe(each.burned);
    }
  });
});

describe("the next validator set", () => {
  it.each(vectors.consensus.churn)("[ST-2] $name", (each) => {
    const current = each.current.map(({ pk, power }) => ({ blsKey: hexBytes(pk), power: Number(power) }));
    const accounts = each.accounts.map(({ pk, power, status }): StakeAccount => ({
      blsKey: hexBytes(pk),
      stake: BigInt(power) * MICRO_PER_STG,
      status: ACCOUNT_STATUS[status]!,
    }));
    const next = nextValidatorSet(current, accounts, {
      maxValidators: each.max_validators,
      minStake: Number(each.min_power) * Number(MICRO_PER_STG),
      maxChurnBp: each.churn_bp,
    });
    const expected = each.next;
    expect(next.map(({ blsKey, power }) => ({ pk: formatHex(blsKey), power: String(power) }))).toEqual(expected);
  });
});
