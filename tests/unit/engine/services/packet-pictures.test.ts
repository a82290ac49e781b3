import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import type { PacketDraft, ProposePacketResult } from "../../../../src/api/packets.ts";
import { MEDIA_SHOWN_BYTES_MAX } from "../../../../src/core/params/media-limits.ts";
import { amount, MICRO_PER_STG } from "../../../../src/core/values/amount.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { OUTGOING_BLOBS_MAX } from "../../../../src/engine/services/blob-puts.ts";
import { openWalletStore } from "../../../../src/client/storage/wallet-store.ts";
import type { ClientStore } from "../../../../src/engine/services/client-store.ts";
import { LightClient } from "../../../../src/engine/services/light-client.ts";
import { RequestGuard } from "../../../../src/node/network/request-guard.ts";
import { serveBlob } from "../../../../src/node/network/serve-blob.ts";
import { smallBlob } from "../../../support/blob-world.ts";
import { testEdges } from "../../../support/client-edges.ts";
import { MemoryBlobStore } from "../../../support/memory-blob-store.ts";
import { ServedLedger } from "../../../support/served-ledger.ts";

const STG = MICRO_PER_STG;
// Places of blobs go by the names that addresses end with.
const NODES = { "p2p/nodea": undefined, "p2p/nodeb": undefined, "p2p/nodec": undefined };
const PICTURE = Uint8Array.of(1, 2, 3, 4);
const DRAFT: PacketDraft = {
  kind: "equal",
  total: amount(6n * STG),
  count: 3,
  lifeMs: 600_000,
  greeting: "Look",
  password: "",
  workBits: undefined,
  picture: PICTURE,
};

const clients: LightClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
});

/** A ledger whose nodes keep blobs as well. */
function open(): Promise<ServedLedger> {
  keepers = [];
  return ServedLedger.open(NODES, async (port) => {
    const tell = (): void => undefined;
    const guard = new RequestGuard({ malformed: tell, tooMany: tell, rejected: tell }, () => 0);
    const now = () => timeMs(world.timeMs + 500);
    const store = new MemoryBlobStore();
    keepers.push(store);
    await serveBlob(port, { store, now, failed: tell, steadyMs: () => 0 }, guard);
  });
}

let world: ServedLedger;
/** What each node of it keeps. */
let keepers: MemoryBlobStore[] = [];

/** One life of a device with this store. */
async function person(label: string, kept?: ClientStore): Promise<LightClient> {
  const store = kept ?? (await openWalletStore({ name: `picture ${label}` }));
  const edges = testEdges({
    store,
    startMs: world.timeMs + 500,
    label,
    fetchNetworkFile: () => Promise.resolve(world.networkFile),
    openHost: () => world.openHost(),
  });
  const quiet = { emit: () => undefined, failed: () => undefined, openCode: () => "storage_broken" as const };
  const client = new LightClient({ ...edges, ...quiet });
  clients.push(client);
  await client.start();
  if (!client.walletView().exists) await client.accounts.create();
  await expect.poll(async () => (await client.views.sync()).state, { timeout: 20_000 }).toBe("live");
  return client;
}

/** Somebody with 50 STG. */
async function giver(label: string, store?: ClientStore): Promise<LightClient> {
  const client = await person(label, store);
  world.pay(await client.accounts.address({ fresh: false }), 50n * STG);
  await expect.poll(async () => (await client.views.balance())?.usable, { timeout: 20_000 }).toBe(50n * STG);
  return client;
}

function proposalId(proposed: ProposePacketResult): string {
  if (!proposed.ok) throw new Error(proposed.code);
  return proposed.proposal.proposalId;
}

async function made(client: LightClient, draft: PacketDraft = DRAFT): Promise<string> {
  const before = world.server.submitted.length;
  const confirmed = await client.payments.confirm(proposalId(await client.packets.propose(draft)));
  expect(confirmed).toMatchObject({ ok: true });
  await expect.poll(() => world.server.submitted.length, { timeout: 10_000 }).toBeGreaterThan(before);
  world.mine();
  await expect.poll(async () => (await client.packets.made())[0]?.state, { timeout: 20_000 }).toBe("live");
  return (await client.packets.made())[0]!.id;
}

const linkOf = async (client: LightClient, id: string): Promise<string> =>
  `https://wallet.example/r#${await client.packets.fragment(id)}`;

