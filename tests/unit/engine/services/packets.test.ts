import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import type { ClientEvent } from "../../../../src/api/events.ts";
import type { ClaimView, OpeningView, PacketDraft, ProposePacketResult } from "../../../../src/api/packets.ts";
import type { PacketGate } from "../../../../src/core/chain/packet-output.ts";
import { outputHash } from "../../../../src/core/chain/output.ts";
import { guardedLinkSecret, packetPasswordBytes } from "../../../../src/core/crypto/packet-password.ts";
import { derivePacketKey } from "../../../../src/core/red-packet/packet-secrets.ts";
import { amount, MICRO_PER_STG } from "../../../../src/core/values/amount.ts";
import { leafIndex } from "../../../../src/core/values/height.ts";
import { formatPacketLink, type PacketLink } from "../../../../src/core/values/packet-link.ts";
import { isClaimRecord } from "../../../../src/core/wallet/packet-claim-records.ts";
import type { RecordChanges } from "../../../../src/core/wallet/stored-record.ts";
import { openWalletStore } from "../../../../src/client/storage/wallet-store.ts";
import type { ClientStore } from "../../../../src/engine/services/client-store.ts";
import { LightClient } from "../../../../src/engine/services/light-client.ts";
import type { LightClientEdges } from "../../../../src/engine/services/light-client-run.ts";
import type { Requests } from "../../../../src/engine/services/network-edges.ts";
import { streamRequests } from "../../../../src/net/requests/stream-requests.ts";
import { MemoryClientStore } from "../../../../src/node/storage/memory-client-store.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { testEdges } from "../../../support/client-edges.ts";
import { PacketBuilder, type PacketOptions } from "../../../support/packet-builder.ts";
import { ServedLedger } from "../../../support/served-ledger.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const HONEST = { "node-a": undefined, "node-b": undefined, "node-c": undefined };
const SHARES = [1_000_000n, 2_000_000n, 3_000_000n];
const CHANCE: PacketGate = { mode: "chance", powBits: 1 };
const CHAIN_ID = 1_000;

let devices = 0;
const clients: LightClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
});

/** Somebody with a browser, over these nodes; with a wallet that was made on the spot. */
async function person(
  world: ServedLedger,
  label: string,
  emit: (event: ClientEvent) => void = () => undefined,
  changed: Partial<LightClientEdges> = {},
): Promise<LightClient> {
  const client = await newcomer(world, label, emit, changed);
  await expect.poll(async () => (await client.views.sync()).state, { timeout: 20_000 }).toBe("live");
  return client;
}

/** The same in the moment in which the wallet is made: it has not seen a block yet. */
async function newcomer(
  world: ServedLedger,
  label: string,
  emit: (event: ClientEvent) => void = () => undefined,
  changed: Partial<LightClientEdges> = {},
): Promise<LightClient> {
  const store = await openWalletStore({ name: `${label} ${devices++}` });
  const edges = testEdges({
    store,
    startMs: world.timeMs + 500,
    label,
    fetchNetworkFile: () => Promise.resolve(world.networkFile),
    openHost: () => world.openHost(),
  });
  const ports = { ...edges, ...changed, emit, failed: () => undefined, openCode: () => "storage_broken" as const };
  const client = new LightClient(ports);
  clients.push(client);
  await client.start();
  await client.accounts.create();
  return client;
}

/** Requests of a device to which something happens whenever it has read buckets, before it goes on. */
function afterBuckets(happens: () => void | Promise<void>): Requests {
  return {
    one: (...asked) => streamRequests.one(...asked),
    many: (...asked) => {
      const answer = streamRequests.many(...asked);
      if (asked[2] !== PROTOCOL.bucket) return answer;
      const frames = async function* () {
        yield* answer.frames;
        await happens();
      };
      return { frames: frames(), cancel: () => answer.cancel() };
    },
  };
}

const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A device's store to which something happens before each write. */
async function storeBehind(happens: (changes: RecordChanges) => Promise<void>): Promise<ClientStore> {
  const store = await openWalletStore({ name: `behind ${devices++}` });
  const write = store.write.bind(store);
  return Object.assign(store, {
    write: async (changes: RecordChanges) => {
      await happens(changes);
      await write(changes);
    },
  });
}

