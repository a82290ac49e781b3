import type { MultiaddrConnection, Upgrader } from "@libp2p/interface";
import type { webSockets } from "@libp2p/websockets";
import { changedUpgrader, throughUpgrader } from "./changed-upgrader.ts";

type OpenTransport = ReturnType<typeof webSockets>;

/** What the library's connection keeps to itself. */
interface WebSocketConnection extends MultiaddrConnection {
  readonly websocket: { close(): void; terminate?(): void };
  sendReset(): void;
}

/**
 * WebSockets that end with their connection. The library closes the socket of one that is given up by a code that no
 * program may send: the call throws, and the socket stays open until the other side thinks of closing it. A stranger could
 * fill a node's places that way, and a browser would go on receiving what nobody reads.
 */
export function endedWebSockets(open: OpenTransport): OpenTransport {
  return throughUpgrader(open, withEnd);
}

function withEnd(upgrader: Upgrader): Upgrader {
  return changedUpgrader(upgrader, {
    upgradeInbound: (connection, options) => upgrader.upgradeInbound(endOnReset(connection), options),
    upgradeOutbound: (connection, options) => upgrader.upgradeOutbound(endOnReset(connection), options),
  });
}

function endOnReset(connection: MultiaddrConnection): MultiaddrConnection {
  const inside = connection as WebSocketConnection;
  inside.sendReset = () => {
    // A browser has no way to end one without a goodbye; the program of a node does not wait for an answer.
    if (inside.websocket.terminate === undefined) inside.websocket.close();
    else inside.websocket.terminate();
  };
  return connection;
}
