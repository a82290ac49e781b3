import { beforeEach, describe, expect, it } from "vitest";
import { BLOB_CONTENT_SIZE_MAX } from "../../../../src/core/blob/sealed-blob.ts";
import { encodeBlobReference, type BlobReference } from "../../../../src/core/blob/blob-reference.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { OUTGOING_BLOBS_MAX } from "../../../../src/engine/services/blob-puts.ts";
import { MemoryClientStore } from "../../../../src/node/storage/memory-client-store.ts";
import { BLOB_WORLD_START, BlobWorld, rest, smallBlob, type BlobDevice } from "../../../support/blob-world.ts";

const HOUR_MS = 3_600_000;
const blob = smallBlob(1);
const { blobId, key } = blob;
const content = Uint8Array.of(1, 2, 1);

describe("blobs of a client", () => {
  let world: BlobWorld;
  let device: BlobDevice;
  const outgoing = () => device.service.outgoing();
  const keysOf = (): readonly string[] => device.store.records().map((record) => record.key);
  const kept = async (): Promise<void> => {
    await device.service.put(blob);
    await expect.poll(() => outgoing().length).toBe(0);
  };

  beforeEach(async () => {
    world = await BlobWorld.open();
    device = world.device();
  });

  it("[MS-13] are put to the four nearest of the known nodes, and to no other", async () => {
    await kept();
    expect([...world.keepersOf(blobId)].sort()).toEqual([...world.placesOf(blobId)].sort());
    expect(world.blamed).toEqual([]);
    expect(keysOf()).toEqual([]);
  });

  it("[NW-11] are put and read over a connection and an identity for each node", async () => {
    await kept();
    await device.service.read(blob);
    const visitors = world.asked.map(({ by }) => by);
    // Four that take it, a first look before there is work, and one to read.
    expect(visitors).toHaveLength(6);
    expect(new Set(visitors).size).toBe(6);
    // None of these hosts outlives its errand.
    for (const port of world.ports.values()) expect(port.peers()).toEqual([]);
  });

  it("cancelled while their work is stored are offered to nobody any more", async () => {
    let writes = 0;
    world.onPlace = (place) => {
      if (place === "after write" && ++writes === 2) void device.service.cancel(blobId);
    };
    await device.service.put(blob);
    await expect.poll(() => writes).toBeGreaterThan(2);
    await rest();
    expect([outgoing(), keysOf(), world.keepersOf(blobId)]).toEqual([[], [], []]);
  });

  it("are stored before anything of them leaves, and every step of them before the next", async () => {
    const seen: string[] = [];
    world.onPlace = (place) => seen.push(`${place} ${device.store.records().length > 0}`);
    await kept();
    expect(seen.slice(0, 3)).toEqual(["before write false", "after write true", "host true"]);
    // The work is written before the bytes leave, and that they leave before they do.
    const writes = seen.filter((place) => place === "after write true");
    expect(writes).toHaveLength(1 + 1 + 2 * 4);
    expect(seen.filter((place) => place === "host true")).toHaveLength(5);
    expect(seen).not.toContain("host false");
  });

  it("[MS-14] are read from a random one of their nodes, with their hash looked at first", async () => {
    await kept();
    world.asked.splice(0);
    for (let times = 0; times < 60; times++) expect(await device.service.read(blob)).toEqual({ ok: true, content });
    const counts = world.placesOf(blobId).map((name) => world.asked.filter(({ node }) => node === name).length);
    // One node for each read; of each at least 3 in 60, which chance alone misses once in 10,000.
    expect(counts.reduce((sum, count) => sum + count)).toBe(60);
    expect(Math.min(...counts)).toBeGreaterThan(2);
  });

  it("[MS-14] are looked for at the next node where one has them no more, is gone, or lies", async () => {
    await kept();
    const [first, second, third] = world.placesOf(blobId);
    await world.leave(first!);
    await world.stores.get(second!)!.prune(timeMs(BLOB_WORLD_START + 10 * HOUR_MS));
    const other = smallBlob(9);
    Object.assign(world.stores.get(third!)!, { read: () => Promise.resolve(other.bytes) });
    for (let times = 0; times < 10; times++) expect(await device.service.read(blob)).toEqual({ ok: true, content });
  });

  it("[MS-14] that nobody has are missing, those whose nodes are away are offline: values, both", async () => {
    expect(await device.service.read(blob)).toEqual({ ok: false, code: "missing" });
    for (const name of world.placesOf(blobId).slice(1)) await world.leave(name);
    expect(await device.service.read(blob)).toEqual({ ok: false, code: "missing" });
    await world.leave(world.placesOf(blobId)[0]!);
    expect(await device.service.read(blob)).toEqual({ ok: false, code: "offline" });
  });

  it("[MS-14] silent nodes hold nobody up: the next is asked as well after two seconds", async () => {
    await kept();
    const [honest, ...silent] = world.placesOf(blobId);
    for (const name of silent) Object.assign(world.stores.get(name)!, { read: () => new Promise(() => undefined) });
    for (let times = 0; times < 5; times++) {
      const reading = device.service.read(blob);
      await world.clock.turn(6_000, rest);
      expect(await reading).toEqual({ ok: true, content });
    }
    // What the first good answer left behind has ended.
    await expect.poll(() => [...world.ports.values()].flatMap((port) => port.peers())).toEqual([]);
    await world.leave(honest!);
  });

  it("[MS-14] nodes that were reached and gave something else are not offline", async () => {
    const other = smallBlob(9);
    for (const name of world.placesOf(blobId))
      Object.assign(world.stores.get(name)!, { read: () => Promise.resolve(other.bytes) });
    expect(await device.service.read(blob)).toEqual({ ok: false, code: "missing" });
  });

  it("[MS-12] of more content than there is room for are unreadable", async () => {
    await kept();
    expect(await device.service.read(blob, content.length)).toEqual({ ok: true, content });
    expect(await device.service.read(blob, content.length - 1)).toEqual({ ok: false, code: "unreadable" });
  });

  it("[MS-12] are unreadable under another key", async () => {
    await kept();
    const wrong = { blobId, key: key.map((byte) => byte ^ 1) };
    expect(await device.service.read(wrong)).toEqual({ ok: false, code: "unreadable" });
  });

  it("a node that is away gets its copy when it is back; the work of this hour serves for it", async () => {
    const [first] = world.placesOf(blobId);
    await world.leave(first!);
    await device.service.put(blob);
    await expect.poll(() => outgoing()[0]?.keptBy).toBe(3);
    await rest();
    const jobs = world.jobs.length;
    await world.serve(first!);
    await world.clock.turn(30_000, rest);
    await expect.poll(() => outgoing().length).toBe(0);
    expect(world.keepersOf(blobId)).toHaveLength(4);
    expect(world.jobs).toHaveLength(jobs);
  });

  it("nodes that are away cost no work", async () => {
    for (const name of world.placesOf(blobId)) await world.leave(name);
    await device.service.put(blob);
    await rest();
    await world.clock.turn(60_000, rest);
    expect(world.jobs).toEqual([]);
    expect(outgoing()).toMatchObject([{ work: 0, keptBy: 0, places: 4 }]);
  });

  it("a node that has it already is not sent it again, nor is work done for it", async () => {
    const kept = new Set<string>();
    for (const [name, store] of world.stores) {
      await store.keep(blobId, blob.bytes, timeMs(BLOB_WORLD_START));
      Object.assign(store, { keep: () => Promise.resolve(kept.add(name).size > 0) });
    }
    await device.service.put(blob);
    await expect.poll(() => outgoing().length).toBe(0);
    expect([kept.size, world.jobs.length]).toEqual([0, 0]);
  });

  it("a node without room for it gets it once, one that never says it has it eight times", async () => {
    const [full, mute] = world.placesOf(blobId);
    let [refused, swallowed] = [0, 0];
    Object.assign(world.stores.get(full!)!, { keep: () => Promise.resolve(++refused < 0) });
    Object.assign(world.stores.get(mute!)!, { keep: () => Promise.reject(new Error(`${++swallowed}`)) });
    await device.service.put(blob);
    await expect.poll(() => outgoing()[0]?.keptBy).toBe(2);
    for (let round = 0; round < 12; round++) {
      await world.clock.turn(45_000, rest);
      await rest();
    }
    expect(refused).toBe(1);
    expect(swallowed).toBeGreaterThan(1);
    await world.clock.turn(600_000, rest);
    expect(outgoing()).toEqual([]);
  });

  it("[MS-13] a device whose clock is off by hours goes by the time of the chain", async () => {
    for (const offMs of [-30 * HOUR_MS, 30 * HOUR_MS]) {
      const each = smallBlob(offMs > 0 ? 40 : 41);
      const wrong = world.device(new MemoryClientStore(), offMs);
      await wrong.service.put(each);
      await expect.poll(() => wrong.service.outgoing().length).toBe(0);
      expect(world.keepersOf(each.blobId)).toHaveLength(4);
      await wrong.end();
    }
    expect(world.blamed).toEqual([]);
  });

  it("[MS-13] work of an hour that is over is done anew", async () => {
    const [first] = world.placesOf(blobId);
    const store = new MemoryClientStore();
    device = world.device(store);
    await world.leave(first!);
    await device.service.put(blob);
    await expect.poll(() => outgoing()[0]?.keptBy).toBe(3);
    await device.end();
    const hours = new Set(world.jobs.map(({ hour }) => hour));
    expect([...hours]).toEqual([Math.floor(BLOB_WORLD_START / HOUR_MS)]);
    // A dev network keeps blobs for ten minutes: made so late that it still waits two hours on.
    const [record] = store.records().filter((each) => each.key.startsWith("blob/"));
    const late = record!.bytes.slice();
    new DataView(late.buffer).setBigUint64(1, BigInt(BLOB_WORLD_START + 2 * HOUR_MS), true);
    await store.write({ puts: [{ key: record!.key, bytes: late }], deletes: [] });
    await world.clock.turn(2 * HOUR_MS, rest);
    await world.serve(first!);
    device = world.device(store);
    await expect.poll(() => outgoing().length).toBe(0);
    expect(world.jobs.at(-1)!.hour).toBe(Math.floor(BLOB_WORLD_START / HOUR_MS) + 2);
    expect(world.keepersOf(blobId)).toEqual([first]);
  });

  it("[MS-13] one that its nodes did not take within its time is given up", async () => {
    for (const name of world.placesOf(blobId)) await world.leave(name);
    await device.service.put(blob);
    await rest();
    await world.clock.turn(599_999, rest);
    expect(outgoing()).toHaveLength(1);
    await world.clock.turn(600_000, rest);
    await expect.poll(() => outgoing().length).toBe(0);
    expect(keysOf()).toEqual([]);
  });

  it("one that is called off while its work is looked for, or while it is put, goes no further", async () => {
    for (const place of ["work", "host"]) {
      const each = smallBlob(place.length);
      let called: Promise<boolean> | undefined;
      world.onPlace = (at) => {
        if (at === place) called ??= device.service.cancel(each.blobId);
      };
      world.asked.splice(0);
      await device.service.put(each);
      await expect.poll(() => called).toBeDefined();
      expect(await called).toBe(true);
      await rest();
      expect(outgoing()).toEqual([]);
      expect(keysOf()).toEqual([]);
      expect(world.asked.length).toBeLessThanOrEqual(1);
    }
    expect(await device.service.cancel(blobId)).toBe(false);
  });

  it("says how far it is: work first, then nodes", async () => {
    const seen: string[] = [];
    device.service.onChange(() => {
      const [view] = outgoing();
      const step = view && `${view.work === 1 ? "done" : "searching"} ${view.keptBy} of ${view.places}`;
      if (step !== undefined && step !== seen.at(-1)) seen.push(step);
    });
    await kept();
    const steps = ["done 0 of 4", "done 1 of 4", "done 2 of 4", "done 3 of 4", "done 4 of 4"];
    expect(seen[0]).toBe("searching 0 of 4");
    expect(seen.filter((step) => !step.startsWith("searching"))).toEqual(steps);
  });

  it("so many wait at once, and one more is refused; the same one twice is one", async () => {
    for (const name of world.ports.keys()) await world.leave(name);
    for (let number = 0; number < OUTGOING_BLOBS_MAX; number++) {
      expect(await device.service.put(smallBlob(number))).toEqual({ ok: true });
    }
    expect(await device.service.put(smallBlob(99))).toEqual({ ok: false, code: "too_many" });
    expect(await device.service.put(smallBlob(1))).toEqual({ ok: true });
    expect(outgoing()).toHaveLength(OUTGOING_BLOBS_MAX);
    await device.end();
  });

  it("one that the device cannot store is not sent", async () => {
    for (const answer of [() => Promise.resolve(false), () => Promise.reject(new Error("broken"))]) {
      const store = Object.assign(new MemoryClientStore(), { writeIfRoom: answer });
      device = world.device(store);
      expect(await device.service.put(blob)).toEqual({ ok: false, code: "not_stored" });
      await rest();
      expect(outgoing()).toEqual([]);
      expect(world.asked).toEqual([]);
    }
  });

  it("[MS-12] a file is sealed under a key of its own and comes back by its reference", async () => {
    const file = new Uint8Array(9_000).fill(7);
    const put = await device.service.putFile(file, "image/png");
    if (!put.ok) throw new Error(put.code);
    expect(() => encodeBlobReference(put.reference)).not.toThrow();
    expect(put.reference).toMatchObject({ size: 9_000, mime: "image/png" });
    await expect.poll(() => outgoing().length).toBe(0);
    expect(await world.device().service.readFile(put.reference)).toEqual({ ok: true, content: file });
    const again = await device.service.putFile(file, "image/png");
    expect(again.ok && again.reference.parts[0]!.blobId).not.toEqual(put.reference.parts[0]!.blobId);
    await device.end();
  });

  it("[MS-12] of no media type is a mistake of ours, told before anything is put", async () => {
    await expect(device.service.putFile(content, "image/png; x=1")).rejects.toThrow(RangeError);
    expect(outgoing()).toEqual([]);
  });

  it("[MS-12] a file of sixteen blobs waits whole, a larger one is refused", async () => {
    for (const name of world.ports.keys()) await world.leave(name);
    device.fork();
    const largest = new Uint8Array(16 * BLOB_CONTENT_SIZE_MAX);
    expect(await device.service.putFile(new Uint8Array(largest.length + 1), "")).toEqual({
      ok: false,
      code: "too_large",
    });
    const put = await device.service.putFile(largest, "");
    expect(put.ok && put.reference.parts).toHaveLength(16);
    expect(outgoing()).toHaveLength(16);
    // One write for all of it: a kill leaves none or sixteen.
    expect(keysOf()).toHaveLength(32);
    await device.end();
  });

  it("[MS-12] a file whose parts are not as long as its reference says is unreadable", async () => {
    await kept();
    const reference = (size: number): BlobReference => ({ parts: [{ blobId, key }], size, mime: "" });
    expect(await device.service.readFile(reference(3))).toEqual({ ok: true, content });
    for (const size of [2, 4]) {
      expect(await device.service.readFile(reference(size))).toEqual({ ok: false, code: "unreadable" });
    }
  });

  it("[LC-3] over a fork nobody is asked anything", async () => {
    device.fork();
    await device.service.put(blob);
    await rest();
    await world.clock.turn(60_000, rest);
    expect(await device.service.read(blob)).toEqual({ ok: false, code: "offline" });
    expect(world.asked).toEqual([]);
    expect(world.jobs).toEqual([]);
  });

  it("after a stop nothing is asked, computed or written", async () => {
    for (const name of world.placesOf(blobId)) await world.leave(name);
    await device.service.put(blob);
    await rest();
    await device.end();
    const seen: string[] = [];
    world.onPlace = (place) => seen.push(place);
    await world.clock.turn(24 * HOUR_MS, rest);
    expect(seen).toEqual([]);
    expect(keysOf()).toHaveLength(2);
  });

  it("one that is being stored while the client stops is put by the next run, and not by this one", async () => {
    let store = (): void => undefined;
    const memory = new MemoryClientStore();
    const slow = Object.assign(Object.create(memory) as MemoryClientStore, {
      write: (changes: Parameters<MemoryClientStore["write"]>[0]) =>
        new Promise<void>((resolve) => (store = () => void memory.write(changes).then(resolve))),
      records: () => memory.records(),
    });
    device = world.device(slow);
    const started = device.service.put(blob);
    await device.end();
    store();
    expect(await started).toEqual({ ok: true });
    await rest();
    expect(outgoing()).toEqual([]);
    expect(world.jobs).toEqual([]);
    device = world.device(memory);
    await expect.poll(() => outgoing().length).toBe(0);
    expect(world.keepersOf(blobId)).toHaveLength(4);
  });

  it("is put whole wherever its device ends, and never in a half-written store", async () => {
    let places = 0;
    world.onPlace = () => places++;
    await kept();
    const count = places;
    expect(count).toBeGreaterThan(15);
    for (let cut = 1; cut <= count; cut++) {
      const each = smallBlob(100 + cut);
      const store = new MemoryClientStore();
      const first = world.device(store);
      let passed = 0;
      let ended: Promise<void> | undefined;
      world.onPlace = () => {
        if (++passed === cut) ended = first.end();
      };
      const started = first.service.put(each);
      await expect.poll(() => ended !== undefined || first.service.outgoing().length === 0).toBe(true);
      await ended;
      world.onPlace = () => undefined;
      const isStored = (await started).ok;
      const second = world.device(store);
      await expect.poll(() => second.service.outgoing().length).toBe(0);
      expect(store.records()).toEqual([]);
      if (isStored) expect([...world.keepersOf(each.blobId)].sort()).toEqual([...world.placesOf(each.blobId)].sort());
      await second.end();
    }
    expect(world.blamed).toEqual([]);
  });

  it("refuses bytes that are not those of their id: a mistake of ours", async () => {
    await expect(device.service.put({ blobId: sha256Hash(), bytes: blob.bytes })).rejects.toThrow(RangeError);
  });
});