/** A packet on the chain, and its link. */
function pack(world: ServedLedger, options: PacketOptions = {}, change: Partial<PacketLink> = {}): string {
  const packets = new PacketBuilder(world.server.ledger);
  const made = packets.make(SHARES, { lifeMs: 600_000, ...options });
  const item = world.mine([packets.transfer([made]).transaction]);
  const place = item.compact.entries.findIndex((entry) => String(entry.outputHash) === String(outputHash(made.core)));
  const leaf = leafIndex(item.compact.firstLeaf + place);
  const { linkSecret } = made;
  const link = { kind: "packet", hasPassword: false, chainId: CHAIN_ID, leaf, linkSecret, ...change } as const;
  return formatPacketLink("https://wallet.example", link);
}

/** A tap on the seal, and blocks until the claim has come to its end. */
async function opened(world: ServedLedger, client: LightClient, link: string): Promise<ClaimView> {
  const before = world.server.submitted.length;
  expect(await client.packets.open(link, "")).toMatchObject({ ok: true });
  await expect.poll(() => world.server.submitted.length, { timeout: 10_000 }).toBeGreaterThan(before);
  for (let block = 0; block < 4; block++) world.mine();
  await expect
    .poll(async () => (await client.packets.claims())[0]?.state, { timeout: 20_000 })
    .not.toMatch(/sending|drawing/);
  return (await client.packets.claims())[0]!;
}

