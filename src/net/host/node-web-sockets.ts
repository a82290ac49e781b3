import { webSockets } from "@libp2p/websockets";
import { WEBSOCKET_MESSAGE_BYTES_MAX } from "../../wire/limits.ts";

interface AcceptedSocket {
  on(event: "error", listener: () => void): void;
}
type Accept = (socket: AcceptedSocket, request: unknown) => void;

/** What the library's listener keeps to itself. */
interface ListenerInside {
  readonly wsServer: {
    readonly options: { maxPayload: number };
    handleUpgrade(request: unknown, socket: unknown, head: unknown, accept: Accept): void;
  };
}

/**
 * WebSockets for a host that listens. Of strangers, before any handshake, the library would gather messages of 100 MiB,
 * and one malformed frame would end the process, because nobody listens for the error. It has no setting for either, so
 * its server is reached into; a version without that server fails at the start.
 */
export function nodeWebSockets(): ReturnType<typeof webSockets> {
  const open = webSockets();
  return (components) => {
    const transport = open(components);
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options) => {
      const listener = createListener(options);
      const { wsServer } = listener as unknown as ListenerInside;
      wsServer.options.maxPayload = WEBSOCKET_MESSAGE_BYTES_MAX;
      const handleUpgrade = wsServer.handleUpgrade.bind(wsServer);
      wsServer.handleUpgrade = (request, socket, head, accept) => {
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
