import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { SECURITY_HEADERS } from "../../src/node/rpc/security-headers.ts";
import { ROOT } from "../architecture/source-files.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
};

/** The built app under its own policy, and no network behind it: what a device does with its keys needs none. */
export class BuiltApp {
  /** By a name, as passkeys want it. */
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  static async serve(): Promise<BuiltApp> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      // Every path without an ending is a screen.
      const file = extname(pathname) === "" ? "/index.html" : pathname;
      readFile(join(ROOT, "dist/app", file)).then(
        (bytes) => {
          const type = CONTENT_TYPES[extname(file)] ?? "application/octet-stream";
          response.writeHead(200, { ...SECURITY_HEADERS, "content-type": type }).end(bytes);
        },
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return new BuiltApp(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