describe("a link to a red packet", () => {
  it("says what it leads to, and looking takes nothing", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    const client = await person(world, "looks");
    for (let times = 0; times < 3; times++) {
      const seen = await client.packets.look(`Have a look: ${link} !`);
      const shares = { count: 3, left: 3, drawn: [] };
      expect(seen).toMatchObject({
        ok: true,
        link: { kind: "packet", state: "open", gate: "open", odds: 1, shares, isOpened: false },
      });
    }
    expect(world.server.submitted).toEqual([]);
    expect(await client.packets.look("https://wallet.example/r#AAAA")).toEqual({ ok: false, code: "malformed" });
  });

  it("[NW-11] is looked at over what was dialled beforehand, and each line is good for one look", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    const client = await person(world, "prepares");
    const before = world.identities.length;
    const dialled = (): number => world.identities.length - before;
    await client.packets.prepare();
    await client.packets.prepare();
    // One to look, one to send.
    expect(dialled()).toBe(2);
    expect(await client.packets.look(link)).toMatchObject({ ok: true });
    expect(dialled()).toBe(2);
    expect(await client.packets.look(link)).toMatchObject({ ok: true });
    expect(dialled()).toBe(3);
  });

  it("[NW-3] [NW-11] a device that knows nobody yet dials one line for blocks, one to look and one to send", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    let goOnline = (): void => undefined;
    const isOnline = new Promise<void>((resolve) => (goOnline = resolve));
    const openHost = () => isOnline.then(() => world.openHost());
    const client = await newcomer(world, "in a hurry", undefined, { openHost });
    // Whom to send to depends on where blocks come from, so it is dialled then.
    void client.packets.prepare();
    goOnline();
    expect((await opened(world, client, link)).state).toBe("won");
    expect(world.identities).toHaveLength(3);
  });

  it("[RP-6] opens into a share, which is in the balance once it is drawn", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    const client = await person(world, "opens");
    const claim = await opened(world, client, link);
    expect(claim.state).toBe("won");
    // It stands in the browser's history: a name that leads nowhere on the chain.
    expect(claim.id).toMatch(/^[0-9a-f]{32}$/);
    expect(SHARES).toContain(claim.amount);
    expect(claim.rank).toBe(3 - SHARES.indexOf(claim.amount!));
    expect((await client.views.balance())?.total).toBe(claim.amount);
    // One link gives one share.
    expect(await client.packets.open(link, "")).toEqual({ ok: false, code: "already_opened", id: claim.id });
    expect(await client.packets.look(link)).toMatchObject({ ok: true, link: { isOpened: true, shares: { left: 2 } } });
  });

  it("opens for a wallet that has not seen a block yet: it was made for this packet", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    expect((await opened(world, await newcomer(world, "made for it"), link)).state).toBe("won");
  });

  it("is told of while it is opened, and the claim with the history", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    const heard: string[] = [];
    const client = await person(world, "hears", ({ type }) => heard.push(type));
    heard.length = 0;
    const openings: (OpeningView | undefined)[] = [];
    const opening = client.packets.open(link, "");
    const next = () => new Promise<"next">((resolve) => setImmediate(resolve, "next"));
    while ((await Promise.race([opening, next()])) === "next") openings.push(await client.packets.opening());
    expect(openings.some((view) => view?.link?.shares?.count === SHARES.length)).toBe(true);
    expect(await client.packets.opening()).toBeUndefined();
    // No coin has moved yet.
    expect(heard).toContain("history-changed");
    expect(heard).not.toContain("balance-changed");
  });

  it("[RP-11] of a chance packet is tried until a try is won; a lost one leaves no trace", async () => {
    const world = await ServedLedger.open(HONEST);
    const hard = pack(world, { gate: { mode: "chance", powBits: 24 } });
    const easy = pack(world, { gate: CHANCE });
    const client = await person(world, "tries");
    expect(await client.packets.open(hard, "")).toEqual({ ok: false, code: "not_this_time" });
    expect(await client.packets.claims()).toEqual([]);
    expect(world.server.submitted).toEqual([]);
    expect((await opened(world, client, easy)).state).toBe("won");
  });

  it("[RP-4] behind a password opens by that password alone", async () => {
    const world = await ServedLedger.open(HONEST);
    const linkSecret = new Uint8Array(16).fill(7);
    const guarded = guardedLinkSecret(packetPasswordBytes("plum")!, linkSecret);
    const packetKey = derivePacketKey(curve, guarded);
    const link = pack(world, { change: { packetKey } }, { linkSecret, hasPassword: true });
    const client = await person(world, "password");
    for (const wrong of ["", "plumb", "x".repeat(200)])
      expect(await client.packets.open(link, wrong)).toEqual({ ok: false, code: "wrong_password" });
    expect(await client.packets.open(link, "plum")).toMatchObject({ ok: true });
    await expect.poll(() => world.server.submitted.length).toBeGreaterThan(0);
  });

  it("of another packet, of a group, of nothing and of another network opens nothing", async () => {
    const world = await ServedLedger.open(HONEST);
    const client = await person(world, "refused");
    const open = (link: string) => client.packets.open(link, "");
    expect(await open(pack(world, {}, { linkSecret: new Uint8Array(16) }))).toEqual({ ok: false, code: "malformed" });
    expect(await open(pack(world, { withTickets: true }))).toEqual({ ok: false, code: "not_for_you" });
    expect(await open(pack(world, {}, { leaf: leafIndex(0) }))).toEqual({ ok: false, code: "gone" });
    expect(await open(pack(world, {}, { chainId: 1_001 }))).toEqual({ ok: false, code: "wrong_network" });
    expect(world.server.submitted).toEqual([]);
  });

  it("[NW-18] is called opened where a stop finds the claim half stored, since it will be sent", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    let stopped: Promise<void> | undefined;
    const store = await storeBehind(async ({ puts }) => {
      if (!puts.some(({ key }) => isClaimRecord(key))) return;
      await passed(1);
      stopped = client.stop();
      // What else ends at a stop has ended by then.
      await passed(50);
    });
    const client: LightClient = await person(world, "half stored", undefined, { store });
    expect(await client.packets.open(link, "")).toMatchObject({ ok: true });
    await stopped;
    expect(store.records().filter(({ key }) => isClaimRecord(key))).toHaveLength(1);
  });

  it("[NW-18] is called failed where a stop comes before anything of the claim is stored", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    let held = Promise.resolve();
    let writes = 0;
    const store = await storeBehind(async () => {
      writes++;
      await held;
    });
    const client = await person(world, "not stored", undefined, { store });
    let letGo: () => void = () => undefined;
    held = new Promise((resolve) => (letGo = resolve));
    const before = writes;
    world.mine();
    await expect.poll(() => writes).toBeGreaterThan(before);
    const opening = client.packets.open(link, "");
    await expect.poll(async () => (await client.packets.opening())?.step, { timeout: 10_000 }).toBe("signing");
    await passed(50);
    const stopped = client.stop();
    letGo();
    expect(await opening).toEqual({ ok: false, code: "failed" });
    await stopped;
    expect(store.records().filter(({ key }) => isClaimRecord(key))).toEqual([]);
  });

  it("cannot be opened without a wallet", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    const edges = testEdges({
      store: new MemoryClientStore(),
      startMs: world.timeMs + 500,
      label: "none",
      fetchNetworkFile: () => Promise.resolve(world.networkFile),
      openHost: () => world.openHost(),
    });
    const client = new LightClient({
      ...edges,
      emit: () => undefined,
      failed: () => undefined,
      openCode: () => "storage_broken" as const,
    });
    clients.push(client);
    await client.start();
    expect(await client.packets.look(link)).toMatchObject({ ok: true, link: { state: "open" } });
    expect(await client.packets.open(link, "")).toEqual({ ok: false, code: "no_wallet" });
  });
});

