import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { readBody, sendJson, sendRefusal, sendText } from "../rpc/http-answer.ts";
import type { HttpHandler, HttpRoute, UpgradeHandler } from "../rpc/http-server.ts";
import { errorAnswer } from "../rpc/json-rpc.ts";
import { browserAddresses, type NetworkFile } from "../rpc/network-file.ts";
import { isLocalRequest, requestHost } from "../rpc/request-origin.ts";
import { RPC_CODE, RpcError } from "../rpc/rpc-error.ts";
import type { DevnetChild } from "./devnet-child.ts";
import type { LanDoor } from "./devnet-lan.ts";

/** Faucet requests may wait for a block. */
const PROXY_TIMEOUT_MS = 90_000;
const NETWORK_FILE_TIMEOUT_MS = 2_000;

/** How pages that came over the local network reach the nodes. */
export interface Lan {
  /** Addresses of this machine there. */
  readonly hosts: readonly string[];
  /** One for each node, in their order; empty until the nodes listen. */
  readonly doors: () => readonly (LanDoor | undefined)[];
}

/** What the page's origin answers besides the app: the first node's addresses, and where all nodes are. */
export function devnetRoutes(nodes: () => readonly DevnetChild[], lan?: Lan): Map<string, HttpRoute> {
  const first = (): DevnetChild | undefined => nodes().find(({ end }) => end === undefined);
  return new Map<string, HttpRoute>([
    ["/rpc", { method: "POST", handle: proxy(first) }],
    ["/health", { method: "GET", handle: proxy(first) }],
    ["/metrics", { method: "GET", handle: proxy(first) }],
    // Only the first process has the faucet's wallet.
    ["/faucet", { method: "POST", handle: proxy(() => nodes()[0]) }],
    [
      "/network.json",
      {
        method: "GET",
        handle: (request, response) =>
          sendNetworkFile(first(), (node) => addressesFor(node, requestHost(request), lan), nodes(), response),
      },
    ],
  ]);
}

/** WebSockets at `/rpc` go to the node that answers `/rpc`. */
export function devnetUpgrades(
  nodes: () => readonly DevnetChild[],
  hosts: readonly string[] = [],
): Map<string, UpgradeHandler> {
  return new Map([["/rpc", passUpgrade(() => nodes().find(({ end }) => end === undefined), hosts)]]);
}

/** Where a page dials a node: over the local network by the address under which it was opened itself. */
function addressesFor(node: DevnetChild, host: string | undefined, lan: Lan | undefined): readonly string[] {
  const door = lan?.doors()[node.index];
  const hosts = [...(lan?.hosts ?? []), "127.0.0.1", "localhost"];
  if (door === undefined || host === undefined || !hosts.includes(host)) return browserAddresses(node.addresses);
  return [door.address(host === "localhost" ? "127.0.0.1" : host)];
}

function passUpgrade(target: () => DevnetChild | undefined, hosts: readonly string[]): UpgradeHandler {
  return (request, socket, head) => {
    const rpc = target()?.rpc;
    if (rpc === undefined || !isLocalRequest(request, hosts)) {
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
  addressesOf: (node: DevnetChild) => readonly string[],
  nodes: readonly DevnetChild[],
  response: ServerResponse,
): Promise<void> {
  const file = first === undefined ? undefined : await fetchNetworkFile(first);
  if (file === undefined) {
    sendRefusal(response, 502, "node_unreachable", "the node does not answer");
    return;
  }
  const listed = nodes.map((node) => ({ operator: `node-${node.index}`, addresses: addressesOf(node) }));
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
