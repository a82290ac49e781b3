import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { HTTP_BODY_BYTES_MAX } from "./http-answer.ts";
import { refuseUpgrade, type UpgradeHandler } from "./http-server.ts";
import { answerJsonRpc, type RpcMethods } from "./json-rpc.ts";
import type { NodeView } from "./node-view.ts";
import { isLocalRequest } from "./request-origin.ts";
import { rpcMethodsOf } from "./rpc-methods.ts";
import { Subscriptions } from "./subscriptions.ts";

export const RPC_SOCKETS_MAX = 64;
/** Requests of one connection that wait for their answers; one more ends it. */
export const RPC_SOCKET_WAITING_MAX = 32;
/** Bytes of those requests: one more of the largest ends the connection, too. */
export const RPC_SOCKET_WAITING_BYTES_MAX = 2 * HTTP_BODY_BYTES_MAX;
/** Bytes that a reader who does not read may leave with us; over it he is cut. */
export const RPC_SOCKET_BUFFERED_BYTES_MAX = 1024 * 1024;
const PING_MS = 30_000;
/** Close codes of RFC 6455. */
const CLOSE = { unsupported: 1_003, policy: 1_008 } as const;

export interface RpcSockets {
  /** Takes over the socket of an HTTP upgrade at `/rpc`, or refuses it. */
  readonly upgrade: UpgradeHandler;
  readonly stop: () => void;
}

/** JSON-RPC over WebSocket: every method of the POST, and `subscribe` and `unsubscribe` besides. */
export function openRpcSockets(view: NodeView, log: (line: string) => void): RpcSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: HTTP_BODY_BYTES_MAX, perMessageDeflate: false });
  const methods = rpcMethodsOf(view);
  /** Pinged, and no answer yet. */
  const unanswered = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of server.clients) checkAlive(socket, unanswered);
  }, PING_MS);
  timer.unref();
  return {
    upgrade(request, socket, head) {
      if (!isLocalRequest(request)) {
        refuseUpgrade(socket, "403 Forbidden");
        return;
      }
      if (server.clients.size >= RPC_SOCKETS_MAX) {
        refuseUpgrade(socket, "503 Service Unavailable");
        return;
      }
      server.handleUpgrade(request, socket, head, (client) => {
        client.on("pong", () => unanswered.delete(client));
        serveSocket(client, view, methods, log);
      });
    },
    stop() {
      clearInterval(timer);
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

/** A connection whose other end has gone without a word is ended after two rounds. */
function checkAlive(socket: WebSocket, unanswered: WeakSet<WebSocket>): void {
  if (unanswered.has(socket)) {
    socket.terminate();
    return;
  }
  unanswered.add(socket);
  socket.ping();
}

function serveSocket(socket: WebSocket, view: NodeView, methods: RpcMethods, log: (line: string) => void): void {
  const send = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > RPC_SOCKET_BUFFERED_BYTES_MAX) socket.terminate();
    else socket.send(text);
  };
  const subscriptions = new Subscriptions(view, (notice) => send(JSON.stringify(notice)));
  const all: RpcMethods = new Map([...methods, ...subscriptions.methods()]);
  let waitingCount = 0;
  let waitingBytes = 0;
  /** Answers leave in the order of the requests. */
  let last: Promise<void> = Promise.resolve();
  const answer = async (text: string): Promise<void> => {
    // Whoever has gone would otherwise leave his work behind, and could come again with more.
    if (socket.readyState !== socket.OPEN) return;
    const answered = await answerJsonRpc(all, text, (method, error) =>
      log(`rpc: ${method}: ${error instanceof Error ? error.name : "error"}`),
    );
    if (answered !== undefined) send(answered);
  };
  // What a broken frame or a lost connection means is said by `close`, which follows.
  socket.on("error", () => undefined);
  socket.on("close", () => subscriptions.end());
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (isBinary) {
      socket.close(CLOSE.unsupported, "text only");
      return;
    }
    const bytes = data as Buffer;
    if (waitingCount >= RPC_SOCKET_WAITING_MAX || waitingBytes + bytes.length > RPC_SOCKET_WAITING_BYTES_MAX) {
      socket.close(CLOSE.policy, "too many requests at once");
      return;
    }
    waitingCount++;
    waitingBytes += bytes.length;
    const text = bytes.toString("utf8");
    last = last
      .then(() => answer(text))
      .then(() => {
        waitingCount--;
        waitingBytes -= bytes.length;
      });
  });
}
