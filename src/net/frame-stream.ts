import type { Stream } from "@libp2p/interface";
import { concatBytes } from "../core/bytes/concat-bytes.ts";
import { u32 } from "../core/bytes/writer.ts";
import type { FrameStream, PeerId } from "../core/ports/network-port.ts";
import { STREAM_IDLE_MS_MAX, STREAM_SEND_QUEUE_BYTES_MAX, STREAM_STALL_MS_MAX } from "../wire/limits.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { HeldBytes } from "./held-bytes.ts";
import { resumeStream } from "./resume-stream.ts";

const LENGTH_SIZE = 4;
/** Large frames leave in pieces, so that the transport never holds more than one of them for a slow peer. */
const PIECE_BYTES_MAX = 64 * 1024;

/** What a stream needs besides itself. */
export interface FrameStreamOptions {
  readonly peer: PeerId;
  readonly frameBytesMax: number;
  /** Waits until this many more bytes may leave (NW-1). */
  readonly pace?: (size: number) => Promise<void>;
  /** Bounds what has come and nobody has taken yet, together with that of other streams. */
  readonly waiting?: HeldBytes;
}

/**
 * Frames with a u32 length in front over one libp2p stream (11.1).
 * Held for a peer at most: one frame and one flow-control window coming in, the send queue and one piece going out.
 */
export class Libp2pFrameStream implements FrameStream {
  readonly peer: PeerId;
  readonly closed: Promise<void>;
  readonly #stream: Stream;
  readonly #options: FrameStreamOptions;
  readonly #received = new ByteQueue();
  /** No byte will follow what is in `#received`. */
  #ended = false;
  /** The peer said that it sends nothing more; a stream that closes without it broke. */
  #hasPeerFinished: boolean;
  #failure: Error | undefined;
  #isRead = false;
  #wakeReader: (() => void) | undefined;
  #sendTail: Promise<void> = Promise.resolve();
  #sendQueueBytes = 0;

  constructor(stream: Stream, options: FrameStreamOptions) {
    this.peer = options.peer;
    this.#stream = stream;
    this.#options = options;
    this.#hasPeerFinished = stream.remoteWriteStatus === "closed";
    this.closed = new Promise((resolve) => {
      stream.addEventListener("close", (event) => {
        resumeStream(stream);
        this.#end(event.error ?? (this.#hasPeerFinished ? undefined : new Error("connection closed")));
        resolve();
      });
      if (stream.status !== "open" && stream.status !== "closing") resolve();
    });
    stream.addEventListener("message", (event) => this.#receive(event.data.subarray()));
    // What the peer sent before its end is at most a window; it is taken over at once so that nothing is lost on close.
    stream.addEventListener("remoteCloseWrite", () => {
      this.#hasPeerFinished = true;
      resumeStream(stream);
    });
    stream.addEventListener("end", () => this.#end(undefined));
    if (stream.readableEnded) this.#end(undefined);
    if (stream.status === "aborted" || stream.status === "reset") this.#end(new Error(`stream ${stream.status}`));
  }

  async send(frame: Uint8Array): Promise<void> {
    if (frame.length === 0) throw new RangeError("empty frame");
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#sendQueueBytes > 0 && this.#sendQueueBytes + frame.length > STREAM_SEND_QUEUE_BYTES_MAX) {
      this.abort("peer reads too slowly");
    }
    this.#sendQueueBytes += frame.length;
    const sent = this.#sendTail.then(() => this.#write(frame));
    this.#sendTail = sent.catch(() => undefined);
    try {
      await sent;
    } finally {
      this.#sendQueueBytes -= frame.length;
    }
  }

  async #write(frame: Uint8Array): Promise<void> {
    const bytes = concatBytes(u32(frame.length), frame);
    // What a peer that is gone will never get must not count as taken by it.
    this.#throwIfBroken();
    await this.#options.pace?.(bytes.length);
    for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES_MAX) {
      this.#throwIfBroken();
      this.#stream.send(bytes.subarray(offset, offset + PIECE_BYTES_MAX));
      while (this.#stream.writableNeedsDrain) await this.#drained();
    }
  }

  #throwIfBroken(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The next drain; a peer that takes nothing for too long loses the stream. */
  #drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = this.#stream;
      const finish = (error: Error | undefined): void => {
        clearTimeout(timer);
        stream.removeEventListener("drain", onDrain);
        stream.removeEventListener("close", onClose);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onDrain = (): void => finish(undefined);
      const onClose = (): void => finish(this.#failure ?? new Error("stream closed"));
      const timer = setTimeout(() => this.abort("peer reads nothing"), STREAM_STALL_MS_MAX);
      stream.addEventListener("drain", onDrain);
      stream.addEventListener("close", onClose);
      if (stream.writeStatus === "closed") onClose();
    });
  }

  async *frames(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isRead) throw new Error("the stream has a reader already");
    this.#isRead = true;
    try {
      for (;;) {
        const frame = this.#takeFrame();
        if (frame !== undefined) {
          yield frame;
          continue;
        }
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#ended) {
          if (this.#received.size > 0) throw new Error("stream ended inside a frame");
          return;
        }
        await this.#more();
      }
    } finally {
      this.#isRead = false;
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeReader = resolve;
      resumeStream(this.#stream);
    });
  }

  #takeFrame(): Uint8Array | undefined {
    const size = this.#waitingFrameSize();
    if (size === undefined) return undefined;
    const frame = this.#received.take(LENGTH_SIZE, size);
    this.#hold();
    return frame;
  }

  /**
   * Size of the frame in front if all of it is here. Aborts at a length that is zero or over the limit, before the body
   * arrives: a hostile length costs four bytes.
   */
  #waitingFrameSize(): number | undefined {
    if (this.#received.size < LENGTH_SIZE) return undefined;
    const size = this.#received.peekU32();
    if (size === 0 || size > this.#options.frameBytesMax) {
      this.#received.clear();
      this.abort(`frame of ${size} bytes, at most ${this.#options.frameBytesMax}`);
      return undefined;
    }
    return this.#received.size < LENGTH_SIZE + size ? undefined : size;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    this.#received.push(bytes);
    // A frame is waiting: the peer may fill its window and no more until somebody takes it.
    if (this.#waitingFrameSize() !== undefined) this.#pause();
    this.#hold();
    this.#wake();
  }

  /** Counts what is here; where all streams together hold too much this one ends. */
  #hold(): void {
    const { waiting } = this.#options;
    if (waiting === undefined) return;
    if (this.#failure !== undefined || this.#received.size === 0) waiting.release(this);
    else if (!waiting.hold(this, this.#received.size)) this.abort("too much is waiting");
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }

  #pause(): void {
    const stream = this.#stream;
    if (stream.readStatus === "readable" && stream.remoteWriteStatus !== "closed") stream.pause();
  }

  #end(error: Error | undefined): void {
    this.#ended = true;
    if (error !== undefined) {
      this.#failure ??= error;
      this.#hold();
    }
    this.#wake();
  }

  async close(): Promise<void> {
    await this.#sendTail;
    try {
      await this.#stream.close({ signal: AbortSignal.timeout(STREAM_IDLE_MS_MAX) });
    } catch {
      this.abort("stream did not close");
    }
  }

  abort(reason: string): void {
    const error = new Error(reason);
    this.#end(error);
    this.#stream.abort(error);
  }
}
