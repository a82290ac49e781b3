import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import type { Protocol } from "../../wire/protocols.ts";
import { encodeErrorFrame, END_FRAME, ERROR_CODE } from "../../wire/frame.ts";

/** A request that cannot be answered here; the asker gets the code and may try another node. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/**
 * Serves a protocol in which every request frame is answered by frames and an end frame (11.1). Requests of one stream
 * are answered one after the other, so a peer's parallel work is bounded by its streams (NW-1).
 */
export async function serveRequests(
  network: NetworkPort,
  protocol: Protocol,
  answer: (request: Uint8Array, peer: string) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  await network.serve(protocol.name, protocol.served, async (stream) => {
    try {
      for await (const request of stream.frames()) {
        for await (const frame of answer(request, stream.peer)) await stream.send(frame);
        await stream.send(END_FRAME);
      }
    } catch (error) {
      const code = errorCode(error);
      // The stream may be gone already: telling why is a courtesy, not a duty.
      if (code !== undefined) await stream.send(encodeErrorFrame({ code, text: "" })).catch(() => undefined);
    }
    await stream.close().catch(() => undefined);
  });
}

function errorCode(error: unknown): number | undefined {
  if (error instanceof DecodeError) return ERROR_CODE.malformed;
  return error instanceof Unavailable ? ERROR_CODE.unavailable : undefined;
}
