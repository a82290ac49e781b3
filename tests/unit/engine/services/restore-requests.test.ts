import { beforeEach, describe, expect, it } from "vitest";
import type { FrameStream, NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { decoyTriple } from "../../../../src/core/sync/decoy.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import { ClientNetwork } from "../../../../src/engine/services/client-network.ts";
import type { UntimedEvent } from "../../../../src/engine/services/client-network-ports.ts";
import { streamRequests } from "../../../../src/net/requests/stream-requests.ts";
import { encodeErrorFrame, END_FRAME, ERROR_CODE } from "../../../../src/wire/frame.ts";
import { RANGE_ITEM_BYTES_MAX } from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodeBucketAnswer, decodeBucketRequest, encodeBucketAnswer } from "../../../../src/wire/requests/bucket.ts";
import { decodeRangesRequest, encodeRangeItem } from "../../../../src/wire/requests/range.ts";
import { ClientState } from "../../../support/client-state.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { networkFileOf, SMALL_GENESIS } from "../../../support/network-file.ts";
import { seededRandom } from "../../../support/test-random.ts";

const SECRET = hash(new Uint8Array(32).fill(7));
const state = new ClientState();
state.apply(height(0), 0 as never, [], []);
state.keep(height(0));
const range = encodeRangeItem(state.range(0, 0));
const unavailable = encodeErrorFrame({ code: ERROR_CODE.unavailable, text: "" });
const busy = encodeErrorFrame({ code: ERROR_CODE.busy, text: "" });

