import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sealBlob, type SealedBlob } from "../../src/core/blob/sealed-blob.ts";
import { u32 } from "../../src/core/bytes/writer.ts";
import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import type { BlobStore } from "../../src/core/ports/blob-store.ts";
import { timeMs, type TimeMs } from "../../src/core/values/height.ts";

/** What a store is opened with. */
export interface BlobStoreOptions {
  readonly ttlMs: number;
  readonly quotaBytes: number;
}

const TTL_MS = 600_000;
/** What the smallest blob takes of a disk: two blocks. */
const ROOM = 8_192;

export const blobOf = (number: number, contentSize = 100): SealedBlob => {
  return sealBlob(sha256Hash(u32(number)), new Uint8Array(contentSize).fill(number));
};
const at = (ms: number): TimeMs => timeMs(1_700_000_000_000 + ms);

/** What every store of blobs must do. `open` may be called again after `close`: it gives the same blobs. */
export function blobStoreContract(
  name: string,
  openPlace: () => Promise<{
    open(options: BlobStoreOptions): Promise<BlobStore>;
    dispose(): Promise<void>;
  }>,
): void {
  describe(`blob store: ${name}`, () => {
    let place: Awaited<ReturnType<typeof openPlace>>;
    let store: BlobStore;
    const reopen = async (options: Partial<BlobStoreOptions> = {}): Promise<void> => {
      await store.close();
      store = await place.open({ ttlMs: TTL_MS, quotaBytes: 10 * ROOM, ...options });
    };
    const kept = (now: TimeMs, ...numbers: readonly number[]): readonly number[] => {
      return numbers.filter((number) => store.sizeOf(blobOf(number).blobId, now) !== undefined);
    };
    const keep = (number: number, now: TimeMs, contentSize?: number): Promise<boolean> => {
      const { blobId, bytes } = blobOf(number, contentSize);
      return store.keep(blobId, bytes, now);
    };

    beforeEach(async () => {
      place = await openPlace();
      store = await place.open({ ttlMs: TTL_MS, quotaBytes: 10 * ROOM });
    });
    afterEach(async () => {
      await store.close();
      await place.dispose();
    });

    it("is empty at first", async () => {
      const { blobId } = blobOf(1);
      expect(store.holdings()).toEqual({ count: 0, bytes: 0 });
      expect(store.sizeOf(blobId, at(0))).toBeUndefined();
      expect(await store.read(blobId, at(0))).toBeUndefined();
      expect(await store.renew(blobId, at(0))).toBe(false);
    });

    it("[MS-13] gives back what it keeps, byte for byte, also after it was opened again", async () => {
      const [small, large] = [blobOf(1), blobOf(2, 20_000)];
      expect(await store.keep(small.blobId, small.bytes, at(0))).toBe(true);
      expect(await store.keep(large.blobId, large.bytes, at(1))).toBe(true);
      for (let times = 0; times < 2; times++) {
        expect(await store.read(small.blobId, at(2))).toEqual(small.bytes);
        expect(await store.read(large.blobId, at(2))).toEqual(large.bytes);
        expect(store.sizeOf(large.blobId, at(2))).toBe(large.bytes.length);
        expect(store.holdings()).toEqual({ count: 2, bytes: ROOM + 69_632 });
        await reopen();
      }
    });

    it("[MS-13] has a blob for its time, and not a millisecond longer, pruned or not", async () => {
      await keep(1, at(0));
      expect(kept(at(TTL_MS - 1), 1)).toEqual([1]);
      expect(kept(at(TTL_MS), 1)).toEqual([]);
      expect(await store.read(blobOf(1).blobId, at(TTL_MS))).toBeUndefined();
      await store.prune(at(TTL_MS - 1));
      expect(store.holdings().count).toBe(1);
      await store.prune(at(TTL_MS));
      expect(store.holdings()).toEqual({ count: 0, bytes: 0 });
      await reopen();
      expect(store.holdings().count).toBe(0);
    });

    it("[MS-13] keeps nothing for longer because a clock was far ahead", async () => {
      await keep(1, at(TTL_MS));
      expect(kept(at(1), 1)).toEqual([1]);
      expect(kept(at(0), 1)).toEqual([]);
    });

    it("[MS-13] has one that is renewed live on from then, once a minute, also after it was opened again", async () => {
      await keep(1, at(0));
      await keep(2, at(0));
      expect(await store.renew(blobOf(1).blobId, at(59_999))).toBe(true);
      expect(kept(at(TTL_MS), 1)).toEqual([]);
      expect(await store.renew(blobOf(1).blobId, at(60_000))).toBe(true);
      expect(kept(at(TTL_MS + 59_999), 1, 2)).toEqual([1]);
      await reopen();
      expect(kept(at(TTL_MS + 59_999), 1, 2)).toEqual([1]);
      expect(await store.read(blobOf(1).blobId, at(TTL_MS))).toEqual(blobOf(1).bytes);
      expect(await store.renew(blobOf(1).blobId, at(TTL_MS + 60_000))).toBe(false);
    });

    it("[MS-13] takes one anew whose time is over", async () => {
      await keep(1, at(0));
      expect(await keep(1, at(TTL_MS))).toBe(true);
      expect(kept(at(2 * TTL_MS - 1), 1)).toEqual([1]);
      expect(store.holdings()).toEqual({ count: 1, bytes: ROOM });
      await reopen();
      expect(store.holdings()).toEqual({ count: 1, bytes: ROOM });
    });

    it("[MS-13] fills its quota to the last block, and then lets the oldest go", async () => {
      for (let number = 0; number < 10; number++) await keep(number, at(number));
      expect(store.holdings()).toEqual({ count: 10, bytes: 10 * ROOM });
      await keep(10, at(10));
      expect(kept(at(20), 0, 1, 2, 9, 10)).toEqual([1, 2, 9, 10]);
      // 16 KiB and a block: three of the small ones.
      await keep(11, at(11), 10_000);
      expect(kept(at(20), 1, 2, 3, 4, 10)).toEqual([4, 10]);
      expect(await store.read(blobOf(11, 10_000).blobId, at(20))).toEqual(blobOf(11, 10_000).bytes);
      expect(store.holdings().bytes).toBeLessThanOrEqual(10 * ROOM);
    });

    it("[MS-13] counts one that was renewed among the young, also after it was opened again", async () => {
      for (let number = 0; number < 10; number++) await keep(number, at(number));
      await store.renew(blobOf(0).blobId, at(100_000));
      await reopen();
      await keep(10, at(100_001));
      expect(kept(at(100_001), 0, 1, 2, 10)).toEqual([0, 2, 10]);
    });

    it("[MS-13] refuses what its whole quota does not hold, and loses nothing for it", async () => {
      await keep(1, at(0));
      // Twenty blocks of the disk.
      expect([store.hasRoomFor(20 * 4_096), store.hasRoomFor(20 * 4_096 + 1)]).toEqual([true, false]);
      expect(await keep(2, at(1), 200_000)).toBe(false);
      expect(kept(at(1), 1, 2)).toEqual([1]);
    });

    it("[MS-13] comes down to a smaller quota when it is pruned", async () => {
      for (let number = 0; number < 4; number++) await keep(number, at(number));
      await reopen({ quotaBytes: 2 * ROOM });
      await store.prune(at(10));
      expect(kept(at(10), 0, 1, 2, 3)).toEqual([2, 3]);
      await reopen({ quotaBytes: 0 });
      expect(await keep(5, at(11))).toBe(false);
      expect(store.hasRoomFor(blobOf(5).bytes.length)).toBe(false);
      await store.prune(at(11));
      expect(store.holdings().count).toBe(0);
    });

    it("stays in order while many change it at once", async () => {
      const numbers = Array.from({ length: 30 }, (_, index) => index % 15);
      await Promise.all(
        numbers.map(async (number, index) => {
          const { blobId, bytes } = blobOf(number);
          if (!(await store.renew(blobId, at(index)))) await store.keep(blobId, bytes, at(index));
          const read = await store.read(blobId, at(index));
          if (read !== undefined) expect(read).toEqual(bytes);
        }),
      );
      const before = store.holdings();
      expect(before).toEqual({ count: 10, bytes: 10 * ROOM });
      await reopen();
      expect(store.holdings()).toEqual(before);
    });
  });
}
