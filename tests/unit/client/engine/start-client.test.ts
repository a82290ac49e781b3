import "fake-indexeddb/auto";
import { forceCloseDatabase } from "fake-indexeddb";
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientApi } from "../../../../src/api/client-api.ts";
import type { ClientEvent } from "../../../../src/api/events.ts";
import { workersFor } from "../../../../src/client/crypto/crypto-pool.ts";
import type { CryptoService } from "../../../../src/client/crypto/crypto-service.ts";
import { startClient, type StartClientOptions } from "../../../../src/client/engine/start-client.ts";
import { loadBrowserHost } from "../../../../src/client/network/browser-network.ts";
import { openWalletStore } from "../../../../src/client/storage/wallet-store.ts";
import { CHAIN_ID_MAIN, CHAIN_ID_TEST } from "../../../../src/core/values/network.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { networkFileOf, SMALL_GENESIS } from "../../../support/network-file.ts";
import { eventually } from "../../../support/eventually.ts";
import { testCurve } from "../../../support/test-curve.ts";

vi.mock(import("../../../../src/client/network/browser-network.ts"), async (importOriginal) => ({
  ...(await importOriginal()),
  loadBrowserHost: vi.fn(() => Promise.resolve()),
}));

let count = 0;

function noWorker(): never {
  throw new Error("no job here needs a worker");
}

/** A tab on this origin. */
function openTab(
  name: string,
  openCryptoWorker: StartClientOptions["openCryptoWorker"] = noWorker,
): { readonly client: ClientApi; readonly events: ClientEvent[] } {
  const client = startClient({
    openCurve: () => Promise.resolve(testCurve),
    openBls: () => Promise.resolve(fakeBls),
    openCryptoWorker,
    name,
  });
  return { client, events: [] };
}

async function listen(tab: ReturnType<typeof openTab>): Promise<void> {
  await tab.client.subscribe((event) => tab.events.push(event));
}

function stopOf(events: readonly ClientEvent[]): string | undefined {
  return events.flatMap((event) => (event.type === "engine-stopped" ? [event.code] : []))[0];
}

