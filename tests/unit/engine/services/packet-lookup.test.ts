import { describe, expect, it } from "vitest";
import { outputHash } from "../../../../src/core/chain/output.ts";
import type { ProofRoot } from "../../../../src/core/machines/light-client-proof-root.ts";
import { formatAddress } from "../../../../src/core/values/address.ts";
import { height, leafIndex, LEAF_INDEX_LIMIT, type LeafIndex } from "../../../../src/core/values/height.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { parseNetworkFile } from "../../../../src/engine/services/network-file.ts";
import { PacketLookup } from "../../../../src/engine/services/packet-lookup.ts";
import { streamRequests } from "../../../../src/net/requests/stream-requests.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { MemoryClientStore } from "../../../../src/node/storage/memory-client-store.ts";
import { hashOf } from "../../../support/block-commits.ts";
import { testEdges } from "../../../support/client-edges.ts";
import { PacketBuilder } from "../../../support/packet-builder.ts";
import { ServedLedger, type Tamper } from "../../../support/served-ledger.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const HONEST = { "node-a": undefined, "node-b": undefined, "node-c": undefined };
const DECOYS = hashOf("decoys", 1);
const lie: Tamper = (name, frame) =>
  name === "bucket" ? frame.map((byte, index) => (index === 40 ? byte ^ 1 : byte)) : frame;

/** A packet of three shares on the chain, and somebody who has its link and nothing else. */
async function open(
  nodes: Readonly<Record<string, Tamper | undefined>> = HONEST,
  { requests = streamRequests, isNew = false } = {},
) {
  const world = await ServedLedger.open(nodes);
  const { ledger } = world.server;
  const packets = new PacketBuilder(ledger);
  const made = packets.make([1_000_000n, 2_000_000n, 3_000_000n]);
  const item = world.mine([packets.transfer([made]).transaction]);
  const place = item.compact.entries.findIndex((entry) => String(entry.outputHash) === String(outputHash(made.core)));
  const parsed = parseNetworkFile(world.networkFile);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { config } = parsed;
  const { header, blockId, nextValidators } = ledger.tip;
  const known: ProofRoot = { type: "header", header: { header, blockId, nextValidators } };
  const root: ProofRoot = isNew ? { type: "checkpoint", checkpoint: config.checkpoint } : known;
  let isWanted = true;
  const ground = { config, nodes: { listed: config.nodes, learnt: [] }, root, isWanted: () => isWanted };
  const edges = testEdges({
    store: new MemoryClientStore(),
    startMs: world.timeMs + 500,
    label: "packet lookup",
    fetchNetworkFile: () => Promise.resolve(world.networkFile),
    openHost: () => world.openHost(),
  });
  const lookup = new PacketLookup({ ...edges, requests });
  return {
    world,
    made,
    madeAt: item.header.height,
    leaf: leafIndex(item.compact.firstLeaf + place),
    find: (leaf: LeafIndex, notBefore?: number) =>
      lookup.find(ground, leaf, DECOYS, notBefore === undefined ? undefined : height(notBefore)),
    forget: () => (isWanted = false),
  };
}

describe("the place that a packet's link names", () => {
  it("[BL-15] holds the packet with what is left of it, in the newest state, under a certified header", async () => {
    const { world, made, madeAt, leaf, find } = await open();
    world.mine();
    const { header } = world.server.ledger.tip;
    const found = await find(leaf);
    expect(found).toMatchObject({ ok: true, height: header.height, timeMs: header.time });
    if (!found.ok || found.linked.type !== "packet") throw new Error("no packet");
    expect(outputHash(found.linked.core)).toEqual(outputHash(made.core));
    expect(found.linked.madeAt).toBe(madeAt);
    expect(found.linked.state).toMatchObject({ used: [], isClosing: false });
  });

  it("is read while the header of the checkpoint is asked for, by a device that has seen no block", async () => {
    let askedForBucket = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (askedForBucket = resolve));
    const many: typeof streamRequests.many = (host, peer, protocol, ...rest) => {
      const answer = streamRequests.many(host, peer, protocol, ...rest);
      if (protocol.name === PROTOCOL.bucket.name) askedForBucket();
      // Whoever waits for it first waits for ever.
      const frames = (async function* () {
        await isAsked;
        yield* answer.frames;
      })();
      return { ...answer, frames };
    };
    const { leaf, find } = await open(HONEST, { requests: { ...streamRequests, many }, isNew: true });
    expect(await find(leaf)).toMatchObject({ ok: true, linked: { type: "packet" } });
  });

  it("holds a coin, which a gift may be, until it is spent; elsewhere nothing lives", async () => {
    const { world, find } = await open();
    const paid = world.pay(formatAddress(deriveAddress(curve, payee.view, 1), "dev"), 5_000_000n);
    expect(await find(paid.leaf)).toMatchObject({ ok: true, linked: { type: "coin", madeAt: paid.height } });
    world.spend(paid, payee, 1);
    expect(await find(paid.leaf)).toMatchObject({ ok: true, linked: { type: "nothing" } });
    for (const never of [world.server.ledger.tip.header.nextLeaf + 5, LEAF_INDEX_LIMIT - 1])
      expect(await find(leafIndex(never))).toMatchObject({ ok: true, linked: { type: "nothing" } });
  });

  it("[NW-9] is looked at over connections with identities nobody has seen", async () => {
    const { world, leaf, find } = await open();
    await find(leaf);
    await find(leaf);
    expect(world.identities).toHaveLength(2);
    expect(new Set(world.identities).size).toBe(2);
  });

  it("believes no node: one that lies is passed over, and where all do nobody has answered", async () => {
    const { leaf, find } = await open({ "node-a": lie, "node-b": lie, "node-c": undefined });
    for (let times = 0; times < 6; times++)
      expect(await find(leaf)).toMatchObject({ ok: true, linked: { type: "packet" } });
    const liars = await open({ "node-a": lie, "node-b": lie });
    expect(await liars.find(liars.leaf)).toEqual({ ok: false, code: "offline" });
  });

  it("a state from before what this device has seen says nothing new", async () => {
    const { world, leaf, find } = await open();
    const { header } = world.server.ledger.tip;
    expect(await find(leaf, header.height)).toMatchObject({ ok: true });
    expect(await find(leaf, header.height + 1)).toEqual({ ok: false, code: "behind" });
  });

  it("nobody is asked for somebody who has gone", async () => {
    const { world, leaf, find, forget } = await open();
    forget();
    expect(await find(leaf)).toEqual({ ok: false, code: "offline" });
    expect(world.identities).toEqual([]);
  });
});
