import type { FrameStream, NetworkPort, PeerId, StreamLimits } from "../../core/ports/network-port.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeErrorFrame, FRAME_TYPE, frameType, isEndFrame, type WireError } from "../../wire/frame.ts";

/** Why a request brought nothing: the peer is slow, we gave up, it said why not, or the stream broke. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: "timeout" | "cancelled" | "refused" | "broken";
  /** With `refused`: what the peer said. */
  readonly refusal: WireError | undefined;

  constructor(code: RequestError["code"], message: string, refusal?: WireError) {
    super(message);
    this.code = code;
    this.refusal = refusal;
  }
}

export interface RequestStreamOptions {
  /** Longest wait for the stream; by default that for the first frame. */
  readonly openMs?: number;
  /** Longest wait for the first frame, and then for each other one. Absent: it may take any time. */
  readonly firstMs?: number;
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
}

/** Asks one question and takes exactly one frame of answer. */
export async function requestOne(
  network: NetworkPort,
  peer: PeerId,
  protocol: string,
  limits: StreamLimits,
  frame: Uint8Array,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const options = { firstMs: timeoutMs, idleMs: timeoutMs, ...(signal === undefined ? {} : { signal }) };
  let answer: Uint8Array | undefined;
  for await (const item of requestStream(network, peer, protocol, limits, frame, options)) {
    if (answer !== undefined) throw new RequestError("broken", "more than one frame of answer");
    answer = item;
  }
  if (answer === undefined) throw new RequestError("broken", "empty answer");
  return answer;
}

/**
 * Asks one question and gives the frames of the answer as they come, without the end frame. Throws RequestError when it
 * does not end well; leaving the loop early, or the signal, aborts the stream.
 */
export async function* requestStream(
  network: NetworkPort,
  peer: PeerId,
  protocol: string,
  limits: StreamLimits,
  frame: Uint8Array,
  options: RequestStreamOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { firstMs, openMs = firstMs, idleMs, signal } = options;
  const opening = network.openStream(peer, protocol, limits);
  const stream = await wait(opening, openMs, signal, () => abandon(opening));
  const giveUp = (): void => stream.abort("request given up");
  let isDone = false;
  try {
    await wait(stream.send(frame), openMs, signal, giveUp);
    // Nothing more to ask: the server may close as soon as it has answered.
    void stream.close();
    const frames = stream.frames()[Symbol.asyncIterator]();
    for (let isFirst = true; ; isFirst = false) {
      const next = await wait(frames.next(), isFirst ? firstMs : idleMs, signal, giveUp);
      if (next.done === true) throw new RequestError("broken", "answer without an end");
      if (isEndFrame(next.value)) break;
      refuseError(next.value);
      yield next.value;
    }
    isDone = true;
  } finally {
    if (!isDone) giveUp();
  }
}

function refuseError(frame: Uint8Array): void {
  if (frameType(frame) !== FRAME_TYPE.error) return;
  const refusal = decodeRefusal(frame);
  throw new RequestError("refused", `refused with code ${refusal.code}`, refusal);
}

function decodeRefusal(frame: Uint8Array): WireError {
  try {
    return decodeErrorFrame(frame);
  } catch (error) {
    if (error instanceof DecodeError) throw new RequestError("broken", "malformed error frame");
    throw error;
  }
}

function abandon(opening: Promise<FrameStream>): void {
  opening.then((stream) => stream.abort("request given up")).catch(() => undefined);
}

/** A promise with a time-out and a signal; `giveUp` runs when either wins. Other failures become `broken`. */
function wait<T>(
  promise: Promise<T>,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
  giveUp: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: RequestError): void => {
      finish();
      giveUp();
      reject(error);
    };
    const onAbort = (): void => fail(new RequestError("cancelled", "cancelled"));
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => fail(new RequestError("timeout", `nothing for ${timeoutMs} ms`)), timeoutMs);
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted === true) onAbort();
    promise.then(
      (value) => {
        finish();
        resolve(value);
      },
      (error: unknown) => {
        finish();
        reject(new RequestError("broken", error instanceof Error ? error.message : "stream broke"));
      },
    );
  });
}
