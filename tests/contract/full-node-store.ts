import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OUTPUT_TYPE } from "../../src/core/chain/output.ts";
import { AWARD_WEEKS_KEPT } from "../../src/core/params/limits.ts";
import type { FullNodeStore, LeavesAt } from "../../src/core/ports/full-node-store.ts";
import { height, leafIndex, type LeafIndex } from "../../src/core/values/height.ts";
import {
  awardOf,
  commitOf,
  commitSpending,
  coreOf,
  hashOf,
  leavesOfBlock,
  logOf,
  PUBLIC_RECIPIENT,
  recordAfter,
} from "../support/block-commits.ts";
import { expectConsistent, expectTail } from "../support/store-consistency.ts";

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

    it("[ST-10] keeps the evidence that was kept last, also behind blocks and a restart", async () => {
      expect(await store.evidence()).toBeUndefined();
      await store.keepEvidence(Uint8Array.of(2, 1, 1));
      await store.commit(commitOf(0));
      const kept = store.keepEvidence(Uint8Array.of(1, 7));
      expect(await store.evidence()).toEqual(Uint8Array.of(1, 7));
      await kept;
      await reopen();
      expect(await store.evidence()).toEqual(Uint8Array.of(1, 7));
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

    it("[AW-4] keeps a draw with its block, newest first, and those of AWARD_WEEKS_KEPT weeks", async () => {
      const last = 3 * (AWARD_WEEKS_KEPT + 7);
      const weeks = (at: number): readonly number[] => {
        const newest = Math.floor(at / 3) - (Math.floor(at / 3) % 4 === 2 ? 1 : 0);
        const all = Array.from({ length: newest + 1 }, (_, week) => week).filter((week) => week % 4 !== 2);
        return all.filter((week) => week > newest - AWARD_WEEKS_KEPT).reverse();
      };
      for (let at = 0; at <= last; at++) {
        await store.commit(commitOf(at));
        if (at % 10 !== 0 && at !== last) continue;
        const draws = weeks(at).map((week) => awardOf(3 * week)!.draw);
        expect(await store.awardDraws(1_000)).toEqual(draws);
        expect(await store.awardDraws(2)).toEqual(draws.slice(0, 2));
      }
      const kept = await store.awardDraws(1_000);
      expect(await store.awardDraws(0)).toEqual([]);
      const [set] = awardOf(last)!.validatorSets;
      await reopen();
      while (await store.prune({ blocks: height(last), window: height(last), payloads: height(0) }, 100));
      expect(await store.awardDraws(1_000)).toEqual(kept);
      expect(await store.validatorSet(set!.hash)).toEqual(set!.bytes);
    });

    describe("pruned", () => {
      const keep = { blocks: height(20), window: height(12), payloads: height(6) };
      const fill = async (last: number): Promise<void> => {
        for (let at = 0; at <= last; at++) await store.commit(commitOf(at));
      };
      const pruneAll = async (heightsMax = 100): Promise<void> => {
        while (await store.prune(keep, heightsMax));
      };
      const isLiveAfter = (last: number, leaf: LeafIndex): boolean => recordAfter(last, leaf) !== undefined;

      it("[BL-11] keeps nothing of old blocks but boundary headers, their sets and what lives", async () => {
        await fill(30);
        const [state] = [await store.leavesAt(height(25), leafIndex(0), 100)];
        await pruneAll();
        expect(store.keptFrom()).toEqual(keep);
        for (let at = 0; at <= 30; at++) {
          const commit = commitOf(at);
          const hasHeader = at >= 12 || at % 5 === 0;
          expect(await store.block(commit.height), `block ${at}`).toEqual(at >= 20 ? commit.block : undefined);
          expect((await store.placeOfTransaction(commit.txids[0]!)) !== undefined).toBe(at >= 20);
          expect((await store.placeOfTransaction(commit.txids[1]!)) !== undefined).toBe(at >= 20);
          expect(await store.compact(commit.height)).toEqual(at >= 12 ? commit.compact : undefined);
          expect(await store.header(commit.height)).toEqual(hasHeader ? commit.header : undefined);
          expect(await store.certificate(commit.height)).toEqual(hasHeader ? commit.certificate : undefined);
          expect(await store.heightOfBlock(commit.blockId)).toBe(hasHeader ? at : undefined);
          if (commit.validatorSet !== undefined)
            expect(await store.validatorSet(commit.validatorSet.hash)).toEqual(commit.validatorSet.bytes);
          for (const leaf of leavesOfBlock(at)) {
            const isLive = isLiveAfter(30, leaf);
            expect(store.leaf(leaf)).toEqual(recordAfter(30, leaf));
            expect(await store.core(leaf)).toEqual(at >= 12 || isLive ? coreOf(leaf) : undefined);
            const hasPayload = at >= 12 || (at >= 6 && isLive);
            expect(await store.payloads([leaf]), `payload ${leaf}`).toEqual([
              hasPayload ? commit.payloads.get(leaf) : undefined,
            ]);
            // The oldest readable boundary is 25: what was spent after it is shown alive there.
            const hasProof = isLive || at + 1 > 25;
            expect(await store.rangeProof(leaf), `proof ${leaf}`).toEqual(
              hasProof ? commit.rangeProofs.get(leaf) : undefined,
            );
          }
        }
        expect(await store.leavesAt(height(25), leafIndex(0), 100)).toEqual(state);
        expect(await store.boundaries(height(0), 9)).toEqual([0, 5, 10, 15, 20, 25, 30]);
      });

      it("[BL-11] goes slice by slice, the same whenever it is reopened, while blocks are committed", async () => {
        await fill(30);
        let slices = 0;
        while (await store.prune(keep, 3)) {
          expect(store.keptFrom().blocks).toBeLessThanOrEqual(3 * ++slices);
          await reopen();
          await store.commit(commitOf(30 + slices));
          await expectTail(store, 30 + slices);
        }
        expect(slices).toBeGreaterThan(6);
        expect(store.keptFrom()).toEqual(keep);
        expect(await store.block(height(19))).toBeUndefined();
        expect(await store.compact(height(11))).toBeUndefined();
        expect(await store.rangeProof(leafIndex(0))).toBeUndefined();
        expect(await store.prune(keep, 3)).toBe(false);
      });

      it("takes nothing back: a lower height to keep from changes nothing", async () => {
        await fill(20);
        await pruneAll();
        expect(await store.prune({ blocks: height(1), window: height(1), payloads: height(1) }, 100)).toBe(false);
        expect(store.keptFrom()).toEqual(keep);
      });

      it("keeps the window while a readable boundary needs it", async () => {
        await fill(12);
        while (await store.prune({ blocks: height(12), window: height(12), payloads: height(12) }, 100));
        // 5 is the oldest readable boundary.
        expect(store.keptFrom()).toMatchObject({ window: 6, payloads: 6 });
        expect(await store.compact(height(6))).toEqual(commitOf(6).compact);
        expect(await store.payloads([leafIndex(18)])).toEqual([commitOf(6).payloads.get(leafIndex(18))]);
      });

      it("[BL-11] keeps payloads that the window has left behind until their outputs are spent and shown nowhere", async () => {
        await fill(30);
        await pruneAll();
        const [spent, left] = [leafIndex(22), leafIndex(23)];
        const payloads = () => store.payloads([spent, left]);
        const both = [spent, left].map((leaf) => commitOf(7).payloads.get(leaf));
        expect(await payloads()).toEqual(both);
        await store.commit(commitSpending(31, [spent]));
        await pruneAll();
        // The oldest readable boundary, 25, shows it alive.
        expect(await payloads()).toEqual(both);
        for (let at = 32; at <= 35; at++) await store.commit(commitOf(at));
        await pruneAll();
        expect(await payloads()).toEqual(both);
        for (let at = 36; at <= 40; at++) await store.commit(commitOf(at));
        await reopen();
        await pruneAll();
        expect(await payloads()).toEqual([undefined, both[1]]);
        while (await store.prune({ ...keep, payloads: height(11) }, 1));
        expect(store.keptFrom()).toEqual({ ...keep, payloads: height(11) });
        expect(await payloads()).toEqual([undefined, undefined]);
        expect(await store.core(left)).toEqual(coreOf(left));
        expect(await store.payloads([leafIndex(34)])).toEqual([commitOf(11).payloads.get(leafIndex(34))]);
      });

      it("[BL-11] lets payloads go by whole epochs, and none that is in the window", async () => {
        await fill(30);
        while (await store.prune({ blocks: height(20), window: height(9), payloads: height(20) }, 100));
        expect(store.keptFrom()).toEqual({ blocks: height(20), window: height(9), payloads: height(6) });
        expect(await store.payloads([leafIndex(17), leafIndex(19), leafIndex(27)])).toEqual([
          undefined,
          commitOf(6).payloads.get(leafIndex(19)),
          commitOf(9).payloads.get(leafIndex(27)),
        ]);
      });

      it("forgets an output that is spent long after it was made, and its public payment", async () => {
        await fill(30);
        await pruneAll();
        const old = [leafIndex(1), leafIndex(7)];
        expect(coreOf(old[1]!)[0]).toBe(OUTPUT_TYPE.public);
        const leaves = async () => (await store.publicPayments(PUBLIC_RECIPIENT, 100)).map(({ leaf }) => leaf);
        expect(await leaves()).toContain(7);
        // 3 and 15 were spent before they were dropped.
        expect(await leaves()).not.toContain(3);
        expect(await leaves()).not.toContain(15);
        await store.commit(commitSpending(31, old));
        expect(await store.core(leafIndex(1))).toBeUndefined();
        expect(await store.core(leafIndex(7))).toBeUndefined();
        expect(await leaves()).not.toContain(7);
        expect(await store.rangeProof(leafIndex(1))).toBeDefined();
        for (let at = 32; at <= 41; at++) await store.commit(commitOf(at));
        await pruneAll();
        expect(await store.rangeProof(leafIndex(1))).toBeUndefined();
        await reopen();
        expect(await store.core(leafIndex(7))).toBeUndefined();
      });
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
