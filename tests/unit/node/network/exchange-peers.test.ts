import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { freePort } from "../../../support/devnet.ts";
import { PeerNode, type PeerNodeOptions } from "../../../support/peer-node.ts";

const WAIT = { timeout: 60_000, interval: 50 };

describe("nodes that find each other", () => {
  const nodes: PeerNode[] = [];
  const start = async (options: PeerNodeOptions = {}): Promise<PeerNode> => {
    const node = await PeerNode.start(options);
    nodes.push(node);
    return node;
  };
  const tcpOf = (node: PeerNode): string => node.host.addresses().find((address) => !address.includes("/ws"))!;
  const knows = (node: PeerNode, other: PeerNode): boolean => node.host.peers().includes(other.id);
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.leave()));
  });

  it("[NW-15] who knew one node finds the others, and goes on with them after that one is gone, also after a restart", async () => {
    const first = await start();
    const others = [await start({ dial: [tcpOf(first)] }), await start({ dial: [tcpOf(first)] })];
    const late = await start({ dial: [tcpOf(first)] });
    await vi.waitFor(() => expect(others.every((node) => knows(late, node))).toBe(true), WAIT);
    const configured = tcpOf(first);
    await first.stop();
    await vi.waitFor(() => expect(knows(late, first)).toBe(false), WAIT);
    expect(others.every((node) => knows(late, node))).toBe(true);
    await late.stop();
    await vi.waitFor(() => expect(others.some((node) => knows(node, late))).toBe(false), WAIT);
    await late.start({ dial: [configured] });
    await vi.waitFor(() => expect(others.every((node) => knows(late, node))).toBe(true), WAIT);
  });

  it("[NW-15] in a line, where each was told of the one before it only, everybody finds everybody", async () => {
    const line = [await start()];
    while (line.length < 6) line.push(await start({ dial: [tcpOf(line.at(-1)!)] }));
    const isFull = (node: PeerNode): boolean => line.every((other) => other === node || knows(node, other));
    await vi.waitFor(() => expect(line.every(isFull)).toBe(true), { timeout: 60_000, interval: 100 });
    // Nobody honest was taken for something else on the way.
    expect(line.flatMap(({ log }) => log)).toEqual([]);
  });

  it("[NW-15] an address is handed on once its node was found there, all of its transports alike", async () => {
    const first = await start();
    const second = await start({ dial: [tcpOf(first)] });
    await vi.waitFor(() => {
      expect([...first.peers.book.listed(Date.now())].sort()).toEqual([...second.host.addresses()].sort());
    }, WAIT);
    // Nobody lists what it was only told of.
    const nowhere = tcpOf(first).replace(/tcp\/\d+/, "tcp/1");
    first.peers.book.hear(nowhere.replace(first.id, second.id), "liar");
    await vi.waitFor(() => expect(first.peers.book.entries().some(({ failures }) => failures > 0)).toBe(true), WAIT);
    expect(first.peers.book.listed(Date.now())).not.toContain(nowhere.replace(first.id, second.id));
  });

  it("[NW-15] a node behind a port map is listed at the address it announces, and at no other, once it was found there", async () => {
    const first = await start();
    const port = await freePort();
    const outside = createServer((inbound) => {
      const through = connect(port, "127.0.0.1");
      inbound.pipe(through).pipe(inbound);
      for (const socket of [inbound, through]) socket.on("error", () => socket.destroy());
    });
    await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", () => resolve()));
    const mapped = `/ip4/127.0.0.1/tcp/${(outside.address() as AddressInfo).port}`;
    const nowhere = "/ip4/127.0.0.1/tcp/9";
    const listen = [`/ip4/127.0.0.1/tcp/${port}`];
    const second = await start({ dial: [tcpOf(first)], listen, announce: [mapped, nowhere] });
    expect(second.host.addresses()).toEqual([mapped, nowhere].map((address) => `${address}/p2p/${second.id}`));
    await vi.waitFor(() => {
      expect(first.peers.book.listed(Date.now())).toEqual([`${mapped}/p2p/${second.id}`]);
    }, WAIT);
    const third = await start({ dial: [tcpOf(first)] });
    await vi.waitFor(() => expect(knows(third, second)).toBe(true), WAIT);
    await new Promise((resolve) => outside.close(resolve));
  });

  it("[NW-16] a node of another chain is banned, named in the log, and not dialled again", async () => {
    const first = await start();
    const stranger = await start({ dial: [tcpOf(first)], genesis: new Uint8Array(32).fill(9) });
    // Whoever hears of it first ends it.
    const lines = [`peer banned [wrong_network]: ${first.id}`, `peer banned [wrong_network]: ${stranger.id}`];
    await vi.waitFor(
      () => expect([...first.log, ...stranger.log].some((line) => lines.includes(line))).toBe(true),
      WAIT,
    );
    await vi.waitFor(() => expect(knows(first, stranger)).toBe(false), WAIT);
    const seen: string[] = [];
    first.host.onPeer(({ peer, connected }) => connected && seen.push(peer));
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    expect(seen).toEqual([]);
    expect(knows(first, stranger)).toBe(false);
  });

  it("[NW-16] strangers take no place of a node that was found: it comes back while they are there", async () => {
    const first = await start({ strangersMax: 1 });
    const second = await start({ dial: [tcpOf(first)] });
    await vi.waitFor(() => expect(first.peers.book.isProven(second.id)).toBe(true), WAIT);
    const address = tcpOf(first);
    await second.stop();
    const crowd = [await start({ dial: [address] }), await start({ dial: [address] })];
    await vi.waitFor(() => expect(crowd.filter((node) => knows(first, node)).length).toBeGreaterThan(0), WAIT);
    await second.start({ dial: [address] });
    await vi.waitFor(() => expect(knows(first, second)).toBe(true), WAIT);
  });

  it("[NW-15] a damaged file of peers is set aside with a line in the log, and the node starts", async () => {
    const first = await start();
    const second = await start({ dial: [tcpOf(first)] });
    await vi.waitFor(() => expect(second.peers.book.isProven(first.id)).toBe(true), WAIT);
    await second.stop();
    const file = join(second.directory, "peers");
    const bytes = new Uint8Array(await readFile(file));
    bytes[10]! ^= 1;
    await writeFile(file, bytes);
    await second.start();
    expect(second.log).toEqual(["peers of earlier runs set aside [peer_file_damaged]"]);
    expect(second.peers.book.size).toBe(0);
    expect(new Uint8Array(await readFile(`${file}.damaged`))).toEqual(bytes);
    await writeFile(file, new Uint8Array(300_000));
    await second.stop();
  });
});
