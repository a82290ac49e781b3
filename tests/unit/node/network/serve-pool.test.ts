import { beforeEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { isCoinOutput } from "../../../../src/core/chain/output.ts";
import { outputsOf, transactionId } from "../../../../src/core/chain/transaction.ts";
import {
  EMPTY_MEMPOOL,
  insertEntry,
  removeEntries,
  type Mempool,
  type MempoolEntry,
  type RemovalReason,
} from "../../../../src/core/mempool/mempool.ts";
import type { FrameStream, NetworkPort } from "../../../../src/core/ports/network-port.ts";
import type { PoolItem } from "../../../../src/core/sync/pool-item.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { PoolServer } from "../../../../src/node/network/serve-pool.ts";
import { decodeErrorFrame, ERROR_CODE, FRAME_TYPE, frameType } from "../../../../src/wire/frame.ts";
import { POOL_WAITING_BYTES_MAX } from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodePoolItem, encodePoolRequest } from "../../../../src/wire/requests/pool.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { PacketBuilder } from "../../../support/packet-builder.ts";

const builder = new LedgerBuilder({ label: "serve pool" });
builder.extend();
const entries = Array.from({ length: 4 }, (): Omit<MempoolEntry, "arrival"> => {
  const { transaction } = builder.transfer(builder.take(1));
  const txid = transactionId(transaction);
  return { txid, transaction, size: 4_000, weight: 2, factor: 1, spentStake: 0n, claimFee: 0n, arrivedAt: timeMs(0) };
});

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

describe("the pool stream of a node", () => {
  let client: NetworkPort;
  let mempool: Mempool;
  let server: PoolServer;

  beforeEach(async () => {
    const network = new FakeNetwork();
    client = network.join("client");
    mempool = EMPTY_MEMPOOL;
    server = new PoolServer(() => mempool);
    await server.serve(network.join("server"));
    await client.dial("/fake/server", 100);
  });

  const add = (index: number): void => {
    mempool = insertEntry(mempool, entries[index]!);
    server.changed([entryOf(index)], []);
  };
  const entryOf = (index: number): MempoolEntry => mempool.entries.get(formatHex(entries[index]!.txid))!;
  const remove = (index: number, reason: RemovalReason): void => {
    const entry = entryOf(index);
    mempool = removeEntries(mempool, [entry]);
    server.changed([], [{ entry, reason }]);
  };
  const open = async (): Promise<FrameStream> => {
    const stream = await client.openStream("server", PROTOCOL.pool.name, PROTOCOL.pool.asked);
    await stream.send(encodePoolRequest());
    await pause();
    return stream;
  };
  const read = async (stream: FrameStream, count: number): Promise<readonly PoolItem[]> => {
    const items: PoolItem[] = [];
    for await (const frame of stream.frames()) {
      items.push(decodePoolItem(frame));
      if (items.length === count) break;
    }
    return items;
  };
  const brief = (items: readonly PoolItem[]): readonly string[] =>
    items.map(({ notice, txid }) => {
      return `${notice} ${entries.findIndex((entry) => formatHex(entry.txid) === formatHex(txid))}`;
    });

  it("[NW-13] gives what is held, then what comes and goes, to every reader", async () => {
    add(0);
    add(1);
    const streams = [await open(), await open()];
    add(2);
    remove(0, "included");
    remove(1, "evicted");
    for (const stream of streams) {
      const items = await read(stream, 5);
      expect(brief(items)).toEqual(["new 0", "new 1", "new 2", "included 0", "dropped 1"]);
      expect(items[0]).toMatchObject({
        outputs: outputsOf(entries[0]!.transaction)
          .filter(isCoinOutput)
          .map(({ core, payload }) => ({ core, payload })),
      });
    }
  });

  it("[NW-13] leaves out what makes no coin: a claim pays nobody before a block", async () => {
    const packets = new PacketBuilder(builder);
    const [packet] = packets.pack(packets.make([1n]));
    const transaction = packets.claim(packet!);
    const claim = { ...entries[0]!, transaction, txid: transactionId(transaction) };
    mempool = insertEntry(mempool, claim);
    const held = mempool.entries.get(formatHex(claim.txid))!;
    const stream = await open();
    server.changed([held], []);
    server.changed([], [{ entry: held, reason: "included" }]);
    add(1);
    expect(brief(await read(stream, 1))).toEqual(["new 1"]);
  });

  it.each(["conflicting", "expired", "fee-outdated", "evicted"] as const)(
    "[NW-13] %s is a notice that it was dropped",
    async (reason) => {
      add(0);
      const stream = await open();
      remove(0, reason);
      expect(brief(await read(stream, 2))).toEqual(["new 0", "dropped 0"]);
    },
  );

  it("[NW-13] a reader who comes later hears nothing of what is gone", async () => {
    add(0);
    add(1);
    remove(0, "included");
    expect(brief(await read(await open(), 1))).toEqual(["new 1"]);
  });

  it("[NW-1] POOL_WAITING_BYTES_MAX: who does not read loses the stream, the others do not", async () => {
    const [lazy, eager] = [await open(), await open()];
    let count = 0;
    const reading = (async () => {
      for await (const frame of eager.frames()) if (frame.length > 0) count++;
    })().catch(() => undefined);
    let isCut = false;
    void lazy.closed.then(() => (isCut = true));
    add(0);
    const frameSize = 1 + 1 + 32 + 1 + 2 * 715;
    const rounds = Math.ceil((3 * POOL_WAITING_BYTES_MAX) / frameSize);
    for (let round = 1; round <= rounds; round++) {
      server.changed([entryOf(0)], []);
      if (round % 500 === 0) await pause();
    }
    await pause();
    expect(isCut).toBe(true);
    expect(count).toBe(rounds + 1);
    eager.abort("done");
    await reading;
  });

  it("[NW-1] a reader that leaves while it waits is forgotten", async () => {
    const stream = await open();
    stream.abort("gone");
    await pause();
    let isWritten = false;
    // With a reader this entry would be written, and the outputs asked for.
    const spied = { ...entries[0]!, arrival: 0 };
    Object.defineProperty(spied, "transaction", { get: () => ((isWritten = true), entries[0]!.transaction) });
    server.changed([spied], []);
    expect(isWritten).toBe(false);
  });

  it("[EN-4] another request than the one there is gets an error", async () => {
    for (const request of [Uint8Array.of(2), Uint8Array.of(1, 0), Uint8Array.of(0)]) {
      const stream = await client.openStream("server", PROTOCOL.pool.name, PROTOCOL.pool.asked);
      await stream.send(request);
      for await (const frame of stream.frames()) {
        expect(frameType(frame)).toBe(FRAME_TYPE.error);
        expect(decodeErrorFrame(frame).code).toBe(ERROR_CODE.malformed);
      }
      stream.abort("done");
    }
  });
});
