import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startHttpServer, type HttpServer } from "../../src/node/rpc/http-server.ts";
import { staticFiles } from "../../src/node/rpc/static-files.ts";
import { sendJson } from "../../src/node/rpc/http-answer.ts";
import { fileList } from "../../tools/file-list.ts";
import { integrityOf } from "../../tools/precache-integrity.ts";
import { ROOT } from "../architecture/source-files.ts";
import { networkFileOf, SMALL_GENESIS } from "./network-file.ts";

const BUILT = join(ROOT, "dist/app");
const WRITTEN = new Set([".js", ".css", ".html"]);
/** Nobody listens there. */
const NOBODY = [{ operator: "nobody", addresses: ["/ip4/127.0.0.1/tcp/1/ws"] }];
const FILE_LIST = "files.sha256";
const RESCAN_MS = 50;
const HASHED = /^(.+)\.(js|css)$/;

/** The built app on a server of its own, where one version follows another. Its network never answers. */
export class AppVersions {
  readonly url: string;
  readonly #server: HttpServer;
  readonly #folder: string;

  private constructor(server: HttpServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${server.port}`;
  }

  static async start(): Promise<AppVersions> {
    const folder = await mkdtemp(join(tmpdir(), "stegos-versions-"));
    await cp(BUILT, folder, { recursive: true });
    const file = networkFileOf(SMALL_GENESIS, NOBODY);
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: new Map([
        ["/network.json", { method: "GET", handle: (_request, response) => sendJson(response, 200, file) }],
      ]),
      fallback: staticFiles(folder),
      log: () => undefined,
    });
    return new AppVersions(server, folder);
  }

  /**
   * Puts a version with other names for all files in the place of this one, as an upload does; the page says its name.
   * `spoil` may then take a file away or cut it.
   */
  async publish(name: string, spoil: (folder: string) => Promise<void> = () => Promise.resolve()): Promise<void> {
    // Made aside: a browser that looks meanwhile finds one version or the other, not a half of one.
    const made = await mkdtemp(join(tmpdir(), "stegos-version-"));
    await cp(BUILT, made, { recursive: true });
    const assets = await readdir(join(made, "assets"));
    const renamed = new Map(assets.map((file) => [file, file.replace(HASHED, `$1${name}.$2`)]));
    for (const [from, to] of renamed) await rename(join(made, "assets", from), join(made, "assets", to));
    const files = await readdir(made, { recursive: true });
    for (const file of files.filter((each) => WRITTEN.has(extname(each)))) {
      const path = join(made, file);
      let text = await readFile(path, "utf8");
      for (const [from, to] of renamed) text = text.replaceAll(from, to);
      await writeFile(path, text.replace('<div id="app">', `<div id="app" data-version="${name}">`));
    }
    await listAnew(made);
    await spoil(made);
    const old = `${made}-old`;
    await rename(this.#folder, old);
    await rename(made, this.#folder);
    await rm(old, { recursive: true });
    // The server looks for a new build now and then.
    const list = await readFile(join(this.#folder, FILE_LIST), "utf8");
    while ((await (await fetch(`${this.url}/${FILE_LIST}`)).text()) !== list) await setTimeout(RESCAN_MS);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The service worker names the content of every file, and the list of hashes that of the service worker, too. */
async function listAnew(folder: string): Promise<void> {
  const path = join(folder, "service.worker.js");
  let text = await readFile(path, "utf8");
  for (const [entry] of text.matchAll(/\{[^{}]*"url":"[^{}]*\}/g)) {
    const fields = JSON.parse(entry) as { url: string; revision: string | null; integrity?: string };
    const integrity = integrityOf(await readFile(join(folder, fields.url)));
    const revision = fields.revision === null ? null : integrity.slice(-16);
    const listed = fields.integrity === undefined ? { ...fields, revision } : { ...fields, revision, integrity };
    text = text.replace(entry, JSON.stringify(listed));
  }
  await writeFile(path, text);
  await writeFile(join(folder, FILE_LIST), fileList(folder));
}
