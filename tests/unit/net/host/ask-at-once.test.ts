import type { MessageStream } from "@libp2p/interface";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import type { NetworkPort, NodeNetworkPort, PeerId } from "../../../../src/core/ports/network-port.ts";
import { askAtOnce } from "../../../../src/net/host/ask-at-once.ts";
import { createBrowserHost } from "../../../../src/net/host/create-browser-host.ts";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import type { MakeMuxer, Muxer } from "../../../../src/net/host/each-muxer.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { requestOne } from "../../../../src/net/requests/request.ts";
import { END_FRAME } from "../../../../src/wire/frame.ts";
import { STREAM_IDLE_MS_MAX } from "../../../../src/wire/limits.ts";

const PROTOCOL = "/stg/1000/hdr/1";
const line = (text: string): Uint8Array =>
  concatBytes(Uint8Array.of(text.length + 1), new TextEncoder().encode(`${text}\n`));
const NAMED = concatBytes(line("/multistream/1.0.0"), line(PROTOCOL));
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A stream as Yamux makes it. */
class FakeStream extends EventTarget {
  protocol = "";
  status = "open";
  readonly sent: Uint8Array[] = [];
  abortedFor: string | undefined;
  isClosed = false;

  send(data: Uint8Array): boolean {
    this.sent.push(data);
    return true;
  }

