import { afterEach, expect, it } from "vitest";
import type { NetworkPort, NodeNetworkPort, PeerId } from "../../../../src/core/ports/network-port.ts";
import { createBrowserHost } from "../../../../src/net/host/create-browser-host.ts";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { eventually } from "../../../support/eventually.ts";

const CHAIN_ID = 1000;
const DIAL_MS = 5_000;
const hosts: NetworkPort[] = [];

async function openNode(): Promise<NodeNetworkPort> {
  const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
  const host = await createNodeHost({ chainId: CHAIN_ID, identity: await generateIdentity(), listen });
  hosts.push(host);
  return host;
}

async function openClient(): Promise<NetworkPort> {
  const host = await createBrowserHost({ chainId: CHAIN_ID, identity: await generateIdentity() });
  hosts.push(host);
  return host;
}

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

/** A node at the other end takes stems; what comes over the stream is not looked at. */
async function takeStems(host: NetworkPort): Promise<void> {
  await host.serve(PROTOCOL.stem.name, PROTOCOL.stem.served, async (stream) => {
    for await (const _frame of stream.frames());
  });
}

const openStem = (from: NetworkPort, to: PeerId) => from.openStream(to, PROTOCOL.stem.name, PROTOCOL.stem.asked);

it("[NW-1] whoever was dialled is a node, and whoever opens what only nodes open, until it leaves", async () => {
  const [first, second] = [await openNode(), await openNode()];
  const heard: PeerId[] = [];
  first.onNode((peer) => heard.push(peer));
  await takeStems(first);
  await second.dial(first.addresses()[0]!, DIAL_MS);
  expect(second.nodes()).toEqual([first.self]);
  expect(first.nodes()).toEqual([]);
  for (const stream of [await openStem(second, first.self), await openStem(second, first.self)]) {
    await eventually(() => expect(first.nodes()).toEqual([second.self]));
    stream.abort("seen");
  }
  expect(heard).toEqual([second.self]);
  await second.stop();
  await eventually(() => expect(first.nodes()).toEqual([]));
});

it("[NW-1] a light client is a peer and no node, whatever it asks for", async () => {
  const [node, client] = [await openNode(), await openClient()];
  const { name, served, asked } = PROTOCOL.status;
  let isAsked = false;
  await node.serve(name, served, async (stream) => {
    for await (const _frame of stream.frames()) isAsked = true;
  });
  await client.dial(node.addresses()[0]!, DIAL_MS);
  const stream = await client.openStream(node.self, name, asked);
  await stream.send(new Uint8Array(1));
  await eventually(() => expect(isAsked).toBe(true));
  expect(node.peers()).toEqual([client.self]);
  expect(node.nodes()).toEqual([]);
});