describe("the picture of a packet", () => {
  it("[RP-10] is put with the yes and not before, and seen by whoever taps the link, before and after the draw", async () => {
    world = await open();
    const creator = await giver("pictured");
    const stranger = await person("sees it");
    await creator.packets.propose(DRAFT);
    expect(creator.blobs.outgoing()).toEqual([]);
    const id = await made(creator);
    expect((await creator.packets.made())[0]).toMatchObject({ greeting: "Look", hasPicture: true });
    await expect.poll(() => creator.blobs.outgoing().length, { timeout: 30_000 }).toBe(0);
    expect(await creator.packets.picture(id)).toEqual({ ok: true, bytes: PICTURE });

    const link = await linkOf(creator, id);
    expect(await stranger.packets.look(link)).toMatchObject({ ok: true, link: { hasPicture: true } });
    // Looking is no tap.
    expect(await stranger.packets.picture(link)).toEqual({ ok: false, code: "none" });
    const opened = await stranger.packets.open(link, "");
    if (!opened.ok) throw new Error(opened.code);
    expect((await stranger.packets.claims())[0]).toMatchObject({ hasPicture: true });
    for (const name of [link, opened.id])
      expect(await stranger.packets.picture(name)).toEqual({ ok: true, bytes: PICTURE });
  });

  it("is asked of nobody where there is none", async () => {
    world = await open();
    const creator = await giver("plain");
    const id = await made(creator, { ...DRAFT, picture: undefined });
    expect((await creator.packets.made())[0]).toMatchObject({ hasPicture: false });
    const before = world.identities.length;
    for (const name of [id, await linkOf(creator, id), "packet:1", ""])
      expect(await creator.packets.picture(name)).toEqual({ ok: false, code: "none" });
    expect(world.identities.length).toBe(before);
  });

  it("may be as large as others show it, and no larger", async () => {
    world = await open();
    const creator = await giver("large");
    const propose = (size: number) => creator.packets.propose({ ...DRAFT, picture: new Uint8Array(size) });
    expect(await propose(MEDIA_SHOWN_BYTES_MAX)).toMatchObject({ ok: true });
    expect(await propose(MEDIA_SHOWN_BYTES_MAX + 1)).toEqual({ ok: false, code: "picture_too_large" });
  });

  it("that cannot be taken keeps its packet from being paid", async () => {
    // No node takes any.
    world = await ServedLedger.open(NODES);
    const store = await openWalletStore({ name: "picture store" });
    const creator = await giver("waits", store);
    for (let number = 1; number <= OUTGOING_BLOBS_MAX; number++) await creator.blobs.put(smallBlob(number));
    const waiting = proposalId(await creator.packets.propose(DRAFT));
    for (let taps = 0; taps < 2; taps++)
      expect(await creator.payments.confirm(waiting)).toEqual({ ok: false, code: "pictures_waiting" });
    for (const { blobId } of creator.blobs.outgoing()) await creator.blobs.cancel(blobId);
    store.writeIfRoom = () => Promise.resolve(false);
    expect(await creator.payments.confirm(proposalId(await creator.packets.propose(DRAFT)))).toEqual({
      ok: false,
      code: "picture_not_stored",
    });
    expect(await creator.packets.made()).toEqual([]);
    expect(world.server.submitted).toEqual([]);
    expect(
      await creator.payments.confirm(proposalId(await creator.packets.propose({ ...DRAFT, picture: undefined }))),
    ).toMatchObject({ ok: true });
  });

  it("is stored before its packet: a kill between the two leaves a picture without a packet", async () => {
    world = await open();
    const store = await openWalletStore({ name: "picture killed" });
    const creator = await giver("killed", store);
    const id = proposalId(await creator.packets.propose(DRAFT));
    let stored: () => void = () => undefined;
    const isStored = new Promise<void>((resolve) => (stored = resolve));
    const writeIfRoom = store.writeIfRoom.bind(store);
    store.writeIfRoom = async (changes) => {
      const hadRoom = await writeIfRoom(changes);
      stored();
      // As if the process had died here.
      await new Promise(() => undefined);
      return hadRoom;
    };
    const confirming = creator.payments.confirm(id);
    await isStored;
    await creator.stop();
    expect(await confirming).toEqual({ ok: false, code: "storage_failed" });
    store.writeIfRoom = writeIfRoom;
    const later = await person("killed", store);
    // It goes on to its nodes as soon as there are any.
    const counts = (): number[] => keepers.map((keeper) => keeper.holdings().count);
    await expect.poll(counts, { timeout: 20_000 }).toEqual(keepers.map(() => 1));
    expect(await later.packets.made()).toEqual([]);
    expect(world.server.submitted).toEqual([]);
  });

  it("whose packet could not be made is put no further", async () => {
    world = await open();
    const creator = await giver("changed");
    const [first, second] = [await creator.packets.propose(DRAFT), await creator.packets.propose(DRAFT)];
    const confirmed = await Promise.all([first, second].map((each) => creator.payments.confirm(proposalId(each))));
    // Both were to be paid with the same coins.
    expect(confirmed.map((each) => (each.ok ? "ok" : each.code)).sort()).toEqual(["funds_changed", "ok"]);
    expect(creator.blobs.outgoing().length).toBe(1);
  });
});
