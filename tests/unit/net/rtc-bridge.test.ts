import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  readPageMessage,
  readWorkerMessage,
  RTC_CHANNELS_PER_CONNECTION_MAX,
  RTC_CONNECTIONS_MAX,
  RTC_LABEL_LENGTH_MAX,
  RTC_MESSAGE_BYTES_MAX,
  RTC_RECEIVE_QUEUE_BYTES_MAX,
  RTC_SDP_LENGTH_MAX,
  RTC_SEND_QUEUE_BYTES_MAX,
} from "../../../src/net/rtc-bridge-messages.ts";
import { serveRtcBridge, type RtcBridge } from "../../../src/net/rtc-bridge-page.ts";
import { installRtcBridge } from "../../../src/net/rtc-bridge-worker.ts";
import { FakeDataChannel, FakePeerConnection, linkedPorts, type FakePort } from "../../support/fake-web-rtc.ts";
import { runs } from "../../support/run-counts.ts";

/** What libp2p sees in the worker. */
interface Borrowed extends EventTarget {
  readonly connectionState: string;
  readonly localDescription: { readonly sdp: string } | null;
  onconnectionstatechange: (() => void) | null;
  ondatachannel: ((event: { readonly channel: RTCDataChannel }) => void) | null;
  createOffer(): Promise<RTCSessionDescriptionInit>;
  setLocalDescription(description: object): Promise<void>;
  setRemoteDescription(description: object): Promise<void>;
  createDataChannel(label: string, options?: object): RTCDataChannel;
  close(): void;
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const OFFER = { type: "offer", sdp: "v=0" } as const;

/** No message of either side, or one about something that is not there. */
const NONSENSE: readonly unknown[] = [
  undefined,
  null,
  7,
  "open",
  [],
  {},
  { type: "open" },
  { type: "open", connection: -1 },
  { type: "open", connection: 1.5 },
  { type: "open", connection: "1" },
  { type: "unknown", connection: 1 },
  { type: "__proto__", connection: 1 },
  { type: "create-offer", connection: 1 },
  { type: "create-offer", connection: 99, call: 1 },
  { type: "describe", connection: 1, call: 1, side: "both", description: OFFER },
  { type: "describe", connection: 1, call: 1, side: "local", description: { type: "rollback", sdp: "" } },
  { type: "describe", connection: 1, call: 1, side: "local", description: { type: "offer" } },
  { type: "create-channel", connection: 1, channel: 1, label: "" },
  { type: "create-channel", connection: 1, channel: 2, label: 7 },
  { type: "create-channel", connection: 1, channel: 2, label: "", negotiatedId: 65_535 },
  { type: "send", connection: 1, channel: 0, bytes: "text" },
  { type: "send", connection: 1, channel: 0, bytes: new Uint8Array(3) },
  { type: "send", connection: 1, channel: 88, bytes: new ArrayBuffer(3) },
  { type: "taken", connection: 1, channel: 0, size: -5 },
  { type: "close-channel", connection: 1, channel: 88 },
  { type: "close", connection: 99 },
  { type: "answered", connection: 1, call: 1 },
  { type: "answered", connection: 1, call: 77, ok: true },
  { type: "answered", connection: 1, call: 1, ok: true, description: 5 },
  { type: "state", connection: 1, state: "happy" },
  { type: "channel", connection: 1, channel: 0, label: "", id: "0" },
  { type: "channel", connection: 1, channel: 0, label: "", id: 0, transferred: {} },
  { type: "channel", connection: 1, channel: 40, label: "", id: 0 },
  { type: "channel-open", connection: 1, channel: 0, id: 1e9 },
  { type: "data", connection: 1, channel: 0, bytes: { byteLength: 5 } },
  { type: "data", connection: 1, channel: 88, bytes: new ArrayBuffer(1) },
  { type: "sent", connection: 1, channel: 0, size: Infinity },
  { type: "channel-closed", connection: 1, channel: 88 },
];

describe("what page and worker tell each other", () => {
  it("is rebuilt from what is known of it, and nothing else gets through", () => {
    expect(readWorkerMessage({ type: "open", connection: 1, iceServers: ["stun:x"] })).toEqual({
      type: "open",
      connection: 1,
    });
    const described = { type: "describe", connection: 1, call: 2, side: "remote", description: { ...OFFER, more: 1 } };
    expect(readWorkerMessage(described)).toEqual({ ...described, description: OFFER });
    expect(readPageMessage({ type: "state", connection: 1, state: "connected", more: 1 })).toEqual({
      type: "state",
      connection: 1,
      state: "connected",
    });
  });

  it.each([
    ["RTC_SDP_LENGTH_MAX", RTC_SDP_LENGTH_MAX, (n: number) => describeWith("x".repeat(n))],
    ["RTC_LABEL_LENGTH_MAX", RTC_LABEL_LENGTH_MAX, (n: number) => channelWith("x".repeat(n))],
    ["RTC_MESSAGE_BYTES_MAX", RTC_MESSAGE_BYTES_MAX, (n: number) => sendOf(n)],
  ])("%s: exactly so long and not one more", (_name, max, make) => {
    expect(readWorkerMessage(make(max))).toBeDefined();
    expect(readWorkerMessage(make(max + 1))).toBeUndefined();
  });

  it("is refused or understood, whatever it is, and understood the same way again", () => {
    const number = fc.oneof(fc.integer({ min: -2, max: 5 }), fc.double(), fc.constant(undefined), fc.string());
    const field = fc.oneof(
      number,
      fc.boolean(),
      fc.constant(null),
      fc.constant(OFFER),
      fc.constant(new ArrayBuffer(4)),
    );
    const types = ["open", "close", "create-offer", "describe", "create-channel", "send", "taken", "close-channel"];
    const pageTypes = ["answered", "state", "channel", "channel-open", "data", "sent", "channel-closed"];
    const names = [
      "call",
      "channel",
      "side",
      "description",
      "label",
      "negotiatedId",
      "bytes",
      "size",
      "ok",
      "state",
      "id",
    ];
    const message = fc
      .tuple(
        fc.constantFrom(...types, ...pageTypes, "other"),
        number,
        fc.dictionary(fc.constantFrom(...names), fc.oneof(field, fc.constantFrom("local", "remote", "new", "closed"))),
      )
      .map(([type, connection, fields]) => ({ ...fields, type, connection }));
    fc.assert(
      fc.property(message, (value) => {
        for (const read of [readWorkerMessage, readPageMessage]) {
          const first = read(value);
          if (first !== undefined) expect(read(first)).toEqual(first);
        }
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
  });
});

const describeWith = (sdp: string): object => {
  return { type: "describe", connection: 1, call: 1, side: "local", description: { type: "offer", sdp } };
};
const channelWith = (label: string): object => ({ type: "create-channel", connection: 1, channel: 0, label });
const sendOf = (size: number): object => ({ type: "send", connection: 1, channel: 0, bytes: new ArrayBuffer(size) });

describe("the page's half", () => {
  let worker: FakePort;
  let bridge: RtcBridge;
  let lent: FakePeerConnection[];

  const begin = (isPumped: boolean): void => {
    const [page, other] = linkedPorts();
    worker = other;
    lent = [];
    bridge = serveRtcBridge(page as never, {
      isPumped,
      createConnection: () => {
        const connection = new FakePeerConnection();
        lent.push(connection);
        return connection as never;
      },
    });
  };
  const said = (type: string): Record<string, unknown>[] => {
    return worker.received.filter((message) => (message as { type?: unknown }).type === type) as never;
  };
  const openChannel = (): FakeDataChannel => {
    worker.postMessage({ type: "open", connection: 1 });
    worker.postMessage({ type: "create-channel", connection: 1, channel: 0, label: "a", negotiatedId: 0 });
    const [channel] = lent[0]!.channels;
    channel!.open();
    return channel!;
  };

  beforeEach(() => begin(true));

  it("RTC_CONNECTIONS_MAX: lends exactly so many, and another when one is given back", () => {
    for (let count = 1; count <= RTC_CONNECTIONS_MAX; count++) worker.postMessage({ type: "open", connection: count });
    worker.postMessage({ type: "open", connection: 900 });
    expect(lent.length).toBe(RTC_CONNECTIONS_MAX);
    expect(said("state")).toEqual([{ type: "state", connection: 900, state: "closed" }]);
    worker.postMessage({ type: "close", connection: 1 });
    expect(lent[0]!.isClosed).toBe(true);
    worker.postMessage({ type: "open", connection: 901 });
    // One that failed by itself is given back as well.
    lent[1]!.become("failed");
    worker.postMessage({ type: "open", connection: 902 });
    worker.postMessage({ type: "open", connection: 903 });
    expect(lent.length).toBe(RTC_CONNECTIONS_MAX + 2);
  });

  it("opens a connection of one number once", () => {
    worker.postMessage({ type: "open", connection: 1 });
    worker.postMessage({ type: "open", connection: 1 });
    expect(lent.length).toBe(1);
  });

  it.each([true, false])(
    "RTC_CHANNELS_PER_CONNECTION_MAX: so many channels, the peer's counted (pumped: %s)",
    (pumped) => {
      begin(pumped);
      worker.postMessage({ type: "open", connection: 1 });
      for (let count = 0; count < RTC_CHANNELS_PER_CONNECTION_MAX - 1; count++) {
        worker.postMessage({ type: "create-channel", connection: 1, channel: 2 * count, label: "" });
      }
      const first = lent[0]!.incoming();
      const second = lent[0]!.incoming();
      expect([first.isClosed, second.isClosed]).toEqual([false, true]);
      worker.postMessage({ type: "create-channel", connection: 1, channel: 100, label: "" });
      expect(said("channel").length).toBe(RTC_CHANNELS_PER_CONNECTION_MAX);
      expect(said("channel-closed").map(({ channel }) => channel)).toEqual([3, 100]);
    },
  );

  it("hands a channel over, or pumps where the browser cannot", () => {
    begin(false);
    openChannel();
    expect(said("channel")[0]!["transferred"]).toBe(lent[0]!.channels[0]);
    begin(false);
    worker.refusesTransfer = true;
    openChannel().arrive(new ArrayBuffer(3));
    expect(said("channel")).toEqual([
      { type: "channel", connection: 1, channel: 0, label: "a", id: 0, transferred: undefined },
    ]);
    expect(said("data").length).toBe(1);
  });

  it("RTC_SEND_QUEUE_BYTES_MAX: a channel that takes nothing holds exactly so much", () => {
    const channel = openChannel();
    channel.takes = false;
    const size = RTC_MESSAGE_BYTES_MAX;
    for (let sum = 0; sum < RTC_SEND_QUEUE_BYTES_MAX; sum += size) worker.postMessage(sendOf(size));
    expect(channel.isClosed).toBe(false);
    worker.postMessage(sendOf(1));
    expect(channel.isClosed).toBe(true);
    expect(channel.sentBytes).toBe(RTC_SEND_QUEUE_BYTES_MAX);
  });

  it("says when what was sent has left", () => {
    const channel = openChannel();
    worker.postMessage(sendOf(10));
    channel.takes = false;
    worker.postMessage(sendOf(20));
    worker.postMessage(sendOf(30));
    expect(said("sent").map(({ size }) => size)).toEqual([10]);
    channel.drain();
    expect(said("sent").map(({ size }) => size)).toEqual([10, 50]);
  });

  it("RTC_RECEIVE_QUEUE_BYTES_MAX: a worker that takes nothing is given exactly so much", () => {
    const channel = openChannel();
    const size = RTC_MESSAGE_BYTES_MAX;
    for (let sum = 0; sum < RTC_RECEIVE_QUEUE_BYTES_MAX; sum += size) channel.arrive(new ArrayBuffer(size));
    worker.postMessage({ type: "taken", connection: 1, channel: 0, size });
    channel.arrive(new ArrayBuffer(size));
    expect(channel.isClosed).toBe(false);
    channel.arrive(new ArrayBuffer(1));
    expect(channel.isClosed).toBe(true);
  });

  it("ends a channel on text, and on a message longer than any of ours", () => {
    const channel = openChannel();
    channel.arrive("text");
    expect(channel.isClosed).toBe(true);
    begin(true);
    const other = openChannel();
    other.arrive(new ArrayBuffer(RTC_MESSAGE_BYTES_MAX + 1));
    expect(other.isClosed).toBe(true);
  });

  it("answers each call, also one that the browser refuses", async () => {
    worker.postMessage({ type: "open", connection: 1 });
    worker.postMessage({ type: "create-offer", connection: 1, call: 1 });
    lent[0]!.refuses = true;
    worker.postMessage({ ...describeWith("bad"), call: 2 });
    await settle();
    expect(said("answered")).toEqual([
      { type: "answered", connection: 1, call: 1, ok: true, description: { type: "offer", sdp: "offer" } },
      { type: "answered", connection: 1, call: 2, ok: false, description: undefined },
    ]);
  });

  it("passes over what it does not understand", async () => {
    openChannel();
    const before = worker.received.length;
    for (const message of NONSENSE) worker.postMessage(message);
    await settle();
    expect(worker.received.slice(before)).toEqual([]);
    expect(lent.length).toBe(1);
    expect(lent[0]!.isClosed).toBe(false);
  });

  it("ends everything when the worker is gone", () => {
    openChannel();
    bridge.close();
    expect(lent[0]!.isClosed).toBe(true);
    worker.postMessage({ type: "open", connection: 2 });
    expect(lent.length).toBe(1);
  });

  it("[NW-11] sets connections up without any server, whatever a worker asks", () => {
    const configurations: unknown[] = [];
    vi.stubGlobal(
      "RTCPeerConnection",
      class extends FakePeerConnection {
        constructor(configuration: unknown) {
          super();
          configurations.push(configuration);
        }
      },
    );
    const [page, other] = linkedPorts();
    serveRtcBridge(page as never);
    other.postMessage({ type: "open", connection: 1, configuration: { iceServers: [{ urls: "stun:example.org" }] } });
    vi.unstubAllGlobals();
    expect(configurations).toEqual([{ iceServers: [] }]);
  });
});

describe("the worker's half", () => {
  let page: FakePort;
  let connection: Borrowed;
  const asked = (type: string): Record<string, unknown>[] => {
    return page.received.filter((message) => (message as { type?: unknown }).type === type) as never;
  };
  const isConnected = (): void => page.postMessage({ type: "state", connection: 1, state: "connected" });
  const giveChannel = (transferred?: FakeDataChannel): void => {
    page.postMessage({ type: "channel", connection: 1, channel: 0, label: "", id: 0, transferred });
  };
  const log = (channel: RTCDataChannel): string[] => {
    const events: string[] = [];
    for (const name of ["open", "message", "bufferedamountlow", "close"] as const) {
      channel.addEventListener(name, () => events.push(name));
    }
    return events;
  };

  beforeEach(() => {
    const [other, port] = linkedPorts();
    page = other;
    const scope: { RTCPeerConnection?: new (configuration: object) => Borrowed } = {};
    installRtcBridge(port as never, scope);
    connection = new scope.RTCPeerConnection!({ iceServers: [{ urls: "stun:example.org" }] });
  });
  afterEach(() => connection.close());

  it("[NW-11] asks for a connection and for nothing about it", () => {
    expect(page.received).toEqual([{ type: "open", connection: 1 }]);
  });

  it("has its calls answered, refused, or given up with the connection", async () => {
    const offer = connection.createOffer();
    page.postMessage({ type: "answered", connection: 1, call: 1, ok: true, description: OFFER });
    expect(await offer).toEqual(OFFER);
    const local = connection.setLocalDescription(OFFER);
    page.postMessage({
      type: "answered",
      connection: 1,
      call: 2,
      ok: true,
      description: { type: "offer", sdp: "set" },
    });
    await local;
    expect(connection.localDescription).toEqual({ type: "offer", sdp: "set" });
    const remote = connection.setRemoteDescription(OFFER);
    page.postMessage({ type: "answered", connection: 1, call: 3, ok: false, description: undefined });
    await expect(remote).rejects.toThrow("refused");
    const given = connection.createOffer();
    page.postMessage({ type: "state", connection: 1, state: "failed" });
    await expect(given).rejects.toThrow("refused");
  });

  it.each(["handed over", "pumped"])("a channel that is %s delivers nothing before the connection is there", (how) => {
    const real = new FakeDataChannel("");
    const channel = connection.createDataChannel("", { negotiated: true, id: 0 });
    const events = log(channel);
    giveChannel(how === "pumped" ? undefined : real);
    if (how === "pumped") {
      page.postMessage({ type: "channel-open", connection: 1, channel: 0, id: 0 });
      page.postMessage({ type: "data", connection: 1, channel: 0, bytes: new ArrayBuffer(2) });
    } else {
      real.open();
      real.arrive(new ArrayBuffer(2));
    }
    expect([channel.readyState, events]).toEqual(["connecting", []]);
    expect(() => channel.send(new Uint8Array(1))).toThrow("not open");
    isConnected();
    expect([channel.readyState, events]).toEqual(["open", ["open", "message"]]);
    connection.close();
    expect([channel.readyState, events.at(-1)]).toEqual(["closed", "close"]);
  });

  it("counts what a pumped channel has not sent yet", () => {
    const channel = connection.createDataChannel("", { negotiated: true, id: 0 });
    const events = log(channel);
    giveChannel();
    page.postMessage({ type: "channel-open", connection: 1, channel: 0, id: 0 });
    isConnected();
    const bytes = Uint8Array.of(1, 2, 3, 4, 5);
    channel.send(bytes.subarray(1, 4));
    channel.send(new ArrayBuffer(10));
    expect(asked("send").map((message) => [...new Uint8Array(message["bytes"] as ArrayBuffer)])[0]).toEqual([2, 3, 4]);
    expect(channel.bufferedAmount).toBe(13);
    page.postMessage({ type: "sent", connection: 1, channel: 0, size: 3 });
    expect([channel.bufferedAmount, events]).toEqual([10, ["open"]]);
    page.postMessage({ type: "sent", connection: 1, channel: 0, size: 10 });
    expect([channel.bufferedAmount, events]).toEqual([0, ["open", "bufferedamountlow"]]);
    // A page that says too much makes nothing negative.
    page.postMessage({ type: "sent", connection: 1, channel: 0, size: 99 });
    expect(channel.bufferedAmount).toBe(0);
  });

  it("tells the page what it has taken", () => {
    connection.createDataChannel("", { negotiated: true, id: 0 });
    giveChannel();
    isConnected();
    page.postMessage({ type: "data", connection: 1, channel: 0, bytes: new ArrayBuffer(7) });
    expect(asked("taken")).toEqual([{ type: "taken", connection: 1, channel: 0, size: 7 }]);
  });

  it("ends a channel that was closed before it was there", () => {
    const real = new FakeDataChannel("");
    connection.createDataChannel("", { negotiated: true, id: 0 }).close();
    giveChannel(real);
    expect(real.isClosed).toBe(true);
  });

  it("hears of channels that the peer opens", () => {
    const heard: RTCDataChannel[] = [];
    connection.ondatachannel = ({ channel }) => heard.push(channel);
    const real = new FakeDataChannel("from afar");
    real.open();
    page.postMessage({ type: "channel", connection: 1, channel: 1, label: "from afar", id: 3, transferred: real });
    expect(heard).toEqual([]);
    isConnected();
    expect(heard.map(({ label, readyState }) => [label, readyState])).toEqual([["from afar", "open"]]);
  });

  it("passes over what it does not understand", async () => {
    const channel = connection.createDataChannel("", { negotiated: true, id: 0 });
    const events = log(channel);
    isConnected();
    const before = page.received.length;
    for (const message of NONSENSE) page.postMessage(message);
    await settle();
    expect(page.received.slice(before).filter((message) => (message as { type: string }).type !== "taken")).toEqual([]);
    expect([connection.connectionState, channel.readyState, events]).toEqual(["connected", "connecting", []]);
  });
});
