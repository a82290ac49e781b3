import type { Stream } from "@libp2p/interface";
import type { YamuxStream } from "@libp2p/yamux/stream";
import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { eachMuxer, type MakeMuxer } from "./each-muxer.ts";

const encoder = new TextEncoder();
const MULTISTREAM = "/multistream/1.0.0";
/** Of a line whose length takes one byte. */
const LINE_SIZE_MAX = 127;

/**
 * A muxer whose streams name their protocol (multistream-select) and go on at once, instead of waiting until the peer has
 * said it again: what is asked over a stream of its own is answered a round trip earlier. A stream whose peer says anything
 * else ends. Only for streams that serve one protocol, which is what a client opens.
 */
export function askAtOnce(make: MakeMuxer): MakeMuxer {
  return eachMuxer(make, (muxer) => {
    const create = muxer.createStream.bind(muxer);
    muxer.createStream = async (options) => {
      const stream = await create(options);
      if (options?.protocol !== undefined) nameProtocol(stream, options.protocol);
      return stream;
    };
  });
}

function nameProtocol(stream: YamuxStream, protocol: string): void {
  const named = concatBytes(lineOf(MULTISTREAM), lineOf(protocol));
  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => (settle = resolve));
  let said = 0;
  const onMessage = (
    event: Event & { readonly data: { subarray(from?: number): Uint8Array; readonly byteLength: number } },
  ): void => {
    // Nobody else sees what is not theirs.
    event.stopImmediatePropagation();
    const bytes = event.data.subarray();
    const own = Math.min(bytes.length, named.length - said);
    for (let index = 0; index < own; index++) {
      if (bytes[index] === named[said + index]) continue;
      stream.abort(new Error(`the peer does not speak ${protocol}`));
      return;
    }
    said += own;
    if (said < named.length) return;
    stream.removeEventListener("message", onMessage);
    settle();
    if (bytes.length > own) stream.onData(bytes.subarray(own));
  };
  stream.protocol = protocol;
  stream.addEventListener("message", onMessage);
  stream.addEventListener("close", () => settle());
  // The other side reads its name first, and takes an end that comes with it for the end of everything.
  const close: Stream["close"] = stream.close.bind(stream);
  stream.close = async (options) => {
    await settled;
    return close(options);
  };
  stream.send(named);
}

/** A line of multistream-select: its length, and a newline behind it. */
function lineOf(text: string): Uint8Array {
  const line = encoder.encode(`${text}\n`);
  if (line.length > LINE_SIZE_MAX) throw new RangeError(`a protocol of ${line.length} bytes`);
  return concatBytes(Uint8Array.of(line.length), line);
}
