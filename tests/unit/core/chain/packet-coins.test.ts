import fc from "fast-check";
import { expect, it } from "vitest";
import type { PacketCore } from "../../../../src/core/chain/packet-output.ts";
import { unpaidSlots } from "../../../../src/core/chain/packet-coins.ts";
import { PACKET_SLOTS_MAX } from "../../../../src/core/params/limits.ts";

const withShares = (length: number): PacketCore => ({ shares: Array.from({ length }) }) as unknown as PacketCore;

it("[RP-6] the slots that are left are those whose bit is not set, of as many shares as there may be", () => {
  const shares = fc.integer({ min: 1, max: PACKET_SLOTS_MAX });
  fc.assert(
    fc.property(shares, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (length, bits) => {
      const paid = bits & ((1n << BigInt(length)) - 1n);
      const left = Array.from({ length }, (_, slot) => slot).filter((slot) => ((paid >> BigInt(slot)) & 1n) === 0n);
      expect(unpaidSlots(withShares(length), paid)).toEqual(left);
    }),
  );
  expect(unpaidSlots(withShares(64), (1n << 64n) - 1n)).toEqual([]);
  expect(unpaidSlots(withShares(33), 1n << 33n)).toBeUndefined();
});
