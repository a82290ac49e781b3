import "fake-indexeddb/auto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { deriveAccount, deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { createBrowserHost } from "../../../../src/net/host/create-browser-host.ts";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { openLevelStore } from "../../../../src/node/storage/level-store.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { openChain, payTo } from "../../../support/busy-chain.ts";
import { openLedgerClient } from "../../../support/ledger-client.ts";
import { curve } from "../../../support/wallet-vectors.ts";
import { eventually } from "../../../support/eventually.ts";

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it("[NW-7] on a busy chain a wallet reads a payment and its memo out of a bucket, from a node with a database and sockets", async () => {
  const directory = await mkdtemp(join(tmpdir(), "stegos-fetch-"));
  closing.push(() => rm(directory, { recursive: true }));
  const store = await openLevelStore(directory);
  closing.push(() => store.close());
  const node = await openChain(store, 42);
  const { chainId } = node.builder.genesis;
  const identity = await generateIdentity();
  const host = await createNodeHost({ chainId, identity, listen: ["/ip4/127.0.0.1/tcp/0/ws"] });
  closing.push(() => host.stop());
  const log = await node.serve(host);

  const seed = hash32("test/paid over sockets");
  const { client, close } = await openLedgerClient({
    startMs: node.builder.tip.header.time + 500,
    networkFile: node.networkFile([{ operator: "node", addresses: host.addresses() }]),
    openHost: async () => createBrowserHost({ chainId, identity: await generateIdentity() }),
    seed,
  });
  closing.push(close);
  const scannedTo = async (): Promise<number | undefined> => (await client.views.sync()).height;
  await eventually(async () => expect(await scannedTo()).toBe(node.builder.tip.header.height));
  const address = deriveAddress(curve, deriveAccount(curve, seed, 0).view, 0);
  await node.extend([payTo(node.builder, address, 7_000n, "tea")]);
  await eventually(async () => expect((await client.views.balance())?.total).toBe(7_000n));
  expect(await client.views.history()).toMatchObject([{ direction: "in", memo: "tea" }]);
  expect(log.filter(({ protocol }) => protocol === PROTOCOL.bucket.name)).toHaveLength(1);
});
