import { answerJsonRpc, errorAnswer } from "./json-rpc.ts";
import { HTTP_BODY_BYTES_MAX, readBody, sendJson, sendText } from "./http-answer.ts";
import type { HttpHandler, HttpRoute } from "./http-server.ts";
import { metricsText } from "./metrics.ts";
import { networkFileOf } from "./network-file.ts";
import type { NodeView } from "./node-view.ts";
import { RPC_CODE, RpcError } from "./rpc-error.ts";
import { rpcMethodsOf } from "./rpc-methods.ts";

const JSON_TYPE = "application/json; charset=utf-8";

/** What a full node answers over HTTP: `/rpc`, `/health`, `/metrics`, `/network.json`. */
export function nodeRoutes(view: NodeView, operator: string, log: (line: string) => void): Map<string, HttpRoute> {
  return new Map<string, HttpRoute>([
    ["/rpc", { method: "POST", handle: rpcHandler(view, log) }],
    ["/health", { method: "GET", handle: (_request, response) => sendHealth(view, response) }],
    [
      "/metrics",
      {
        method: "GET",
        handle: (_request, response) =>
          sendText(response, 200, "text/plain; version=0.0.4; charset=utf-8", metricsText(view)),
      },
    ],
    [
      "/network.json",
      { method: "GET", handle: (_request, response) => sendJson(response, 200, networkFileOf(view, operator)) },
    ],
  ]);
}

function sendHealth(view: NodeView, response: Parameters<HttpHandler>[1]): void {
  const { height, isSyncing } = view.status();
  const own = view.ownStanding();
  // A validator that is out answers as well as any node does: the code is about the node, the word about its key.
  const validator = own === undefined ? {} : { validator: own };
  sendJson(response, isSyncing ? 503 : 200, { height, syncing: isSyncing, ...validator });
}

function rpcHandler(view: NodeView, log: (line: string) => void): HttpHandler {
  const methods = rpcMethodsOf(view);
  return async (request, response) => {
    const body = await readBody(request);
    if (body === undefined) {
      const error = new RpcError(
        RPC_CODE.request,
        "body_too_large",
        `a request has at most ${HTTP_BODY_BYTES_MAX} bytes`,
      );
      response.setHeader("connection", "close");
      sendText(response, 413, JSON_TYPE, errorAnswer(error));
      return;
    }
    const text = decodeText(body);
    const answer =
      text === undefined
        ? errorAnswer(new RpcError(RPC_CODE.parse, "parse_error", "not UTF-8"))
        : await answerJsonRpc(methods, text, (method, error) =>
            log(`rpc: ${method}: ${error instanceof Error ? error.name : "error"}`),
          );
    if (answer === undefined) response.writeHead(204).end();
    else sendText(response, 200, JSON_TYPE, answer);
  };
}

function decodeText(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
