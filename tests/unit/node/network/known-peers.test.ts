import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NodeNetworkPort } from "../../../../src/core/ports/network-port.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { generateIdentity, peerIdOfIdentity } from "../../../../src/net/host/identity.ts";
import { BAN_MS } from "../../../../src/net/peers/bans.ts";
import { PLACES_REMEMBERED_MAX } from "../../../../src/wire/limits.ts";
import { KnownPeers } from "../../../../src/node/network/known-peers.ts";

const peerId = async (): Promise<string> => peerIdOfIdentity(await generateIdentity());

describe("what a node knows of its peers", () => {
  let directory: string;
  let now: number;
  let log: string[];
  /** Connected peers and where they are. */
  let connected: Map<string, string>;
  let meet: (event: { readonly peer: string; readonly connected: boolean }) => void;
  const host = {
    onPeer: (listener: typeof meet) => {
      meet = listener;
      return () => undefined;
    },
    peers: () => [...connected.keys()],
    remoteAddress: (peer: string) => connected.get(peer),
    hangUp: (peer: string) => {
      connected.delete(peer);
      return Promise.resolve();
    },
  } as unknown as NodeNetworkPort;
  const open = async (chainId: number, dial: readonly string[] = []): Promise<KnownPeers> => {
    const file = join(directory, "peers");
    const options = { file, chainId, self: await peerId(), dial, now: () => timeMs(now) };
    const peers = await KnownPeers.open({ ...options, log: (line) => void log.push(line) });
    peers.attach(host);
    return peers;
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "stegos-known-"));
    now = 1_800_000_000_000;
    log = [];
    connected = new Map([
      ["liar", "/ip4/5.5.5.5/tcp/1"],
      ["friend of the liar", "/ip4/5.5.5.5/tcp/2"],
      ["honest", "/ip4/6.6.6.6/tcp/1"],
    ]);
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("[NW-16] a peer that gave a wrong block is banned with its host, for ten minutes, and named once in the log", async () => {
    const peers = await open(2);
    peers.blame("liar", "bad_block");
    expect([...connected.keys()]).toEqual(["honest"]);
    expect(["liar", "5.5.5.5", "honest", "6.6.6.6"].map((name) => peers.isBanned(name))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    peers.blame("liar", "bad_block");
    expect(log).toEqual(["peer banned [bad_block]: liar"]);
    now += BAN_MS;
    expect(peers.isBanned("liar")).toBe(false);
    expect(peers.isBanned("5.5.5.5")).toBe(false);
  });

  it("[NW-16] small faults of many names of one host end them all", async () => {
    const peers = await open(2);
    for (const name of ["liar", "friend of the liar", "liar"]) peers.blame(name, "malformed_request");
    expect([...connected.keys()]).toEqual(["honest"]);
  });

  it("[NW-16] who has left before the verdict is blamed by its host, too", async () => {
    const peers = await open(2);
    for (let index = 0; index < 5; index++) {
      const peer = `brief ${index}`;
      connected.set(peer, "/ip4/7.7.7.7/tcp/1");
      meet({ peer, connected: true });
      connected.delete(peer);
      meet({ peer, connected: false });
      peers.blame(peer, "rejected_gossip");
    }
    expect(peers.isBanned("7.7.7.7")).toBe(true);
  });

  it("PLACES_REMEMBERED_MAX: strangers cannot make it remember more of them", async () => {
    const peers = await open(2);
    for (let index = 0; index <= PLACES_REMEMBERED_MAX; index++) {
      connected.set(`brief ${index}`, `/ip4/7.7.${index >> 8}.${index & 255}/tcp/1`);
      meet({ peer: `brief ${index}`, connected: true });
      connected.delete(`brief ${index}`);
    }
    for (const index of [0, 1]) peers.blame(`brief ${index}`, "bad_block");
    expect(["7.7.0.0", "7.7.0.1"].map((host) => peers.isBanned(host))).toEqual([false, true]);
  });

  it("[NW-16] no ban is for the whole machine, and another chain never bans a host", async () => {
    for (const chainId of [1000, 2]) {
      connected = new Map([
        ["liar", "/ip4/127.0.0.1/tcp/1"],
        ["other", "/ip4/127.0.0.1/tcp/2"],
      ]);
      (await open(chainId)).blame("liar", "bad_block");
      expect([...connected.keys()]).toEqual(["other"]);
    }
    connected.set("stranger", "/ip4/7.7.7.7/tcp/1");
    const test = await open(2);
    test.blame("stranger", "wrong_network");
    expect(test.isBanned("stranger")).toBe(true);
    expect(test.isBanned("7.7.7.7")).toBe(false);
  });

  it("[NW-16] a configured peer that lies is banned, but its host is not", async () => {
    const peer = await peerId();
    connected.set(peer, "/ip4/8.8.4.4/tcp/4001");
    const peers = await open(2, [`/ip4/8.8.4.4/tcp/4001/p2p/${peer}`]);
    peers.blame(peer, "bad_block");
    expect(peers.isBanned(peer)).toBe(true);
    expect(peers.isBanned("8.8.4.4")).toBe(false);
  });

  it("[NW-15] peers are kept between runs, and a disk that takes nothing is said and changes nothing else", async () => {
    const peer = await peerId();
    const address = `/ip4/8.8.4.4/tcp/4001/p2p/${peer}`;
    const peers = await open(2);
    peers.book.prove(address, now);
    await peers.save();
    expect((await open(2)).book.listed(now)).toEqual([address]);
    peers.book.prove(address, now + 1);
    await rm(directory, { recursive: true });
    await peers.save();
    expect(log).toEqual(["peers not kept [peer_file_unwritable]"]);
    directory = await mkdtemp(join(tmpdir(), "stegos-known-"));
  });
});
