import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { formatAddress } from "../../../../src/core/values/address.ts";
import { height, type Height } from "../../../../src/core/values/height.ts";
import { startHttpServer, type HttpServer } from "../../../../src/node/rpc/http-server.ts";
import { HTTP_BODY_BYTES_MAX, sendRefusal } from "../../../../src/node/rpc/http-answer.ts";
import {
  openRpcSockets,
  RPC_SOCKET_BUFFERED_BYTES_MAX,
  RPC_SOCKET_WAITING_BYTES_MAX,
  RPC_SOCKET_WAITING_MAX,
  RPC_SOCKETS_MAX,
  type RpcSockets,
} from "../../../../src/node/rpc/rpc-sockets.ts";
import type { NodeView } from "../../../../src/node/rpc/node-view.ts";
import { SUBSCRIPTIONS_MAX } from "../../../../src/node/rpc/subscriptions.ts";
import { fakeNodeView, publicCore } from "../../../support/fake-node-view.ts";

let server: HttpServer;
let sockets: RpcSockets;
/** How often the supply was asked for, and what it waits for. */
let supplies = 0;
let supplyIsThere: Promise<void> = Promise.resolve();
const blockListeners = new Set<(at: Height) => void>();
const mempoolListeners = new Set<() => void>();
const listenTo = <T>(set: Set<T>, listener: T): (() => void) => {
  set.add(listener);
  return () => set.delete(listener);
};
const HOME = formatAddress(publicCore(0, 0n).recipient, "dev");

beforeAll(async () => {
  const node = await fakeNodeView({
    onBlock: (listener) => listenTo(blockListeners, listener),
    onMempool: (listener) => listenTo(mempoolListeners, listener),
  });
  const view: NodeView = {
    ...node,
    supply: async () => {
      supplies++;
      await supplyIsThere;
      return node.supply();
    },
  };
  sockets = openRpcSockets(view, () => undefined);
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: new Map(),
    upgrades: new Map([["/rpc", sockets.upgrade]]),
    fallback: (_request, response) => sendRefusal(response, 404, "not_found", "nothing here"),
    log: () => undefined,
  });
});
afterAll(async () => {
  sockets.stop();
  await server.stop();
});

interface Message {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly data: { readonly reason: string } };
  readonly params?: { readonly subscription: number; readonly topic: string; readonly result: unknown };
}

class Client {
  readonly messages: Message[] = [];
  readonly socket: WebSocket;
  #wake: () => void = () => undefined;

  constructor(headers: Record<string, string> = {}, path = "/rpc") {
    this.socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
    this.socket.on("message", (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as Message);
      this.#wake();
    });
  }

  async open(): Promise<this> {
    await once(this.socket, "open");
    return this;
  }

  async until(count: number): Promise<readonly Message[]> {
    while (this.messages.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.messages;
  }

  send(id: number, method: string, params?: unknown): void {
    this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  }

  async call(method: string, params?: unknown): Promise<Message> {
    this.send(1, method, params);
    return (await this.until(this.messages.length + 1)).at(-1)!;
  }

  closed(): Promise<number> {
    return new Promise((resolve) => this.socket.on("close", resolve));
  }

  async leave(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = this.closed();
    this.socket.terminate();
    await closed;
  }
}

