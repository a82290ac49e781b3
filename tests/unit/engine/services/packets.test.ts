import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import type { ClaimView } from "../../../../src/api/packets.ts";
import type { PacketGate } from "../../../../src/core/chain/packet-output.ts";
import { outputHash } from "../../../../src/core/chain/output.ts";
import { guardedLinkSecret, packetPasswordBytes } from "../../../../src/core/crypto/packet-password.ts";
import { derivePacketKey } from "../../../../src/core/red-packet/packet-secrets.ts";
import { leafIndex } from "../../../../src/core/values/height.ts";
import { formatPacketLink, type PacketLink } from "../../../../src/core/values/packet-link.ts";
import { openWalletStore } from "../../../../src/client/storage/wallet-store.ts";
import { LightClient } from "../../../../src/engine/services/light-client.ts";
import { MemoryClientStore } from "../../../../src/node/storage/memory-client-store.ts";
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
async function person(world: ServedLedger, label: string): Promise<LightClient> {
  const store = await openWalletStore({ name: `${label} ${devices++}` });
  const edges = testEdges({
    store,
    startMs: world.timeMs + 500,
    label,
    fetchNetworkFile: () => Promise.resolve(world.networkFile),
    openHost: () => world.openHost(),
  });
  const ports = { ...edges, emit: () => undefined, failed: () => undefined, openCode: () => "storage_broken" as const };
  const client = new LightClient(ports);
  clients.push(client);
  await client.start();
  await client.accounts.create();
  await expect.poll(async () => (await client.views.sync()).state, { timeout: 20_000 }).toBe("live");
  return client;
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

/** Blocks until the claim has come to its end. */
async function settled(world: ServedLedger, client: LightClient): Promise<ClaimView> {
  const seen = world.server.submitted.length;
  await expect.poll(() => world.server.submitted.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(Math.max(1, seen));
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
      expect(seen).toMatchObject({
        ok: true,
        link: { kind: "packet", state: "open", gate: "open", odds: 1, shares: { count: 3, left: 3 }, isOpened: false },
      });
    }
    expect(world.server.submitted).toEqual([]);
    expect(await client.packets.look("https://wallet.example/r#AAAA")).toEqual({ ok: false, code: "malformed" });
  });

  it("[RP-6] opens into a share, which is in the balance once it is drawn", async () => {
    const world = await ServedLedger.open(HONEST);
    const link = pack(world);
    const client = await person(world, "opens");
    const opened = await client.packets.open(link, "");
    expect(opened).toMatchObject({ ok: true });
    const claim = await settled(world, client);
    expect(claim.state).toBe("won");
    expect(SHARES).toContain(claim.amount);
    expect(claim.rank).toBe(3 - SHARES.indexOf(claim.amount!));
    expect((await client.views.balance())?.total).toBe(claim.amount);
    // One link gives one share.
    expect(await client.packets.open(link, "")).toEqual({ ok: false, code: "already_opened" });
    expect(await client.packets.look(link)).toMatchObject({ ok: true, link: { isOpened: true, shares: { left: 2 } } });
  });

  it("[RP-11] of a chance packet is tried until a try is won; a lost one leaves no trace", async () => {
    const world = await ServedLedger.open(HONEST);
    const hard = pack(world, { gate: { mode: "chance", powBits: 24 } });
    const easy = pack(world, { gate: CHANCE });
    const client = await person(world, "tries");
    expect(await client.packets.open(hard, "")).toEqual({ ok: false, code: "not_this_time" });
    expect(await client.packets.claims()).toEqual([]);
    expect(world.server.submitted).toEqual([]);
    expect(await client.packets.open(easy, "")).toMatchObject({ ok: true });
    expect((await settled(world, client)).state).toBe("won");
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
