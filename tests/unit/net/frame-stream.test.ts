import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ByteQueue } from "../../../src/net/byte-queue.ts";
import { Libp2pFrameStream } from "../../../src/net/frame-stream.ts";
import { HeldBytes } from "../../../src/net/held-bytes.ts";
import { STREAM_IDLE_MS_MAX, STREAM_SEND_QUEUE_BYTES_MAX, STREAM_STALL_MS_MAX } from "../../../src/wire/limits.ts";
import { StubLibp2pStream } from "../../support/stub-libp2p-stream.ts";
import { eventually } from "../../support/eventually.ts";

describe("frames over a stream", () => {
  let stub: StubLibp2pStream;
  let stream: Libp2pFrameStream;
  let frames: AsyncGenerator<Uint8Array, void, undefined>;
  beforeEach(() => {
    stub = new StubLibp2pStream();
    stream = new Libp2pFrameStream(stub.asStream(), { peer: "peer", frameBytesMax: 300 });
    frames = stream.frames();
  });
  afterEach(() => vi.useRealTimers());

  const next = () => frames.next();

  it("puts four bytes of length, little-endian, in front", async () => {
    await stream.send(new Uint8Array(260).fill(9));
    expect([...stub.sent[0]!.subarray(0, 5)]).toEqual([4, 1, 0, 0, 9]);
  });

  it("joins a frame that arrives in single bytes, and parts frames that arrive together", async () => {
    for (const byte of [2, 0, 0, 0, 7, 8]) stub.arrive(byte);
    expect(await next()).toEqual({ done: false, value: Uint8Array.of(7, 8) });
    stub.arrive(1, 0, 0, 0, 5, 1, 0, 0, 0, 6, 1, 0);
    expect((await next()).value).toEqual(Uint8Array.of(5));
    expect((await next()).value).toEqual(Uint8Array.of(6));
    stub.arrive(0, 0, 4);
    expect((await next()).value).toEqual(Uint8Array.of(4));
  });

  it.each([
    ["zero", [0, 0, 0, 0]],
    ["one over the limit", [45, 1, 0, 0]],
    ["four gigabytes", [255, 255, 255, 255]],
  ])("aborts at a length of %s before any of the body is there", async (_name, length) => {
    stub.arrive(...length);
    expect(stub.aborts.length).toBe(1);
    await expect(next()).rejects.toThrow(/^frame of/);
  });

  it("sees a hostile length behind a good frame", async () => {
    stub.arrive(1, 0, 0, 0, 5, 255, 255, 255, 255);
    expect((await next()).value).toEqual(Uint8Array.of(5));
    await expect(next()).rejects.toThrow(/^frame of/);
    expect(stub.aborts.length).toBe(1);
  });

  it("ends quietly when the connection goes while a frame waits: there is nobody to tell that there is room", async () => {
    stub.arrive(1, 0, 0, 0, 5);
    expect(stub.readStatus).toBe("paused");
    stub.resume = () => {
      throw new Error("Cannot write to a stream that is closed");
    };
    stub.dispatchEvent(new Event("close"));
    await stream.closed;
    expect((await next()).value).toEqual(Uint8Array.of(5));
    await expect(next()).rejects.toThrow("connection closed");
  });

  it("[NW-1] counts what has come until it is taken, and ends where all streams together hold too much", async () => {
    const waiting = new HeldBytes(1_000, () => 0);
    const open = () => {
      const raw = new StubLibp2pStream();
      return { raw, over: new Libp2pFrameStream(raw.asStream(), { peer: "peer", frameBytesMax: 900, waiting }) };
    };
    const [first, second, third] = [open(), open(), open()];
    const body = Array.from({ length: 600 }, () => 7);
    first.raw.arrive(0x58, 2, 0, 0, ...body);
    second.raw.arrive(0x84, 3, 0, 0, ...body.slice(0, 392));
    expect([first.raw.aborts, second.raw.aborts]).toEqual([[], []]);
    third.raw.arrive(1);
    expect(third.raw.aborts).toHaveLength(1);
    second.raw.arrive(7);
    expect(second.raw.aborts).toHaveLength(1);
    // What is taken is no more held, nor what has ended.
    expect((await first.over.frames().next()).value).toHaveLength(600);
    const fourth = open();
    fourth.raw.arrive(0x84, 3, 0, 0, ...body, ...body.slice(0, 299));
    expect(fourth.raw.aborts).toEqual([]);
    fourth.over.abort("done");
    const fifth = open();
    fifth.raw.arrive(0x84, 3, 0, 0, ...body, ...body.slice(0, 299));
    expect(fifth.raw.aborts).toEqual([]);
  });

  it("stops reading while a frame waits and goes on when it is taken", async () => {
    stub.arrive(1, 0, 0, 0, 5);
    expect(stub.readStatus).toBe("paused");
    await next();
    const following = next();
    await Promise.resolve();
    expect(stub.readStatus).toBe("readable");
    stub.arrive(1, 0, 0, 0, 6);
    expect((await following).value).toEqual(Uint8Array.of(6));
  });

  it("ends with the peer, but not inside a frame", async () => {
    stub.finish();
    expect((await next()).done).toBe(true);
    const cut = new StubLibp2pStream();
    const broken = new Libp2pFrameStream(cut.asStream(), { peer: "peer", frameBytesMax: 300 });
    cut.arrive(9, 0, 0, 0, 1);
    cut.finish();
    await expect(broken.frames().next()).rejects.toThrow("inside a frame");
  });

  it("has one reader", async () => {
    const first = next();
    await expect(stream.frames().next()).rejects.toThrow("reader already");
    stub.finish();
    await first;
    expect((await stream.frames().next()).done).toBe(true);
  });

  it("STREAM_STALL_MS_MAX: a peer that takes nothing for so long loses the stream, a slow one does not", async () => {
    vi.useFakeTimers();
    stub.writableNeedsDrain = true;
    let outcome = "";
    const sending = stream.send(new Uint8Array(5)).then(
      () => (outcome = "sent"),
      () => (outcome = "lost"),
    );
    await vi.advanceTimersByTimeAsync(STREAM_STALL_MS_MAX - 1);
    expect(outcome).toBe("");
    stub.drain();
    await sending;
    expect(outcome).toBe("sent");
    stub.writableNeedsDrain = true;
    const stuck = stream.send(new Uint8Array(5)).catch(() => (outcome = "lost"));
    await vi.advanceTimersByTimeAsync(STREAM_STALL_MS_MAX);
    await stuck;
    expect(outcome).toBe("lost");
    expect(stub.aborts).toEqual(["peer reads nothing"]);
  });

  it("STREAM_SEND_QUEUE_BYTES_MAX: exactly so much may wait, one byte more aborts", async () => {
    stub.writableNeedsDrain = true;
    const half = new Uint8Array(STREAM_SEND_QUEUE_BYTES_MAX / 2);
    const sends = [stream.send(half), stream.send(half)].map((sending) => sending.catch(() => "lost"));
    expect(stub.aborts).toEqual([]);
    const over = stream.send(new Uint8Array(1)).catch(() => "lost");
    expect(await Promise.all([...sends, over])).toEqual(["lost", "lost", "lost"]);
    expect(stub.aborts).toEqual(["peer reads too slowly"]);
  });

  it("[NW-1] what waits for a peer that is gone takes nothing of its pace", async () => {
    const sizes: number[] = [];
    const pace = (size: number): Promise<void> => {
      sizes.push(size);
      return Promise.resolve();
    };
    const paced = new Libp2pFrameStream(stub.asStream(), { peer: "peer", frameBytesMax: 300, pace });
    stub.writableNeedsDrain = true;
    const sends = [paced.send(new Uint8Array(5)), paced.send(new Uint8Array(6))].map((sent) =>
      sent.catch(() => "lost"),
    );
    await eventually(() => expect(stub.sent.length).toBe(1));
    paced.abort("gone");
    expect(await Promise.all(sends)).toEqual(["lost", "lost"]);
    expect(sizes).toEqual([9]);
  });

  it("STREAM_IDLE_MS_MAX: a close that does not come through is an abort", async () => {
    vi.spyOn(stub, "close").mockImplementation((...args: unknown[]) => {
      const { signal } = args[0] as { signal: AbortSignal };
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("late")));
        // Not waited for in real time: the signal is what the limit sets.
        signal.dispatchEvent(new Event("abort"));
      });
    });
    const timeout = vi.spyOn(AbortSignal, "timeout");
    await stream.close();
    expect(timeout).toHaveBeenCalledWith(STREAM_IDLE_MS_MAX);
    expect(stub.aborts).toEqual(["stream did not close"]);
    timeout.mockRestore();
  });

  it("a stream that closes without a word from the peer broke", async () => {
    stub.dispatchEvent(new Event("close"));
    await stream.closed;
    await expect(next()).rejects.toThrow("connection closed");
  });
});

describe("byte queue", () => {
  it("gives back what went in, however it is cut", () => {
    const queue = new ByteQueue();
    let expected = 0;
    for (let round = 0, written = 0; round < 500; round++) {
      const size = (round * 37) % 90;
      queue.push(Uint8Array.from({ length: size }, () => written++ % 256));
      while (queue.size >= 64) {
        const skip = round % 3;
        const taken = queue.take(skip, 50);
        expected += skip;
        expect([...taken]).toEqual(Array.from({ length: 50 }, () => expected++ % 256));
      }
    }
    queue.clear();
    queue.push(Uint8Array.of(1, 2, 3, 4));
    expect(queue.peekU32()).toBe(0x04030201);
  });
});
