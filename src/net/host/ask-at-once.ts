import type { Stream, StreamMessageEvent } from "@libp2p/interface";
import type { YamuxStream } from "@libp2p/yamux/stream";
import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { STREAM_IDLE_MS_MAX } from "../../wire/limits.ts";
import { eachMuxer, type MakeMuxer } from "./each-muxer.ts";

const encoder = new TextEncoder();
const MULTISTREAM = "/multistream/1.0.0";
/** Of a line whose length takes one byte. */
const LINE_SIZE_MAX = 127;

/**
 * A muxer whose streams name their protocol (multistream-select) and go on at once, instead of waiting until the peer has
 * said it again: what is asked over a stream of its own is answered a round trip earlier. A stream whose peer says anything
 * else, or nothing for STREAM_IDLE_MS_MAX, ends. Only for streams that serve one protocol, which is what a client opens.
 */
export function askAtOnce(make: MakeMuxer): MakeMuxer {
  return eachMuxer(make, (muxer) => {
    const create = muxer.createStream.bind(muxer);
    muxer.createStream = async (options) => {
      const protocol = options?.protocol;
      if (protocol === undefined) return create(options);
      const named = concatBytes(lineOf(MULTISTREAM), lineOf(protocol));
      const stream = await create(options);
      if (stream.status !== "open") throw new Error("the connection has ended");
      stream.protocol = protocol;
      const answered = awaitName(stream, named);
      // The other side reads its name first, and takes an end that comes with it for the end of everything.
      const close: Stream["close"] = stream.close.bind(stream);
      stream.close = async (closing) => {
        // Who hangs up waits for nobody.
        if (muxer.status !== "open" && !answered.is) stream.abort(new Error("hung up"));
        await until(answered.promise, closing?.signal);
        return close(closing);
      };
      stream.send(named);
      return stream;
    };
  });
}

/** Whether the peer has said the name again, or the stream is gone; what comes behind the name goes to whoever listens. */
function awaitName(stream: YamuxStream, named: Uint8Array): { readonly is: boolean; readonly promise: Promise<void> } {
  let settle: () => void = () => undefined;
  const answered = { is: false, promise: new Promise<void>((resolve) => (settle = resolve)) };
  const finish = (): void => {
    clearTimeout(timer);
    stream.removeEventListener("message", onMessage);
    stream.removeEventListener("remoteCloseWrite", onRemoteEnd);
    answered.is = true;
    settle();
  };
  let said = 0;
  const onMessage = (event: StreamMessageEvent): void => {
    // Nobody else sees what is not theirs.
    event.stopImmediatePropagation();
    const bytes = event.data.subarray();
    const own = Math.min(bytes.length, named.length - said);
    for (let index = 0; index < own; index++) {
      if (bytes[index] === named[said + index]) continue;
      stream.abort(new Error(`the peer does not speak ${stream.protocol}`));
      return;
    }
    said += own;
    if (said < named.length) return;
    finish();
    if (bytes.length > own) stream.onData(bytes.subarray(own));
  };
  const onRemoteEnd = (): void => {
    // What came in the same frame is handed over behind this.
    queueMicrotask(() => {
      if (!answered.is) stream.abort(new Error("the peer ended before it answered"));
    });
  };
  const timer = setTimeout(() => stream.abort(new Error("the peer does not answer")), STREAM_IDLE_MS_MAX);
  stream.addEventListener("message", onMessage);
  stream.addEventListener("remoteCloseWrite", onRemoteEnd);
  stream.addEventListener("close", finish);
  return answered;
}

/** Rejects once the signal is aborted, if nothing has come until then. */
function until(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error("given up"));
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener("abort", giveUp);
    void promise.then(() => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    });
  });
}

/** A line of multistream-select: its length, and a newline behind it. */
function lineOf(text: string): Uint8Array {
  const line = encoder.encode(`${text}\n`);
  if (line.length > LINE_SIZE_MAX) throw new RangeError(`a protocol of ${line.length} bytes`);
  return concatBytes(Uint8Array.of(line.length), line);
}
