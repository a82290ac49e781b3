import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { devValidatorSeed } from "../../../src/core/chain/dev-seeds.ts";
import { liveLeaves, verifyRangeAnswer } from "../../../src/core/state/range-answer.ts";
import { height } from "../../../src/core/values/height.ts";
import { createNodeHost } from "../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../src/net/host/identity.ts";
import { requestStream } from "../../../src/net/requests/request.ts";
import { startFullNode } from "../../../src/node/start-full-node.ts";
import { PROTOCOL, type Protocol } from "../../../src/wire/protocols.ts";
import { decodeHdrItem, encodeHdrRequest } from "../../../src/wire/requests/hdr.ts";
import { decodeRangeItem, encodeRangesRequest } from "../../../src/wire/requests/range.ts";
import { fillDevnet } from "../../bench/support/fill-devnet.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stegos-filled-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("a filled devnet", () => {
  it("[BL-7] is gone on with by a node, which serves its outputs", { timeout: 120_000 }, async () => {
    const { genesis, boundary, nextLeaf } = await fillDevnet(directory, { liveCount: 2_500 });
    const node = await startFullNode({
      genesis,
      directory: join(directory, "node0"),
      listen: ["/ip4/127.0.0.1/tcp/0"],
      dial: [],
      validatorSeed: devValidatorSeed(0),
      isArchive: false,
      log: () => undefined,
    });
    const client = await createNodeHost({ chainId: node.view.chainId, identity: await generateIdentity(), listen: [] });
    try {
      const server = await client.dial(node.view.addresses()[0]!, 30_000);
      const ask = async ({ name, asked }: Protocol, frame: Uint8Array): Promise<readonly Uint8Array[]> => {
        const items: Uint8Array[] = [];
        for await (const item of requestStream(client, server, name, asked, frame, { firstMs: 20_000 }))
          items.push(item);
        return items;
      };
      const [first] = await ask(PROTOCOL.hdr, encodeHdrRequest({ from: boundary, count: 1, boundariesOnly: true }));
      const { header, nextValidators } = decodeHdrItem(first!, true);
      expect(header.height).toBe(boundary);
      expect(nextValidators).toHaveLength(1);
      const items = await ask(PROTOCOL.range, encodeRangesRequest({ boundary, ranges: [0, 1, 2] }));
      const live = items.flatMap((item, range) => {
        const answer = decodeRangeItem(item);
        expect(verifyRangeAnswer(header.utxoRoot, range, answer)).toBe(true);
        return liveLeaves(range, answer).leaves;
      });
      expect(live).toHaveLength(nextLeaf);
      while (node.view.status().height <= boundary) await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await node.view.store.header(height(boundary + 1))).toBeDefined();
    } finally {
      await client.stop();
      await node.stop();
    }
  });
});
