import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { FrameStream, NetworkPort } from "../../core/ports/network-port.ts";
import type { Protocol } from "../../wire/protocols.ts";
import { encodeErrorFrame, END_FRAME, ERROR_CODE } from "../../wire/frame.ts";
import type { RequestGuard } from "./request-guard.ts";

/** A request that cannot be answered here; the asker gets the code and may try another node. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** Too much to do just now, or too much for this asker; a while later, or another node, may do. */
export class Busy extends Error {
  override readonly name = "Busy";
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
  guard?: RequestGuard,
): Promise<void> {
  await network.serve(protocol.name, protocol.served, async (stream) => {
    try {
      for await (const request of stream.frames()) {
        if (guard?.admits(stream.peer) === false) throw new Busy("too many requests");
        for await (const frame of answer(request, stream)) await stream.send(frame);
        await stream.send(END_FRAME);
      }
    } catch (error) {
      if (error instanceof DecodeError) guard?.malformed(stream.peer);
      // The stream may be gone already: telling why is a courtesy, not a duty.
      await stream.send(encodeErrorFrame({ code: errorCode(error), text: "" })).catch(() => undefined);
    }
    await stream.close().catch(() => undefined);
  });
}

function errorCode(error: unknown): number {
  if (error instanceof DecodeError) return ERROR_CODE.malformed;
  if (error instanceof WrongNetwork) return ERROR_CODE.wrongNetwork;
  if (error instanceof Busy) return ERROR_CODE.busy;
  return error instanceof Unavailable ? ERROR_CODE.unavailable : ERROR_CODE.internal;
}
