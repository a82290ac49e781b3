import type { ConnectionEncrypter, MessageStream } from "@libp2p/interface";
import { CONNECTION_WAITING_BYTES_MAX, WEBSOCKET_MESSAGE_BYTES_MAX } from "../../wire/limits.ts";

/** What leaves at once. The other side reads a stream of bytes: where it is cut means nothing to it. */
const MESSAGE_BYTES_MAX = WEBSOCKET_MESSAGE_BYTES_MAX / 2;

type MakeEncrypter<Components, Extension> = (components: Components) => ConnectionEncrypter<Extension>;

/**
 * An encrypter whose messages leave in one piece. Noise hands the two bytes of a length and what follows them to the
 * connection as two buffers, and a WebSocket makes a message of each: in a browser that is twice the way through four
 * threads, for each of thousands of small frames of a restore.
 */
export function joinMessages<Components, Extension>(
  make: MakeEncrypter<Components, Extension>,
): MakeEncrypter<Components, Extension> {
  return (components) => {
    const encrypter = make(components);
    return {
      protocol: encrypter.protocol,
      secureOutbound: (connection, options) => encrypter.secureOutbound(sendJoined(connection), options),
      secureInbound: (connection, options) => encrypter.secureInbound(sendJoined(connection), options),
    };
  };
}

/** The same connection, to which lists of buffers go as one, in pieces of at most `MESSAGE_BYTES_MAX`. */
export function sendJoined<Connection extends Pick<MessageStream, "send" | "maxWriteBufferLength">>(
  connection: Connection,
): Connection {
  // What is encrypted waits here for who reads a little, now and then: above this the library ends it.
  connection.maxWriteBufferLength = CONNECTION_WAITING_BYTES_MAX;
  const send = connection.send.bind(connection);
  connection.send = (data) => {
    if (data instanceof Uint8Array) return send(data);
    let canSendMore = true;
    for (let from = 0; from < data.byteLength; from += MESSAGE_BYTES_MAX) {
      canSendMore = send(data.subarray(from, Math.min(from + MESSAGE_BYTES_MAX, data.byteLength)));
    }
    return canSendMore;
  };
  return connection;
}
