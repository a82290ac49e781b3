import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NETWORK_PARAMS } from "../../src/core/params/network-params.ts";
import { BUCKET_LEAVES } from "../../src/core/state/bucket-proof.ts";
import { LightClient } from "../../src/engine/services/light-client.ts";
import type { Requests } from "../../src/engine/services/network-edges.ts";
import { systemPlatform } from "../../src/node/cli/wallet/wallet-platform.ts";
import { openFileStore } from "../../src/node/storage/file-client-store.ts";
import { PROTOCOL, type Protocol } from "../../src/wire/protocols.ts";
import { decodeBucketRequest } from "../../src/wire/requests/bucket.ts";
import { decodeCompactRequest } from "../../src/wire/requests/compact.ts";
import { fillDevnet } from "../bench/support/fill-devnet.ts";
import { Person } from "../support/browser.ts";
import { callRpc, removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** NW-8: of less nothing is concluded. */
const QUIET_MINUTES = 10;
/** One output a second, so that the chain stays busy for a quarter of an hour in which nobody pays. */
const BUSY = { minutes: 12, outputsPerMinute: 60 };
const FAUCET_MICRO = 1_000_000_000n;
const TIMEOUT_MS = 60_000;

/** What a client asked, as the wire has it. */
interface Asked {
  readonly protocol: string;
  readonly frame: Uint8Array;
}

/** What `get_transaction` says of it. */
interface PaidJson {
  readonly height: number;
  readonly outputs: readonly { readonly index: number }[];
}

let devnet: Devnet;
const endings: (() => Promise<unknown>)[] = [];

/** Asks as ever, and writes down what. */
function written(requests: Requests, asked: Asked[]): Requests {
  return {
    one: (network, peer, protocol, frame, timeoutMs) => {
      asked.push({ protocol: protocol.name, frame: frame.slice() });
      return requests.one(network, peer, protocol, frame, timeoutMs);
    },
    many: (network, peer, protocol, frame, wait) => {
      asked.push({ protocol: protocol.name, frame: frame.slice() });
      return requests.many(network, peer, protocol, frame, wait);
    },
  };
}

/** The light client of the command line with a new wallet in a folder of its own. */
async function openClient(asked: Asked[]): Promise<LightClient> {
  const folder = await mkdtemp(join(tmpdir(), "stegos-busy-wallet-"));
  endings.push(() => rm(folder, { recursive: true }));
  const store = await openFileStore({ directory: folder, protection: () => Promise.resolve({ type: "none" }) });
  endings.push(() => store.close());
  const opened = systemPlatform.openEdges(new URL("/network.json", devnet.url));
  endings.push(() => opened.close());
  const client = new LightClient({
    ...opened.edges,
    requests: written(opened.edges.requests, asked),
    store,
    emit: () => undefined,
    log: () => undefined,
    failed: (error) => {
      throw error;
    },
    openCode: () => "storage_denied",
  });
  endings.push(() => client.stop());
  expect(await client.start()).toMatchObject({ ok: true });
  expect(await client.accounts.create()).toMatchObject({ ok: true });
  return client;
}

/** Pays from the faucet; gives the transaction's id. */
async function pay(address: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${devnet.url}/faucet`, { method: "POST", headers, body: JSON.stringify({ address }) });
  return ((await answer.json()) as { txid: string }).txid;
}

const POLL = { timeout: TIMEOUT_MS, interval: 100 };

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "stegos-busy-"));
  const { minutes, outputsPerMinute } = BUSY;
  await fillDevnet(directory, {
    // In one epoch, so that the network's checkpoint is its genesis and a new client reads all of it.
    params: { ...NETWORK_PARAMS.dev, epochMs: HOUR_MS, trustingMs: DAY_MS, unbondingMs: DAY_MS, evidenceMs: DAY_MS },
    liveCount: minutes * outputsPerMinute,
    pace: { blockMs: MINUTE_MS, outputsPerBlock: outputsPerMinute },
    endsInEpoch: true,
    hasPayloads: true,
  });
  devnet = await startDevnet({ directory });
});

afterAll(async () => {
  for (const end of endings.reverse()) await end();
  await devnet.stop();
  await removeDevnet(devnet);
});

describe("clients that are paid while the chain is busy", () => {
  it("[NW-7] [NW-8] one reads blocks without outputs and fetches its own by threes", async () => {
    const asked: Asked[] = [];
    const client = await openClient(asked);
    await expect.poll(async () => (await client.views.sync()).state, POLL).toBe("live");
    const txid = await pay(await client.accounts.address({ fresh: false }));
    await expect.poll(async () => (await client.views.balance())?.total, POLL).toBe(FAUCET_MICRO);
    const paid = await callRpc<PaidJson>(devnet.url, "get_transaction", { txid });

    const of = (protocol: Protocol) => asked.filter((each) => each.protocol === protocol.name);
    const streams = of(PROTOCOL.compact).map(({ frame }) => decodeCompactRequest(frame));
    const turn = streams.findIndex(({ isFull }) => !isFull);
    expect(streams.slice(turn).some(({ isFull }) => isFull)).toBe(false);
    // Ten minutes came with their outputs; the payment did not.
    expect(streams[0]).toEqual({ from: 1, isFull: true });
    expect(streams[turn]!.from).toBeGreaterThan(QUIET_MINUTES);
    expect(streams[turn]!.from).toBeLessThanOrEqual(paid.height);
    const requests = of(PROTOCOL.bucket).map(({ frame }) => decodeBucketRequest(frame));
    for (const { at, buckets } of requests) expect([at, buckets.length]).toEqual([0, 3]);
    const fetched = new Set(requests.flatMap(({ buckets }) => buckets));
    expect(paid.outputs.some(({ index }) => fetched.has(Math.floor(index / BUCKET_LEAVES)))).toBe(true);
    expect(of(PROTOCOL.range)).toEqual([]);
  });

  it("[NW-8] a page in a browser finds its own as well", async () => {
    const person = await Person.arrive("payee", devnet.url);
    endings.push(() => person.leave());
    await person.tap("onboard-create");
    await person.see("sync-state", "data-state", "live", TIMEOUT_MS);
    await person.tap("faucet");
    await person.see("home-balance", "data-total", FAUCET_MICRO.toString(), TIMEOUT_MS);
  });
});
