import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { Socket, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { Refusal } from "../refusal.ts";
import { sendRefusal } from "./http-answer.ts";
import { isLocalRequest } from "./request-origin.ts";

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 512;
const URL_SIZE_MAX = 2_048;
/** Node's own limits end where a connection changes its protocol. Whoever takes it over ends this one. */
const UPGRADE_IDLE_MS = 10_000;

/** Answers one request; a rejection becomes a 500 without details. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void> | void;

/** Owns the socket from here on. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What stands at one path. */
export interface HttpRoute {
  /** GET stands for HEAD too. */
  readonly method: "GET" | "POST";
  readonly handle: HttpHandler;
}

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Speaks https with this key, both as PEM. */
  readonly tls?: { readonly privateKey: string; readonly pem: string };
  /** Names of this server, besides those of loopback, under which pages may POST to it. */
  readonly hosts?: readonly string[];
  readonly routes: ReadonlyMap<string, HttpRoute>;
  /** Takes over connections that ask for another protocol at these paths. */
  readonly upgrades?: ReadonlyMap<string, UpgradeHandler>;
  /** Everything else, GET and HEAD only. */
  readonly fallback: HttpHandler;
  readonly log: (line: string) => void;
}

export interface HttpServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Listens and answers. Refuses with `port_in_use` when somebody else has the port. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(options, request, response).catch((error: unknown) => {
      if (!request.destroyed) options.log(`http: ${error instanceof Error ? error.name : "error"} while answering`);
      if (response.headersSent) response.destroy();
      else sendRefusal(response, 500, "internal_error", "internal error");
    });
  };
  const limits = { requireHostHeader: true, maxHeaderSize: 16 * 1024 };
  const { tls } = options;
  const server =
    tls === undefined
      ? createServer(limits, listener)
      : createHttpsServer({ ...limits, key: tls.privateKey, cert: tls.pem }, listener);
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy());
    if (socket instanceof Socket) socket.setTimeout(UPGRADE_IDLE_MS, () => socket.destroy());
    const handler = options.upgrades?.get(pathOf(request));
    if (handler === undefined) refuseUpgrade(socket, "404 Not Found");
    else handler(request, socket, head);
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}

/** Says no and lets go: who keeps its half of the connection open must not keep ours. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
}

function listen(server: Server, { host, port, log }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE" || error.code === "EACCES";
      reject(isTaken ? new Refusal("port_in_use", `cannot listen on ${host}:${port}`) : error);
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      // A connection that cannot be accepted, for lack of files for example, is no reason to end the process.
      server.on("error", (error: NodeJS.ErrnoException) => log(`http: ${error.code ?? "error"} while accepting`));
      resolve();
    });
  });
}

const pathOf = (request: IncomingMessage): string => (request.url ?? "/").replace(/[?#].*$/s, "");

async function answer(options: HttpServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? "/";
  if (url.length > URL_SIZE_MAX) {
    sendRefusal(response, 414, "url_too_long", "the address is too long");
    return;
  }
  const path = pathOf(request);
  const route = options.routes.get(path);
  const wanted = route?.method ?? "GET";
  const method = request.method === "HEAD" ? "GET" : request.method;
  if (method !== wanted) {
    response.setHeader("allow", wanted === "GET" ? "GET, HEAD" : wanted);
    sendRefusal(response, 405, "method_not_allowed", "this address does not take that method");
    return;
  }
  if (wanted === "POST" && !isLocalRequest(request, options.hosts)) {
    sendRefusal(response, 403, "forbidden_origin", "only this machine may call this");
    return;
  }
  await (route?.handle ?? options.fallback)(request, response, path);
}
