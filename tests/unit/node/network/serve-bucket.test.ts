import { beforeAll, describe, expect, it } from "vitest";
import { encodeOutputCore } from "../../../../src/core/chain/output.ts";
import type { FullNodeStore } from "../../../../src/core/ports/full-node-store.ts";
import type { NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { height } from "../../../../src/core/values/height.ts";
import { requestStream } from "../../../../src/net/requests/request.ts";
import { BoundaryRanges } from "../../../../src/node/network/boundary-ranges.ts";
import { serveBucket } from "../../../../src/node/network/serve-bucket.ts";
import { ERROR_CODE } from "../../../../src/wire/frame.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodeBucketAnswer, encodeBucketRequest, type BucketAnswer } from "../../../../src/wire/requests/bucket.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const builder = new LedgerBuilder({ label: "serve bucket" });
const [spent, kept] = builder.take(2);
builder.extend([builder.transfer([spent!])]);
const tip = builder.tip.header;

describe("[NW-14] buckets", () => {
  let client: NetworkPort;
  let leavesRead = 0;
  let nodesRead = 0;

  beforeAll(async () => {
    const network = new FakeNetwork();
    const server = network.join("server");
    client = network.join("client");
    const store = {
      leaf: (leaf: Parameters<FullNodeStore["leaf"]>[0]) => {
        leavesRead++;
        return builder.ledger.leaf(leaf);
      },
      node: (level: number, position: number) => {
        nodesRead++;
        return builder.ledger.node(level, position);
      },
      tile: (index: number) => builder.ledger.tile(index),
      core: (leaf: number) => Promise.resolve(leaf === spent!.leaf ? encodeOutputCore(spent!.output.core) : undefined),
      payloads: (leaves: readonly unknown[]) => Promise.resolve(leaves.map(() => undefined)),
      // A young chain: 0 stands for the newest height all the same.
      readableBoundaries: () => [height(0)],
    } as unknown as FullNodeStore;
    await serveBucket(server, { store, ranges: new BoundaryRanges(store), tip: () => builder.tip.header });
    await client.dial("/fake/server", 100);
  });

  const ask = async (at: number, buckets: readonly number[] = [0, 1, 2]): Promise<readonly BucketAnswer[]> => {
    const frame = encodeBucketRequest({ at: height(at), withPayloads: true, buckets });
    const { name, asked } = PROTOCOL.bucket;
    const answers: BucketAnswer[] = [];
    for await (const item of requestStream(client, "server", name, asked, frame, { firstMs: 5_000 })) {
      answers.push(decodeBucketAnswer(item));
    }
    return answers;
  };

  it("are served at the newest height, whether it is named or not", async () => {
    for (const at of [0, tip.height]) {
      const answers = await ask(at);
      expect(answers.map((answer) => answer.at)).toEqual([tip.height, tip.height, tip.height]);
      expect(answers[0]!.slots[kept!.leaf]).toMatchObject({ isLive: true, core: kept!.output.core });
      expect(answers[1]!.slots.every((slot) => slot === undefined)).toBe(true);
    }
  });

  it("hold dead outputs with height 0", async () => {
    const [first] = await ask(0);
    expect(first!.slots[spent!.leaf]).toMatchObject({ isLive: false, height: 0, core: spent!.output.core });
  });

  it("of another height are unavailable", async () => {
    const refusal = { code: "refused", refusal: { code: ERROR_CODE.unavailable } };
    for (const at of [tip.height + 1, tip.height + 1_000]) await expect(ask(at)).rejects.toMatchObject(refusal);
    builder.extend();
    await expect(ask(tip.height)).rejects.toMatchObject(refusal);
  });

  it("of one block are read once, whoever asks, among whatever decoys, and of the next anew", async () => {
    const before = await Promise.all([ask(0), ask(0, [0, 5, 7]), ask(0, [0, 1, 9])]);
    leavesRead = 0;
    // Far more decoys than are remembered.
    for (let decoy = 10; decoy < 300; decoy += 2) {
      expect((await ask(0, [0, decoy, decoy + 1]))[0]).toEqual(before[0][0]);
    }
    expect(leavesRead).toBe(0);
    // One that was asked for once has been forgotten meanwhile.
    nodesRead = 0;
    await ask(0, [0, 10, 11]);
    const anew = nodesRead;
    nodesRead = 0;
    await ask(0, [0, 10, 11]);
    expect(anew).toBeGreaterThan(nodesRead);
    builder.extend([builder.transfer([kept!])]);
    const [first] = await ask(0);
    expect(first!.at).toBe(builder.tip.header.height);
    expect(first!.slots[kept!.leaf]?.isLive ?? false).toBe(false);
    expect(leavesRead).toBeGreaterThan(0);
  });
});
