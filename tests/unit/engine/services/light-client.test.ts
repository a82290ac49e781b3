import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import { openWalletStore } from "../../../../src/client/storage/wallet-store.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import type { ClientStore } from "../../../../src/engine/services/client-store.ts";
import { LightClient } from "../../../../src/engine/services/light-client.ts";
import { testEdges } from "../../../support/client-edges.ts";
import { ClientWorld, SERVERS } from "../../../support/client-world.ts";
import { testCurve } from "../../../support/test-curve.ts";
import { WRONG_CURVES } from "../../../support/wrong-curve.ts";

const COINS = 5_000_000n;

describe("a light client over a fake network and a real store", () => {
  let world: ClientWorld;

  afterEach(async () => {
    await world.close();
  });

  async function start(): Promise<LightClient> {
    world = new ClientWorld();
    await world.serve();
    return world.open();
  }

  it("makes a wallet, is paid, pays, and goes on after a restart", async () => {
    const client = await start();
    expect(client.walletView()).toEqual({ exists: false, wordsSeen: false, notice: undefined });
    expect(await client.accounts.create()).toMatchObject({ ok: true, wallet: { exists: true } });
    expect(await client.accounts.create()).toMatchObject({ ok: true });
    const address = await client.accounts.address({ fresh: false });
    expect(await client.accounts.address({ fresh: false })).toBe(address);
    const fresh = await client.accounts.address({ fresh: true });
    expect(fresh).not.toBe(address);
    await world.live();
    expect(await client.views.balance()).toEqual({ total: 0n, usable: 0n });

    world.pay(fresh, 5_000_000n);
    await world.balance(5_000_000n);
    expect(await client.payments.propose({ to: address, amount: amount(9_000_000n), memo: "" })).toMatchObject({
      code: "insufficient_funds",
    });
    expect(await client.payments.propose({ to: "dstg1", amount: amount(1n), memo: "" })).toMatchObject({
      code: "address_invalid",
    });
    expect(await client.payments.checkAddress(address)).toEqual({ ok: true });
    expect(await client.payments.checkAddress("no")).toMatchObject({ ok: false });

    const proposed = await client.payments.propose({ to: address, amount: amount(1_000_000n), memo: "tea" });
    if (!proposed.ok) throw new Error(proposed.code);
    const { proposalId, fee } = proposed.proposal;
    const [confirmed, again] = await Promise.all([
      client.payments.confirm(proposalId),
      client.payments.confirm(proposalId),
    ]);
    if (!confirmed.ok) throw new Error(confirmed.code);
    expect(again).toEqual(confirmed);
    expect(await client.payments.confirm("nobody's")).toEqual({ ok: false, code: "proposal_expired" });
    await world.row((row) => row.id === confirmed.txid && row.state === "sent");
    expect(world.server.submitted.length).toBe(1);

    world.server.extend([world.server.submitted[0]!.transaction]);
    await world.row((row) => row.id === confirmed.txid && row.state === "final");
    await world.balance(5_000_000n - fee);
    const words = await client.accounts.recoveryWords();
    expect(words.split(" ").length).toBe(24);
    await world.close();

    world.server.extend();
    const second = await world.open();
    expect(second.walletView()).toEqual({ exists: true, wordsSeen: true, notice: undefined });
    expect(await second.views.balance()).toMatchObject({ total: 5_000_000n - fee });
    await world.live();
    expect((await second.views.history()).map((row) => row.direction).sort()).toEqual(["in", "in", "out"]);
    expect(await second.accounts.recoveryWords()).toBe(words);
    expect(world.failures).toEqual([]);
  });

  it("ends its open jobs when it stops and when it erases, and has later ones done", async () => {
    await start();
    const store = await openWalletStore({ name: `${world.store}-jobs` });
    const edges = testEdges({
      store,
      startMs: 0,
      label: "jobs",
      fetchNetworkFile: () => Promise.resolve(undefined),
      openHost: () => Promise.reject(new Error("no network")),
    });
    let cancels = 0;
    const cancel = (): void => {
      cancels++;
    };
    const jobs = { ...edges.jobs, cancel };
    const openCode = () => "storage_denied" as const;
    const client = new LightClient({ ...edges, jobs, emit: () => undefined, failed: () => undefined, openCode });
    await client.start();
    await client.accounts.create();
    expect(cancels).toBe(0);
    await client.accounts.erase();
    expect(cancels).toBe(1);
    await client.stop();
    expect(cancels).toBe(2);
    await store.close();
  });

  it("derives no keys before the last balance can be shown", async () => {
    const client = await start();
    await world.makeWallet(COINS);
    const words = await client.accounts.recoveryWords();
    await world.close();

    const store = await openWalletStore({ name: world.store });
    let multiplied = 0;
    const edges = testEdges({
      store,
      startMs: 0,
      label: "warm start",
      fetchNetworkFile: () => Promise.resolve(undefined),
      openHost: () => Promise.reject(new Error("no network")),
    });
    const curve = {
      ...edges.curve,
      edwardsBaseMultiplySecret(...args: Parameters<typeof edges.curve.edwardsBaseMultiplySecret>) {
        multiplied++;
        return edges.curve.edwardsBaseMultiplySecret(...args);
      },
    };
    const openCode = () => "storage_denied" as const;
    const warm = new LightClient({ ...edges, curve, emit: () => undefined, failed: () => undefined, openCode });
    expect(await warm.start()).toMatchObject({ ok: true, wallet: { exists: true } });
    expect(await warm.views.balance()).toMatchObject({ total: COINS });
    expect(multiplied).toBe(0);
    expect(await warm.accounts.recoveryWords()).toBe(words);
    expect(multiplied).toBe(1);
    await warm.stop();
    await store.close();
  });

  it("proposes what is asked before the network file was read, once it was", async () => {
    await start();
    const address = await world.makeWallet(COINS);
    await world.close();
    let arrive: () => void = () => undefined;
    world.fileArrives = new Promise((resolve) => (arrive = resolve));
    const second = await world.open();
    const proposed = second.payments.propose({ to: address, amount: amount(1n), memo: "" });
    expect(await Promise.race([proposed, new Promise((resolve) => setTimeout(resolve, 50, "waits"))])).toBe("waits");
    arrive();
    expect(await proposed).toMatchObject({ ok: true });
  });

  it("[NW-3] submits over an identity of its own to another node than the one that serves the blocks", async () => {
    const client = await start();
    const address = await world.makeWallet(COINS);
    const proposalId = await world.propose(address);
    await client.payments.confirm(proposalId);
    await world.until(() => world.server.submitted[0], "submission");
    const reader = world.server.asked.find(({ protocol }) => protocol === "compact")!.from;
    expect(world.server.submitted[0]!.from).not.toBe(reader);
    // The line was dialled ahead of the tap; whoever carried it is gone.
    expect(world.identities.length).toBe(3);
    await world.until(
      () => (world.network.portOf(world.server.submitted[0]!.from) === undefined ? true : undefined),
      "end of the line",
    );
  });

  it("resumes a payment that was stored and not sent", async () => {
    const client = await start();
    const address = await world.makeWallet(COINS);
    for (const name of SERVERS) await world.network.portOf(name)?.stop();
    const proposalId = await world.propose(address);
    const confirmed = await client.payments.confirm(proposalId);
    expect(confirmed.ok).toBe(true);
    await world.close();
    await world.serve();
    await world.open();
    await world.until(() => world.server.submitted[0], "submission after the restart");
  });

  it("a dev network that begins anew keeps the keys, drops the rest and says so", async () => {
    const client = await start();
    const address = await world.makeWallet(COINS);
    const words = await client.accounts.recoveryWords();
    await world.close();

    const { store } = world;
    world = new ClientWorld();
    Object.assign(world, { store, networkFile: world.networkFile!.replace(/"genesis_hash"/, '"old"') });
    // A file that says nothing: the old coins stay on show.
    const second = await world.open();
    expect(await second.views.balance()).toMatchObject({ total: COINS });
    await world.close();

    world = new ClientWorld(1_700_000_000_001);
    Object.assign(world, { store });
    const third = await world.open();
    await world.until(() => (third.walletView().notice === "chain_replaced" ? true : undefined), "notice");
    expect(await third.views.history()).toEqual([]);
    expect(await third.accounts.recoveryWords()).toBe(words);
    expect(await third.accounts.address({ fresh: false })).toBe(address);
    expect(third.walletView()).toEqual({ exists: true, wordsSeen: true, notice: "chain_replaced" });
    expect(world.failures).toEqual([]);
  });

  it("an erase while the chain is being replaced leaves a device that opens without a wallet", async () => {
    await start();
    await world.makeWallet();
    await world.close();

    const { store } = world;
    world = new ClientWorld(1_700_000_000_001);
    const erased = new Promise<void>((resolve, reject) => {
      world.onForget = () => void world.client!.accounts.erase().then(resolve, reject);
    });
    Object.assign(world, { store });
    await world.open();
    await erased;
    expect(world.client?.walletView()).toEqual({ exists: false, wordsSeen: false, notice: undefined });
    await world.close();
    world.onForget = undefined;
    expect((await world.open()).walletView().exists).toBe(false);
    expect(world.failures).toEqual([]);
  });

  it("erase leaves a device without a wallet, ready for another", async () => {
    const client = await start();
    const address = await world.makeWallet();
    await client.accounts.erase();
    expect(client.walletView()).toMatchObject({ exists: false });
    expect(await client.views.balance()).toBeUndefined();
    expect(await world.makeWallet()).not.toBe(address);
  });

  it("a payment that is being stored while the engine goes elsewhere was stored, and is never called lost", async () => {
    const client = await start();
    const address = await world.makeWallet(COINS);
    const proposalId = await world.propose(address);
    const writing = world.paymentWrite();
    const answer = client.payments.confirm(proposalId);
    await writing;
    await world.close();
    const confirmed = await answer;
    const second = await world.open();
    const rows = (await second.views.history()).filter((row) => row.direction === "out");
    expect(confirmed).toEqual({ ok: true, txid: rows[0]?.id });
  });

  it("answers a confirmed payment however many are proposed meanwhile", async () => {
    const client = await start();
    const address = await world.makeWallet(COINS);
    world.pay(address, COINS);
    await world.balance(2n * COINS);
    const first = await world.propose(address);
    const writing = world.paymentWrite();
    const answer = client.payments.confirm(first);
    await writing;
    for (let count = 0; count < 40; count++) await world.propose(address);
    expect(await answer).toMatchObject({ ok: true });
  });

  it("stops when a write fails, answers what is open and sends nothing", async () => {
    const client = await start();
    const address = await world.makeWallet(COINS);
    const proposalId = await world.propose(address);
    world.breakStore();
    expect(await client.payments.confirm(proposalId)).toEqual({ ok: false, code: "storage_failed" });
    expect(world.failures.length).toBe(1);
    expect(world.server.submitted).toEqual([]);
    await expect(client.accounts.address({ fresh: true })).rejects.toThrow("disk on fire");
  });

  it("stores and sends nothing that a wrong kernel has made, and pays with the same coins once it is right", async () => {
    const client = await start();
    const address = await world.makeWallet(COINS);
    const history = await client.views.history();
    for (const spoil of Object.values(WRONG_CURVES)) {
      world.payingCurve = spoil(testCurve);
      const proposalId = await world.propose(address);
      expect(await client.payments.confirm(proposalId)).toEqual({ ok: false, code: "build_failed" });
      // The answer is the same for ever: a second tap makes nothing either.
      expect(await client.payments.confirm(proposalId)).toEqual({ ok: false, code: "build_failed" });
      expect(await client.views.balance()).toEqual({ total: COINS, usable: COINS });
      expect(await client.views.history()).toEqual(history);
    }
    await world.close();
    const second = await world.open();
    await world.live();
    expect(await second.views.history()).toEqual(history);
    expect(world.server.submitted).toEqual([]);
    world.payingCurve = testCurve;
    const proposalId = await world.propose(address);
    expect(await second.payments.confirm(proposalId)).toMatchObject({ ok: true });
    await world.until(() => world.server.submitted[0], "submission");
    expect(world.failures).toEqual([]);
  });

  it("says why it is offline, and is ready for nothing", async () => {
    world = new ClientWorld();
    world.networkFile = undefined;
    const client = await world.open();
    await client.accounts.create();
    await world.until(
      async () => ((await client.views.sync()).problem === "no_network_file" ? true : undefined),
      "problem",
    );
    expect(await client.views.balance()).toBeUndefined();
    const request = { to: "dstg1", amount: amount(1n), memo: "" };
    expect(await client.payments.propose(request)).toEqual({ ok: false, code: "not_ready" });
    expect(await client.payments.checkAddress("dstg1")).toEqual({ ok: false, code: "not_ready" });
    expect(await client.payments.retry("00")).toEqual({ ok: false, code: "not_ready" });
  });

  it("refuses records without their seed", async () => {
    const client = await start();
    await client.accounts.create();
    await world.close();
    const store = await openWalletStore({ name: world.store });
    const ports = testEdges({
      store: Object.assign(Object.create(store) as ClientStore, {
        secrets: () => undefined,
        record: (key: string) => store.record(key),
      }),
      startMs: 0,
      label: "broken",
      fetchNetworkFile: () => Promise.resolve(undefined),
      openHost: () => Promise.reject(new Error("offline")),
    });
    const broken = new LightClient({
      ...ports,
      emit: () => undefined,
      failed: () => undefined,
      openCode: () => "storage_denied",
    });
    expect(await broken.start()).toEqual({ ok: false, code: "storage_broken" });
    await store.close();
  });
});
