import { afterEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { FrameStream, NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { formatAddress } from "../../../../src/core/values/address.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { height, leafIndex } from "../../../../src/core/values/height.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { formatProof, type PlacedProof } from "../../../../src/core/wallet/proof-text.ts";
import { LightClient } from "../../../../src/engine/services/light-client.ts";
import { OutputLookup } from "../../../../src/engine/services/output-lookup.ts";
import { parseNetworkFile } from "../../../../src/engine/services/network-file.ts";
import { MemoryClientStore } from "../../../../src/node/storage/memory-client-store.ts";
import { decodeBucketRequest, encodeBucketAnswer } from "../../../../src/wire/requests/bucket.ts";
import { testEdges } from "../../../support/client-edges.ts";
import { ServedLedger, type Tamper } from "../../../support/served-ledger.ts";
import { hashOf } from "../../../support/block-commits.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const ADDRESS = formatAddress(deriveAddress(curve, payee.view, 1), "dev");
const HONEST = { "node-a": undefined, "node-b": undefined, "node-c": undefined };
const DECOYS = hashOf("decoys", 1);
const flip = (protocol: string): Tamper => {
  return (name, frame) => (name === protocol ? frame.map((byte, index) => (index === 40 ? byte ^ 1 : byte)) : frame);
};

let client: LightClient | undefined;
afterEach(async () => {
  await client?.stop();
  client = undefined;
});

/** A client without a wallet, as somebody has who is sent a receipt. */
async function open(world: ServedLedger, openHost: () => Promise<NetworkPort> = () => world.openHost()) {
  const edges = testEdges({
    store: new MemoryClientStore(),
    startMs: world.timeMs + 500,
    label: "proofs",
    fetchNetworkFile: () => Promise.resolve(world.networkFile),
    openHost,
  });
  const ports = { ...edges, emit: () => undefined, failed: () => undefined, openCode: () => "storage_broken" as const };
  client = new LightClient(ports);
  await client.start();
  while ((await client.views.sync()).network === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  return client;
}

const bend = (placed: PlacedProof, change: Partial<PlacedProof>): string => formatProof({ ...placed, ...change });

describe("a payment proof against the chain", () => {
  it("[PP-1] holds for a coin that is still there, and for one that was spent since", async () => {
    const world = await ServedLedger.open(HONEST);
    const first = world.pay(ADDRESS, 12_500_000n);
    const madeMs = world.timeMs;
    world.mine();
    const { proofs } = await open(world);
    const expected = {
      ok: true,
      proof: {
        to: ADDRESS,
        amount: 12_500_000n,
        leaf: first.leaf,
        height: first.height,
        timeMs: madeMs,
        outputHash: formatHex(first.proof.outputHash),
      },
    };
    expect(await proofs.check(formatProof(first))).toEqual(expected);
    world.spend(first, payee, 1);
    world.mine();
    expect(world.server.ledger.ledger.leaf(first.leaf)).toBeUndefined();
    expect(await proofs.check(formatProof(first))).toEqual(expected);
  });

  it("[NW-9] asks for the bucket among decoys, over connections with identities nobody has seen", async () => {
    const world = await ServedLedger.open(HONEST);
    const placed = world.pay(ADDRESS, 5n);
    const asked: { readonly from: string; readonly buckets: readonly number[] }[] = [];
    const { proofs } = await open(world, async () => {
      const host = await world.openHost();
      return Object.assign(Object.create(host) as NetworkPort, {
        self: host.self,
        dial: host.dial.bind(host),
        hangUp: host.hangUp.bind(host),
        peers: host.peers.bind(host),
        onPeer: host.onPeer.bind(host),
        stop: host.stop.bind(host),
        openStream: async (peer: string, protocol: string, limits: never) => {
          const stream = await host.openStream(peer, protocol, limits);
          if (protocol !== "bucket") return stream;
          return Object.assign(Object.create(stream) as FrameStream, {
            peer: stream.peer,
            closed: stream.closed,
            frames: () => stream.frames(),
            close: () => stream.close(),
            abort: (reason: string) => stream.abort(reason),
            send: (frame: Uint8Array) => {
              asked.push({ from: host.self, buckets: decodeBucketRequest(frame).buckets });
              return stream.send(frame);
            },
          });
        },
      });
    });
    expect((await proofs.check(formatProof(placed))).ok).toBe(true);
    expect((await proofs.check(formatProof(placed))).ok).toBe(true);
    expect(asked).toHaveLength(2);
    const bucket = Math.floor(placed.leaf / 64);
    for (const { buckets } of asked) {
      expect(buckets).toHaveLength(3);
      expect(buckets).toContain(bucket);
    }
    // The same question every time, from somebody else every time.
    expect(asked[1]!.buckets).toEqual(asked[0]!.buckets);
    expect(asked[1]!.from).not.toBe(asked[0]!.from);
  });

  it("[PP-1] refuses a forged amount, address or output without asking anybody", async () => {
    const world = await ServedLedger.open(HONEST);
    const placed = world.pay(ADDRESS, 5n);
    const { proofs } = await open(world);
    const before = world.identities.length;
    const forged = (change: Partial<PlacedProof["proof"]>): string =>
      bend(placed, { proof: { ...placed.proof, ...change } });
    expect(await proofs.check(forged({ amount: amount(6n) }))).toEqual({ ok: false, code: "does_not_pay" });
    expect(await proofs.check(forged({ to: deriveAddress(curve, payee.view, 2) }))).toMatchObject({
      code: "does_not_pay",
    });
    expect(await proofs.check(forged({ outputHash: hashOf("other", 1) }))).toMatchObject({ code: "does_not_pay" });
    expect(await proofs.check(forged({ chainId: 1001 }))).toEqual({ ok: false, code: "wrong_network" });
    expect(await proofs.check("dstgproof1")).toEqual({ ok: false, code: "not_a_proof" });
    expect(world.identities).toHaveLength(before);
  });

  it("[PP-1] refuses what the chain does not have: another place, another block, a payment that never was", async () => {
    const world = await ServedLedger.open(HONEST);
    const placed = world.pay(ADDRESS, 5n);
    world.mine();
    const { proofs } = await open(world);
    const nowhere = { ok: false, code: "not_on_chain" };
    expect(await proofs.check(bend(placed, { leaf: leafIndex(placed.leaf - 1) }))).toEqual(nowhere);
    expect(await proofs.check(bend(placed, { leaf: leafIndex(2 ** 40 - 1) }))).toEqual(nowhere);
    expect(await proofs.check(bend(placed, { height: height(placed.height - 1) }))).toEqual(nowhere);
    expect(await proofs.check(bend(placed, { height: height(2 ** 50) }))).toEqual(nowhere);
    expect(await proofs.check(formatProof(world.proofOfNothing(ADDRESS, 7n)))).toEqual(nowhere);
    // A leaf that is dead since before its block: only the block can tell.
    expect(await proofs.check(bend(placed, { leaf: leafIndex(4) }))).toEqual(nowhere);
  });

  it("believes no node: one that lies is passed over, and none that is honest is no answer", async () => {
    for (const protocol of ["bucket", "hdr", "compact"]) {
      const lie = flip(protocol);
      const world = await ServedLedger.open({ "node-a": lie, "node-b": lie, "node-c": undefined });
      const placed = world.pay(ADDRESS, 5_000_000n);
      if (protocol === "compact") world.spend(placed, payee, 1);
      const { proofs } = await open(world);
      expect((await proofs.check(formatProof(placed))).ok, protocol).toBe(true);
      await client!.stop();
      const lost = await ServedLedger.open({ "node-a": lie });
      const sought = lost.pay(ADDRESS, 5_000_000n);
      if (protocol === "compact") lost.spend(sought, payee, 1);
      const alone = await open(lost);
      expect(await alone.proofs.check(formatProof(sought)), protocol).toMatchObject({
        ok: false,
        code: "unchecked",
        reason: "offline",
        proof: { to: ADDRESS, amount: 5_000_000n },
      });
      await client!.stop();
    }
  });

  it("a node that shows a state from before, final as it is, cannot make a payment disappear", async () => {
    let frames = 0;
    const lag: Tamper = (protocol, frame) => {
      if (protocol !== "bucket") return frame;
      const bucket = world.server.buckets.at(-1)![frames++ % 3]!;
      return encodeBucketAnswer(world.server.bucket(boundary.height, bucket));
    };
    const world = await ServedLedger.open({ "node-a": lag });
    const boundary = world.server.extendToBoundary();
    const placed = world.pay(ADDRESS, 5n);
    const { proofs } = await open(world);
    expect(await proofs.check(formatProof(placed))).toMatchObject({ code: "unchecked", reason: "offline" });
  });

  it("says so when no node can be reached", async () => {
    const world = await ServedLedger.open(HONEST);
    const placed = world.pay(ADDRESS, 5n);
    const { proofs } = await open(world, () => Promise.reject(new Error("no network")));
    expect(await proofs.check(formatProof(placed))).toMatchObject({ code: "unchecked", reason: "offline" });
  });

  it("a spent output too far below what is trusted cannot be followed", async () => {
    const world = await ServedLedger.open(HONEST);
    const placed = world.pay(ADDRESS, 5_000_000n);
    world.spend(placed, payee, 1);
    for (let block = 0; block < 4; block++) world.mine();
    const parsed = parseNetworkFile(world.networkFile);
    if (!parsed.ok) throw new Error(parsed.reason);
    const edges = testEdges({
      store: new MemoryClientStore(),
      startMs: world.timeMs + 500,
      label: "too old",
      fetchNetworkFile: () => Promise.resolve(world.networkFile),
      openHost: () => world.openHost(),
    });
    const { header, blockId, nextValidators } = world.server.ledger.tip;
    const trusted = { header, blockId, nextValidators };
    const sought = { outputHash: placed.proof.outputHash, leaf: placed.leaf, height: placed.height };
    const { config } = parsed;
    const root = { type: "header" as const, header: trusted };
    const ground = { config, nodes: { listed: config.nodes, learnt: [] }, root, isWanted: () => true };
    const find = (belowMax: number) => new OutputLookup(edges, belowMax).find(ground, sought, DECOYS);
    expect(header.height - placed.height).toBe(5);
    expect(await find(5)).toBe("found");
    expect(await find(4)).toBe("too_old");
  });
});
