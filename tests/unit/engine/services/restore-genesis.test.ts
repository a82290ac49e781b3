import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import { devFaucetSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { isBoundary } from "../../../../src/core/chain/header.ts";
import { DEV_FAUCET_OUTPUT_AMOUNT } from "../../../../src/core/wallet/dev-genesis.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { openLedgerClient } from "../../../support/ledger-client.ts";
import { LedgerNode, type LoggedRequest } from "../../../support/ledger-node.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { eventually } from "../../../support/eventually.ts";

const NOTES = 12;
let close: (() => Promise<void>) | undefined;
let devices = 0;
let hosts = 0;

afterEach(async () => {
  await close?.();
  devices++;
});

/** A chain in its first epoch. */
async function openYoung() {
  const node = await LedgerNode.open(new LedgerBuilder({ label: "young", noteCount: NOTES }), new MemoryStore());
  for (let block = 0; block < 3; block++) await node.extend();
  await node.extend([node.builder.transfer(node.builder.take(1))]);
  const network = new FakeNetwork();
  const requests = await node.serve(network.join("node"));
  return { node, network, requests };
}

/** A device restored from the words of whoever the genesis pays. */
async function openRestored(
  { node, network }: Awaited<ReturnType<typeof openYoung>>,
  options: { readonly hasFile: boolean; readonly address: string },
) {
  const file = node.networkFile([{ operator: "node", addresses: [options.address] }]);
  const opened = await openLedgerClient({
    // Late enough for the blocks of the next epoch not to lie ahead.
    startMs: node.builder.tip.header.time + 70_000,
    networkFile: options.hasFile ? file : undefined,
    openHost: () => Promise.resolve(network.join(`client ${hosts++}`)),
    seed: devFaucetSeed(),
    isRestored: true,
    device: `young ${devices}`,
  });
  close = opened.close;
  return opened.client;
}

const bucketCount = (requests: readonly LoggedRequest[]): number =>
  requests.filter(({ protocol }) => protocol === PROTOCOL.bucket.name).length;

const totalOf = ({ builder }: LedgerNode): bigint => builder.notes.reduce((sum, note) => sum + note.amount, 0n);

describe("[NW-14] a restore in the first epoch", () => {
  it("opens what the genesis made out of the genesis, and asks nobody for buckets", async () => {
    const young = await openYoung();
    const client = await openRestored(young, { hasFile: true, address: "/fake/node" });
    const total = totalOf(young.node);
    expect(total).toBeGreaterThan(BigInt(NOTES - 1) * DEV_FAUCET_OUTPUT_AMOUNT);
    await eventually(async () => expect((await client.views.balance())?.total).toBe(total));
    await eventually(async () => expect(await client.views.restore()).toBeUndefined());
    expect(young.requests.some(({ protocol }) => protocol === PROTOCOL.range.name)).toBe(true);
    expect(bucketCount(young.requests)).toBe(0);
  });

  it("waits for the next boundary where the genesis is not at hand", async () => {
    const young = await openYoung();
    await openRestored(young, { hasFile: true, address: "/fake/nobody" });
    await close?.();
    // The device knows its network by now, and finds the node under the name it is known by.
    const { network, node } = young;
    const requests = await node.serve(network.join("nobody"));
    const client = await openRestored(young, { hasFile: false, address: "" });
    await eventually(async () => expect((await client.views.sync()).height).toBe(node.builder.tip.header.height));
    // What came in a block is there.
    expect((await client.views.balance())?.total).toBe(
      node.builder.notes.at(-1)!.amount + node.builder.notes.at(-2)!.amount,
    );
    expect(await client.views.restore()).toBeDefined();
    while (!isBoundary(node.builder.tip.header)) await node.extend([], 9_000);
    await eventually(async () => expect((await client.views.balance())?.total).toBe(totalOf(node)));
    await eventually(async () => expect(await client.views.restore()).toBeUndefined());
    expect(bucketCount(requests)).toBeGreaterThan(0);
  });
});
