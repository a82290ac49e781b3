import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build } from "vite";
import { ROOT } from "../architecture/source-files.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The policy of the shipped page, here also binding the screens alone. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** The app over a fake client (tests/app), built into a folder of its own and served on loopback. */
export class AppHarness {
  readonly url: string;
  readonly #server: Server;
  readonly #folder: string;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<AppHarness> {
    const folder = await mkdtemp(join(tmpdir(), "stegos-app-"));
    await build({
      configFile: false,
      root: join(ROOT, "tests/app"),
      publicDir: join(ROOT, "public"),
      logLevel: "error",
      plugins: [svelte({ configFile: false, compilerOptions: { runes: true, fragments: "tree" } })],
      worker: { format: "es" },
      define: { "import.meta.env.APP_VERSION": JSON.stringify("1.2.3") },
      build: {
        outDir: folder,
        emptyOutDir: true,
        target: "es2023",
        modulePreload: { polyfill: false },
        rolldownOptions: { input: ["index.html", "claim.html"].map((file) => join(ROOT, "tests/app", file)) },
      },
    });
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      // Every path without an ending is a screen, or the page of its own that red packets have.
      const file = extname(pathname) !== "" ? pathname : pathname === "/r" ? "/claim.html" : "/index.html";
      readFile(join(folder, file)).then(
        (bytes) => {
          const type = CONTENT_TYPES[extname(file)] ?? "application/octet-stream";
          response.writeHead(200, { "content-type": type, "content-security-policy": POLICY }).end(bytes);
        },
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new AppHarness(server, folder);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
