import { describe, expect, it } from "vitest";
import { refundCoin } from "../../../../src/core/chain/packet-coins.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { BUCKET_LEAVES } from "../../../../src/core/state/bucket-proof.ts";
import type { ServedBucket, ServedSlot } from "../../../../src/core/sync/served-bucket.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import type { BucketJob, BucketToOpen } from "../../../../src/core/wallet/bucket-job.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import {
  buildOwnCoin,
  buildPaidCoin,
  derivePayment,
  type CoinSecrets,
} from "../../../../src/core/wallet/output-secrets.ts";
import { buildEmptyPayload, buildMemo } from "../../../../src/core/wallet/payload.ts";
import { openBuckets } from "../../../../src/engine/services/open-buckets.ts";
import { encodeBucketAnswer } from "../../../../src/wire/requests/bucket.ts";
import { randomOutput } from "../../../support/client-chain.ts";
import { ClientState } from "../../../support/client-state.ts";
import { packet } from "../../../support/packet-vectors.ts";
import { streamedCoin } from "../../../support/streamed-coin.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { curve, owner, payee } from "../../../support/wallet-vectors.ts";

const random = seededRandom("open buckets");
const to = deriveAddress(curve, payee.view, 1);
const payment = derivePayment(curve, to, amount(70n), random.bytes(32))!;
const paid = buildPaidCoin(curve, payment, to, amount(70n), 0);
const change = buildOwnCoin(curve, owner.view.viewAllSecret, payment.ephemeralKey, to, amount(1n), 0);

const outputOf = (coin: CoinSecrets, sealed = buildEmptyPayload(random)) => streamedCoin(coin, sealed);

const BUCKETS = [2, 3, 5];
const AT = height(9);
/** Of the first bucket: a coin of ours, and its memo on somebody's change behind it. Of the last one: a coin of ours. */
const OURS = [leafIndex(2 * BUCKET_LEAVES + 10), leafIndex(5 * BUCKET_LEAVES + 63)] as const;

const state = new ClientState();
const outputs = Array.from({ length: 6 * BUCKET_LEAVES }, () => randomOutput(random));
outputs[OURS[0]] = outputOf(paid);
const memo = buildMemo(change.fields, { ...payment, amount: 70n, spendKey: to.spendKey }, 1, random.bytes(8), {
  text: "for you",
});
outputs[OURS[0] + 1] = outputOf(change, memo);
const second = derivePayment(curve, to, amount(5n), random.bytes(32))!;
outputs[OURS[1]] = outputOf(buildPaidCoin(curve, second, to, amount(5n), 0));
state.apply(height(4), leafIndex(0), outputs, []);
/** A packet that is gone, and a refund of it that lives: it is the owner's. */
const GONE = leafIndex(3 * BUCKET_LEAVES + 9);
const REFUND = leafIndex(3 * BUCKET_LEAVES + 64 - 1);
const refund = { core: refundCoin(curve, packet.core, GONE, 2n), payload: undefined };
const utxoRoot = state.apply(height(4), REFUND, [refund], [GONE]);
state.keep(AT);
const boundary = { height: AT, timeMs: timeMs(900), utxoRoot, nextLeaf: outputs.length };

type Change = (bucket: number, served: ServedBucket) => ServedBucket;

function jobOf(change: Change = (_, served) => served, hits: readonly BucketToOpen["hits"][] = []): BucketJob {
  const answers = BUCKETS.map((bucket, index) => ({
    bucket,
    frame: encodeBucketAnswer(change(bucket, state.bucket(AT, bucket))),
    hits: hits[index],
  }));
  return { account: 0, addressCount: 8, addressCountMax: 16, boundary, answers };
}

const open = (job: BucketJob) => openBuckets(curve, payee.view, structuredClone(job));
const leavesOf = (job: BucketJob): readonly number[] | string => {
  const result = open(job);
  return result.ok ? result.notes.map(({ leaf }) => leaf) : result.code;
};