describe("the client of a browser worker", () => {
  let name: string;
  let served: Map<string, () => Response>;

  beforeEach(() => {
    name = `start-client ${process.pid} ${count++}`;
    const nodes = [{ operator: "one", addresses: [] }];
    served = new Map([["/network.json", () => Response.json(networkFileOf(SMALL_GENESIS, nodes))]]);
    vi.stubGlobal("fetch", (url: string) => {
      const respond = served.get(url);
      return respond === undefined ? Promise.reject(new TypeError("offline")) : Promise.resolve(respond());
    });
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("refuses calls before it is open", async () => {
    const { client } = openTab(name);
    await expect(client.accounts.create()).rejects.toThrow("not open");
    await expect(client.views.balance()).rejects.toThrow("not open");
  });

  it("starts crypto workers ahead of a restore, and gets them warm", async () => {
    let warmUps = 0;
    const service = { warmUp: () => Promise.resolve(warmUps++) } as unknown as CryptoService;
    const { client } = openTab(name, () => ({ service, onCrash: () => undefined, terminate: () => undefined }));
    await client.open();
    expect(warmUps).toBe(0);
    await client.accounts.prepareRestore();
    expect(warmUps).toBe(workersFor(navigator.hardwareConcurrency));
    await client.accounts.prepareRestore();
    expect(warmUps).toBe(workersFor(navigator.hardwareConcurrency));
  });

  it("starts two of them ahead of a tap on a packet", async () => {
    let warmUps = 0;
    const service = { warmUp: () => Promise.resolve(warmUps++) } as unknown as CryptoService;
    vi.spyOn(navigator, "hardwareConcurrency", "get").mockReturnValue(8);
    const { client } = openTab(name, () => ({ service, onCrash: () => undefined, terminate: () => undefined }));
    await client.open();
    void client.packets.prepare().catch(() => undefined);
    await eventually(() => expect(warmUps).toBe(2));
  });

  it("loads what a connection needs while the store opens, where somebody is in a hurry, else after the picture", async () => {
    let loaded: string[] = [];
    const tab = (suffix: string): ClientApi => {
      return startClient({
        openCurve: () => Promise.resolve(loaded.push("curve")).then(() => testCurve),
        openBls: () => Promise.resolve(loaded.push("bls")).then(() => fakeBls),
        openCryptoWorker: noWorker,
        name: `${name} ${suffix}`,
      });
    };
    await tab("calm").open();
    expect([loaded, vi.mocked(loadBrowserHost).mock.calls.length]).toEqual([[], 0]);
    loaded = [];
    const opening = tab("hurried").open({ isHurried: true });
    expect([loaded, vi.mocked(loadBrowserHost).mock.calls.length]).toEqual([["curve", "bls"], 1]);
    await opening;
  });

  describe("which backend computes", () => {
    /** A tab whose workers write down what they are to take. */
    function openAskedTab(): { readonly client: ClientApi; readonly asked: (string | undefined)[] } {
      const asked: (string | undefined)[] = [];
      const { client } = openTab(name, (only) => {
        asked.push(only);
        const said = { backendName: () => Promise.resolve(only ?? "the fastest"), warmUp: () => Promise.resolve() };
        return { service: said as unknown as CryptoService, onCrash: () => undefined, terminate: () => undefined };
      });
      return { client, asked };
    }

    const networkOf = async (client: ClientApi) => (await client.views.sync()).network;

    it("is said by a worker, and is the worker's own choice where nobody asks for one", async () => {
      const { client, asked } = openAskedTab();
      await client.open();
      expect(await client.views.backend()).toBe("the fastest");
      expect(asked).toEqual([undefined]);
    });

    it("is the one that the page's address asks for on a dev network, once that is known", async () => {
      let answer: (response: Response) => void = () => undefined;
      const file = served.get("/network.json")!();
      vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => (answer = resolve)));
      const { client, asked } = openAskedTab();
      await client.open({ backend: "scalar" });
      // Nobody knows whose network it is: no worker may be started for good with the wrong one.
      await client.accounts.prepareRestore();
      expect([await client.views.backend(), asked]).toEqual([undefined, []]);
      answer(file);
      await eventually(async () => expect(await networkOf(client)).toBe("dev"));
      expect(await client.views.backend()).toBe("scalar");
      expect(asked).toEqual(["scalar"]);
    });

    it.each(["test", "main"] as const)(
      "is not asked for on the %s network, whatever the address says",
      async (network) => {
        const nodes = [{ operator: "one", addresses: [] }];
        const chainId = network === "main" ? CHAIN_ID_MAIN : CHAIN_ID_TEST;
        const genesis = { ...SMALL_GENESIS, chainId };
        served.set("/network.json", () => Response.json({ ...networkFileOf(genesis, nodes), network }));
        const { client, asked } = openAskedTab();
        await client.open({ backend: "noble" });
        await eventually(async () => expect(await networkOf(client)).toBe(network));
        expect(await client.views.backend()).toBe("the fastest");
        expect(asked).toEqual([undefined]);
      },
    );

    it("is unknown where no worker starts", async () => {
      const { client } = openTab(name);
      await client.open();
      expect(await client.views.backend()).toBeUndefined();
    });
  });

  it("shows what is stored before the curve is loaded, loads it with the first call, and again where it did not come", async () => {
    // What the network file names may need the curve as well, so that it is held back here.
    let answer: (response: Response) => void = () => undefined;
    vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => (answer = resolve)));
    let loads = 0;
    let isThere = false;
    const events: string[] = [];
    const client = startClient({
      openCurve: () => {
        loads++;
        return isThere ? Promise.resolve(testCurve) : Promise.reject(new Error("offline"));
      },
      openBls: () => Promise.resolve(fakeBls),
      openCryptoWorker: noWorker,
      name,
    });
    expect(await client.open()).toMatchObject({ ok: true });
    await client.subscribe((event) => events.push(event.type));
    expect([loads, events.includes("balance-changed")]).toEqual([0, true]);
    await expect(client.accounts.create()).rejects.toThrow("offline");
    isThere = true;
    answer(served.get("/network.json")!());
    expect(await client.accounts.create()).toMatchObject({ ok: true });
    expect(await client.accounts.address({ fresh: false })).toMatch(/^dstg1/);
    expect(loads).toBe(2);
  });

  it("takes no network file before the curve is there: its genesis may be scanned at once", async () => {
    let isThere: (curve: typeof testCurve) => void = () => undefined;
    const client = startClient({
      openCurve: () => new Promise((resolve) => (isThere = resolve)),
      openBls: () => Promise.resolve(fakeBls),
      openCryptoWorker: noWorker,
      name,
    });
    const networks: (string | undefined)[] = [];
    await client.open();
    await client.subscribe((event) => {
      if (event.type === "sync-changed") networks.push(event.sync.network);
    });
    const told = client.network.foreground(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(new Set(networks)).toEqual(new Set([undefined]));
    isThere(testCurve);
    await told;
    await eventually(() => expect(networks).toContain("dev"));
  });

  it("[LC-4] has the library for certificates before a checkpoint is entered, and says where it cannot be had", async () => {
    let loads = 0;
    let isThere = false;
    const client = startClient({
      openCurve: () => Promise.resolve(testCurve),
      openBls: () => {
        loads++;
        return isThere ? Promise.resolve(fakeBls) : Promise.reject(new Error("offline"));
      },
      openCryptoWorker: noWorker,
      name,
    });
    await client.open();
    expect(loads).toBe(0);
    const text = `1 ${"abandon ".repeat(23)}art`;
    expect(await client.network.enterCheckpoint(text)).toEqual({ ok: false, code: "not_ready" });
    isThere = true;
    const before = loads;
    await client.network.enterCheckpoint(text);
    expect(loads).toBe(before + 1);
    // The engine goes on.
    expect((await client.views.sync()).state).toBe("connecting");
  });

  it("opens, tells every view at once, makes a wallet and keeps it", async () => {
    const first = openTab(name);
    expect(await first.client.open()).toEqual({
      ok: true,
      wallet: { exists: false, wordsSeen: false, notice: undefined },
    });
    await listen(first);
    expect(first.events.map((event) => event.type)).toEqual([
      "balance-changed",
      "sync-changed",
      "wallet-changed",
      "history-changed",
      "restore-changed",
    ]);
    expect(first.events.find((event) => event.type === "balance-changed")?.balance).toBeUndefined();
    expect(await first.client.accounts.create()).toMatchObject({ ok: true, wallet: { exists: true } });
    const address = await first.client.accounts.address({ fresh: false });
    expect(address).toMatch(/^dstg1/);
    expect(await first.client.payments.checkAddress(address)).toEqual({ ok: true });
    const words = await first.client.accounts.recoveryWords();

    const second = openTab(name);
    const opening = second.client.open();
    expect(await opening).toMatchObject({ ok: true, wallet: { exists: true, wordsSeen: true } });
    expect(stopOf(first.events)).toBe("moved_to_other_tab");
    expect(await second.client.accounts.recoveryWords()).toBe(words);
    // The old tab answers with its last word, or not at all, but never writes.
    await expect(first.client.accounts.address({ fresh: true })).rejects.toThrow();
    const late = openTab(name);
    await late.client.open();
    await listen(first);
    expect(first.events.at(-1)).toEqual({ type: "engine-stopped", code: "moved_to_other_tab" });
  });

  it("an engine that was overtaken in storage stops by itself at its next write", async () => {
    const frozen = openTab(name);
    await frozen.client.open();
    await listen(frozen);
    await frozen.client.accounts.create();
    const thief = await openWalletStore({ name });
    await frozen.client.accounts.address({ fresh: true }).catch(() => undefined);
    await eventually(() => expect(stopOf(frozen.events)).toBe("moved_to_other_tab"));
    await thief.close();
  });

  it("a write that finds no room stops the engine by that name, and what was stored is there when it goes on", async () => {
    const tab = openTab(name);
    await tab.client.open();
    await listen(tab);
    await tab.client.accounts.create();
    const address = await tab.client.accounts.address({ fresh: false });
    const spy = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("no room", "QuotaExceededError");
    });
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    await tab.client.accounts.address({ fresh: true }).catch(() => undefined);
    await eventually(() => expect(stopOf(tab.events)).toBe("storage_full"));
    expect(await openTab(name).client.open()).toEqual({ ok: false, code: "storage_full" });
    spy.mockRestore();
    const again = openTab(name);
    expect(await again.client.open()).toMatchObject({ ok: true, wallet: { exists: true } });
    expect(await again.client.accounts.address({ fresh: false })).toBe(address);
  });

  it("a database that is deleted under the engine is storage_lost, and the engine holds it no longer", async () => {
    const tab = openTab(name);
    await tab.client.open();
    await listen(tab);
    await tab.client.accounts.create();
    await new Promise((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
    await eventually(() => expect(stopOf(tab.events)).toBe("storage_lost"));
    expect(await openTab(name).client.open()).toMatchObject({ ok: true, wallet: { exists: false } });
  });

  it("data that the browser clears amid a write is storage_lost as well, although the write fails first", async () => {
    const tab = openTab(name);
    await tab.client.open();
    await listen(tab);
    await tab.client.accounts.create();
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const spy = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore) {
      const { db } = this.transaction;
      setTimeout(() => forceCloseDatabase(db as unknown as typeof IDBDatabase));
      throw new DOMException("gone", "UnknownError");
    });
    await tab.client.accounts.address({ fresh: true }).catch(() => undefined);
    await eventually(() => expect(stopOf(tab.events)).toBe("storage_lost"));
    spy.mockRestore();
  });

  it("a newer version that opens the database stops the older one, which then finds it too new", async () => {
    const tab = openTab(name);
    await tab.client.open();
    await listen(tab);
    await tab.client.accounts.create();
    const newer = await openDB(name, 1_000);
    await eventually(() => expect(stopOf(tab.events)).toBe("storage_newer"));
    newer.close();
    expect(await openTab(name).client.open()).toEqual({ ok: false, code: "storage_newer" });
  });

  it.each([
    ["SecurityError", "storage_denied"],
    ["QuotaExceededError", "storage_full"],
    ["VersionError", "storage_newer"],
    ["UnknownError", "storage_denied"],
  ])("storage that throws %s is %s, and the engine is free for the next tab", async (error, code) => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", error);
    });
    expect(await openTab(name).client.open()).toEqual({ ok: false, code });
    vi.restoreAllMocks();
    expect(await openTab(name).client.open()).toMatchObject({ ok: true });
  });

  it("storage that cannot be read is emptied when a person asks for it, and only then", async () => {
    const first = openTab(name);
    await first.client.open();
    await first.client.accounts.create();
    const database = await openDB(name);
    const secrets = (await database.get("meta", "secrets")) as { sealed: ArrayBuffer; iv: Uint8Array };
    await database.put("meta", { ...secrets, iv: new Uint8Array(12) }, "secrets");
    database.close();
    expect(await openTab(name).client.open()).toEqual({ ok: false, code: "storage_broken" });
    const again = openTab(name);
    expect(await again.client.open({ discardBroken: true })).toMatchObject({ ok: true, wallet: { exists: false } });
    await again.client.accounts.create();
    // What can be read is left alone, whatever was asked.
    expect(await openTab(name).client.open({ discardBroken: true })).toMatchObject({ wallet: { exists: true } });
  });

  it("records that make no wallet are emptied likewise", async () => {
    const store = await openWalletStore({ name });
    await store.write({ puts: [{ key: "wallet", bytes: Uint8Array.of(1, 255) }], deletes: [] });
    await store.close();
    expect(await openTab(name).client.open()).toEqual({ ok: false, code: "storage_broken" });
    expect(await openTab(name).client.open({ discardBroken: true })).toMatchObject({ wallet: { exists: false } });
  });

  it("a wallet that cannot be stored is not made", async () => {
    const { client } = openTab(name);
    await client.open();
    // What the origin says of the network is stored as well; that is another test's business.
    await eventually(async () => expect((await client.views.sync()).network).toBe("dev"));
    const spy = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("no room", "QuotaExceededError");
    });
    expect(await client.accounts.create()).toEqual({ ok: false, code: "storage_full" });
    spy.mockRestore();
    expect(await client.accounts.create()).toMatchObject({ ok: true });
  });

  it.each([
    [200, { ok: true }],
    [429, { ok: false, code: "too_soon" }],
    [404, { ok: false, code: "not_a_dev_network" }],
    [503, { ok: false, code: "refused" }],
    [undefined, { ok: false, code: "unreachable" }],
  ])("a faucet that answers %s", async (status, result) => {
    if (status !== undefined) served.set("/faucet", () => new Response("{}", { status }));
    const { client } = openTab(name);
    await client.open();
    await client.accounts.create();
    expect(await client.faucet.request()).toEqual(result);
  });
});