describe("JSON-RPC over WebSocket", () => {
  it("answers every method, in order, and errors as by POST", async () => {
    const client = await new Client().open();
    for (let id = 0; id < 5; id++) client.send(id, id === 3 ? "nothing" : "status");
    const answers = await client.until(5);
    expect(answers.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
    expect(answers[0]!.result).toMatchObject({ height: 2 });
    expect(answers[3]!.error?.data.reason).toBe("method_not_found");
    await client.leave();
  });

  it("tells blocks, mempool changes and public payments to who asked for them, until he stops", async () => {
    const client = await new Client().open();
    expect((await client.call("subscribe", { topic: "blocks" })).result).toEqual({ subscription: 1 });
    expect((await client.call("subscribe", { topic: "mempool" })).result).toEqual({ subscription: 2 });
    const third = await client.call("subscribe", { topic: "public_payments", address: HOME });
    expect(third.result).toEqual({ subscription: 3 });
    for (const listener of mempoolListeners) listener();
    for (const listener of blockListeners) listener(height(1));
    const notices = (await client.until(9)).slice(3).map(({ params }) => params!);
    expect(notices[0]).toEqual({ subscription: 2, topic: "mempool", result: { count: 2, bytes: 4_000 } });
    const of = (subscription: number): unknown[] =>
      notices.filter((notice) => notice.subscription === subscription).map(({ result }) => result);
    expect(of(1)).toMatchObject([{ height: 1, outputs_made: 4, outputs_spent: 1, next_index: 6 }]);
    expect(of(3)).toMatchObject([2, 3, 4, 5].map((index) => ({ index, height: 1 })));
    expect((await client.call("unsubscribe", { subscription: 1 })).result).toEqual({ stopped: true });
    expect((await client.call("unsubscribe", { subscription: 1 })).result).toEqual({ stopped: false });
    expect(blockListeners.size).toBe(1);
    await client.leave();
    await expect.poll(() => blockListeners.size + mempoolListeners.size).toBe(0);
  });

  it("refuses wrong topics and addresses, and more subscriptions than the limit", async () => {
    const client = await new Client().open();
    for (const params of [
      undefined,
      { topic: "all" },
      { topic: "blocks", address: HOME },
      { topic: "public_payments" },
      { topic: "public_payments", address: HOME.slice(0, -1) },
    ]) {
      expect((await client.call("subscribe", params)).error?.data.reason).toBe("invalid_params");
    }
    for (let count = 0; count < SUBSCRIPTIONS_MAX; count++) {
      expect((await client.call("subscribe", { topic: "blocks" })).error).toBeUndefined();
    }
    const { error } = await client.call("subscribe", { topic: "blocks" });
    expect(error?.data.reason).toBe("too_many_subscriptions");
    await client.leave();
    await expect.poll(() => blockListeners.size).toBe(0);
  });

  it("ends connections of foreign pages, of other paths, and of those who send what is no text or too much", async () => {
    for (const [headers, path] of [
      [{ origin: "https://evil.example" }, "/rpc"],
      [{ host: "evil.example" }, "/rpc"],
      [{}, "/health"],
    ] as const) {
      const client = new Client(headers, path);
      client.socket.on("error", () => undefined);
      expect(await client.closed()).toBe(1_006);
    }
    const binary = await new Client().open();
    binary.socket.send(Uint8Array.of(1));
    expect(await binary.closed()).toBe(1_003);
    const long = await new Client().open();
    long.socket.on("error", () => undefined);
    long.socket.send("x".repeat(HTTP_BODY_BYTES_MAX + 1));
    expect(await long.closed()).toBe(1_009);
    const hasty = await new Client().open();
    for (let id = 0; id <= 4 * RPC_SOCKET_WAITING_MAX; id++) hasty.send(id, "supply");
    expect([1_006, 1_008]).toContain(await hasty.closed());
  });

  it("RPC_SOCKET_WAITING_BYTES_MAX: holds no more of what waits, and does nothing for who has gone", async () => {
    supplies = 0;
    let arrive: () => void = () => undefined;
    supplyIsThere = new Promise((resolve) => (arrive = resolve));
    const greedy = await new Client().open();
    greedy.send(1, "supply");
    const request = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "supply" }).padEnd(HTTP_BODY_BYTES_MAX);
    const closed = greedy.closed();
    for (let size = 0; size <= RPC_SOCKET_WAITING_BYTES_MAX; size += request.length) greedy.socket.send(request);
    expect(await closed).toBe(1_008);
    const brief = await new Client().open();
    for (let id = 0; id < RPC_SOCKET_WAITING_MAX; id++) brief.send(id, "supply");
    await expect.poll(() => supplies).toBe(2);
    // Over only once the other end has taken notice.
    brief.socket.close();
    await brief.closed();
    arrive();
    const other = await new Client().open();
    expect((await other.call("supply")).result).toBeDefined();
    await other.call("status");
    expect(supplies).toBe(3);
    await other.leave();
  });

  it("lets go of a connection it refuses, though the other end keeps its half open", async () => {
    const refused: readonly (readonly [string, string, string])[] = [
      ["/health", `127.0.0.1:${server.port}`, "404"],
      ["/rpc", "evil.example", "403"],
    ];
    for (const [path, host, status] of refused) {
      const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
      const lines = [`GET ${path} HTTP/1.1`, `host: ${host}`, "connection: upgrade", "upgrade: websocket"];
      socket.write(
        [...lines, "sec-websocket-version: 13", "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""].join("\r\n"),
      );
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
      await once(socket, "end");
      expect(text).toContain(` ${status} `);
      // What is written to a connection that nobody holds any more is answered by its end.
      let lost: NodeJS.ErrnoException | undefined;
      socket.on("error", (error) => (lost = error));
      const writing = setInterval(() => socket.write("x"), 20);
      await expect.poll(() => lost?.code).toMatch(/^(ECONNRESET|EPIPE)$/);
      clearInterval(writing);
      socket.destroy();
    }
  });

  it("takes so many connections and no more", async () => {
    const clients = await Promise.all(Array.from({ length: RPC_SOCKETS_MAX }, () => new Client().open()));
    const late = new Client();
    late.socket.on("error", () => undefined);
    expect(await late.closed()).toBe(1_006);
    await Promise.all(clients.map((client) => client.leave()));
    await expect.poll(async () => (await new Client().open()).leave().then(() => true)).toBe(true);
  });

  it("cuts a reader who does not read once too much waits for him", async () => {
    const socket = connect(server.port, "127.0.0.1");
    const lines = ["GET /rpc HTTP/1.1", `host: 127.0.0.1:${server.port}`, "connection: upgrade", "upgrade: websocket"];
    socket.write(
      [...lines, "sec-websocket-version: 13", "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""].join("\r\n"),
    );
    await once(socket, "data");
    socket.pause();
    const frame = (text: string): Buffer => {
      // A masked text frame, mask zero (RFC 6455, 5.2).
      return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
    };
    socket.write(frame('{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topic":"mempool"}}'));
    await expect.poll(() => mempoolListeners.size).toBe(1);
    // What the kernel holds for him comes on top of our own limit.
    const rounds = (16 * RPC_SOCKET_BUFFERED_BYTES_MAX) / 100;
    for (let round = 0; round < rounds && mempoolListeners.size > 0; round++) {
      for (const listener of mempoolListeners) listener();
      if (round % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => mempoolListeners.size).toBe(0);
    socket.destroy();
  });
});
