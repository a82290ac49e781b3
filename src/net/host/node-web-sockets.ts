import { webSockets } from "@libp2p/websockets";
import { endedWebSockets } from "./ended-web-sockets.ts";
import { HANDSHAKE_MS_MAX, WEBSOCKET_MESSAGE_BYTES_MAX, WEBSOCKET_SOCKETS_MAX } from "../../wire/limits.ts";

interface AcceptedSocket {
  on(event: "error", listener: () => void): void;
}
type Accept = (socket: AcceptedSocket, request: unknown) => void;

interface RawSocket {
  once(event: "close", listener: () => void): void;
  destroy(): void;
}

/** What the library's listener keeps to itself. */
interface ListenerInside {
  readonly server: {
    maxConnections: number;
    prependListener(event: "connection", listener: (socket: RawSocket) => void): void;
  };
  readonly wsServer: {
    readonly options: { maxPayload: number };
    handleUpgrade(request: unknown, socket: RawSocket, head: unknown, accept: Accept): void;
  };
}

/**
 * WebSockets for a host that listens. Of strangers, before any handshake, the library would gather messages of 100 MiB,
 * one malformed frame would end the process, because nobody listens for the error, and a socket on which nobody says
 * anything would stay for ever. It has no setting for any of it, so its servers are reached into; a version without them
 * fails at the start.
 */
export function nodeWebSockets(socketsMax = WEBSOCKET_SOCKETS_MAX): ReturnType<typeof webSockets> {
  // A socket counts as full until it is empty again: with the library's 4 MiB a slow phone would look as if it took nothing.
  const open = endedWebSockets(webSockets({ maxBufferedAmount: WEBSOCKET_MESSAGE_BYTES_MAX }));
  return (components) => {
    const transport = open(components);
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options) => {
      const listener = createListener(options);
      const { server, wsServer } = listener as unknown as ListenerInside;
      const waiting = new WeakMap<RawSocket, ReturnType<typeof setTimeout>>();
      server.maxConnections = socketsMax;
      server.prependListener("connection", (socket) => {
        const timer = setTimeout(() => socket.destroy(), HANDSHAKE_MS_MAX);
        waiting.set(socket, timer);
        socket.once("close", () => clearTimeout(timer));
      });
      wsServer.options.maxPayload = WEBSOCKET_MESSAGE_BYTES_MAX;
      const handleUpgrade = wsServer.handleUpgrade.bind(wsServer);
      wsServer.handleUpgrade = (request, socket, head, accept) => {
        clearTimeout(waiting.get(socket));
        handleUpgrade(request, socket, head, (accepted, asked) => {
          // After an error the connection closes by itself.
          accepted.on("error", () => undefined);
          accept(accepted, asked);
        });
      };
      return listener;
    };
    return transport;
  };
}
