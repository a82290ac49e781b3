import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "../../../support/devnet.ts";
import { PeerNode, type PeerNodeOptions } from "../../../support/peer-node.ts";
import { eventually } from "../../../support/eventually.ts";

describe("nodes that find each other", () => {
  const nodes: PeerNode[] = [];
  const servers: Server[] = [];
  const start = async (options: PeerNodeOptions = {}): Promise<PeerNode> => {
    const node = await PeerNode.start(options);
    nodes.push(node);
    return node;
  };
  const tcpOf = (node: PeerNode): string => node.host.addresses().find((address) => !address.includes("/ws"))!;
  const knows = (node: PeerNode, other: PeerNode): boolean => node.host.peers().includes(other.id);
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.leave()));
    // A server has closed only once whoever came through it has gone.
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  it("[NW-15] who knew one node finds the others, and goes on with them after that one is gone, also after a restart", async () => {
    const first = await start();
    const others = [await start({ dial: [tcpOf(first)] }), await start({ dial: [tcpOf(first)] })];
    const late = await start({ dial: [tcpOf(first)] });
    await eventually(() => expect(others.every((node) => knows(late, node))).toBe(true));
    // That they have dialled it is not enough: it must know where they are.
    await eventually(() => expect(others.every(({ id }) => late.peers.book.isProven(id))).toBe(true));
    const configured = tcpOf(first);
    await first.stop();
    await eventually(() => expect(knows(late, first)).toBe(false));
    expect(others.every((node) => knows(late, node))).toBe(true);
    await late.stop();
    await eventually(() => expect(others.some((node) => knows(node, late))).toBe(false));
    await late.start({ dial: [configured] });
    await eventually(() => expect(others.every((node) => knows(late, node))).toBe(true));
  });

  it("[NW-15] in a line, where each was told of the one before it only, everybody finds everybody", async () => {
    const line = [await start()];
    while (line.length < 6) line.push(await start({ dial: [tcpOf(line.at(-1)!)] }));
    const isFull = (node: PeerNode): boolean => line.every((other) => other === node || knows(node, other));
    await eventually(() => expect(line.every(isFull)).toBe(true));
    // Nobody honest was taken for something else on the way.
    expect(line.flatMap(({ log }) => log)).toEqual([]);
  });

  it("[NW-15] an address is handed on once its node was found there, all of its transports alike", async () => {
    const first = await start();
    const second = await start({ dial: [tcpOf(first)] });
    await eventually(() => {
      expect([...first.peers.book.listed(Date.now())].sort()).toEqual([...second.host.addresses()].sort());
    });
    // Nobody lists what it was only told of.
    const nowhere = tcpOf(first).replace(/tcp\/\d+/, "tcp/1");
    first.peers.book.hear(nowhere.replace(first.id, second.id), "liar");
    await eventually(() => expect(first.peers.book.entries().some(({ failures }) => failures > 0)).toBe(true));
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
    servers.push(outside);
    await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", () => resolve()));
    const mapped = `/ip4/127.0.0.1/tcp/${(outside.address() as AddressInfo).port}`;
    const nowhere = "/ip4/127.0.0.1/tcp/9";
    const listen = [`/ip4/127.0.0.1/tcp/${port}`];
    const second = await start({ dial: [tcpOf(first)], listen, announce: [mapped, nowhere] });
    expect(second.host.addresses()).toEqual([mapped, nowhere].map((address) => `${address}/p2p/${second.id}`));
    await eventually(() => {
      expect(first.peers.book.listed(Date.now())).toEqual([`${mapped}/p2p/${second.id}`]);
    });
    const third = await start({ dial: [tcpOf(first)] });
    await eventually(() => expect(knows(third, second)).toBe(true));
  });

  it("[NW-16] a node of another chain is banned, named in the log, and not dialled again", async () => {
    const first = await start();
    const stranger = await start({ dial: [tcpOf(first)], genesis: new Uint8Array(32).fill(9) });
    // Whoever hears of it first ends it.
    const lines = [`peer banned [wrong_network]: ${first.id}`, `peer banned [wrong_network]: ${stranger.id}`];
    await eventually(() => expect([...first.log, ...stranger.log].some((line) => lines.includes(line))).toBe(true));
    await eventually(() => expect(knows(first, stranger)).toBe(false));
    const seen: string[] = [];
    first.host.onPeer(({ peer, connected }) => connected && seen.push(peer));
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    expect(seen).toEqual([]);
    expect(knows(first, stranger)).toBe(false);
  });

  it("[NW-16] strangers take no place of a node that was found: it comes back while they are there", async () => {
    const first = await start({ strangersMax: 1 });
    const second = await start({ dial: [tcpOf(first)] });
    await eventually(() => expect(first.peers.book.isProven(second.id)).toBe(true));
    const address = tcpOf(first);
    await second.stop();
    const crowd = [await start({ dial: [address] }), await start({ dial: [address] })];
    await eventually(() => expect(crowd.filter((node) => knows(first, node)).length).toBeGreaterThan(0));
    await second.start({ dial: [address] });
    await eventually(() => expect(knows(first, second)).toBe(true));
  });

  it("[NW-15] a damaged file of peers is set aside with a line in the log, and the node starts", async () => {
    const first = await start();
    const second = await start({ dial: [tcpOf(first)] });
    await eventually(() => expect(second.peers.book.isProven(first.id)).toBe(true));
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
