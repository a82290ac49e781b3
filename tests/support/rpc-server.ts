import { runCommand } from "../../src/node/cli/run-command.ts";
import { explorer } from "../../src/node/cli/explorer.ts";
import { startHttpServer } from "../../src/node/rpc/http-server.ts";
import { answerJsonRpc, type RpcMethod } from "../../src/node/rpc/json-rpc.ts";
import type { NodeView } from "../../src/node/rpc/node-view.ts";
import { rpcMethodsOf } from "../../src/node/rpc/rpc-methods.ts";

/** What a command has printed. */
export interface Explored {
  readonly code: number;
  readonly out: readonly string[];
  readonly notes: readonly string[];
}

/** JSON-RPC of a view over HTTP, with methods that answer otherwise where a test says so, and `stegos explorer` in front. */
export class RpcServer {
  readonly #methods = new Map<string, RpcMethod>();
  readonly #server: Awaited<ReturnType<typeof startHttpServer>>;

  private constructor(methods: Map<string, RpcMethod>, server: Awaited<ReturnType<typeof startHttpServer>>) {
    this.#methods = methods;
    this.#server = server;
  }

  static async start(): Promise<RpcServer> {
    const methods = new Map<string, RpcMethod>();
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: new Map([
        [
          "/rpc",
          {
            method: "POST",
            handle: (request, response) => {
              void (async () => {
                const parts: Buffer[] = [];
                for await (const part of request) parts.push(part as Buffer);
                response.end(await answerJsonRpc(methods, Buffer.concat(parts).toString(), () => undefined));
              })();
            },
          },
        ],
      ]),
      fallback: (_request, response) => void response.end(),
      log: () => undefined,
    });
    return new RpcServer(methods, server);
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** `stegos explorer …` with a node of this view that says this of these methods. */
  async explore(
    view: NodeView,
    change: Readonly<Record<string, RpcMethod>>,
    words: readonly string[],
  ): Promise<Explored> {
    for (const [name, method] of rpcMethodsOf(view)) this.#methods.set(name, change[name] ?? method);
    const out: string[] = [];
    const notes: string[] = [];
    const code = await runCommand(explorer, [...words, "--rpc", `http://127.0.0.1:${this.#server.port}/rpc`], {
      out: (line) => out.push(line),
      note: (line) => notes.push(line),
    });
    return { code, out, notes };
  }
}
