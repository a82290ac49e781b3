import { describe, expect, it } from "vitest";
import { outputHash } from "../../../../src/core/chain/output.ts";
import { INITIAL_LIGHT_CLIENT } from "../../../../src/core/machines/light-client-state.ts";
import { STRETCH_BLOCKS } from "../../../../src/core/sync/block-stretch.ts";
import { leafIndex } from "../../../../src/core/values/height.ts";
import type { LightClientEdges } from "../../../../src/engine/services/light-client-run.ts";
import { NetworkMeter } from "../../../../src/engine/services/network-meter.ts";
import { parseNetworkFile } from "../../../../src/engine/services/network-file.ts";
import { PacketChecks } from "../../../../src/engine/services/packet-checks.ts";
import type { LinkRun } from "../../../../src/engine/services/packet-links.ts";
import { MemoryClientStore } from "../../../../src/node/storage/memory-client-store.ts";
import { hashOf } from "../../../support/block-commits.ts";
import { testEdges } from "../../../support/client-edges.ts";
import { PacketBuilder } from "../../../support/packet-builder.ts";
import { ServedLedger } from "../../../support/served-ledger.ts";

/** Between two blocks of the test ledger. */
const BLOCK_MS = 1_000;

/** A packet on the chain, which has lived for so many blocks, and the check of somebody who knows it, over edges of which some are bent. */
async function open(bend: (edges: LightClientEdges) => Partial<LightClientEdges> = () => ({}), life?: number) {
  const world = await ServedLedger.open({ "node-a": undefined, "node-b": undefined });
  const packets = new PacketBuilder(world.server.ledger);
  const made = packets.make([1_000_000n, 2_000_000n], life === undefined ? {} : { lifeMs: life * BLOCK_MS });
  const item = world.mine([packets.transfer([made]).transaction]);
  const place = item.compact.entries.findIndex((entry) => String(entry.outputHash) === String(outputHash(made.core)));
  for (let block = 0; block < (life ?? 0); block++) world.mine();
  const parsed = parseNetworkFile(world.networkFile);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { config } = parsed;
  const { header, blockId, nextValidators } = world.server.ledger.tip;
  const trusted = { header, blockId, nextValidators };
  const { durable } = INITIAL_LIGHT_CLIENT;
  const known = { listed: config.nodes, learnt: [] };
  const state = { ...INITIAL_LIGHT_CLIENT, config, durable: { ...durable, chain: trusted, known } };
  const run = {
    state,
    until: (isWanted: (each: unknown) => boolean) => (isWanted(state) ? Promise.resolve(state) : new Promise(() => 0)),
    proofRoot: () => ({ type: "header", header: trusted }),
    decoySecret: () => hashOf("decoys", 1),
  } as unknown as LinkRun;
  const edges = testEdges({
    store: new MemoryClientStore(),
    startMs: world.timeMs + 500,
    label: "packet checks",
    fetchNetworkFile: () => Promise.resolve(world.networkFile),
    openHost: () => world.openHost(),
  });
  // As a client has them.
  const metered = new NetworkMeter(edges).meter(edges);
  const checks = new PacketChecks({ ...metered, ...bend(metered) }, () => run);
  const leaf = leafIndex(item.compact.firstLeaf + place);
  const sought = { leaf, core: made.core, linkSecret: made.linkSecret, endsAt: undefined, own: undefined };
  return { world, check: () => checks.check({ ...sought, knownAt: item.header.height }) };
}

describe("the check of a packet's draws, over nodes", () => {
  it("[RP-14] says what holds of a packet that nobody has opened", async () => {
    const { check } = await open();
    const checked = await check();
    expect(checked).toMatchObject({ ok: true, view: { total: { amount: 3_000_000n }, fixed: { held: true } } });
  });

  it("[RP-7] [RP-14] knows the time before the lowest block of a stretch from the stretch below", async () => {
    // The parent of block 256 is the first that reaches expiry.
    const { check, world } = await open(undefined, STRETCH_BLOCKS - 1);
    expect(world.server.ledger.tip.header.height).toBe(STRETCH_BLOCKS);
    const checked = await check();
    if (!checked.ok) throw new Error(checked.code);
    const held = checked.view.items.filter(({ check: name }) => ["history_whole", "rest_returned"].includes(name));
    expect(held.map((each) => each.held)).toEqual([true, true]);
  });

  it("is refused and not thrown where we are mistaken, and no other node is asked then", async () => {
    const { check, world } = await open(({ requests }) => ({
      requests: {
        ...requests,
        many: () => {
          throw new TypeError("a mistake");
        },
      },
    }));
    expect(await check()).toEqual({ ok: false, code: "failed" });
    expect(world.identities).toHaveLength(1);
  });

  it("is refused where the work itself fails, and the next one is made", async () => {
    let isBroken = true;
    const { check } = await open(({ jobs }) => ({
      jobs: {
        ...jobs,
        replayPacket: (history) => (isBroken ? Promise.reject(new Error("broken")) : jobs.replayPacket(history)),
      },
    }));
    expect(await check()).toEqual({ ok: false, code: "failed" });
    isBroken = false;
    expect(await check()).toMatchObject({ ok: true });
  });

  it("is offline where no host is to be had, whatever its platform throws", async () => {
    const { check } = await open(() => ({ openHost: () => Promise.reject(new TypeError("no socket")) }));
    expect(await check()).toEqual({ ok: false, code: "offline" });
  });
});
