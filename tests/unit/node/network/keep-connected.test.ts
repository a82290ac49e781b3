import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FrameStream, NodeNetworkPort } from "../../../../src/core/ports/network-port.ts";
import { ZERO_HASH } from "../../../../src/core/values/hash.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { generateIdentity, peerIdOfIdentity } from "../../../../src/net/host/identity.ts";
import { PeerExchange } from "../../../../src/node/network/exchange-peers.ts";
import { keepConnected } from "../../../../src/node/network/keep-connected.ts";
import { Knocks } from "../../../../src/node/network/knocks.ts";
import { KnownPeers } from "../../../../src/node/network/known-peers.ts";
import { END_FRAME } from "../../../../src/wire/frame.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { encodeStatus } from "../../../../src/wire/requests/status.ts";

const now = () => timeMs(1_800_000_000_000 + Math.floor(performance.now()));
const peer = peerIdOfIdentity(await generateIdentity());
const address = `/ip4/127.0.0.1/tcp/4001/p2p/${peer}`;

const STATUS = { chainId: 1000, genesis: ZERO_HASH, height: height(0), blockId: ZERO_HASH, oldestBlock: height(0) };

/** A stream that answers each question with this frame. */
function answering(frame: Uint8Array): FrameStream {
  const frames = async function* (): AsyncIterable<Uint8Array> {
    yield await Promise.resolve(frame);
    yield END_FRAME;
  };
  const done = (): Promise<void> => Promise.resolve();
  return { peer, closed: new Promise(() => undefined), send: done, frames, close: done, abort: () => undefined };
}

describe("a node that keeps its connections", () => {
  let directory: string;
  let known: KnownPeers;
  let connected: string[];
  let dial: () => Promise<string>;
  let probe: () => Promise<void>;
  let openStream: (protocol: string) => Promise<FrameStream>;
  let knocks: Knocks;
  let exchange: PeerExchange;
  let stop: () => void;
  /** Whom it has asked for something, whatever it was. */
  const asked = new Set<string>();
  const host = {
    peers: () => [...connected, "client"],
    nodes: () => connected,
    onPeer: () => () => undefined,
    onNode: () => () => undefined,
    isDialled: () => true,
    remoteAddress: () => address,
    dial: () => dial(),
    probe: () => probe(),
    openStream: (peer: string, protocol: string) => {
      asked.add(peer);
      return openStream(protocol);
    },
    addresses: () => [],
  } as unknown as NodeNetworkPort;

  beforeEach(async () => {
    vi.useFakeTimers();
    directory = await mkdtemp(join(tmpdir(), "stegos-keep-"));
    const self = peerIdOfIdentity(await generateIdentity());
    const file = join(directory, "peers");
    known = await KnownPeers.open({ file, chainId: 1000, self, dial: [address], now, log: () => undefined });
    connected = [];
    asked.clear();
    openStream = () => Promise.resolve(answering(encodeStatus(STATUS)));
  });
  afterEach(async () => {
    stop();
    vi.useRealTimers();
    await rm(directory, { recursive: true });
  });
  const start = (): void => {
    exchange = new PeerExchange(host, known, now);
    knocks = new Knocks(host);
    const stopCare = keepConnected(host, {
      ...{ dial: [address], peers: known, now, knocks, status: () => STATUS },
      statusReceived: () => true,
      nodeFound: () => undefined,
    });
    stop = () => {
      stopCare();
      exchange.stop();
    };
  };

  it("[NW-15] lists a node it has dialled only when a stranger finds it there, too", async () => {
    dial = () => {
      connected = [peer];
      return Promise.resolve(peer);
    };
    let find: () => void = () => undefined;
    probe = () => new Promise((resolve) => (find = resolve));
    start();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(known.book.listed(now())).toEqual([]);
    find();
    await vi.advanceTimersByTimeAsync(0);
    expect(known.book.listed(now())).toEqual([address]);
  });

  it("[NW-1] knocks ever more rarely at who serves no status, until it does what nodes do", async () => {
    connected = [peer];
    const knocksAt: number[] = [];
    openStream = () => {
      knocksAt.push(performance.now());
      return Promise.reject(new Error("does not serve"));
    };
    probe = () => Promise.resolve();
    start();
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    // Every two seconds it would be 1,800.
    expect(knocksAt.length).toBeLessThan(25);
    expect(Math.max(...knocksAt.slice(1).map((at, index) => at - knocksAt[index]!))).toBeLessThan(5 * 60_000 + 2_001);
    knocks.answered(peer);
    knocksAt.splice(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(knocksAt).toHaveLength(1);
    // Light clients are left alone.
    expect([...asked]).toEqual([peer]);
  });

  it("[NW-16] whoever answers with what is no status is blamed for it, and banned after a few times", async () => {
    connected = [peer];
    dial = () => Promise.reject(new Error("nobody there"));
    probe = () => Promise.resolve();
    openStream = () => Promise.resolve(answering(Uint8Array.of(1, 2, 3)));
    start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(known.isBanned(peer)).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(known.isBanned(peer)).toBe(true);
  });

  it("[NW-16] so is whoever answers with what is no list of addresses", async () => {
    connected = [peer];
    dial = () => Promise.reject(new Error("nobody there"));
    probe = () => Promise.resolve();
    openStream = (name) => {
      return Promise.resolve(answering(name === PROTOCOL.peers.name ? Uint8Array.of(1) : encodeStatus(STATUS)));
    };
    start();
    exchange.nodeFound(peer);
    await vi.advanceTimersByTimeAsync(500);
    expect(known.isBanned(peer)).toBe(false);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(known.isBanned(peer)).toBe(true);
  });

  it("[NW-15] what its own stop ends is no failure of an address", async () => {
    known.book.hear(address, "somebody");
    let fail: () => void = () => undefined;
    const isLost = new Promise<never>((_, reject) => (fail = () => reject(new Error("stopping"))));
    dial = () => isLost;
    probe = () => isLost;
    start();
    await vi.advanceTimersByTimeAsync(1_500);
    stop();
    fail();
    await vi.advanceTimersByTimeAsync(0);
    expect(known.book.entries().map(({ failures }) => failures)).toEqual([0]);
  });
});
