import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { coveredLeaves } from "../../../../src/core/sync/cover.ts";
import { decoySecret } from "../../../../src/core/sync/decoy.ts";
import type { Hash } from "../../../../src/core/values/hash.ts";
import { deriveAccount, deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodeBucketRequest, encodeBucketRequest } from "../../../../src/wire/requests/bucket.ts";
import { decodeCompactRequest } from "../../../../src/wire/requests/compact.ts";
import { openChain, payTo } from "../../../support/busy-chain.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { openLedgerClient, TurnedClock } from "../../../support/ledger-client.ts";
import type { LoggedRequest } from "../../../support/ledger-node.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const SERVERS = ["node-a", "node-b", "node-c"];
const PAID = hash32("test/paid wallet");
const MICRO = 7_000n;
const BUSY = 42;
const CALM = 4;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const secretOf = (seed: Uint8Array): Hash => decoySecret(deriveAccount(curve, seed, 0).view.viewAllSecret);

/** A wallet whose covers among these leaves are these and no others. */
function findWallet(first: number, end: number, covers: readonly number[]): Hash {
  for (let attempt = 0; ; attempt++) {
    const seed = hash32("test/unpaid wallet", u32(attempt));
    if (String(coveredLeaves(secretOf(seed), first, end - first)) === String(covers)) return seed;
  }
}

interface Story {
  /** Of each server, all that it was sent. */
  readonly logs: readonly (readonly LoggedRequest[])[];
  readonly total: bigint;
  /** Of its only line of history. */
  readonly memo: string | undefined;
  /** First leaf that was made while the client was there, the leaf of the payment, and the first one after the story. */
  readonly first: number;
  readonly coin: number;
  readonly end: number;
}

/** The same chain and the same minute each time: somebody pays the first wallet, and this one looks on. */
async function tell(seed: Uint8Array, outputsPerMinute: number): Promise<Story> {
  const node = await openChain(new MemoryStore(), outputsPerMinute);
  const network = new FakeNetwork();
  const logs = await Promise.all(SERVERS.map((name) => node.serve(network.join(name))));
  const startMs = node.builder.tip.header.time + 500;
  const clock = new TurnedClock(startMs);
  const networkFile = node.networkFile(SERVERS.map((name) => ({ operator: name, addresses: [`/fake/${name}`] })));
  const openHost = () => Promise.resolve(network.join("client"));
  const { client, close } = await openLedgerClient({ startMs, networkFile, openHost, seed, timers: clock });
  closing.push(close);
  let seen = "";
  const rest = async (): Promise<void> => {
    for (let quiet = 0; quiet < 4;) {
      // Turns of the loop and not time alone: on a busy machine a few milliseconds may be one turn.
      for (let turn = 0; turn < 32; turn++) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, 4));
      const { height } = await client.views.sync();
      const now = `${height} ${logs.map((log) => log.length).join()}`;
      quiet = now === seen ? quiet + 1 : 0;
      seen = now;
    }
  };
  await clock.turn(3_000, rest);
  expect(await client.views.sync()).toMatchObject({ state: "live", height: node.builder.tip.header.height });
  const first = node.builder.tip.header.nextLeaf;
  await node.extend([payTo(node.builder, deriveAddress(curve, deriveAccount(curve, PAID, 0).view, 0), MICRO, "tea")]);
  const coin = node.builder.notes.find(({ amount: value }) => value === MICRO)!.leaf;
  await clock.turn(2_000, rest);
  for (let block = 0; block < 3; block++) {
    await node.extend([node.builder.transfer(node.builder.take(1))]);
    await clock.turn(1_000, rest);
  }
  expect(await client.views.sync()).toMatchObject({ height: node.builder.tip.header.height });
  await clock.turn(20_000, rest);
  const { memo } = (await client.views.history())[0] ?? {};
  const { total } = (await client.views.balance())!;
  return { logs, total, memo, first, coin, end: node.builder.tip.header.nextLeaf };
}

/** A log with the ids of buckets struck out. */
function withoutIds(log: readonly LoggedRequest[]): readonly string[] {
  return log.map(({ protocol, peer, frame }) => {
    if (protocol !== PROTOCOL.bucket.name) return `${protocol} ${peer} ${formatHex(frame)}`;
    const { buckets, ...rest } = decodeBucketRequest(frame);
    return `${protocol} ${peer} ${frame.length} ${buckets.length} ${JSON.stringify(rest)}`;
  });
}

const bucketsOf = (logs: Story["logs"]) =>
  logs.flat().flatMap(({ protocol, frame }) => (protocol === PROTOCOL.bucket.name ? [decodeBucketRequest(frame)] : []));

const streamsOf = (logs: Story["logs"]) =>
  logs
    .flat()
    .flatMap(({ protocol, frame }) => (protocol === PROTOCOL.compact.name ? [decodeCompactRequest(frame).isFull] : []));

describe("what servers read of a client that is paid, and of one that is not", () => {
  it("[NW-6] [NW-8] full stream: the logs are equal byte for byte", async () => {
    const paid = await tell(PAID, CALM);
    const other = await tell(hash32("test/other wallet"), CALM);
    expect([paid.total, other.total]).toEqual([MICRO, 0n]);
    expect(streamsOf(paid.logs)).toEqual([true]);
    expect(bucketsOf(paid.logs)).toEqual([]);
    expect(paid.logs).toEqual(other.logs);
    expect(paid.logs.every((log) => log.length > 1)).toBe(true);
  });

  it("[NW-7] [NW-8] buckets: a hit and a cover leave the same log but for the ids, always three", async () => {
    const paid = await tell(PAID, BUSY);
    const { first, end, coin } = paid;
    expect(coveredLeaves(secretOf(PAID), first, end - first)).toEqual([]);
    const other = await tell(findWallet(first, end, [coin]), BUSY);
    expect([paid.total, paid.memo]).toEqual([MICRO, "tea"]);
    expect([other.total, other.memo]).toEqual([0n, undefined]);
    expect(streamsOf(paid.logs)).toEqual([true, false]);
    expect(paid.logs.map(withoutIds)).toEqual(other.logs.map(withoutIds));
    const [asked, covered] = [bucketsOf(paid.logs), bucketsOf(other.logs)];
    expect(asked).toHaveLength(1);
    for (const { at, buckets } of [...asked, ...covered]) {
      expect(at).toBe(0);
      expect(buckets).toHaveLength(3);
      expect(buckets).toContain(Math.floor(coin / 64));
    }
    expect(asked[0]!.buckets).not.toEqual(covered[0]!.buckets);
    // And these ids are all that is different.
    const swapped = encodeBucketRequest({ ...asked[0]!, buckets: covered[0]!.buckets });
    expect(other.logs.flat().map(({ frame }) => formatHex(frame))).toContain(formatHex(swapped));
  });
});
