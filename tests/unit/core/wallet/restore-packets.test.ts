import { describe, expect, it } from "vitest";
import { scanEntryOf } from "../../../../src/core/chain/compact-block.ts";
import { outputHash, type DrawnCore, type OutputCore } from "../../../../src/core/chain/output.ts";
import { drawnCoin, refundCoin } from "../../../../src/core/chain/packet-coins.ts";
import type { PacketCore } from "../../../../src/core/chain/packet-output.ts";
import { derivePacketKey } from "../../../../src/core/red-packet/packet-secrets.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { deriveClaimKeys } from "../../../../src/core/wallet/packet-coin-secrets.ts";
import {
  isWaiting,
  nodesAsked,
  PACKET_ASKS_MAX,
  waitForPackets,
  wantedPackets,
  type FoundPacket,
  type WantedPacket,
} from "../../../../src/core/wallet/restore-packets.ts";
import { startRestore, type RestoreState } from "../../../../src/core/wallet/restore-state.ts";
import { scanBlocks, type ScanResult } from "../../../../src/core/wallet/scan-outputs.ts";
import { claims, linkSecret, packet, packetLeaf } from "../../../support/packet-vectors.ts";
import { curve, owner, payee } from "../../../support/wallet-vectors.ts";

const { core } = packet;
const COIN = leafIndex(700);
const claim = claims[2]!;
const refund = refundCoin(curve, core, packetLeaf, 2n);
const share = drawnCoin(core, packetLeaf, claim, 1);
/** The same share of the same packet, as a password would have made it. */
const guardedKey = derivePacketKey(curve, linkSecret.with(0, 7));
const guardedCore: PacketCore = { ...core, packetKey: guardedKey };
const home = deriveAddress(curve, payee.view, 0);
const seat = deriveClaimKeys(curve, payee.view.viewAllSecret, claim.ephemeralKey, home, guardedKey, linkSecret);
const guarded: DrawnCore = { ...share, oneTimeKey: seat.oneTimeKey };

function scan(
  keys: typeof payee,
  found: OutputCore,
  packets: readonly (readonly [typeof packetLeaf, PacketCore])[] = [],
): ScanResult {
  const outputs = [{ core: found, payload: undefined }];
  const place = { height: height(9), timeMs: timeMs(9_000), firstLeaf: COIN, entries: [scanEntryOf(found)], outputs };
  return scanBlocks(curve, keys.view, { account: 0, addressCount: 1, packets: new Map(packets), blocks: [place] });
}

describe("what a scan finds of packets that it does not know", () => {
  const wanted = [{ leaf: COIN, packetLeaf }];

  it("[OU-11] a share without a password it opens at once", () => {
    expect(scan(payee, share).notes).toMatchObject([{ leaf: COIN, packet: { type: "share", slot: 1 } }]);
    expect(scan(payee, share).wanted).toBeUndefined();
  });

  it("[RP-4] [RP-7] for a refund, and a share behind a password, it wants the packet, and then opens them", () => {
    expect(scan(owner, refund)).toEqual({ notes: [], wanted });
    expect(scan(owner, refund, [[packetLeaf, core]]).notes).toMatchObject([{ packet: { type: "refund", packetLeaf } }]);
    expect(scan(payee, guarded)).toEqual({ notes: [], wanted });
    expect(scan(payee, guarded, [[packetLeaf, guardedCore]]).notes).toMatchObject([{ packet: { type: "share" } }]);
  });

  it("[RP-7] another core than its packet's is not believed", () => {
    const inVain = (tried: PacketCore) => ({ notes: [], wanted: [{ ...wanted[0]!, tried: outputHash(tried) }] });
    expect(scan(payee, guarded, [[packetLeaf, core]])).toEqual(inVain(core));
    const fewer = { ...core, shares: core.shares.slice(1) };
    expect(scan(owner, refund, [[packetLeaf, fewer]])).toEqual(inVain(fewer));
    expect(scan(owner, refund, [[packetLeaf, guardedCore]])).toEqual(inVain(guardedCore));
  });

  it("[OU-10] of somebody else's coins it wants nothing", () => {
    expect(scan(owner, share)).toEqual({ notes: [] });
    expect(scan(payee, refund)).toEqual({ notes: [] });
  });
});

