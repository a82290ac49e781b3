import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import type { RecentBlockView, RecentView } from "../../../../src/api/explorer.ts";
import { BLOCK_TRANSACTIONS_MAX } from "../../../../src/core/params/limits.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import {
  decodeRecentBlocks,
  encodeRecentBlocks,
  RECENT_BLOCKS_MAX,
} from "../../../../src/engine/services/recent-record.ts";
import { ClientWorld } from "../../../support/client-world.ts";
import { eventually } from "../../../support/eventually.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { runs } from "../../../support/run-counts.ts";

let world: ClientWorld;
afterEach(() => world.close());

/** A wallet that follows a chain on which its coins were paid in the newest block. */
async function open(blockCount: number): Promise<void> {
  world = new ClientWorld();
  await world.serve();
  for (let block = 1; block < blockCount; block++) world.server.extend();
  await world.open();
  await world.makeWallet(5n);
}

/** Looks as a screen does, until what is seen is as wanted. */
function looking(isWanted: (view: RecentView) => boolean): Promise<RecentView> {
  return world.until(async () => {
    const view = await world.client!.explorer.recent();
    return isWanted(view) ? view : undefined;
  }, "such a view");
}

const reaches = (at: number) => (view: RecentView) => view.newest?.height === at && view.blocks.at(-1)?.height === at;
const counts = (view: RecentView) => view.blocks.map(({ transactionCount }) => transactionCount);

describe("the newest blocks", () => {
  it("are counted up to the header that this device has verified, and follow it", async () => {
    await open(3);
    const { header } = world.server.ledger.tip;
    const view = await looking(reaches(3));
    const { height, time, pot, minted, burned } = header;
    expect(view.newest).toEqual({ height, timeMs: time, pot, minted, burned });
    expect(view.blocks.map((block) => block.height)).toEqual([1, 2, 3]);
    expect(view.blocks.at(-1)!.timeMs).toBe(time);
    expect(counts(view)).toEqual([0, 0, 1]);
    world.server.extend();
    expect(counts(await looking(reaches(4)))).toEqual([0, 0, 1, 0]);
  });

  it("[NW-11] are asked for over one connection with an identity nobody has seen, each once", async () => {
    await open(3);
    await looking(reaches(3));
    world.server.extend();
    await looking(reaches(4));
    await world.client!.explorer.recent();
    const askers = (isBlock: boolean): readonly string[] => {
      return world.server.asked.filter(({ protocol }) => (protocol === "block") === isBlock).map(({ from }) => from);
    };
    expect(askers(true)).toHaveLength(2);
    expect(new Set(askers(true)).size).toBe(1);
    expect(askers(false)).not.toContain(askers(true)[0]);
  });

  it("are sixty at most", async () => {
    await open(RECENT_BLOCKS_MAX + 5);
    const { blocks } = await looking(reaches(RECENT_BLOCKS_MAX + 5));
    expect([blocks.length, blocks[0]!.height]).toEqual([RECENT_BLOCKS_MAX, 6]);
  });

  it("[BL-2] are taken from nobody who leaves a transaction out or shows another chain", async () => {
    await open(3);
    const { blocks, asked } = world.server;
    const honest = [...blocks];
    const lies = [
      () => (blocks[2] = { ...honest[2]!, transactions: [] }),
      () => (blocks[1] = { ...honest[1]!, header: { ...honest[1]!.header, round: 7 } }),
      () => (blocks[2] = { ...honest[2]!, header: { ...honest[2]!.header, round: 7 } }),
      () => (blocks[0] = undefined),
      () => blocks.pop(),
    ];
    for (const lie of lies) {
      lie();
      const before = asked.filter(({ protocol }) => protocol === "block").length;
      await eventually(async () => {
        await world.client!.explorer.recent();
        // Each node is asked in turn.
        expect(asked.filter(({ protocol }) => protocol === "block").length).toBeGreaterThan(before + 1);
      });
      expect((await world.client!.explorer.recent()).blocks).toEqual([]);
      blocks.splice(0, blocks.length, ...honest);
      await world.client!.stop();
      await world.close();
      await world.open();
      await world.live();
    }
  });

  it("are still known, with their age, to a device that comes back and finds nobody", async () => {
    await open(3);
    const before = await looking(reaches(3));
    await world.close();
    world.networkFile = "";
    await world.open();
    expect(await world.client!.explorer.recent()).toEqual(before);
    await world.client!.accounts.erase();
    expect(await world.client!.explorer.recent()).toEqual({ newest: undefined, blocks: [] });
  });
});

describe("the record of the newest blocks", () => {
  const some = (count: number, transactionCount = 3): readonly RecentBlockView[] =>
    Array.from({ length: count }, (_, index) => ({ height: 7 + index, timeMs: timeMs(index), transactionCount }));

  it("is one encoding, and nothing else is read", () => {
    for (const blocks of [[], some(1), some(RECENT_BLOCKS_MAX)]) {
      expect(decodeRecentBlocks(encodeRecentBlocks(blocks))).toEqual(blocks);
    }
    const samples = [encodeRecentBlocks([]), encodeRecentBlocks(some(3))];
    checkDecoder(codecOf("recent blocks", decodeRecentBlocks, encodeRecentBlocks, samples), runs(10_000, 1_000_000));
  });

  it("has limits", () => {
    expect(() => decodeRecentBlocks(encodeRecentBlocks(some(RECENT_BLOCKS_MAX + 1)))).toThrow("61 blocks");
    expect(() => decodeRecentBlocks(encodeRecentBlocks(some(1, BLOCK_TRANSACTIONS_MAX + 1)))).toThrow("transactions");
  });
});
