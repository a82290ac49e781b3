import { describe, expect, it } from "vitest";
import type { FullNodeStore } from "../../../../src/core/ports/full-node-store.ts";
import { TILE_LEAVES } from "../../../../src/core/state/tree.ts";
import { height } from "../../../../src/core/values/height.ts";
import { HeldBytes } from "../../../../src/net/held-bytes.ts";
import { requestStream } from "../../../../src/net/requests/request.ts";
import { serveSnap } from "../../../../src/node/network/serve-snap.ts";
import { ERROR_CODE } from "../../../../src/wire/frame.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { encodeSnapRequest } from "../../../../src/wire/requests/snap.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";

/** Three tiles in which nothing lives, of 17 bytes each. */
const EMPTY_TILES = {
  leavesAt: () => Promise.resolve({ nextLeaf: 3 * TILE_LEAVES, live: new Map() }),
  snapshotTail: () => Promise.resolve(Uint8Array.of(7)),
} as unknown as FullNodeStore;

describe("a node that serves snapshots", () => {
  const read = async (bytesMax: number): Promise<number> => {
    const network = new FakeNetwork();
    await serveSnap(network.join("node"), EMPTY_TILES, undefined, new HeldBytes(bytesMax));
    const client = network.join("client");
    await client.dial("/fake/node", 100);
    const request = encodeSnapRequest({ boundary: height(1), fromTile: 0 });
    const { name, asked } = PROTOCOL.snap;
    let frames = 0;
    for await (const frame of requestStream(client, "node", name, asked, request, {})) if (frame.length > 0) frames++;
    return frames;
  };

  it("[NW-1] holds what is on its way with that of all others, an item at a time", async () => {
    expect(await read(17)).toBe(4);
    await expect(read(16)).rejects.toMatchObject({ refusal: { code: ERROR_CODE.busy } });
  });
});
