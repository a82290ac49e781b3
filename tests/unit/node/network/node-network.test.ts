import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blockBody } from "../../../../src/core/machines/block-assembly.ts";
import type { FullNodeEvent } from "../../../../src/core/machines/full-node-events.ts";
import { createFullNodeState } from "../../../../src/core/machines/full-node-state.ts";
import type { NetworkPort, NodeNetworkPort } from "../../../../src/core/ports/network-port.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { generateIdentity, peerIdOfIdentity } from "../../../../src/net/host/identity.ts";
import { requestOne } from "../../../../src/net/requests/request.ts";
import { KnownPeers } from "../../../../src/node/network/known-peers.ts";
import { NodeNetwork } from "../../../../src/node/network/node-network.ts";
import { Replies } from "../../../../src/node/replies.ts";
import { encodeGossipBlock } from "../../../../src/wire/gossip/block.ts";
import { TOPIC } from "../../../../src/wire/gossip/topics.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { encodeStatus } from "../../../../src/wire/requests/status.ts";
import { eventually } from "../../../support/eventually.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { MemoryBlobStore } from "../../../support/memory-blob-store.ts";
import { MemoryStore } from "../../../support/memory-store.ts";

const now = () => timeMs(1_800_000_000_000);

describe("a node among its peers", () => {
  const builder = new LedgerBuilder({ label: "gone peers" });
  const { tip } = builder;
  const { chainId, genesisHash } = tip.chain;
  const state = createFullNodeState(
    tip,
    undefined,
    { height: height(0), blockId: tip.blockId, time: tip.header.time },
    [],
  );
  const posted: FullNodeEvent["type"][] = [];
  /** Does the host still list those who are connected? */
  let isListed: boolean;
  let directory: string;
  let network: FakeNetwork;
  let node: NodeNetwork;
  let peer: NetworkPort;

  beforeEach(async () => {
    isListed = true;
    posted.splice(0);
    directory = await mkdtemp(join(tmpdir(), "stegos-gone-"));
    network = new FakeNetwork();
    const port = network.join("node");
    const connected = port.peers.bind(port);
    const host: NodeNetworkPort = Object.assign(port, {
      peers: () => (isListed ? connected() : []),
      remoteAddress: () => undefined,
      isDialled: () => false,
      probe: () => Promise.reject(new Error("nobody there")),
    });
    const file = join(directory, "peers");
    const self = peerIdOfIdentity(await generateIdentity());
    const peers = await KnownPeers.open({ file, chainId, self, dial: [], now, log: () => undefined });
    const replies = new Replies();
    const post = (event: FullNodeEvent): void => {
      posted.push(event.type);
      if (event.type === "block-announced") replies.settle(event.reply, { verdict: "accept" });
    };
    node = new NodeNetwork(host, {
      ...{ store: new MemoryStore(), state: () => state, post, now, replies, dial: [], peers },
      postAndWait: (event) => {
        post(event);
        return Promise.resolve();
      },
      onBlock: () => () => undefined,
      blobs: new MemoryBlobStore(),
      blobFailed: () => undefined,
    });
    await node.start();
    peer = network.join("peer");
    await peer.dial("/fake/node", 1_000);
  });
  afterEach(async () => {
    await Promise.all([node.stop(), peer.stop()]);
    await rm(directory, { recursive: true });
  });

  it("[CO-19] takes no height of a peer that has left before its status is read: nobody would forget it", async () => {
    const { name, asked } = PROTOCOL.status;
    const status = { chainId, genesis: genesisHash, height: height(9), blockId: tip.blockId, oldestBlock: height(0) };
    const tell = (): Promise<Uint8Array> => requestOne(peer, "node", name, asked, encodeStatus(status), 1_000);
    const heard = (): number => posted.filter((type) => type === "status-received").length;
    await tell();
    expect(heard()).toBe(1);
    isListed = false;
    await tell();
    expect(heard()).toBe(1);
  });

  it("[CO-19] takes no block of a peer that has left before it is read", async () => {
    peer.subscribe(TOPIC.block.name, TOPIC.block.bytesMax, () => Promise.resolve({ verdict: "accept" }));
    const announce = async (): Promise<void> => {
      const announced = builder.build([]);
      const outcome = builder.execute(announced);
      if (!outcome.ok) throw new Error(outcome.rule);
      const certificate = builder.commit(outcome);
      await peer.publish(TOPIC.block.name, encodeGossipBlock({ body: blockBody(announced), certificate }));
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const heard = (): number => posted.filter((type) => type === "block-announced").length;
    await announce();
    expect(heard()).toBe(1);
    isListed = false;
    await announce();
    expect(heard()).toBe(1);
  });

  it("[NW-1] knocks at nodes alone: a light client hears nothing, whatever it serves", async () => {
    const heard = new Set<string>();
    const arrive = async (name: string): Promise<NetworkPort> => {
      const port = network.join(name);
      for (const { name: protocol, served } of [PROTOCOL.status, PROTOCOL.vote, PROTOCOL.stem]) {
        await port.serve(protocol, served, () => Promise.resolve(void heard.add(`${name} ${protocol}`)));
      }
      await port.dial("/fake/node", 1_000);
      return port;
    };
    const greeted = (): number => posted.filter((type) => type === "peer-connected").length;
    const [client, other] = [await arrive("client"), await arrive("other")];
    const { name, asked } = PROTOCOL.status;
    const status = { chainId, genesis: genesisHash, height: height(0), blockId: tip.blockId, oldestBlock: height(0) };
    await requestOne(client, "node", name, asked, encodeStatus(status), 1_000);
    expect(greeted()).toBe(0);
    await other.openStream("node", PROTOCOL.stem.name, PROTOCOL.stem.asked);
    const want = { height: height(1), blockId: tip.blockId, indexes: [] };
    await eventually(() => {
      node.sendFrame("all", { type: "want", want });
      expect([...heard].sort()).toEqual(["other status", "other stem", "other vote"]);
    });
    expect(greeted()).toBe(1);
  });
});
