import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import { openWalletStore } from "../../../../src/client/storage/wallet-store.ts";
import { SAFETY_THRESHOLDS } from "../../../../src/core/params/safety-thresholds.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { formatRecoveryWords } from "../../../../src/core/values/recovery-words.ts";
import type { ClientStore } from "../../../../src/engine/services/client-store.ts";
import type { LightClientEdges } from "../../../../src/engine/services/light-client-run.ts";
import {
  decodeSafetyRecord,
  encodeSafetyRecord,
  readSafetyRecord,
} from "../../../../src/engine/services/safety-record.ts";
import { SafetyService } from "../../../../src/engine/services/safety.ts";
import { ClientWorld } from "../../../support/client-world.ts";

const SEED = new Uint8Array(32).fill(9);
const WORDS = formatRecoveryWords(SEED).split(" ");
const NOW_MS = timeMs(1_700_000_000_000);
const at = (...indices: number[]) => indices.map((index) => ({ index, word: WORDS[index]! }));

let count = 0;

async function openService(): Promise<{ store: ClientStore; service: SafetyService }> {
  const store = await openWalletStore({ name: `safety ${count++}` });
  await store.putSecrets(SEED);
  const edges = { store, timers: { now: () => NOW_MS } } as unknown as LightClientEdges;
  return { store, service: new SafetyService(edges, () => "dev") };
}

describe("the check of written words", () => {
  it("counts from four right words on, in any case and width", async () => {
    const { store, service } = await openService();
    expect(service.api.view()).toEqual({ wordsCheckedMs: undefined, thresholds: SAFETY_THRESHOLDS.dev });
    const entries = at(0, 7, 12, 23).map(({ index, word }) => ({ index, word: ` ${word.toUpperCase()} ` }));
    expect(await service.api.checkWords(entries)).toBe(true);
    expect(service.api.view().wordsCheckedMs).toBe(NOW_MS);
    expect(readSafetyRecord(store).kitCheckedMs).toBeUndefined();
    await store.close();
  });

  it.each([
    ["a wrong one among them", [...at(0, 7, 12), { index: 23, word: WORDS[22] === WORDS[23] ? "zoo" : "abandon" }]],
    ["fewer than four", at(0, 7, 12)],
    ["four times the same", at(3, 3, 3, 3)],
    ["a place that is none", [...at(0, 7, 12), { index: 24, word: "abandon" }]],
    ["half a place", [...at(0, 7, 12), { index: 1.5, word: WORDS[1]! }]],
    ["nothing entered", at(0, 7, 12, 23).map(({ index }) => ({ index, word: "" }))],
    ["more than there are", Array.from({ length: 25 }, (_, index) => at(index % 24)[0]!)],
  ])("does not count with %s", async (_name, entries) => {
    const { store, service } = await openService();
    expect(await service.api.checkWords(entries)).toBe(false);
    expect(service.api.view().wordsCheckedMs).toBeUndefined();
    await store.close();
  });

  it("is kept over a restart, and what cannot be read asks once more", async () => {
    const record = { wordsCheckedMs: NOW_MS, kitCheckedMs: undefined };
    expect(decodeSafetyRecord(encodeSafetyRecord(record))).toEqual(record);
    const { store } = await openService();
    await store.write({ puts: [{ key: "safety", bytes: Uint8Array.of(9, 9) }], deletes: [] });
    expect(readSafetyRecord(store)).toEqual({ wordsCheckedMs: undefined, kitCheckedMs: undefined });
    await store.close();
  });
});

describe("thresholds", () => {
  it.each(["main", "test", "dev"] as const)("rise on the %s network, and begin above a coffee's worth", (network) => {
    const [first, second, third] = SAFETY_THRESHOLDS[network];
    expect(first).toBeGreaterThanOrEqual(10_000_000n);
    expect([second > first, third > second]).toEqual([true, true]);
  });
});

describe("a light client", () => {
  const worlds: ClientWorld[] = [];

  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });

  async function open(): Promise<ClientWorld> {
    const world = new ClientWorld();
    worlds.push(world);
    await world.serve();
    await world.open();
    return world;
  }

  it("takes words that were typed to restore for checked ones, and forgets it with an erase", async () => {
    const world = await open();
    const client = world.client!;
    expect(await client.accounts.restore({ words: WORDS.join(" ") })).toMatchObject({ ok: true });
    expect(client.safety.view().wordsCheckedMs).toBeDefined();
    await client.accounts.erase();
    await client.accounts.create();
    expect(client.safety.view().wordsCheckedMs).toBeUndefined();
  });

  /** Another chain under the old address, for a device whose words were checked on the one before. */
  async function beginAnew(): Promise<ClientWorld> {
    const first = await open();
    await first.client!.accounts.restore({ words: WORDS.join(" ") });
    await first.live();
    await first.close();
    return secondChain(first.store);
  }

  function secondChain(store: string): ClientWorld {
    const world = new ClientWorld(1_700_000_000_001);
    worlds.push(world);
    return Object.assign(world, { store });
  }

  it("still knows it where its dev network began anew", async () => {
    const world = await beginAnew();
    const client = await world.open();
    await world.until(() => (client.walletView().notice === "chain_replaced" ? true : undefined), "notice");
    expect(client.safety.view().wordsCheckedMs).toBeDefined();
  });

  it("[NW-18] still knows it where the device ended with the write that dropped the old chain", async () => {
    const world = await beginAnew();
    // After it nothing reaches the disk any more.
    const forgotten = new Promise<void>((resolve) => {
      world.onForget = () => {
        world.breakStore();
        resolve();
      };
    });
    await world.open();
    await forgotten;
    await world.until(() => (world.failures.length > 0 ? true : undefined), "failed write");
    await world.close();
    const again = secondChain(world.store);
    const client = await again.open();
    expect(client.walletView()).toMatchObject({ exists: true, wordsSeen: true });
    expect(client.safety.view().wordsCheckedMs).toBeDefined();
    expect(again.failures).toEqual([]);
  });
});
