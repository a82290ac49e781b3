import { describe, expect, it } from "vitest";
import { decodeOutputCore, type DrawnCore } from "../../../../src/core/chain/output.ts";
import { REFUND_SLOT } from "../../../../src/core/chain/packet-coins.ts";
import { commit } from "../../../../src/core/crypto/commitment.ts";
import { encodePoint } from "../../../../src/core/crypto/point.ts";
import { Reader } from "../../../../src/core/bytes/reader.ts";
import { deriveRefundOpening } from "../../../../src/core/wallet/packet-coin-secrets.ts";
import { openShare } from "../../../../src/core/red-packet/packet-secrets.ts";
import type { BlockOutcome } from "../../../../src/core/state/block-outcome.ts";
import { holdsSupplyInvariant, SUPPLY_SLICE_COUNT, SupplySum } from "../../../../src/core/state/supply-invariant.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { CLAIM_FEE, PacketBuilder, type TestPacket } from "../../../support/packet-builder.ts";
import { SeededNumbers } from "../../../support/seeded-numbers.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

const drawnIn = ({ cores }: BlockOutcome): readonly DrawnCore[] =>
  [...cores.values()].map(decodeOutputCore).filter((core) => core.type === "drawn");

/** µSTG in a coin of this packet, which its commitment must hold. */
function valueOf(packet: TestPacket, coin: DrawnCore): bigint {
  const { linkSecret, core } = packet;
  const opening =
    coin.slot === REFUND_SLOT
      ? deriveRefundOpening(curve, linkSecret, core, new Reader(coin.amountEnc).u64())
      : openShare(curve, linkSecret, coin.slot, coin);
  if (opening === undefined) throw new Error("a coin that does not open");
  expect(encodePoint(curve, commit(curve, opening.blinding, opening.amount))).toEqual(coin.commitment);
  return opening.amount;
}

describe("what a packet pays in all", () => {
  it("[RP-6] [RP-7] [SU-3] shares, fees and refund are what was packed, whoever claims, and however it ends", () => {
    const ledger = new LedgerBuilder({ label: "sums" });
    const packets = new PacketBuilder(ledger);
    const numbers = new SeededNumbers(7);
    const amounts = [4_000_000n, 1n, 250_000n, 77n];
    const kinds = ["expires", "taken back"] as const;
    for (const end of kinds) {
      for (let claimCount = 0; claimCount <= amounts.length; claimCount++) {
        const [packet] = packets.pack(packets.make(amounts, { lifeMs: 20_000 }));
        const coins: DrawnCore[] = [];
        let left = claimCount;
        let isEnding = false;
        while (ledger.tip.packets.count > 0) {
          const now = Math.min(left, numbers.between(0, 2));
          left -= now;
          const claims = Array.from({ length: now }, () => packets.claim(packet!));
          const isTakenBack = left === 0 && end === "taken back" && !isEnding && ledger.tip.packets.count > 0;
          const last = isTakenBack ? [packets.takeBack(packet!)] : [];
          isEnding ||= left === 0;
          const afterMs = left === 0 && end === "expires" ? 20_000 : 1_000;
          const made = [...claims, ...last].map((transaction) => ({ transaction, makes: [] }));
          const outcome = ledger.extend(made, { afterMs });
          expect(holdsSupplyInvariant(curve, ledger.ledger.leaves.values(), outcome.tip.header)).toBe(true);
          coins.push(...drawnIn(outcome));
        }
        const shares = coins.filter(({ slot }) => slot !== REFUND_SLOT);
        expect(shares).toHaveLength(claimCount);
        expect(new Set(shares.map(({ slot }) => slot)).size).toBe(claimCount);
        expect(coins.length - claimCount).toBe(claimCount === amounts.length ? 0 : 1);
        const paid = coins.reduce((sum, coin) => sum + valueOf(packet!, coin), 0n);
        expect(paid + BigInt(claimCount) * CLAIM_FEE).toBe(packet!.coin.amount);
      }
    }
  });
});

describe("the sum of the supply", () => {
  it("[SU-3] is made in slices of so many points, not of so many packets", () => {
    const ledger = new LedgerBuilder({ label: "slices" });
    const packets = new PacketBuilder(ledger);
    const half = Array.from({ length: SUPPLY_SLICE_COUNT / 2 }, (_, index) => BigInt(index + 1));
    const live = packets.pack(...[0, 1, 2].map(() => packets.make(half)));
    const sum = new SupplySum(curve);
    const records = live.map(({ leaf }) => ledger.ledger.leaf(leaf)!);
    expect(records.map((record) => sum.add(record))).toEqual([false, true, false]);
    for (const [leaf, record] of ledger.ledger.leaves) if (!live.some((each) => each.leaf === leaf)) sum.add(record);
    expect(sum.fits(ledger.tip.header)).toBe(true);
  });
});
