import { afterEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { encodeForkEvidence } from "../../../../src/core/sync/fork-evidence.ts";
import { encodeKnownNodes, type LearntNode } from "../../../../src/core/sync/known-nodes.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { encodeGenesis, genesisHash } from "../../../../src/core/chain/genesis.ts";
import type { NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { formatAddress } from "../../../../src/core/values/address.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { formatProof, type PlacedProof } from "../../../../src/core/wallet/proof-text.ts";
import { INITIAL_LIGHT_CLIENT, type LightClientState } from "../../../../src/core/machines/light-client-state.ts";
import { ProofsService, type ProofRun } from "../../../../src/engine/services/proofs.ts";
import { LightClient } from "../../../../src/engine/services/light-client.ts";
import { parseNetworkFile } from "../../../../src/engine/services/network-file.ts";
import type { Answer, NetworkEdges } from "../../../../src/engine/services/network-edges.ts";
import { MemoryClientStore } from "../../../../src/node/storage/memory-client-store.ts";
import { testEdges } from "../../../support/client-edges.ts";
import { ServedLedger, type Tamper } from "../../../support/served-ledger.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const ADDRESS = formatAddress(deriveAddress(curve, payee.view, 1), "dev");
/** The time that one node has. */
const NODE_MS = 60_000;
const never = new Promise<never>(() => undefined);
const later = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

let client: LightClient | undefined;
afterEach(async () => {
  await client?.stop();
  client = undefined;
});

interface Started {
  readonly networkFile?: string;
  readonly startMs?: number;
  readonly store?: MemoryClientStore;
  /** Waits before each answer to `hdr`. */
  readonly headersAfter?: () => Promise<void>;
  /** What a node's time lasts in this test. */
  readonly nodeMs?: number;
}

/** A client without a wallet; the hosts that checks open are those after the first, which is its own. */
async function open(world: ServedLedger, started: Started = {}) {
  const hosts: { readonly dialled: string[]; isStopped: boolean }[] = [];
  const edges = testEdges({
    store: started.store ?? new MemoryClientStore(),
    startMs: started.startMs ?? world.timeMs + 500,
    label: "proof hosts",
    fetchNetworkFile: () => Promise.resolve(started.networkFile ?? world.networkFile),
    openHost: async () => watched(await world.openHost(), hosts),
  });
  const requests: NetworkEdges["requests"] = {
    one: (...question) => edges.requests.one(...question),
    many(network, peer, protocol, frame, wait): Answer {
      const answer = edges.requests.many(network, peer, protocol, frame, wait);
      const { headersAfter } = started;
      if (protocol.name !== "hdr" || headersAfter === undefined) return answer;
      // One header for each question, however many were asked for.
      const frames = async function* () {
        await headersAfter();
        for await (const item of answer.frames) {
          yield item;
          return;
        }
      };
      return { frames: frames(), cancel: () => answer.cancel() };
    },
  };
  const timers = {
    now: () => edges.timers.now(),
    after: (delayMs: number, callback: () => void) => {
      return edges.timers.after(delayMs === NODE_MS ? (started.nodeMs ?? NODE_MS) : delayMs, callback);
    },
  };
  const ports = { emit: () => undefined, failed: () => undefined, openCode: () => "storage_broken" as const };
  client = new LightClient({ ...edges, requests, timers, ...ports });
  const { ok } = await client.start();
  // Over a fork it opens too: words and addresses can still be read.
  expect(ok).toBe(true);
  return { client, hosts };
}

function watched(host: NetworkPort, hosts: { readonly dialled: string[]; isStopped: boolean }[]): NetworkPort {
  const seen = { dialled: [] as string[], isStopped: false };
  hosts.push(seen);
  return {
    self: host.self,
    addresses: () => host.addresses(),
    hangUp: (peer) => host.hangUp(peer),
    peers: () => host.peers(),
    onPeer: (listener) => host.onPeer(listener),
    openStream: (peer, protocol, limits) => host.openStream(peer, protocol, limits),
    serve: (protocol, limits, handler) => host.serve(protocol, limits, handler),
    subscribe: (topic, bytesMax, judge) => host.subscribe(topic, bytesMax, judge),
    publish: (topic, bytes) => host.publish(topic, bytes),
    dial: (address, timeoutMs) => {
      seen.dialled.push(address);
      return host.dial(address, timeoutMs);
    },
    stop: () => {
      seen.isStopped = true;
      return host.stop();
    },
  };
}

async function configured({ views }: LightClient): Promise<void> {
  while ((await views.sync()).network === undefined) await later(5);
}

/** A coin that was spent some blocks below the checkpoint, so that its block has to be followed up header by header. */
async function spentBelow(nodes: Readonly<Record<string, Tamper | undefined>>) {
  const world = await ServedLedger.open(nodes);
  const placed = world.pay(ADDRESS, 5_000_000n);
  world.spend(placed, payee, 1);
  for (let block = 0; block < 6; block++) world.mine();
  const header = world.server.extendToBoundary();
  const checkpoint = { height: header.height, block_id: formatHex(blockId(header)), time_ms: header.time };
  const file = JSON.parse(world.networkFile) as Record<string, unknown>;
  return { world, placed, networkFile: JSON.stringify({ ...file, checkpoint }) };
}

describe("the hosts of a proof check", () => {
  it("[PP-5] end with the time of their node, however many headers it still brings one by one", async () => {
    const { world, placed, networkFile } = await spentBelow({ "node-a": undefined });
    const patient = await open(world, { networkFile, headersAfter: () => later(30) });
    expect(await patient.client.proofs.check(formatProof(placed))).toMatchObject({ ok: true });
    await patient.client.stop();
    const slow = await open(world, { networkFile, headersAfter: () => later(30), nodeMs: 60 });
    await configured(slow.client);
    const before = slow.hosts.length;
    expect(await slow.client.proofs.check(formatProof(placed))).toMatchObject({ code: "unchecked", reason: "offline" });
    expect(slow.hosts.slice(before).map(({ isStopped }) => isStopped)).toEqual([true]);
  });

  it("[PP-5] end with the client, and no other node is asked", async () => {
    const { world, placed, networkFile } = await spentBelow({ "node-a": undefined, "node-b": undefined });
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const headersAfter = (): Promise<never> => {
      asked();
      return never;
    };
    const { client: stopped, hosts } = await open(world, { networkFile, headersAfter });
    await configured(stopped);
    const check = stopped.proofs.check(formatProof(placed));
    const second = stopped.proofs.check(formatProof(placed));
    await isAsked;
    const opened = hosts.length;
    await stopped.stop();
    expect(hosts.map(({ isStopped }) => isStopped)).toEqual(hosts.map(() => true));
    expect(await check).toMatchObject({ code: "unchecked" });
    expect(await second).toMatchObject({ code: "unchecked" });
    expect(hosts).toHaveLength(opened);
  });

  it("[LC-3] are not opened over a fork", async () => {
    const world = await ServedLedger.open({ "node-a": undefined });
    const placed = world.pay(ADDRESS, 5n);
    const { header, certificate } = world.server.items[0]!;
    const ours = { header, certificate };
    const theirs = { header: { ...header, time: timeMs(header.time + 1) }, certificate };
    const store = new MemoryClientStore();
    const fork = encodeForkEvidence({ foundMs: timeMs(world.timeMs), ours, theirs });
    await store.write({ puts: [{ key: "fork", bytes: fork }], deletes: [] });
    const { client: halted, hosts } = await open(world, { store });
    expect(await halted.proofs.check(formatProof(placed))).toMatchObject({ code: "unchecked", reason: "fork" });
    expect(hosts).toEqual([]);
  });
});

describe("a proof check during which a fork is found", () => {
  it("[LC-3] ends its connection at once and says why it has no answer", async () => {
    const world = await ServedLedger.open({ "node-a": undefined, "node-b": undefined });
    const placed = world.pay(ADDRESS, 5n);
    const parsed = parseNetworkFile(world.networkFile);
    if (!parsed.ok) throw new Error(parsed.reason);
    const { config } = parsed;
    const hosts: { readonly dialled: string[]; isStopped: boolean }[] = [];
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const edges = testEdges({
      store: new MemoryClientStore(),
      startMs: world.timeMs + 500,
      label: "fork",
      fetchNetworkFile: () => Promise.resolve(world.networkFile),
      openHost: async () => {
        const host = watched(await world.openHost(), hosts);
        return Object.assign(host, {
          openStream: () => {
            asked();
            return never;
          },
        });
      },
    });
    const known = { params: config.params, listed: config.nodes, learnt: [] };
    const running: LightClientState = {
      ...INITIAL_LIGHT_CLIENT,
      phase: "running",
      config,
      durable: { ...INITIAL_LIGHT_CLIENT.durable, known },
    };
    let state = running;
    let halt = (): void => undefined;
    const isHalted = new Promise<void>((resolve) => (halt = resolve));
    const run: ProofRun = {
      get state() {
        return state;
      },
      async until(isWanted) {
        if (!isWanted(state)) await isHalted;
        return state;
      },
      decoySecret: () => undefined,
      proofRoot: () => ({ type: "checkpoint", checkpoint: config.checkpoint }),
    };
    const check = new ProofsService(edges, () => run).api.check(formatProof(placed));
    await isAsked;
    state = { ...running, phase: "halted", problem: "fork" };
    halt();
    expect(await check).toMatchObject({ code: "unchecked", reason: "fork" });
    expect(hosts.map(({ isStopped }) => isStopped)).toEqual([true]);
  });
});

describe("the nodes of a proof check", () => {
  const learntNode = (name: string, metMs: number): LearntNode => ({ addresses: [`/fake/${name}/p2p/${name}`], metMs });

  async function withLearnt(world: ServedLedger, learnt: readonly LearntNode[]) {
    const parsed = parseNetworkFile(world.networkFile);
    if (!parsed.ok) throw new Error(parsed.reason);
    const { params, nodes } = parsed.config;
    const store = new MemoryClientStore();
    const bytes = encodeKnownNodes({ params, listed: nodes, learnt });
    await store.write({ puts: [{ key: "nodes", bytes }], deletes: [] });
    const started = await open(world, { store });
    await configured(started.client);
    return started;
  }

  it("[NW-17] are those that the file names, before any that others have told of", async () => {
    const names = ["node-a", "node-b", "node-c", "node-d"];
    const world = await ServedLedger.open(Object.fromEntries(names.map((name) => [name, undefined])));
    const placed = world.pay(ADDRESS, 5n);
    const dead = Array.from({ length: 60 }, (_, index) => learntNode(`dead${"a".repeat(index + 1)}`, index % 2));
    const { client: asking, hosts } = await withLearnt(world, dead);
    for (let round = 0; round < 3; round++) {
      const before = hosts.length;
      expect(await asking.proofs.check(formatProof(placed))).toMatchObject({ ok: true });
      const dialled = hosts.slice(before).flatMap((host) => host.dialled);
      expect(dialled.length).toBeGreaterThan(0);
      expect(dialled.filter((address) => !names.includes(address.slice("/fake/".length)))).toEqual([]);
    }
  });

  it("[NW-17] are told ones that were found before, once the file's are gone; others never", async () => {
    const world = await ServedLedger.open({ "node-a": undefined });
    const placed = world.pay(ADDRESS, 5n);
    await world.network.portOf("node-a")!.stop();
    await world.server.serve(world.network.join("found/p2p/found"));
    const dead = Array.from({ length: 40 }, (_, index) => learntNode(`dead${"a".repeat(index + 1)}`, 0));
    const { client: asking, hosts } = await withLearnt(world, [...dead, learntNode("found", world.timeMs)]);
    const before = hosts.length;
    expect(await asking.proofs.check(formatProof(placed))).toMatchObject({ ok: true });
    const dialled = hosts.slice(before).flatMap((host) => host.dialled);
    expect(dialled.filter((address) => address.includes("dead"))).toEqual([]);
  });
});

describe("the trust of a proof check", () => {
  it("[LC-4] is not the origin's word on main: without a checkpoint nobody is asked", async () => {
    const world = await ServedLedger.open({ "node-a": undefined });
    const placed = world.pay(ADDRESS, 5n);
    const genesis = { ...world.server.ledger.genesis, chainId: 1 };
    const file = JSON.parse(world.networkFile) as Record<string, unknown>;
    const networkFile = JSON.stringify({
      ...file,
      network: "main",
      chain_id: 1,
      genesis: formatHex(encodeGenesis(genesis)),
      genesis_hash: formatHex(genesisHash(genesis)),
    });
    const onMain: PlacedProof = { ...placed, proof: { ...placed.proof, chainId: 1 } };
    const { client: asking, hosts } = await open(world, { networkFile });
    await configured(asking);
    const before = hosts.length;
    const expected = { code: "unchecked", reason: "checkpoint_too_old" };
    expect(await asking.proofs.check(formatProof(onMain))).toMatchObject(expected);
    expect(hosts).toHaveLength(before);
  });

  it("[LC-4] is no checkpoint that is too old", async () => {
    const world = await ServedLedger.open({ "node-a": undefined });
    const placed = world.pay(ADDRESS, 5n);
    const { params } = world.server.ledger.tip.chain;
    const { client: late } = await open(world, { startMs: world.timeMs + params.trustingMs });
    await configured(late);
    const expected = { code: "unchecked", reason: "checkpoint_too_old" };
    expect(await late.proofs.check(formatProof(placed))).toMatchObject(expected);
  });
});
