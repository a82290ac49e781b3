import { createServer, type Server } from "node:http";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { build } from "vite";
import { CHROMIUM } from "./chromium.ts";
import { curveKernels } from "../../tools/kernel-plugin.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".html": "text/html",
  ".json": "application/json",
};
const HTML = '<!doctype html><title>test</title><script type="module" src="/page.js"></script>';

/** A script of ours, built as the app is and served on loopback, in a Chromium of its own. */
export class TestPage {
  readonly origin: string;
  /** Answers beside the built files, by path. */
  readonly answers: Map<string, string>;
  readonly #server: Server;
  readonly #folder: string;
  readonly #browser: Browser;
  readonly #context: BrowserContext;

  private constructor(
    server: Server,
    folder: string,
    browser: Browser,
    context: BrowserContext,
    answers: Map<string, string>,
  ) {
    this.answers = answers;
    this.#server = server;
    this.#folder = folder;
    this.#browser = browser;
    this.#context = context;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `entry` is the path of the page's script below the repository. */
  static async open(entry: string, headers: Readonly<Record<string, string>> = {}): Promise<TestPage> {
    const folder = await mkdtemp(join(tmpdir(), "stegos-page-"));
    await build({
      configFile: false,
      logLevel: "error",
      plugins: [curveKernels()],
      worker: { format: "es", plugins: () => [curveKernels()] },
      build: {
        outDir: folder,
        emptyOutDir: true,
        target: "es2023",
        minify: false,
        rolldownOptions: { input: { page: entry }, output: { entryFileNames: "[name].js" } },
      },
    });
    const answers = new Map<string, string>();
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://host").pathname;
      const send = (status: number, type: string, body: string | Uint8Array): void => {
        response.writeHead(status, { ...headers, "content-type": type }).end(body);
      };
      if (path === "/") {
        send(200, "text/html", HTML);
        return;
      }
      const answer = answers.get(path);
      if (answer !== undefined) {
        send(200, "application/json", answer);
        return;
      }
      readFile(join(folder, path)).then(
        (bytes) => send(200, TYPES[extname(path)] ?? "application/octet-stream", bytes),
        () => send(404, "text/plain", ""),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const browser = await chromium.launch(CHROMIUM);
    return new TestPage(server, folder, browser, await browser.newContext(), answers);
  }

  /** A tab whose script has run. Tabs share one origin and its storage, except for one in a profile of its own. */
  async tab(options: { readonly isApart?: boolean } = {}): Promise<Page> {
    const context = options.isApart === true ? await this.#browser.newContext() : this.#context;
    const tab = await context.newPage();
    await tab.goto(this.origin);
    await tab.waitForFunction(() => "isReady" in globalThis);
    return tab;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
