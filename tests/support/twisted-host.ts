import type { FrameStream, NetworkPort, StreamLimits } from "../../src/core/ports/network-port.ts";

/** What a server does to a frame of one protocol before it leaves; undefined sends nothing more. */
export type Twist = (frame: Uint8Array, request: Uint8Array) => Uint8Array | undefined;

/** A host whose answers of one protocol are bent. `onRequest` hears of every question, of whatever protocol. */
export function twistedHost(
  host: NetworkPort,
  protocol: string,
  twist: Twist,
  onRequest: (name: string, request: Uint8Array) => void = () => undefined,
): NetworkPort {
  const serve = (name: string, limits: StreamLimits, handler: (stream: FrameStream) => Promise<void>) =>
    host.serve(name, limits, (stream) => {
      let request = new Uint8Array(0);
      const send = (frame: Uint8Array): Promise<void> => {
        const changed = name === protocol ? twist(frame, request) : frame;
        if (changed !== undefined) return stream.send(changed);
        stream.abort("gone");
        return Promise.reject(new Error("gone"));
      };
      const frames = async function* (): AsyncIterable<Uint8Array> {
        for await (const frame of stream.frames()) {
          request = frame.slice();
          onRequest(name, request);
          yield frame;
        }
      };
      return handler({
        peer: stream.peer,
        closed: stream.closed,
        frames,
        send,
        close: () => stream.close(),
        abort: (reason) => stream.abort(reason),
      });
    });
  return Object.assign(Object.create(host) as NetworkPort, { serve });
}

/** Changes one byte of the frames of a type; negative places count from the end. */
export const spoil =
  (type: number, at: number): Twist =>
  (frame) => {
    if (frame[0] !== type || frame.length < 100) return frame;
    const changed = frame.slice();
    changed[at < 0 ? changed.length + at : at]! ^= 1;
    return changed;
  };