describe("a restore that waits for a packet", () => {
  const begun: RestoreState = { ...startRestore(undefined), hits: [COIN, leafIndex(5)], endLeaf: 2_000 };
  const bucketOf = (leaf: number): number => Math.floor(leaf / 64);
  const open = (
    restore: RestoreState,
    leaves: readonly number[],
    wanted: readonly WantedPacket[] = [],
    packets: readonly FoundPacket[] = [],
    node = 0,
    nodeCount = 9,
  ): RestoreState => {
    const buckets = new Set(leaves.map(bucketOf));
    const { givenUp, ...waits } = waitForPackets(restore, { buckets, wanted, packets, from: { node, nodeCount } });
    lost.push(...givenUp);
    return { ...restore, ...waits };
  };
  const lost: WantedPacket[] = [];
  const wanted = [{ leaf: COIN, packetLeaf }];
  const waiting = open(begun, [COIN], wanted);

  it("is as it was where nothing is wanted", () => {
    const other = open(begun, [COIN]);
    expect(other).toEqual({ ...begun, hits: [5] });
    expect(isWaiting(other, leafIndex(5))).toBe(false);
    expect(wantedPackets(other)).toEqual([]);
  });

  it("[OU-11] keeps the coin among its hits, so that a restart meets it again, and asks for the packet meanwhile", () => {
    expect(waiting.hits).toEqual([5, COIN, packetLeaf]);
    expect(isWaiting(waiting, COIN)).toBe(true);
    expect(isWaiting(waiting, packetLeaf)).toBe(false);
    expect(wantedPackets(waiting)).toEqual([packetLeaf]);
    // What a store keeps of it.
    const { packetWaits: _waits, ...stored } = waiting;
    expect(open(stored, [COIN], wanted).hits).toEqual(expect.arrayContaining([COIN, packetLeaf]));
  });

  it("opens the coin once the packet is there, and has done with it then", () => {
    const ready = open(waiting, [packetLeaf], [], [{ packetLeaf, core }]);
    expect(ready.hits).toEqual([5, COIN]);
    expect(isWaiting(ready, COIN)).toBe(false);
    expect(ready.packetWaits!.packets.get(packetLeaf)).toBe(core);
    expect(open(ready, [COIN]).hits).toEqual([5]);
  });

  it("asks other nodes where one has lost it, and keeps the coin for later where none of three has it", () => {
    lost.length = 0;
    let missed = waiting;
    for (let node = 1; node < PACKET_ASKS_MAX; node++) {
      missed = open(missed, [packetLeaf], [], [], node);
      expect(missed.hits, `node ${node}`).toEqual(expect.arrayContaining([COIN, packetLeaf]));
      expect(nodesAsked(missed, bucketOf(packetLeaf))).toContain(node);
    }
    // The same one again says nothing new.
    missed = open(missed, [packetLeaf], [], [], 1);
    expect(missed.hits).toContain(COIN);
    expect(nodesAsked(missed, bucketOf(COIN))).toEqual(new Set());
    expect(lost).toEqual([]);
    expect(open(missed, [packetLeaf], [], [], PACKET_ASKS_MAX).hits).toEqual([5]);
    expect(lost).toEqual(wanted);
  });

  /** Cores that are not the packet's, each another. */
  const wrong = (place: number): PacketCore => ({ ...core, claimFee: amount(BigInt(1_000 + place)) });
  const inVain = (tried: PacketCore, leaf = COIN): readonly WantedPacket[] => {
    return [{ leaf, packetLeaf, tried: outputHash(tried) }];
  };

  it("asks another where one gave a wrong core, and believes none that does not open the coin", () => {
    lost.length = 0;
    let asked = waiting;
    for (let node = 0; node < PACKET_ASKS_MAX; node++) {
      expect(asked.hits, `node ${node}`).toEqual(expect.arrayContaining([COIN, packetLeaf]));
      const given = open(asked, [packetLeaf], [], [{ packetLeaf, core: wrong(node) }], node);
      expect(isWaiting(given, COIN)).toBe(false);
      asked = open(given, [COIN], inVain(wrong(node)), [], node);
    }
    expect(asked.hits).toEqual([5]);
    expect(lost).toEqual(wanted);
  });

  it("tries the core that is there before it takes another, which may be a wrong one", () => {
    const given = open(waiting, [packetLeaf], [], [{ packetLeaf, core }], 0);
    const both = open(given, [packetLeaf], [], [{ packetLeaf, core: wrong(1) }], 1);
    expect(both.packetWaits!.packets.get(packetLeaf)).toBe(core);
    // What another node said in the meantime was not looked at, so that one may be asked all the same.
    const failed = open(both, [COIN], inVain(core), [], 2);
    expect(nodesAsked(failed, bucketOf(packetLeaf))).toEqual(new Set([0]));
  });

  it("takes no core twice that a coin has failed with, and nothing more from a node that gave such a one", () => {
    const given = open(waiting, [packetLeaf], [], [{ packetLeaf, core: wrong(0) }], 0);
    const failed = open(given, [COIN], inVain(wrong(0)), [], 0);
    for (const [node, again] of [
      [1, wrong(0)],
      [0, wrong(1)],
    ] as const) {
      expect(isWaiting(open(failed, [packetLeaf], [], [{ packetLeaf, core: again }], node), COIN)).toBe(true);
    }
    expect(isWaiting(open(failed, [packetLeaf], [], [{ packetLeaf, core }], 1), COIN)).toBe(false);
  });

  it("may try one coin with a core that another has failed with", () => {
    const other = leafIndex(900);
    const two = open({ ...waiting, hits: [...waiting.hits, other] }, [other], [{ leaf: other, packetLeaf }]);
    const given = open(two, [packetLeaf], [], [{ packetLeaf, core }]);
    const failed = open(given, [other], inVain(core, other));
    expect([isWaiting(failed, COIN), isWaiting(failed, other)]).toEqual([false, true]);
    // Others are asked once this one is of no more use.
    expect(failed.hits).not.toContain(packetLeaf);
    expect(open(failed, [COIN]).hits).toEqual([5, other, packetLeaf]);
  });

  it("has done with it for now where there is nobody else to ask", () => {
    lost.length = 0;
    expect(open(waiting, [packetLeaf], [], [], 4, 1).hits).toEqual([5]);
    expect(lost).toEqual(wanted);
    expect(open(waiting, [packetLeaf], [], [], 4, 2).hits).toContain(COIN);
  });

  const NEAR = leafIndex(packetLeaf + 1);
  const near = [{ leaf: NEAR, packetLeaf }];
  /** A coin in one bucket with its packet, and what the first node gave. */
  const givenBoth = (first: PacketCore): RestoreState => {
    const both = open({ ...begun, hits: [NEAR] }, [packetLeaf], near);
    expect(both.hits).toEqual([NEAR, packetLeaf]);
    const given = open(both, [packetLeaf], near, [{ packetLeaf, core: first }]);
    expect(isWaiting(given, NEAR)).toBe(false);
    expect(given.hits).toEqual([NEAR]);
    return given;
  };

  it("takes both from one bucket", () => {
    expect(open(givenBoth(core), [packetLeaf], [], [{ packetLeaf, core }]).hits).toEqual([]);
  });

  it("[RP-7] comes to an end where a refund only looks like ours, and its packet is in the same bucket", () => {
    lost.length = 0;
    let asked = open(givenBoth(core), [packetLeaf], inVain(core, NEAR), [{ packetLeaf, core }], 0);
    for (let node = 1; node < PACKET_ASKS_MAX; node++) {
      expect(asked.hits, `node ${node}`).toEqual([NEAR, packetLeaf]);
      expect(isWaiting(asked, NEAR)).toBe(true);
      asked = open(asked, [packetLeaf], near, [{ packetLeaf, core }], node);
    }
    expect(asked.hits).toEqual([]);
    expect(lost).toEqual(near);
  });

  it("[OU-11] is held up by no node that shows a false core, or another each time", () => {
    lost.length = 0;
    const lied = open(
      givenBoth(wrong(0)),
      [packetLeaf],
      inVain(wrong(0), NEAR),
      [{ packetLeaf, core: wrong(1) }],
      0,
      1,
    );
    expect(lied.hits).toEqual([]);
    expect(lost).toEqual(near);
    // Another node has the right one: in the answer that the coin is looked at in, or in the next.
    const honest = open(givenBoth(wrong(0)), [packetLeaf], inVain(wrong(0), NEAR), [{ packetLeaf, core }], 1);
    expect(isWaiting(honest, NEAR)).toBe(false);
    expect(honest.packetWaits!.packets.get(packetLeaf)).toBe(core);
  });
});