describe("what a restore asks, of peers of every kind", () => {
  let node: NetworkPort;
  let events: UntimedEvent[];
  let network: ClientNetwork;
  let asked: Uint8Array[];
  let secret: typeof SECRET | undefined;

  beforeEach(async () => {
    const fake = new FakeNetwork();
    node = fake.join("node");
    events = [];
    asked = [];
    secret = SECRET;
    const file = JSON.stringify(networkFileOf(SMALL_GENESIS, [{ operator: "node", addresses: ["/fake/node"] }]));
    let isConfigured = false;
    network = new ClientNetwork({
      fetchNetworkFile: () => Promise.resolve(file),
      openHost: () => Promise.resolve(fake.join("client")),
      requests: streamRequests,
      random: seededRandom("restore requests"),
      timers: { now: () => 0, after: () => () => undefined },
      post: (event) => events.push(event),
      room: () => Promise.resolve(),
      poolRoom: () => Promise.resolve(),
      decoySecret: () => secret,
      configured: () => (isConfigured = true),
    });
    network.perform({ type: "fetch-network" });
    await until(() => isConfigured);
    network.perform({ type: "connect", node: 0, list: 1, addresses: ["/fake/node"] });
    await until(() => events.length > 0);
    events.length = 0;
  });

  async function until(isDone: () => boolean): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      if (isDone()) return;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error(`it never came: ${JSON.stringify(events.map(({ type }) => type))}`);
  }

  async function serving(name: "range" | "bucket", handle: (stream: FrameStream) => Promise<void>): Promise<void> {
    await node.serve(PROTOCOL[name].name, PROTOCOL[name].served, async (stream) => {
      for await (const frame of stream.frames()) {
        asked.push(frame);
        return handle(stream);
      }
    });
  }

  const answering = (name: "range" | "bucket", ...frames: readonly Uint8Array[]): Promise<void> =>
    serving(name, async (stream) => {
      for (const frame of frames) await stream.send(frame);
    });

  const askRanges = (...ranges: readonly number[]): void =>
    network.perform({ type: "request-ranges", peer: "node", requestId: 4, boundary: height(9), ranges });
  const askBuckets = (): void =>
    network.perform({ type: "request-buckets", peer: "node", requestId: 5, at: height(9), bucket: 1_000 });
  const ended = (end: string) => ({ type: "restore-answer-ended", peer: "node", requestId: 4, end });

  it("passes each range on as it comes, then the end", async () => {
    await answering("range", range, range, END_FRAME);
    askRanges(3, 8);
    await until(() => events.length === 3);
    expect(decodeRangesRequest(asked[0]!)).toEqual({ boundary: 9, ranges: [3, 8] });
    expect(events).toMatchObject([
      { type: "range-received", peer: "node", requestId: 4, range: 3 },
      { type: "range-received", peer: "node", requestId: 4, range: 8 },
      ended("done"),
    ]);
  });

  it.each([
    ["said not to be served", [unavailable], "unavailable"],
    ["refused for another reason", [busy], "failed"],
    ["broken off", [], "failed"],
  ] as const)("an answer that is %s ends with its reason", async (_, frames, end) => {
    await answering("range", range, ...frames);
    askRanges(3, 8);
    await until(() => events.length === 2);
    expect(events[1]).toEqual(ended(end));
  });

  it.each([
    ["a range too many", [range, range, END_FRAME]],
    ["junk", [Uint8Array.of(1, 2, 3)]],
    ["a frame of another protocol", [Uint8Array.of(2, 0)]],
    ["a range over its limit", [new Uint8Array(RANGE_ITEM_BYTES_MAX + 1).fill(1, 0, 1)]],
  ])("%s costs the node its place", async (_, frames) => {
    await answering("range", ...frames);
    askRanges(3);
    await until(() => events.some(({ type }) => type === "frame-refused"));
    expect(events.filter(({ type }) => type === "restore-answer-ended")).toEqual([]);
  });

  it("a question given up is not heard of any more", async () => {
    let isAborted = false;
    await serving("range", async (stream) => {
      await stream.send(range);
      await stream.closed;
      isAborted = true;
    });
    askRanges(3, 8);
    await until(() => events.length === 1);
    network.perform({ type: "cancel-request", requestId: 4 });
    await until(() => isAborted);
    expect(events.filter(({ type }) => type === "range-received")).toHaveLength(1);
    network.perform({ type: "cancel-request", requestId: 99 });
  });

  it("[NW-7] asks for the triple of a bucket with payloads, in one request, and gives all three together", async () => {
    const bucket = encodeBucketAnswer(state.bucket(height(0), 0));
    await answering("bucket", bucket, bucket, bucket, END_FRAME);
    askBuckets();
    await until(() => events.length === 2);
    const triple = decoyTriple(SECRET, 1_000);
    expect(decodeBucketRequest(asked[0]!)).toEqual({ at: 9, withPayloads: true, buckets: triple });
    const answers = triple.map((id) => ({ bucket: id, frame: bucket }));
    expect(events[0]).toEqual({ type: "buckets-received", peer: "node", requestId: 5, answers });
  });

  it("[NW-14] asks for the newest state in the same form, and gives what it decodes to", async () => {
    const bucket = encodeBucketAnswer(state.bucket(height(0), 0));
    await answering("bucket", bucket, bucket, bucket, END_FRAME);
    network.perform({ type: "request-newest-buckets", peer: "node", requestId: 5, bucket: 1_000 });
    await until(() => events.length === 2);
    const triple = decoyTriple(SECRET, 1_000);
    expect(decodeBucketRequest(asked[0]!)).toEqual({ at: 0, withPayloads: true, buckets: triple });
    const answers = triple.map((id) => ({ bucket: id, served: decodeBucketAnswer(bucket) }));
    expect(events[0]).toEqual({ type: "newest-buckets-received", peer: "node", requestId: 5, answers });
  });

  it("[NW-7] buckets of many windows, back and forth, are asked for among the same decoys", async () => {
    await answering("bucket", unavailable);
    const wanted = [5, 800, 1_600, 2_400, 3_200, 4_000, 5, 801, 6];
    for (const [count, bucket] of wanted.entries()) {
      network.perform({ type: "request-buckets", peer: "node", requestId: 5, at: height(9), bucket });
      await until(() => events.length === count + 1);
    }
    expect(asked.map((frame) => decodeBucketRequest(frame).buckets)).toEqual(
      wanted.map((bucket) => decoyTriple(SECRET, bucket)),
    );
  });

  it.each([
    ["junk", [Uint8Array.of(1, 2, 3), END_FRAME]],
    ["junk, broken off", [Uint8Array.of(1, 2, 3)]],
    ["three frames of junk without an end", [1, 2, 3].map((byte) => Uint8Array.of(byte, 2, 3))],
  ])("[NW-7] an answer cut short that is %s costs the node its place", async (_, frames) => {
    await answering("bucket", ...frames);
    askBuckets();
    await until(() => events.some(({ type }) => type === "frame-refused"));
    expect(events).toHaveLength(1);
  });

  it("[NW-7] two buckets are an answer cut short, four a lie", async () => {
    const bucket = encodeBucketAnswer(state.bucket(height(0), 0));
    await answering("bucket", bucket, bucket, END_FRAME);
    askBuckets();
    await until(() => events.length === 1);
    expect(events).toEqual([{ ...ended("failed"), requestId: 5 }]);
    await answering("bucket", bucket, bucket, bucket, bucket, END_FRAME);
    askBuckets();
    await until(() => events.some(({ type }) => type === "frame-refused"));
  });

  it("without keys there is nothing to hide a bucket among, so none is asked for", async () => {
    secret = undefined;
    await answering("bucket", END_FRAME);
    askBuckets();
    await until(() => events.length === 1);
    expect(events).toEqual([{ ...ended("failed"), requestId: 5 }]);
    expect(asked).toEqual([]);
  });
});
