import { request as httpRequest } from "node:http";
import { connect, Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { KeyStanding } from "../../../../src/core/state/key-standing.ts";
import { HTTP_BODY_BYTES_MAX } from "../../../../src/node/rpc/http-answer.ts";
import { startHttpServer, type HttpServer } from "../../../../src/node/rpc/http-server.ts";
import { nodeRoutes } from "../../../../src/node/rpc/node-routes.ts";
import { sendRefusal } from "../../../../src/node/rpc/http-answer.ts";
import { fakeNodeView } from "../../../support/fake-node-view.ts";

let server: HttpServer;
let isSyncing = false;
let standing: KeyStanding | undefined;
const lines: string[] = [];

beforeAll(async () => {
  const view = await fakeNodeView();
  const status = view.status();
  const shown = { ...view, status: () => ({ ...status, isSyncing }), ownStanding: () => standing };
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: nodeRoutes(shown, "node-0", (line) => lines.push(line)),
    fallback: (_request, response) => sendRefusal(response, 404, "not_found", "nothing here"),
    log: (line) => lines.push(line),
  });
});
afterAll(() => server.stop());

const url = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

/** A request whose headers and path are sent as they are. */
function rawRequest(options: {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body } = options;
    const sent = httpRequest(
      { host: "127.0.0.1", port: server.port, method, path, headers: headers ?? {} },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

const STATUS_CALL = '{"jsonrpc":"2.0","id":1,"method":"status"}';

describe("a node over HTTP", () => {
  it("answers /rpc", async () => {
    const response = await fetch(url("/rpc"), { method: "POST", body: STATUS_CALL });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await response.json()).toMatchObject({ id: 1, result: { height: 2 } });
  });

  it("answers 204 to notifications", async () => {
    const response = await fetch(url("/rpc"), { method: "POST", body: '{"jsonrpc":"2.0","method":"status"}' });
    expect(response.status).toBe(204);
  });

  it("refuses a body over the limit, announced or not, and takes one at the limit", async () => {
    const padding = " ".repeat(HTTP_BODY_BYTES_MAX - STATUS_CALL.length);
    const full = await fetch(url("/rpc"), { method: "POST", body: STATUS_CALL + padding });
    expect(full.status).toBe(200);
    const over = await rawRequest({ method: "POST", path: "/rpc", body: `${STATUS_CALL}${padding} ` });
    expect(over.status).toBe(413);
    expect(JSON.parse(over.text)).toMatchObject({ error: { data: { reason: "body_too_large" } } });
    const unannounced = await rawRequest({
      method: "POST",
      path: "/rpc",
      headers: { "transfer-encoding": "chunked" },
      body: `${STATUS_CALL}${padding} `,
    }).catch(() => ({ status: 413 }));
    expect(unannounced.status).toBe(413);
  });

  it("refuses bytes that are no UTF-8", async () => {
    const response = await fetch(url("/rpc"), { method: "POST", body: new Uint8Array([0x7b, 0xff, 0xfe]) });
    expect(await response.json()).toMatchObject({ error: { data: { reason: "parse_error" } } });
  });

  it("answers calls of this machine only: no rebound name, no foreign page", async () => {
    const post = (headers: Record<string, string>) =>
      rawRequest({ method: "POST", path: "/rpc", headers, body: STATUS_CALL }).then(({ status }) => status);
    const host = `127.0.0.1:${server.port}`;
    expect(await post({ host })).toBe(200);
    expect(await post({ host: "localhost:8080" })).toBe(200);
    expect(await post({ host, origin: "http://localhost:8080" })).toBe(200);
    expect(await post({ host, origin: "http://[::1]:8080" })).toBe(200);
    expect(await post({ host: "evil.example" })).toBe(403);
    expect(await post({ host: "127.0.0.1.evil.example" })).toBe(403);
    expect(await post({ host, origin: "https://evil.example" })).toBe(403);
    expect(await post({ host, origin: "null" })).toBe(403);
  });

  it("takes each address's own method only", async () => {
    expect((await fetch(url("/rpc"))).status).toBe(405);
    expect((await fetch(url("/health"), { method: "POST" })).status).toBe(405);
    expect((await fetch(url("/nothing"), { method: "DELETE" })).status).toBe(405);
    expect((await fetch(url("/nothing"))).status).toBe(404);
    expect((await rawRequest({ method: "GET", path: `/${"a".repeat(3_000)}` })).status).toBe(414);
  });

  it("is healthy once synced", async () => {
    expect((await fetch(url("/health"))).status).toBe(200);
    isSyncing = true;
    expect((await fetch(url("/health"))).status).toBe(503);
    isSyncing = false;
  });

  it("[ST-3] a validator's health and metrics say that it is jailed; other nodes have no such word", async () => {
    expect(await (await fetch(url("/health"))).json()).toEqual({ height: 2, syncing: false });
    expect(await (await fetch(url("/metrics"))).text()).not.toContain("stegos_validator_");
    standing = "jailed";
    const health = await fetch(url("/health"));
    expect([health.status, await health.json()]).toEqual([200, { height: 2, syncing: false, validator: "jailed" }]);
    const text = await (await fetch(url("/metrics"))).text();
    expect(text).toContain("\nstegos_validator_jailed 1\n");
    expect(text).toContain("\nstegos_validator_active 0\n");
    standing = undefined;
  });

  it("gives metrics as Prometheus text", async () => {
    const response = await fetch(url("/metrics"));
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).toContain("\nstegos_height 2\n");
    expect(text).toContain("\nstegos_blobs 3\n");
    expect(text).toContain("\nstegos_blob_bytes 24576\n");
    for (const line of text.trim().split("\n")) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+ [\d.]+)$/);
  });

  it("gives itself in /network.json, with addresses a browser can dial", async () => {
    const response = await fetch(url("/network.json"));
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toMatchObject({
      network: "dev",
      chain_id: 1_000,
      checkpoint: { height: 0, time_ms: 1_700_000_000_000 },
      nodes: [{ operator: "node-0", addresses: ["/ip4/127.0.0.1/tcp/4002/ws/p2p/12D3"] }],
    });
  });

  it("survives what is no HTTP", async () => {
    for (const garbage of [
      "\0\0\0\0",
      "GET\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      `GET / HTTP/1.1\r\nx: ${"a".repeat(64 * 1024)}\r\n\r\n`,
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(server.port, "127.0.0.1", () => socket.write(garbage));
        socket.on("data", () => undefined);
        socket.on("error", () => undefined);
        socket.on("close", () => resolve());
        setTimeout(() => socket.destroy(), 300);
      });
    }
    expect((await fetch(url("/health"))).status).toBe(200);
    expect(lines).toEqual([]);
  });

  it("goes on when the system has no room for one more connection", async () => {
    const listening = vi.spyOn(Server.prototype, "listen");
    const said: string[] = [];
    const other = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: new Map(),
      fallback: (_request, response) => sendRefusal(response, 404, "not_found", "nothing here"),
      log: (line) => said.push(line),
    });
    const inside = listening.mock.contexts[0] as Server;
    listening.mockRestore();
    try {
      inside.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
      expect((await fetch(`http://127.0.0.1:${other.port}/`)).status).toBe(404);
      expect(said).toEqual(["http: EMFILE while accepting"]);
    } finally {
      await other.stop();
    }
  });

  it("refuses a port that is taken", async () => {
    const options = {
      host: "127.0.0.1",
      port: server.port,
      routes: new Map(),
      fallback: () => undefined,
      log: () => undefined,
    };
    await expect(startHttpServer(options)).rejects.toMatchObject({ code: "port_in_use" });
  });
});
