import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { FrameStream, NetworkPort } from "../../core/ports/network-port.ts";
import type { Protocol } from "../../wire/protocols.ts";
import { encodeErrorFrame, END_FRAME, ERROR_CODE } from "../../wire/frame.ts";

/** A request that cannot be answered here; the asker gets the code and may try another node. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** The asker is of another chain. */
export class WrongNetwork extends Error {
  override readonly name = "WrongNetwork";
}

/**
 * Serves a protocol in which every request frame is answered by frames and an end frame (11.1). Requests of one stream
 * are answered one after the other, so a peer's parallel work is bounded by its streams (NW-1).
 */
export async function serveRequests(
  network: NetworkPort,
  protocol: Protocol,
  answer: (
    request: Uint8Array,
    asker: Pick<FrameStream, "peer" | "closed" | "abort">,
  ) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  await network.serve(protocol.name, protocol.served, async (stream) => {
    try {
      for await (const request of stream.frames()) {
        for await (const frame of answer(request, stream)) await stream.send(frame);
        await stream.send(END_FRAME);
      }
    } catch (error) {
      // The stream may be gone already: telling why is a courtesy, not a duty.
      await stream.send(encodeErrorFrame({ code: errorCode(error), text: "" })).catch(() => undefined);
    }
    await stream.close().catch(() => undefined);
  });
}

function errorCode(error: unknown): number {
  if (error instanceof DecodeError) return ERROR_CODE.malformed;
  if (error instanceof WrongNetwork) return ERROR_CODE.wrongNetwork;
  return error instanceof Unavailable ? ERROR_CODE.unavailable : ERROR_CODE.internal;
}