describe("a red packet of one's own", () => {
  const STG = MICRO_PER_STG;
  const DRAFT: PacketDraft = {
    kind: "lucky",
    total: amount(9n * STG),
    count: 3,
    lifeMs: 600_000,
    greeting: "Good luck",
    password: "",
    workBits: undefined,
    picture: undefined,
  };

  /** Somebody with 50 STG. */
  async function giver(world: ServedLedger, label: string): Promise<LightClient> {
    const client = await person(world, label);
    world.pay(await client.accounts.address({ fresh: false }), 50n * STG);
    await expect.poll(async () => (await client.views.balance())?.usable, { timeout: 20_000 }).toBe(50n * STG);
    return client;
  }

  /** Confirms it, and has it in a block. */
  async function confirm(world: ServedLedger, client: LightClient, proposed: ProposePacketResult): Promise<void> {
    if (!proposed.ok) throw new Error(proposed.code);
    const before = world.server.submitted.length;
    expect(await client.payments.confirm(proposed.proposal.proposalId)).toMatchObject({ ok: true });
    await expect.poll(() => world.server.submitted.length, { timeout: 10_000 }).toBeGreaterThan(before);
    world.mine();
  }

  const first = async (client: LightClient) => (await client.packets.made())[0];
  const linkOf = async (client: LightClient): Promise<string> =>
    `https://wallet.example/r#${await client.packets.fragment((await first(client))!.id)}`;

  it("is paid for, opened by whoever has the link, and what is left comes back", async () => {
    const world = await ServedLedger.open(HONEST);
    const creator = await giver(world, "creator");
    const stranger = await person(world, "stranger");
    const proposed = await creator.packets.propose(DRAFT);
    // What those who open it would pay is told apart from the fee, and until when they may.
    expect(proposed).toMatchObject({ ok: true, proposal: { claimFees: 3n * 10_000n } });
    const confirmed = confirm(world, creator, proposed);
    await expect.poll(async () => (await first(creator))?.state).toBe("paying");
    const paying = (await first(creator))!;
    expect(await creator.packets.fragment(paying.id)).toBeUndefined();
    expect(await creator.packets.shares(paying.id)).toBeUndefined();
    await confirmed;
    await expect.poll(async () => (await first(creator))?.state, { timeout: 20_000 }).toBe("live");
    // One name from its payment on, in which nothing of the chain stands.
    expect(paying.id).toMatch(/^[0-9a-f]{32}$/);
    expect(paying.txid).toMatch(/^[0-9a-f]{64}$/);
    expect(await first(creator)).toMatchObject({
      id: paying.id,
      txid: paying.txid,
      end: undefined,
      kind: "packet",
      amount: DRAFT.total,
      count: 3,
      greeting: "Good luck",
      back: 0n,
    });
    const link = await linkOf(creator);
    expect(await stranger.packets.look(link)).toMatchObject({ ok: true, link: { greeting: "Good luck" } });
    const claim = await opened(world, stranger, link);
    expect(claim).toMatchObject({ state: "won", greeting: "Good luck", count: 3 });
    // Its maker knows what each share holds, and the chain which of them is drawn; not whose it is.
    const shares = await creator.packets.shares(paying.id);
    expect(shares?.reduce((sum, each) => sum + each, 0n)).toBe(DRAFT.total);
    const seen = await creator.packets.look(link);
    const drawn = seen.ok ? (seen.link.shares?.drawn ?? []) : [];
    expect(drawn.map((slot) => shares?.[slot])).toEqual([claim.amount]);
    await confirm(world, creator, await creator.packets.proposeBack((await first(creator))!.id));
    for (let block = 0; block < 4; block++) world.mine();
    await expect.poll(async () => (await first(creator))?.state, { timeout: 20_000 }).toBe("over");
    // What nobody has opened, with the fees for opening it.
    const { back, end } = (await first(creator))!;
    expect(end).toBe("taken-back");
    expect(back - (DRAFT.total - claim.amount!)).toBe(2n * 10_000n);
    expect(await creator.packets.fragment((await first(creator))!.id)).toBeUndefined();
  });

  it("[RP-13] [RP-14] is rechecked by whoever has opened it and by who made it, from blocks that anybody might ask for", async () => {
    const world = await ServedLedger.open(HONEST);
    const creator = await giver(world, "checked creator");
    const stranger = await person(world, "checker");
    await confirm(world, creator, await creator.packets.propose(DRAFT));
    await expect.poll(async () => (await first(creator))?.state, { timeout: 20_000 }).toBe("live");
    const link = await linkOf(creator);
    const id = (await first(creator))!.id;
    expect(await stranger.packets.check("packet:1")).toEqual({ ok: false, code: "unknown_packet" });
    expect(await creator.packets.check("payment:00")).toEqual({ ok: false, code: "unknown_packet" });
    const fresh = await creator.packets.check(id);
    expect(fresh).toMatchObject({ ok: true, view: { fixed: { held: true, firstClaimAt: undefined } } });
    const claim = await opened(world, stranger, link);
    const checked = await stranger.packets.check(claim.id);
    if (!checked.ok) throw new Error(checked.code);
    const { total, fixed, placed, items } = checked.view;
    expect(items.filter(({ held }) => held !== true)).toEqual([]);
    expect(total).toEqual({ held: true, amount: DRAFT.total, shares: 3 });
    expect(placed).toMatchObject({ held: true, draws: 1, own: { amount: claim.amount } });
    expect(fixed).toMatchObject({ held: true, firstClaimAt: placed.own!.claimedAt });
    expect(placed.own!.drawnAt).toBe(placed.own!.claimedAt + 2);
    expect(await stranger.packets.checking()).toBeUndefined();
    await confirm(world, creator, await creator.packets.proposeBack(id));
    for (let block = 0; block < 4; block++) world.mine();
    await expect.poll(async () => (await first(creator))?.state, { timeout: 20_000 }).toBe("over");
    const over = await creator.packets.check(id);
    if (!over.ok) throw new Error(over.code);
    expect(over.view.items.at(-1)).toEqual({ check: "rest_returned", held: true });
    expect(over.view.items.filter(({ held }) => held !== true)).toEqual([]);
    expect(over.view.placed).toEqual({ held: true, own: undefined, draws: 1 });
  });

  it("may be a gift for one person, who takes all of it but the fee", async () => {
    const world = await ServedLedger.open(HONEST);
    const creator = await giver(world, "gift creator");
    const friend = await person(world, "friend");
    const confirmed = confirm(world, creator, await creator.packets.proposeGift(amount(2n * STG)));
    await expect.poll(async () => (await first(creator))?.state).toBe("paying");
    const { id } = (await first(creator))!;
    await confirmed;
    await expect.poll(async () => (await first(creator))?.state, { timeout: 20_000 }).toBe("live");
    expect((await first(creator))?.id).toBe(id);
    const link = await linkOf(creator);
    expect(await friend.packets.look(link)).toMatchObject({ ok: true, link: { kind: "gift", state: "open" } });
    const before = world.server.submitted.length;
    expect(await friend.packets.open(link, "")).toMatchObject({ ok: true });
    await expect.poll(() => world.server.submitted.length, { timeout: 10_000 }).toBeGreaterThan(before);
    world.mine();
    await expect.poll(async () => (await friend.views.balance())?.total, { timeout: 20_000 }).toBeGreaterThan(STG);
    expect((await friend.views.balance())!.total).toBeLessThan(2n * STG);
    await expect.poll(async () => (await first(creator))?.state, { timeout: 20_000 }).toBe("over");
    expect((await first(creator))?.end).toBe("opened");
    expect(await friend.packets.look(link)).toMatchObject({ ok: true, link: { state: "gone" } });
  });

  describe("for one person", () => {
    const GIFT = amount(2n * STG);

    /** The link of a gift on the chain. */
    async function given(world: ServedLedger, label: string): Promise<string> {
      const creator = await giver(world, `${label} giver`);
      await confirm(world, creator, await creator.packets.proposeGift(GIFT));
      await expect.poll(async () => (await first(creator))?.state, { timeout: 20_000 }).toBe("live");
      return linkOf(creator);
    }

    async function expectTaken(world: ServedLedger, friend: LightClient, link: string): Promise<void> {
      const before = world.server.submitted.length;
      expect(await friend.packets.open(link, "")).toMatchObject({ ok: true });
      await expect.poll(() => world.server.submitted.length, { timeout: 10_000 }).toBeGreaterThan(before);
      world.mine();
      await expect.poll(async () => (await friend.views.balance())?.total, { timeout: 20_000 }).toBeGreaterThan(STG);
    }

    it("is taken though a block comes while its link is checked, and is never called gone for that", async () => {
      const world = await ServedLedger.open(HONEST);
      const link = await given(world, "quick");
      let blocksLeft = 0;
      const requests = afterBuckets(async () => {
        if (blocksLeft-- <= 0) return;
        const { height } = world.mine().header;
        await expect.poll(async () => (await friend.views.sync()).height, { timeout: 10_000 }).toBe(height);
      });
      const friend: LightClient = await person(world, "quick friend", undefined, { requests });
      blocksLeft = 1_000;
      expect(await friend.packets.open(link, "")).toEqual({ ok: false, code: "not_ready" });
      expect(blocksLeft).toBe(1_000 - 5);
      blocksLeft = 2;
      await expectTaken(world, friend, link);
      expect(await friend.packets.open(link, "")).toMatchObject({ ok: false, code: "gone" });
    });

    it("is taken by a wallet that was made for it, and has seen no block yet", async () => {
      const world = await ServedLedger.open(HONEST);
      const link = await given(world, "newcomer");
      let follow: () => void = () => undefined;
      const isLooked = new Promise<void>((resolve) => (follow = resolve));
      const requests: Requests = {
        ...afterBuckets(() => follow()),
        // Where a node stands: without it nobody follows its chain.
        one: (...asked) => isLooked.then(() => streamRequests.one(...asked)),
      };
      await expectTaken(world, await newcomer(world, "made for a gift", undefined, { requests }), link);
    });
  });

  it("may be what this network lets it be, with the odds of a try", async () => {
    const creator = await person(await ServedLedger.open(HONEST), "asks");
    const terms = (await creator.packets.terms())!;
    expect(terms).toMatchObject({ countMax: 64, greetingBytesMax: 102, passwordBytesMax: 128, lifeMaxMs: 3_600_000 });
    const odds = terms.chances.map((chance) => chance.odds);
    expect(odds).toEqual(odds.toSorted((left, right) => right - left));
    expect([odds[0]! > 0.5, odds.at(-1)! > 0.01, odds.at(-1)! < 0.02]).toEqual([true, true, true]);
  });

  it("that cannot be is refused before anything is built, by a name for each reason", async () => {
    const world = await ServedLedger.open(HONEST);
    const creator = await giver(world, "refused drafts");
    const code = async (change: Partial<PacketDraft>): Promise<string> => {
      const proposed = await creator.packets.propose({ ...DRAFT, ...change });
      return proposed.ok ? "ok" : proposed.code;
    };
    expect(await code({})).toBe("ok");
    // A dev network's packets live an hour at most, and so long where nobody says otherwise.
    expect(await code({ lifeMs: undefined })).toBe("ok");
    expect(await code({ count: 0 })).toBe("share_count");
    expect(await code({ count: 65 })).toBe("share_count");
    expect(await code({ count: 1.5 })).toBe("share_count");
    expect(await code({ total: amount(2n) })).toBe("total_too_small");
    expect(await code({ total: amount(60n * STG) })).toBe("insufficient_funds");
    expect(await code({ workBits: 25 })).toBe("gate_unfit");
    expect(await code({ lifeMs: 1_000 })).toBe("expiry_too_soon");
    expect(await code({ lifeMs: 400 * 24 * 3_600_000 })).toBe("expiry_too_late");
    expect(await code({ greeting: "x".repeat(103) })).toBe("greeting_too_long");
    expect(await code({ password: "x".repeat(129) })).toBe("password_too_long");
    for (const id of ["made:0", "0".repeat(32), "00", ""])
      expect(await creator.packets.proposeBack(id)).toEqual({ ok: false, code: "unknown_packet" });
  });
});
