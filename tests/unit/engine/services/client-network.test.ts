import { beforeEach, describe, expect, it, vi } from "vitest";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import type { FrameStream, NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { ClientNetwork } from "../../../../src/engine/services/client-network.ts";
import type { UntimedEvent } from "../../../../src/engine/services/client-network-ports.ts";
import { parseNetworkFile } from "../../../../src/engine/services/network-file.ts";
import { streamRequests } from "../../../../src/net/requests/stream-requests.ts";
import { encodeErrorFrame, END_FRAME, ERROR_CODE } from "../../../../src/wire/frame.ts";
import { PEERS_ADDRESSES_MAX } from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { encodePeersItem } from "../../../../src/wire/requests/peers.ts";
import { BUSY_RULE, encodeTxAnswer } from "../../../../src/wire/requests/tx.ts";
import { encodeHdrItem } from "../../../../src/wire/requests/hdr.ts";
import { ClientChain } from "../../../support/client-chain.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { networkFileOf, SMALL_GENESIS } from "../../../support/network-file.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { eventually } from "../../../support/eventually.ts";

const NODE = ["/fake/node"];
const OTHER = ["/fake/other"];
type ProtocolName = keyof typeof PROTOCOL;
const TXID = hash(new Uint8Array(32).fill(1));
const JUNK = Uint8Array.of(9, 9, 9);
const DAY_MS = 24 * 60 * 60_000;

/** A node that answers every request of a protocol with the same frames. */
async function answering(port: NetworkPort, name: ProtocolName, frames: readonly Uint8Array[]): Promise<void> {
  await serving(port, name, async (stream) => {
    for (const frame of frames) await stream.send(frame);
  });
}

async function serving(
  port: NetworkPort,
  name: ProtocolName,
  handle: (stream: FrameStream) => Promise<void>,
): Promise<void> {
  await port.serve(PROTOCOL[name].name, PROTOCOL[name].served, async (stream) => {
    for await (const _request of stream.frames()) return handle(stream);
  });
}

describe("a client's network effects against peers of every kind", () => {
  let fake: FakeNetwork;
  let node: NetworkPort;
  let events: UntimedEvent[];
  let hosts: NetworkPort[];
  let chainIds: number[];
  let timers: { delayMs: number; callback: () => void }[];
  let network: ClientNetwork;
  let file: string | undefined;
  let room: Promise<void>;
  let configured: number;
  let nowMs: number;

  beforeEach(() => {
    fake = new FakeNetwork();
    node = fake.join("node");
    events = [];
    hosts = [];
    chainIds = [];
    timers = [];
    room = Promise.resolve();
    configured = 0;
    nowMs = 0;
    const nodes = ["node", "other"].map((name) => ({ operator: name, addresses: [`/fake/${name}`] }));
    file = JSON.stringify(networkFileOf(SMALL_GENESIS, nodes));
    network = new ClientNetwork({
      fetchNetworkFile: () => Promise.resolve(file),
      openHost: (chainId) => {
        chainIds.push(chainId);
        const host = fake.join(`client-${hosts.length}`);
        hosts.push(host);
        return Promise.resolve(host);
      },
      requests: streamRequests,
      random: seededRandom("client network"),
      timers: {
        now: () => nowMs,
        after: (delayMs, callback) => {
          const timer = { delayMs, callback };
          timers.push(timer);
          return () => timers.splice(timers.indexOf(timer), 1);
        },
      },
      post: (event) => events.push(event),
      room: () => room,
      poolRoom: () => room,
      decoySecret: () => hash(new Uint8Array(32).fill(7)),
      readAddress: (bytes) => Promise.resolve(bytes.length > 1 ? `/fake/${bytes.join("-")}` : undefined),
      configured: () => configured++,
    });
  });

  async function next<Type extends UntimedEvent["type"]>(type: Type): Promise<Extract<UntimedEvent, { type: Type }>> {
    await eventually(() => expect(events.map((event) => event.type)).toContain(type));
    const place = events.findIndex((event) => event.type === type);
    return events.splice(place, 1)[0] as Extract<UntimedEvent, { type: Type }>;
  }

  async function quiet(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(events).toEqual([]);
  }

  async function connect(): Promise<void> {
    network.perform({ type: "fetch-network" });
    while (configured === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    network.perform({ type: "connect", node: 0, list: 1, addresses: ["/fake/nobody", "/fake/node"] });
    expect(await next("peer-connected")).toEqual({ type: "peer-connected", peer: "node", node: 0, list: 1 });
  }

  it.each(["", "{}", "[]", "no"])("a network file of %j is network-missing", async (text) => {
    file = text;
    network.perform({ type: "fetch-network" });
    await next("network-missing");
    expect(configured).toBe(0);
  });

  it("tries all addresses and says when none answers", async () => {
    await connect();
    network.perform({ type: "connect", node: 1, list: 1, addresses: ["/fake/nobody", "/fake/other"] });
    expect(await next("connect-failed")).toEqual({ type: "connect-failed", node: 1, list: 1 });
    network.perform({ type: "connect", node: 1, list: 1, addresses: [] });
    await next("connect-failed");
    expect(hosts.length).toBe(1);
  });

  it.each<[string, number]>([
    ["after a day", DAY_MS + 1],
    ["once the clock was set back", -1],
  ])("[NW-11] %s a client is somebody else, but not before its last connection is gone", async (_when, ageMs) => {
    const dial = async (name: string): Promise<void> => {
      network.perform({ type: "connect", node: 0, list: 1, addresses: [`/fake/${name}`] });
      await next("peer-connected");
    };
    const other = fake.join("other");
    await connect();
    nowMs = ageMs;
    await dial("other");
    expect([hosts.length, other.peers()]).toEqual([1, ["client-0"]]);
    for (const peer of ["node", "other"]) {
      network.perform({ type: "disconnect", peer });
      await next("peer-disconnected");
    }
    await dial("other");
    expect(other.peers()).toEqual(["client-1"]);
    expect(fake.portOf("client-0")).toBeUndefined();
  });

  it("[NW-11] within a day a client stays who it is, also without a connection", async () => {
    await connect();
    network.perform({ type: "disconnect", peer: "node" });
    await next("peer-disconnected");
    nowMs = DAY_MS;
    network.perform({ type: "connect", node: 0, list: 1, addresses: ["/fake/node"] });
    await next("peer-connected");
    expect(node.peers()).toEqual(["client-0"]);
  });

  it("tells of a connection that broke", async () => {
    await connect();
    await node.stop();
    expect(await next("peer-disconnected")).toEqual({ type: "peer-disconnected", peer: "node" });
  });

  it("[NW-17] tells which of a node's addresses can be dialled here", async () => {
    await connect();
    await answering(node, "peers", [
      ...[[1, 2], [3], [4, 5]].map((each) => encodePeersItem(Uint8Array.from(each))),
      END_FRAME,
    ]);
    network.perform({ type: "request-peers", peer: "node" });
    expect(await next("peers-received")).toEqual({
      type: "peers-received",
      peer: "node",
      addresses: ["/fake/1-2", "/fake/4-5"],
    });
  });

  it("[NW-17] PEERS_ADDRESSES_MAX: more addresses than that are no answer, a node without any is a good one", async () => {
    await connect();
    const item = encodePeersItem(Uint8Array.of(1, 2));
    await answering(node, "peers", [...Array<Uint8Array>(PEERS_ADDRESSES_MAX + 1).fill(item), END_FRAME]);
    network.perform({ type: "request-peers", peer: "node" });
    await next("frame-refused");
    await answering(node, "peers", [encodeErrorFrame({ code: ERROR_CODE.busy, text: "" })]);
    network.perform({ type: "request-peers", peer: "node" });
    await quiet();
  });

  it("[NW-17] begins with the network it remembers where there is no file", async () => {
    const parsed = parseNetworkFile(file!);
    if (!parsed.ok) throw new Error(parsed.reason);
    file = undefined;
    network.perform({ type: "connect", node: 0, list: 1, addresses: ["/fake/node"] });
    await next("connect-failed");
    network.perform({ type: "use-network", config: parsed.config });
    network.perform({ type: "connect", node: 0, list: 1, addresses: ["/fake/node"] });
    await next("peer-connected");
    expect(configured).toBe(0);
  });

  it("is of the new chain from the moment it is told, also while it still leaves the old one", async () => {
    await connect();
    const parsed = parseNetworkFile(file!);
    if (!parsed.ok) throw new Error(parsed.reason);
    const { chainId } = parsed.config;
    let stopped = (): void => undefined;
    hosts[0]!.stop = () => new Promise((resolve) => (stopped = resolve));
    network.perform({ type: "use-network", config: { ...parsed.config, chainId: chainId + 1 } });
    network.perform({ type: "connect", node: 0, list: 2, addresses: ["/fake/node"] });
    await next("peer-connected");
    stopped();
    expect(chainIds).toEqual([chainId, chainId + 1]);
  });

  it("hangs up when told", async () => {
    await connect();
    network.perform({ type: "disconnect", peer: "node" });
    await next("peer-disconnected");
    expect(node.peers()).toEqual([]);
  });

  it.each<[string, readonly Uint8Array[], UntimedEvent["type"]]>([
    ["junk", [JUNK, END_FRAME], "frame-refused"],
    ["nothing", [END_FRAME], "status-missing"],
    ["an error", [encodeErrorFrame({ code: ERROR_CODE.busy, text: "later" })], "status-missing"],
    ["an answer without an end", [], "status-missing"],
  ])("a status of %s is no status", async (_name, frames, outcome) => {
    await connect();
    await answering(node, "status", frames);
    network.perform({ type: "request-status", peer: "node" });
    await next(outcome);
    await quiet();
  });

  it.each<[string, readonly Uint8Array[], UntimedEvent["type"]]>([
    ["junk", [JUNK, END_FRAME], "frame-refused"],
    ["an error after all", [encodeErrorFrame({ code: ERROR_CODE.unavailable, text: "" })], "stream-ended"],
  ])("headers of %s bring nothing", async (_name, frames, outcome) => {
    await connect();
    await answering(node, "hdr", frames);
    network.perform({ type: "request-headers", peer: "node", from: 0, count: 1 });
    await next(outcome);
    await quiet();
  });

  it("no headers is an answer too", async () => {
    await connect();
    await answering(node, "hdr", [END_FRAME]);
    network.perform({ type: "request-headers", peer: "node", from: 5, count: 1 });
    expect(await next("headers-received")).toEqual({ type: "headers-received", peer: "node", items: [] });
  });

  it.each<[string, readonly Uint8Array[], readonly [] | undefined]>([
    ["nothing", [END_FRAME], []],
    ["an error", [encodeErrorFrame({ code: ERROR_CODE.unavailable, text: "" })], undefined],
    ["an answer without an end", [], undefined],
  ])("a question for headers is answered also by %s", async (_name, frames, items) => {
    await connect();
    await answering(node, "hdr", frames);
    network.perform({ type: "ask-headers", peer: "node", questionId: 7, from: 5, count: 2, boundariesOnly: true });
    expect(await next("headers-answered")).toEqual({ type: "headers-answered", peer: "node", questionId: 7, items });
    await quiet();
  });

  it("[EN-3] more headers than were asked for are no answer", async () => {
    await connect();
    const chain = new ClientChain(NETWORK_PARAMS.dev);
    const items = Array.from({ length: 3 }, () => encodeHdrItem(chain.add({ outputs: [] })));
    const ask = { type: "ask-headers", peer: "node", questionId: 9, from: 1, boundariesOnly: false } as const;
    await answering(node, "hdr", [...items, END_FRAME]);
    network.perform({ ...ask, count: 3 });
    expect((await next("headers-answered")).items).toHaveLength(3);
    network.perform({ ...ask, count: 2 });
    await next("frame-refused");
    await quiet();
  });

  it("junk for headers costs a peer its place", async () => {
    await connect();
    await answering(node, "hdr", [JUNK, END_FRAME]);
    network.perform({ type: "ask-headers", peer: "node", questionId: 8, from: 0, count: 1, boundariesOnly: false });
    await next("frame-refused");
    await quiet();
  });

  it.each<[string, readonly Uint8Array[], UntimedEvent["type"]]>([
    ["junk", [JUNK], "frame-refused"],
    ["an end", [END_FRAME], "stream-ended"],
  ])("a block stream of %s is over", async (_name, frames, outcome) => {
    await connect();
    await answering(node, "compact", frames);
    network.perform({ type: "open-compact-stream", peer: "node", from: 1, isFull: true });
    await next(outcome);
    await quiet();
  });

  it("[ST-6] a block stream waits as long as it takes for the first block: a chain that stands still is nobody's fault", async () => {
    await connect();
    let served: FrameStream | undefined;
    await serving(node, "compact", (stream) => {
      served = stream;
      return stream.closed;
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    network.perform({ type: "open-compact-stream", peer: "node", from: 1, isFull: true });
    await eventually(() => expect(served).toBeDefined());
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    vi.useRealTimers();
    await quiet();
  });

  it("a stream that we closed or replaced ends without a word", async () => {
    await connect();
    let open = 0;
    let opened = 0;
    await serving(node, "compact", async (stream) => {
      opened++;
      open++;
      await stream.closed;
      open--;
    });
    network.perform({ type: "open-compact-stream", peer: "node", from: 1, isFull: true });
    await eventually(() => expect(opened).toBe(1));
    network.perform({ type: "open-compact-stream", peer: "node", from: 2, isFull: true });
    await eventually(() => expect([opened, open]).toEqual([2, 1]));
    network.perform({ type: "close-compact-stream", peer: "node" });
    network.perform({ type: "pause-compact-stream", peer: "node" });
    network.perform({ type: "resume-compact-stream", peer: "node" });
    await eventually(() => expect(open).toBe(0));
    await quiet();
  });

  it("[NW-3] waits, submits over a host of its own, and tells the answer or the lack of one", async () => {
    await connect();
    const submit = { type: "submit-transaction", txid: TXID, bytes: JUNK, node: 0, delayMaxMs: 2_000 } as const;
    network.perform({ ...submit, addresses: ["/fake/nobody"] });
    expect(timers[0]!.delayMs).toBeLessThan(2_000);
    timers.shift()!.callback();
    expect(await next("transaction-unanswered")).toEqual({ type: "transaction-unanswered", txid: TXID, node: 0 });
    await answering(node, "tx", [JUNK, END_FRAME]);
    network.perform({ ...submit, addresses: ["/fake/node"] });
    timers.shift()!.callback();
    await next("transaction-unanswered");
    expect(hosts.length).toBe(3);
    expect(node.peers()).toEqual(["client-0"]);
  });

  it("[NW-1] [NW-3] asks a node that has too much to do again over the same line, a few times", async () => {
    await connect();
    const busy = [encodeErrorFrame({ code: ERROR_CODE.busy, text: "" })];
    const full = [encodeTxAnswer({ refusedBy: BUSY_RULE, txid: TXID }), END_FRAME];
    const taken = [encodeTxAnswer({ refusedBy: undefined, txid: TXID }), END_FRAME];
    const answers = [busy, full, taken, busy, full, full, full, taken];
    const asked: string[] = [];
    await serving(node, "tx", async (stream) => {
      asked.push(stream.peer);
      for (const frame of answers[asked.length - 1]!) await stream.send(frame);
    });
    const submit = async (): Promise<UntimedEvent> => {
      network.perform({ type: "submit-transaction", txid: TXID, bytes: JUNK, node: 1, delayMaxMs: 0, addresses: NODE });
      const waiting = setInterval(() => {
        const timer = timers.find(({ delayMs }) => delayMs <= 2_000);
        if (timer !== undefined) timers.splice(timers.indexOf(timer), 1)[0]!.callback();
      }, 1);
      const answered = await next("transaction-answered");
      clearInterval(waiting);
      return answered;
    };
    expect(await submit()).toMatchObject({ rule: undefined });
    expect(asked).toEqual(["client-1", "client-1", "client-1"]);
    expect(await submit()).toMatchObject({ rule: BUSY_RULE });
    expect(asked.slice(3)).toEqual(["client-2", "client-2", "client-2", "client-2"]);
  });

  it("[NW-3] lines dialled in advance are at most two, end by themselves, and serve one submission", async () => {
    await connect();
    const other = fake.join("other");
    void network.prepareSubmissions([OTHER, NODE, OTHER]);
    await eventually(() => expect(other.peers()).toEqual(["client-1"]));
    expect(hosts.length).toBe(3);
    void network.prepareSubmissions([OTHER, NODE]);
    expect(hosts.length).toBe(3);
    const submit = { type: "submit-transaction", txid: TXID, bytes: JUNK, node: 1, delayMaxMs: 0 } as const;
    network.perform({ ...submit, addresses: ["/fake/other"] });
    timers.find(({ delayMs }) => delayMs === 0)!.callback();
    await next("transaction-unanswered");
    expect(hosts.length).toBe(3);
    expect(other.peers()).toEqual([]);
    for (const timer of [...timers]) timer.callback();
    await eventually(() => expect(node.peers()).toEqual(["client-0"]));
  });

  it("[NW-3] a line that was dialled ahead is for that node alone, whatever its number by then", async () => {
    await connect();
    const other = fake.join("other");
    const asked: string[] = [];
    await serving(node, "tx", (stream) => Promise.resolve(void asked.push(stream.peer)));
    void network.prepareSubmissions([OTHER]);
    await eventually(() => expect(other.peers()).toEqual(["client-1"]));
    network.perform({ type: "submit-transaction", txid: TXID, bytes: JUNK, node: 1, delayMaxMs: 0, addresses: NODE });
    timers.find(({ delayMs }) => delayMs === 0)!.callback();
    await next("transaction-unanswered");
    expect(asked).toEqual(["client-2"]);
  });

  it("stops with everything: nothing is heard afterwards", async () => {
    await connect();
    await serving(node, "compact", (stream) => stream.closed);
    network.perform({ type: "open-compact-stream", peer: "node", from: 1, isFull: true });
    void network.prepareSubmissions([NODE]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await network.stop();
    network.perform({ type: "connect", node: 0, list: 1, addresses: ["/fake/node"] });
    network.perform({ type: "fetch-network" });
    await quiet();
    expect(node.peers()).toEqual([]);
  });
});