describe("the buckets of a triple in a crypto worker", () => {
  it("[BL-15] from the bytes of the answer to notes, in each bucket whose tags have not been read", () => {
    const bound = { height: 4, timeMs: 900, isTimeBound: true };
    expect(open(jobOf())).toMatchObject({
      ok: true,
      notes: [
        { leaf: OURS[0], amount: 70n, memo: "for you", ...bound },
        { leaf: OURS[1], amount: 5n, ...bound },
      ],
    });
  });

  it("[MS-1] where tags have been read only hits are tried, and finds the same of them, memos as well", () => {
    const whole = open(jobOf());
    expect(open(jobOf(undefined, [[OURS[0]], [], [OURS[1]]]))).toEqual(whole);
    expect(open(jobOf(undefined, [[OURS[0], leafIndex(2 * BUCKET_LEAVES)], [], undefined]))).toEqual(whole);
    expect(leavesOf(jobOf(undefined, [[OURS[0]], [], []]))).toEqual([OURS[0]]);
    expect(leavesOf(jobOf(undefined, [[], [], []]))).toEqual([]);
    expect(leavesOf(jobOf(undefined, [[leafIndex(2 * BUCKET_LEAVES + 11)], [], undefined]))).toEqual(OURS);
  });

  const slotOf = (change: (slot: ServedSlot) => ServedSlot | undefined): ((served: ServedBucket) => ServedBucket) => {
    return (served) => ({ ...served, slots: served.slots.with(7, change(served.slots[7]!)) });
  };
  describe.each(BUCKETS)("[BL-15] [BL-6] a lie in bucket %i, a decoy or not", (liedOf) => {
    it.each([
      ["an output left out", slotOf(() => undefined)],
      ["an output called dead", slotOf((slot) => ({ ...slot, isLive: false, height: height(0) }))],
      ["another core", slotOf((slot) => ({ ...slot, core: randomOutput(random).core }))],
      ["another payload", slotOf((slot) => ({ ...slot, payload: random.bytes(512) }))],
      ["another height", slotOf((slot) => ({ ...slot, height: height(5) }))],
      ["the state of another height", (served: ServedBucket) => ({ ...served, at: height(8) })],
      ["another path", (served: ServedBucket) => ({ ...served, proof: { ...served.proof, other: served.proof.scan } })],
    ])("is found: %s", (_, lie) => {
      const hits = [[OURS[0]], [], [OURS[1]]];
      expect(leavesOf(jobOf((bucket, served) => (bucket === liedOf ? lie(served) : served), hits))).toBe(
        "wrong_bucket",
      );
    });

    it.each([
      ["cut short", (frame: Uint8Array) => frame.slice(0, -1)],
      ["with a byte too many", (frame: Uint8Array) => new Uint8Array([...frame, 0])],
      ["with a flag of 2", (frame: Uint8Array) => frame.with(9, 2)],
      ["of another type", (frame: Uint8Array) => frame.with(0, 9)],
      ["empty", () => new Uint8Array()],
    ])("is no answer: a frame %s, also beside a bucket that is wrong", (_, junk) => {
      const job = jobOf((bucket, served) => (bucket === BUCKETS[0] ? slotOf(() => undefined)(served) : served));
      const answers = job.answers.map((answer) => {
        return answer.bucket === liedOf ? { ...answer, frame: junk(answer.frame) } : answer;
      });
      expect(leavesOf({ ...job, answers })).toBe("frame_refused");
    });
  });

  it("[BL-12] [OU-11] a refund is opened with the core of its packet, which is gone and so proven by nothing else", () => {
    const gone = {
      isLive: false,
      height: height(0),
      core: packet.core,
      payload: undefined,
      stateFields: new Uint8Array(),
    };
    const job = jobOf((bucket, served) => (bucket === 3 ? { ...served, slots: served.slots.with(9, gone) } : served));
    const openFor = (more: Partial<BucketJob>) => openBuckets(curve, owner.view, structuredClone({ ...job, ...more }));
    const wanted = [{ leaf: REFUND, packetLeaf: GONE }];
    expect(openFor({})).toEqual({ ok: true, notes: [], wanted });
    const packets = [{ packetLeaf: GONE, core: packet.core }];
    expect(openFor({ packetLeaves: [GONE] })).toEqual({ ok: true, notes: [], wanted, packets });
    expect(openFor({ packetLeaves: [OURS[0], leafIndex(9)] })).toEqual({ ok: true, notes: [], wanted });
    expect(openFor({ packets: new Map([[GONE, packet.core]]) })).toMatchObject({
      notes: [{ leaf: REFUND, packet: { type: "refund", packetLeaf: GONE } }],
    });
  });

  it("[BL-15] is refused as other buckets, and under another root", () => {
    const job = jobOf();
    const [first, ...rest] = job.answers;
    expect(leavesOf({ ...job, answers: [{ ...first!, bucket: 4 }, ...rest] })).toBe("wrong_bucket");
    expect(leavesOf({ ...job, boundary: { ...boundary, utxoRoot: sha256Hash() } })).toBe("wrong_bucket");
  });
});