  onData(data: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  abort(error: Error): void {
    this.abortedFor = error.message;
    this.dispatchEvent(new Event("close"));
  }

  close(_options?: { readonly signal?: AbortSignal }): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

describe("a stream that is opened", () => {
  afterEach(() => vi.useRealTimers());
  let stream: FakeStream;
  let muxer: { status: string; readonly createStream: () => Promise<FakeStream> };
  /** What whoever opened it hears. */
  let heard: number[];
  const open = async (protocol: string | undefined): Promise<void> => {
    stream = new FakeStream();
    muxer = { status: "open", createStream: () => Promise.resolve(stream) };
    const make = (() => ({ createStreamMuxer: () => muxer })) as unknown as MakeMuxer;
    const opened: Muxer = askAtOnce(make)().createStreamMuxer({} as MessageStream);
    await opened.createStream(protocol === undefined ? {} : { protocol });
    heard = [];
    stream.addEventListener("message", (event) => heard.push(...(event as Event & { data: Uint8Array }).data));
  };

  it("has its protocol at once, and has named it before anything else is sent", async () => {
    await open(PROTOCOL);
    expect(stream.protocol).toBe(PROTOCOL);
    stream.send(bytes(7));
    expect(stream.sent).toEqual([NAMED, bytes(7)]);
  });

  it("hands on what comes behind the peer's answer, in whatever pieces it comes, and nothing of that answer", async () => {
    const all = concatBytes(NAMED, bytes(1, 2, 3));
    for (const size of [1, 2, 19, 20, NAMED.length - 1, NAMED.length, NAMED.length + 1, all.length]) {
      await open(PROTOCOL);
      for (let at = 0; at < all.length; at += size) stream.onData(all.slice(at, at + size));
      stream.onData(bytes(4));
      expect(heard).toEqual([1, 2, 3, 4]);
    }
  });

  it("ends where the peer says anything else, and nobody hears of it", async () => {
    for (const other of [line("na"), concatBytes(line("/multistream/1.0.0"), line("na")), bytes(0), bytes(255)]) {
      await open(PROTOCOL);
      stream.onData(concatBytes(other, bytes(1, 2, 3)));
      expect([stream.abortedFor, heard]).toEqual([`the peer does not speak ${PROTOCOL}`, []]);
    }
  });

  it("says that nothing more comes only once the peer has answered, or the stream is gone", async () => {
    await open(PROTOCOL);
    const closing = stream.close();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(stream.isClosed).toBe(false);
    stream.onData(NAMED);
    await closing;
    expect(stream.isClosed).toBe(true);
    await open(PROTOCOL);
    const gone = stream.close();
    stream.dispatchEvent(new Event("close"));
    await gone;
  });

  it("STREAM_IDLE_MS_MAX: is given up where the peer says nothing, or ends before it has said all, and not otherwise", async () => {
    vi.useFakeTimers();
    await open(PROTOCOL);
    vi.advanceTimersByTime(STREAM_IDLE_MS_MAX - 1);
    expect(stream.abortedFor).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(stream.abortedFor).toBe("the peer does not answer");
    await open(PROTOCOL);
    stream.onData(NAMED.slice(0, -1));
    stream.dispatchEvent(new Event("remoteCloseWrite"));
    await Promise.resolve();
    expect(stream.abortedFor).toBe("the peer ended before it answered");
    await open(PROTOCOL);
    stream.dispatchEvent(new Event("remoteCloseWrite"));
    stream.onData(NAMED);
    await Promise.resolve();
    expect(vi.getTimerCount()).toBe(0);
    expect(stream.abortedFor).toBeUndefined();
  });

  it("is closed by whoever gives up waiting, and at once by who hangs up", async () => {
    await open(PROTOCOL);
    await expect(stream.close({ signal: AbortSignal.timeout(5) })).rejects.toThrow("given up");
    await expect(stream.close({ signal: AbortSignal.abort() })).rejects.toThrow("given up");
    muxer.status = "closing";
    await stream.close();
    expect(stream.abortedFor).toBe("hung up");
  });

  it("is not opened for a name that is too long", async () => {
    await expect(open("/".padEnd(127, "x"))).rejects.toThrow(RangeError);
    await open("/".padEnd(126, "x"));
  });

  it("negotiates as ever where it may speak one protocol of several", async () => {
    await open(undefined);
    stream.onData(bytes(5));
    expect([stream.protocol, stream.sent, heard]).toEqual(["", [], [5]]);
  });
});

describe("a client that asks a node", { timeout: 60_000 }, () => {
  const LIMITS = { frameBytesMax: 300_000, streamsPerPeerMax: 4 };
  let server: NodeNetworkPort;
  let client: NetworkPort;
  let peer: PeerId;
  beforeEach(async () => {
    const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
    server = await createNodeHost({ chainId: 1000, identity: await generateIdentity(), listen });
    client = await createBrowserHost({ chainId: 1000, identity: await generateIdentity() });
    peer = await client.dial(server.addresses()[0]!, 20_000);
  });
  afterEach(() => Promise.all([client.stop(), server.stop()]));

  it("is answered frame by frame, and the node hears the end of the question", async () => {
    let ended = 0;
    await server.serve("hdr", LIMITS, async (stream) => {
      for await (const frame of stream.frames()) await stream.send(frame);
      ended++;
    });
    const echo = async (sizes: readonly number[]): Promise<void> => {
      const stream = await client.openStream(peer, "hdr", LIMITS);
      for (const size of sizes) await stream.send(new Uint8Array(size).fill(size));
      void stream.close();
      const back: number[] = [];
      for await (const frame of stream.frames()) back.push(frame.length);
      expect(back).toEqual(sizes);
    };
    for (let round = 0; round < 20; round++) {
      ended = 0;
      await Promise.all([echo([1]), echo([5, 200_000]), echo([300_000, 1, 2])]);
      expect(ended).toBe(3);
    }
  });

  it("asks on as soon as it is answered, with as many questions at once as it may", async () => {
    await server.serve("block", LIMITS, async (stream) => {
      for await (const frame of stream.frames()) {
        await stream.send(frame);
        await stream.send(END_FRAME);
      }
    });
    const ask = (frame: number): Promise<Uint8Array> =>
      requestOne(client, peer, "block", LIMITS, bytes(0x10, frame), 5_000);
    for (let batch = 0; batch < 12; batch++) {
      const answers = await Promise.all(Array.from({ length: LIMITS.streamsPerPeerMax }, (_, at) => ask(at)));
      expect(answers.map((answer) => answer[1])).toEqual([0, 1, 2, 3]);
    }
  });

  it("gets a broken stream where the node does not serve what it asks for", async () => {
    const stream = await client.openStream(peer, "pool", LIMITS);
    await stream.send(bytes(1)).catch(() => undefined);
    const read = async (): Promise<void> => {
      for await (const frame of stream.frames()) expect(frame).toBeUndefined();
    };
    await expect(read()).rejects.toThrow();
  });
});
