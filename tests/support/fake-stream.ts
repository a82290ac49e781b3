import type { FrameStream, PeerId } from "../../src/core/ports/network-port.ts";
import { STREAM_SEND_QUEUE_BYTES_MAX, STREAM_WINDOW_BYTES_MAX } from "../../src/wire/limits.ts";

/** Delivers something to the other end later; calls of one stream and direction arrive in order whatever it does. */
export type Post = (deliver: () => void) => void;

/** One end of a stream between two fake peers, with the limits and the back pressure of the real one. */
export class FakeStream implements FrameStream {
  readonly peer: PeerId;
  readonly closed: Promise<void>;
  readonly frameBytesMax: number;
  readonly #post: Post;
  #other: FakeStream | undefined;
  #setClosed: () => void = () => undefined;
  readonly #posted: (() => void)[] = [];
  readonly #inbox: Uint8Array[] = [];
  /** Bytes on their way here or waiting to be read. */
  #heldBytes = 0;
  #hasEnded = false;
  #hasClosed = false;
  #failure: Error | undefined;
  #isRead = false;
  #wakeReader: (() => void) | undefined;
  #wakeSender: (() => void) | undefined;
  #sendTail: Promise<void> = Promise.resolve();
  #sendQueueBytes = 0;

  private constructor(peer: PeerId, frameBytesMax: number, post: Post) {
    this.peer = peer;
    this.frameBytesMax = frameBytesMax;
    this.#post = post;
    this.closed = new Promise((resolve) => (this.#setClosed = resolve));
  }

  /** Both ends; each is told who the other is, what it accepts and how its messages travel. */
  static pair(
    near: { readonly peer: PeerId; readonly frameBytesMax: number; readonly post: Post },
    far: { readonly peer: PeerId; readonly frameBytesMax: number; readonly post: Post },
  ): readonly [FakeStream, FakeStream] {
    const ends = [
      new FakeStream(near.peer, near.frameBytesMax, near.post),
      new FakeStream(far.peer, far.frameBytesMax, far.post),
    ] as const;
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  #tell(deliver: (other: FakeStream) => void): void {
    const other = this.#other!;
    this.#posted.push(() => deliver(other));
    this.#post(() => this.#posted.shift()?.());
  }

  async send(frame: Uint8Array): Promise<void> {
    if (frame.length === 0) throw new RangeError("empty frame");
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#hasClosed) throw new Error("stream closed for sending");
    if (this.#sendQueueBytes > 0 && this.#sendQueueBytes + frame.length > STREAM_SEND_QUEUE_BYTES_MAX) {
      this.abort("peer reads too slowly");
    }
    this.#sendQueueBytes += frame.length;
    const copy = frame.slice();
    const sent = this.#sendTail.then(() => this.#write(copy));
    this.#sendTail = sent.catch(() => undefined);
    try {
      await sent;
    } finally {
      this.#sendQueueBytes -= frame.length;
    }
  }

  async #write(frame: Uint8Array): Promise<void> {
    const other = this.#other!;
    while (this.#failure === undefined && other.#heldBytes > STREAM_WINDOW_BYTES_MAX) {
      await new Promise<void>((resolve) => (this.#wakeSender = resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
    other.#heldBytes += frame.length;
    this.#tell((end) => end.#receive(frame));
  }

  #receive(frame: Uint8Array): void {
    if (this.#failure !== undefined) return;
    if (frame.length > this.frameBytesMax) {
      this.abort(`frame of ${frame.length} bytes, at most ${this.frameBytesMax}`);
      return;
    }
    this.#inbox.push(frame);
    this.#wake();
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeSender?.();
    this.#wakeReader = undefined;
    this.#wakeSender = undefined;
  }

  async *frames(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isRead) throw new Error("the stream has a reader already");
    this.#isRead = true;
    try {
      for (;;) {
        const frame = this.#inbox.shift();
        if (frame !== undefined) {
          this.#heldBytes -= frame.length;
          this.#other!.#wake();
          yield frame;
          continue;
        }
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#hasEnded) return;
        await new Promise<void>((resolve) => (this.#wakeReader = resolve));
      }
    } finally {
      this.#isRead = false;
    }
  }

  async close(): Promise<void> {
    await this.#sendTail;
    if (this.#hasClosed || this.#failure !== undefined) return;
    this.#hasClosed = true;
    this.#tell((end) => end.#end());
    this.#finishIfDone();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#wake();
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#hasClosed && this.#hasEnded) this.#setClosed();
  }

  abort(reason: string): void {
    if (this.#failure !== undefined || (this.#hasClosed && this.#hasEnded)) return;
    this.#break(new Error(reason));
    this.#tell((end) => end.#break(new Error("stream reset by the peer")));
  }

  #break(error: Error): void {
    this.#failure ??= error;
    this.#wake();
    this.#setClosed();
  }
}
