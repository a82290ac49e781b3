import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What the origin says to a request for `/network.json`. */
export type NetworkFileChange = (file: Record<string, unknown>) => Record<string, unknown> | undefined;

/** Headers that say how a body came: a changed one comes otherwise. */
const OF_THE_BODY: ReadonlySet<string> = new Set(["content-encoding", "content-length", "transfer-encoding"]);

/** What the origin gives instead of a file of the app, by its path. */
export type FileChange = (text: string) => string;

/**
 * The origin of the app in front of a devnet, as a test wants it: another network file, none, other files, or nobody at
 * all.
 */
export class PageOrigin {
  readonly #target: () => string;
  #port = 0;
  #server: Server | undefined;
  /** undefined: the file is missing. */
  change: NetworkFileChange = (file) => file;
  /** Files that it gives otherwise; the first whose pattern fits. */
  readonly files: (readonly [path: RegExp, change: FileChange])[] = [];

  /** `target` is asked each time: a devnet may come back at another URL. */
  constructor(target: () => string) {
    this.#target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** At any free port, and at the same one again after a stop. */
  start(): Promise<void> {
    const server = createServer((request, response) => this.#answer(request, response));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", () => {
        this.#port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  /** From now on nobody answers there. */
  stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === "/network.json") {
      void this.#answerNetworkFile(response);
      return;
    }
    const change = this.files.find(([path]) => path.test(request.url ?? ""))?.[1];
    if (change !== undefined) {
      void this.#answerChanged(request.url ?? "", change, response);
      return;
    }
    const target = new URL(this.#target());
    const headers = { ...request.headers, host: target.host };
    const { hostname, port } = target;
    const passed = httpRequest({ hostname, port, path: request.url, method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    request.pipe(passed);
  }

  async #answerChanged(path: string, change: FileChange, response: ServerResponse): Promise<void> {
    const answer = await fetch(new URL(path, this.#target()));
    const headers = [...answer.headers].filter(([name]) => !OF_THE_BODY.has(name));
    response.writeHead(answer.status, Object.fromEntries(headers)).end(change(await answer.text()));
  }

  async #answerNetworkFile(response: ServerResponse): Promise<void> {
    const file = await fetch(new URL("/network.json", this.#target()))
      .then((answer) => answer.json() as Promise<Record<string, unknown>>)
      .catch(() => undefined);
    const changed = file === undefined ? undefined : this.change(file);
    response.writeHead(changed === undefined ? 404 : 200, {
      "content-type": "application/json",
      "cache-control": "no-store",
    });
    response.end(changed === undefined ? "" : JSON.stringify(changed));
  }
}
