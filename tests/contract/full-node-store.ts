import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FullNodeStore, LeavesAt } from "../../src/core/ports/full-node-store.ts";
import { height, leafIndex } from "../../src/core/values/height.ts";
import { commitOf, hashOf, leavesOfBlock, logOf, PUBLIC_RECIPIENT } from "../support/block-commits.ts";
import { expectConsistent } from "../support/store-consistency.ts";

/** What every full node database must do. `open` may be called again after `close`: it gives the same data. */
export function fullNodeStoreContract(
  name: string,
  openPlace: () => Promise<{ open(): Promise<FullNodeStore>; dispose(): Promise<void> }>,
): void {
  describe(`full node store: ${name}`, () => {
    let place: Awaited<ReturnType<typeof openPlace>>;
    let store: FullNodeStore;
    beforeEach(async () => {
      place = await openPlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.dispose();
    });
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await place.open();
    };

    it("is empty at first", async () => {
      expect(store.tip()).toBeUndefined();
      await expectConsistent(store, -1);
      expect(await store.log(height(0))).toEqual([]);
    });

    it("holds all of a commit at once, before and after reopening", async () => {
      for (let at = 0; at < 12; at++) {
        await store.commit(commitOf(at));
        expect(store.tip()).toEqual(commitOf(at).tip);
        await expectConsistent(store, at);
      }
      await reopen();
      expect(store.tip()).toEqual(commitOf(11).tip);
      await expectConsistent(store, 11);
    });

    it("refuses a commit that does not follow the tip and keeps what it had", async () => {
      await store.commit(commitOf(0));
      await expect(store.commit(commitOf(2))).rejects.toThrow(RangeError);
      await expect(store.commit(commitOf(0))).rejects.toThrow(RangeError);
      await expectConsistent(store, 0);
      await store.commit(commitOf(1));
      await expectConsistent(store, 1);
    });

    it("reads nodes it has read before as the last commit left them", async () => {
      await store.commit(commitOf(0));
      expect(store.node(7, 0)).toEqual(hashOf("tile", 0));
      expect(store.node(7, 1)).toBeUndefined();
      await store.commit(commitOf(1));
      expect(store.node(7, 0)).toBeUndefined();
      expect(store.node(7, 1)).toEqual(hashOf("tile", 1));
      expect(store.node(40, 0)).toEqual(hashOf("root", 1));
    });

    it("[CO-14] gives log entries back in the order they were written", async () => {
      const [first, second, third] = logOf(7);
      await store.appendLog(height(7), [first!]);
      // Not awaited one by one: the order of the calls counts.
      const appended = [store.appendLog(height(7), [second!]), store.appendLog(height(8), [first!])];
      await Promise.all([...appended, store.appendLog(height(7), [third!])]);
      expect(await store.log(height(7))).toEqual([first, second, third]);
      await reopen();
      await store.appendLog(height(7), [first!]);
      expect(await store.log(height(7))).toEqual([first, second, third, first]);
      expect(await store.log(height(8))).toEqual([first]);
    });

    it("drops the log below the next height with the commit", async () => {
      for (const at of [0, 1, 2]) await store.appendLog(height(at), logOf(at));
      await store.commit(commitOf(0));
      await store.commit(commitOf(1));
      expect(await store.log(height(0))).toEqual([]);
      expect(await store.log(height(1))).toEqual([]);
      expect(await store.log(height(2))).toEqual(logOf(2));
    });

    it("[BL-7] shows the whole state of a boundary while blocks are committed", async () => {
      for (let at = 0; at <= 5; at++) await store.commit(commitOf(at));
      const before = await store.leavesAt(height(5), leafIndex(0), 100);
      expect([...before!.live.keys()]).toEqual([1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 15, 16, 17]);
      const commits: Promise<void>[] = [];
      const reads: Promise<LeavesAt | undefined>[] = [];
      for (let at = 6; at <= 14; at++) {
        commits.push(store.commit(commitOf(at)));
        for (let count = 0; count < 5; count++) reads.push(store.leavesAt(height(5), leafIndex(0), 100));
        await reads.at(-1);
      }
      for (const read of await Promise.all(reads)) expect(read?.live).toEqual(before!.live);
      await Promise.all(commits);
      await store.commit(commitOf(15));
      expect(await store.leavesAt(height(5), leafIndex(0), 100)).toBeUndefined();
    });

    it("finds the public payments of an address, newest first", async () => {
      for (let at = 0; at < 20; at++) await store.commit(commitOf(at));
      await reopen();
      const found = await store.publicPayments(PUBLIC_RECIPIENT, 3);
      expect(found).toEqual([59, 55, 51].map((leaf) => ({ leaf, height: Math.floor(leaf / 3) })));
      expect(await store.publicPayments(PUBLIC_RECIPIENT, 100)).toHaveLength(15);
      const stranger = { ...PUBLIC_RECIPIENT, viewKey: PUBLIC_RECIPIENT.spendKey };
      expect(await store.publicPayments(stranger, 3)).toEqual([]);
    });

    it("lists live leaves in ascending order", async () => {
      for (let at = 0; at < 100; at++) await store.commit(commitOf(at));
      const leaves: number[] = [];
      for await (const [leaf] of store.liveLeaves()) leaves.push(leaf);
      expect(leaves).toEqual([...leaves].sort((left, right) => left - right));
      expect(leaves.at(-1)).toBe(leavesOfBlock(99).at(-1));
      expect(leaves).toHaveLength(300 - 99);
    });
  });
}
