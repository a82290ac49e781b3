import { describe, expect, it } from "vitest";
import { Writer } from "../../../../src/core/bytes/writer.ts";
import { validatorSetHash } from "../../../../src/core/chain/validator-set.ts";
import { EMPTY_FRONTIER, frontierRoot } from "../../../../src/core/crypto/merkle.ts";
import { ACCOUNTS_MAX } from "../../../../src/core/params/limits.ts";
import type { FullNodeStore } from "../../../../src/core/ports/full-node-store.ts";
import { auxRoot } from "../../../../src/core/state/aux-records.ts";
import { encodeSnapshotTail } from "../../../../src/core/state/snapshot.ts";
import { TILE_LEAVES } from "../../../../src/core/state/tree.ts";
import { height } from "../../../../src/core/values/height.ts";
import { fetchTail, SnapshotFault } from "../../../../src/node/network/fetch-snapshot.ts";
import { serveSnap } from "../../../../src/node/network/serve-snap.ts";
import { END_FRAME } from "../../../../src/wire/frame.ts";
import { SNAP_ANSWER_BYTES_MAX, SNAP_TAIL_BYTES_MAX, SNAP_TAIL_PART_BYTES } from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodeSnapRequest, SNAP_ITEM_TYPE } from "../../../../src/wire/requests/snap.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const { tip } = new LedgerBuilder({ label: "tail" });
const tiles = Math.ceil(tip.header.nextLeaf / TILE_LEAVES);

/** A boundary after which a chain has so many records, and its tail. */
function boundaryOf(count: number) {
  const keyOf = (index: number): Uint8Array => new Writer(48).u64(0).fixed(bigEndian(index), 40).finish();
  const accounts = Array.from({ length: count }, (_, index) => ({ ...tip.aux.accounts[0]!, blsKey: keyOf(index) }));
  const tail = { aux: { ...tip.aux, accounts }, nextValidators: tip.nextValidators, history: EMPTY_FRONTIER };
  const roots = { auxRoot: auxRoot(tail.aux), nextValHash: validatorSetHash(tail.nextValidators) };
  const header = { ...tip.header, ...roots, height: height(0), histRoot: frontierRoot(EMPTY_FRONTIER) };
  return { header, tail };
}

const bigEndian = (index: number): Uint8Array =>
  new Uint8Array(40).map((_, place) => (place < 4 ? (index >>> (8 * (3 - place))) & 0xff : 0));

/** A client, and a server that tells what it was asked for. */
async function connect(serve: (host: ReturnType<FakeNetwork["join"]>) => Promise<unknown>) {
  const network = new FakeNetwork();
  const client = network.join("client");
  await serve(network.join("server"));
  return { client, peer: await client.dial("/fake/server", 100) };
}

describe("[BL-12] the tail of a snapshot", { timeout: 120_000 }, () => {
  it("[CO-18] of a chain with ACCOUNTS_MAX records comes whole, in answers of SNAP_ANSWER_BYTES_MAX", async () => {
    const { header, tail } = boundaryOf(ACCOUNTS_MAX);
    const bytes = encodeSnapshotTail(tail);
    let asked = 0;
    const store = {
      leavesAt: () => Promise.resolve({ nextLeaf: header.nextLeaf, live: new Map() }),
      snapshotTail: () => Promise.resolve((asked++, bytes)),
    } as unknown as FullNodeStore;
    const { client, peer } = await connect((host) => serveSnap(host, store));
    const fetched = await fetchTail(client, peer, header);
    expect(fetched.aux.accounts).toHaveLength(ACCOUNTS_MAX);
    expect(asked).toBe(Math.ceil(bytes.length / (SNAP_ANSWER_BYTES_MAX - SNAP_TAIL_PART_BYTES)));
  });

  const full = new Uint8Array(1 + SNAP_TAIL_PART_BYTES).fill(SNAP_ITEM_TYPE.tailPart, 0, 1);

  it.each([
    ["never ends", [full, full], Math.ceil(SNAP_TAIL_BYTES_MAX / SNAP_TAIL_PART_BYTES / 2)],
    ["brings nothing", [], 1],
    ["brings a tile", [Uint8Array.of(SNAP_ITEM_TYPE.tile)], 1],
    ["goes on behind its end", [Uint8Array.of(SNAP_ITEM_TYPE.tail, 0), full], 1],
    ["is of no form", [Uint8Array.of(SNAP_ITEM_TYPE.tail, 0)], 1],
  ] as const)("[NW-16] that %s is a fault of who gives it", async (_, frames, answers) => {
    const { header } = boundaryOf(4);
    const from: number[] = [];
    const { client, peer } = await connect((host) =>
      host.serve(PROTOCOL.snap.name, PROTOCOL.snap.served, async (stream) => {
        for await (const frame of stream.frames()) {
          from.push(decodeSnapRequest(frame).fromTile - tiles);
          for (const each of frames) await stream.send(each);
          await stream.send(END_FRAME);
        }
      }),
    );
    await expect(fetchTail(client, peer, header)).rejects.toThrow(SnapshotFault);
    expect(from).toEqual(Array.from({ length: answers }, (_each, answer) => 2 * answer));
  });
});
