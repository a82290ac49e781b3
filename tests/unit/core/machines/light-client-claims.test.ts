import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { PacketCore } from "../../../../src/core/chain/packet-output.ts";
import { refuseClaim } from "../../../../src/core/machines/light-client-claims.ts";
import { RESEND_MS } from "../../../../src/core/machines/light-client-payments.ts";
import { viewBalance } from "../../../../src/core/machines/light-client-views.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { buildClaim, makeClaimSeat, type ClaimTarget } from "../../../../src/core/wallet/build-claim.ts";
import type { PacketClaim } from "../../../../src/core/wallet/packet-claim.ts";
import { CHAIN_ID } from "../../../support/consensus-chain.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";
import { linkSecret, packet } from "../../../support/packet-vectors.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const PACKET = leafIndex(7);
const core: PacketCore = { ...packet.core, gate: { mode: "open" }, expiry: timeMs(9_000_000_000_000) };
const target: ClaimTarget = { chainId: CHAIN_ID, packetLeaf: PACKET, core, linkSecret, guardedSecret: undefined };
const random = seededRandom("claims of a machine");

function built(of = target) {
  const result = buildClaim(curve, random, payee, of, makeClaimSeat(curve, random, payee, of), { mode: "open" });
  if (!result.ok) throw new Error(result.code);
  return result.claim;
}

function liveWorld(seed: number): LightClientWorld {
  const world = new LightClientWorld(seed);
  world.start();
  world.run(3_000);
  return world;
}

const claimOf = (world: LightClientWorld): PacketClaim => world.state.durable.wallet!.claims.get(PACKET)!;
const tap = (world: LightClientWorld, of = target, claim = built(of)) =>
  world.send({ type: "claim-built", target: of, built: claim });
const codeOf = (effects: ReturnType<typeof tap>): string | undefined =>
  effects.flatMap((effect) => (effect.type === "claim-rejected" ? [effect.code] : []))[0];

describe("a claim on its way (9.3)", () => {
  it("[RP-8] [NW-18] is written before it leaves, in one step, and brings its share", () => {
    const world = liveWorld(1);
    const claim = built();
    const effects = tap(world, target, claim);
    expect(effects[0]).toMatchObject({ type: "write" });
    const [write] = effects.filter((effect) => effect.type === "write");
    expect(write!.puts.map(({ key }) => key)).toEqual(expect.arrayContaining(["claim/000000000", "wallet-counts"]));
    expect(effects).toContainEqual({ type: "claim-stored", packetLeaf: PACKET, txid: claim.txid });
    const [submit] = effects.filter((effect) => effect.type === "submit-transaction");
    // NW-3: to another node than the source of our blocks.
    expect(submit).toMatchObject({ txid: claim.txid, bytes: claim.bytes });
    expect(submit!.node).not.toBe(world.state.data?.node);
    world.run(500, 1_000_000);
    expect(claimOf(world).state).toBe("sent");
    world.run(5_000);
    expect(claimOf(world)).toMatchObject({ state: "drawn", share: { amount: 77n }, transaction: undefined });
    expect(viewBalance(world.state)).toEqual({ total: 77n, usable: 77n });
    const { length } = world.submissions;
    world.run(2 * RESEND_MS);
    expect(world.submissions).toHaveLength(length);
  });

  it("[NW-3] goes to another node where it does not come into a block, with the same bytes, also after a restart", () => {
    const world = liveWorld(2);
    for (const node of world.nodes) node.takesPayments = false;
    const claim = built();
    tap(world, target, claim);
    world.run(RESEND_MS + 3_000);
    world.start();
    world.run(5_000);
    const sent = world.submissions.filter(({ txid }) => txid === formatHex(claim.txid));
    expect(sent.length).toBeGreaterThanOrEqual(3);
    expect(new Set(sent.map(({ bytes }) => bytes))).toEqual(new Set([formatHex(claim.bytes)]));
    expect(new Set(sent.slice(0, 2).map(({ node }) => node)).size).toBe(2);
    for (const node of world.nodes) node.takesPayments = true;
    world.run(RESEND_MS + 8_000);
    expect(claimOf(world).state).toBe("drawn");
    expect(world.minedClaims).toEqual([formatHex(claim.txid)]);
  });

  it("[RP-8] is not made twice, and what was not stored never leaves", () => {
    const world = liveWorld(3);
    tap(world);
    const second = built();
    const effects = tap(world, target, second);
    expect(codeOf(effects)).toBe("already_claimed");
    world.run(5_000);
    expect(world.submissions.some(({ txid }) => txid === formatHex(second.txid))).toBe(false);
    expect(refuseClaim(world.state, target)).toBe("already_claimed");
  });

  it("is not made for another chain, nor before the chain was seen", () => {
    const world = liveWorld(4);
    const other = { ...target, chainId: 1 };
    expect(codeOf(tap(world, other))).toBe("wrong_network");
    const early = new LightClientWorld(4);
    early.start();
    expect(codeOf(tap(early))).toBe("not_ready");
    expect(early.state.durable.wallet!.claims.size).toBe(0);
    const bare = new LightClientWorld(4);
    bare.hasWallet = false;
    bare.start();
    bare.run(3_000);
    expect(codeOf(tap(bare))).toBe("not_ready");
    expect(refuseClaim(world.state, target)).toBeUndefined();
  });

  it("[RP-5] is over when the state of its packet says so", () => {
    const world = liveWorld(5);
    for (const node of world.nodes) node.takesPayments = false;
    tap(world);
    const { header } = world.state.durable.chain!;
    const seen = { packetLeaf: PACKET, height: header.height, timeMs: header.time, state: undefined };
    world.send({ type: "packet-seen", seen: { ...seen, height: height(header.height + 50) } });
    expect(claimOf(world).state).toBe("made");
    world.send({ type: "packet-seen", seen });
    expect(claimOf(world)).toMatchObject({ state: "empty", transaction: undefined });
    const { length } = world.submissions;
    world.run(2 * RESEND_MS);
    expect(world.submissions).toHaveLength(length);
  });
});
