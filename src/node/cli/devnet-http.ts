import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { readBody, sendJson, sendRefusal, sendText } from "../rpc/http-answer.ts";
import type { HttpHandler, HttpRoute, UpgradeHandler } from "../rpc/http-server.ts";
import { errorAnswer } from "../rpc/json-rpc.ts";
import { browserAddresses, type NetworkFile } from "../rpc/network-file.ts";
import { isLocalRequest } from "../rpc/request-origin.ts";
import { RPC_CODE, RpcError } from "../rpc/rpc-error.ts";
import type { DevnetChild } from "./devnet-child.ts";

/** Faucet requests may wait for a block. */
const PROXY_TIMEOUT_MS = 90_000;
const NETWORK_FILE_TIMEOUT_MS = 2_000;

/** What the page's origin answers besides the app: the first node's addresses, and where all nodes are. */
export function devnetRoutes(nodes: () => readonly DevnetChild[]): Map<string, HttpRoute> {
  const first = (): DevnetChild | undefined => nodes().find(({ end }) => end === undefined);
  return new Map<string, HttpRoute>([
    ["/rpc", { method: "POST", handle: proxy(first) }],
    ["/health", { method: "GET", handle: proxy(first) }],
    ["/metrics", { method: "GET", handle: proxy(first) }],
    // Only the first process has the faucet's wallet.
    ["/faucet", { method: "POST", handle: proxy(() => nodes()[0]) }],
    ["/network.json", { method: "GET", handle: (_request, response) => sendNetworkFile(first(), nodes(), response) }],
  ]);
}

/** WebSockets at `/rpc` go to the node that answers `/rpc`. */
export function devnetUpgrades(nodes: () => readonly DevnetChild[]): Map<string, UpgradeHandler> {
  return new Map([["/rpc", passUpgrade(() => nodes().find(({ end }) => end === undefined))]]);
}

function passUpgrade(target: () => DevnetChild | undefined): UpgradeHandler {
  return (request, socket, head) => {
    const rpc = target()?.rpc;
    if (rpc === undefined || !isLocalRequest(request)) {
      socket.end(`HTTP/1.1 ${rpc === undefined ? "502 Bad Gateway" : "403 Forbidden"}\r\nconnection: close\r\n\r\n`);
      return;
    }
    const { hostname, port, host } = new URL(rpc);
    const node = connect(Number(port), hostname, () => {
      const kept = ["upgrade", "connection", "sec-websocket-key", "sec-websocket-version"] as const;
      const lines = kept.flatMap((name) =>
        request.headers[name] === undefined ? [] : [`${name}: ${request.headers[name]}`],
      );
      node.write([`GET /rpc HTTP/1.1`, `host: ${host}`, ...lines, "", ""].join("\r\n"));
      node.write(head);
      socket.pipe(node).pipe(socket);
    });
    node.on("error", () => socket.destroy());
    socket.on("close", () => node.destroy());
    node.on("close", () => socket.destroy());
  };
}

/** Passes a request on to a node and its answer back. */
function proxy(target: () => DevnetChild | undefined): HttpHandler {
  return async (request, response, path) => {
    const body = await readBody(request);
    if (body === undefined) {
      const error = new RpcError(RPC_CODE.request, "body_too_large", "the body is too long");
      response.setHeader("connection", "close");
      sendText(response, 413, "application/json; charset=utf-8", errorAnswer(error));
      return;
    }
    const node = target();
    if (node?.end !== undefined || node === undefined || !(await pass(node, request, path, body, response))) {
      if (!response.headersSent) sendRefusal(response, 502, "node_unreachable", "the node does not answer");
      else response.destroy();
    }
  };
}

/** False if the node did not answer to the end. */
function pass(
  node: DevnetChild,
  request: IncomingMessage,
  path: string,
  body: Uint8Array,
  response: ServerResponse,
): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = {
      "content-type": request.headers["content-type"] ?? "application/json",
      "content-length": body.length,
    };
    const passed = httpRequest(`${node.rpc}${path}`, {
      method: request.method ?? "GET",
      headers,
      timeout: PROXY_TIMEOUT_MS,
    });
    passed.once("response", (answer) => {
      const names = ["content-type", "content-length", "cache-control", "x-content-type-options"];
      const kept = names.flatMap((name) => {
        const value = answer.headers[name];
        return value === undefined ? [] : [[name, value] as const];
      });
      response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
      answer.pipe(response);
      answer.once("error", () => resolve(false));
      answer.once("end", () => resolve(true));
    });
    passed.once("timeout", () => passed.destroy());
    passed.once("error", () => resolve(false));
    passed.end(body);
  });
}

/** The first node's own file, with all nodes in it: on a devnet each counts as an operator of its own. */
async function sendNetworkFile(
  first: DevnetChild | undefined,
  nodes: readonly DevnetChild[],
  response: ServerResponse,
): Promise<void> {
  const file = first === undefined ? undefined : await fetchNetworkFile(first);
  if (file === undefined) {
    sendRefusal(response, 502, "node_unreachable", "the node does not answer");
    return;
  }
  const listed = nodes.map(({ index, addresses }) => ({
    operator: `node-${index}`,
    addresses: browserAddresses(addresses),
  }));
  sendJson(response, 200, { ...file, nodes: listed });
}

async function fetchNetworkFile(node: DevnetChild): Promise<NetworkFile | undefined> {
  try {
    const answer = await fetch(`${node.rpc}/network.json`, { signal: AbortSignal.timeout(NETWORK_FILE_TIMEOUT_MS) });
    return answer.ok ? ((await answer.json()) as NetworkFile) : undefined;
  } catch {
    return undefined;
  }
}
