import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { sendRefusal } from "./http-answer.ts";
import type { HttpHandler } from "./http-server.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** Nearly as small as the best quality at a tenth of its time. */
const BROTLI_QUALITY = 9;
const COMPRESS_BYTES_MIN = 1_024;
const RESCAN_MS = 500;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".sha256": "text/plain; charset=utf-8",
  ".xml": "application/xml; charset=utf-8",
  ".wasm": "application/wasm",
  ".bin": "application/octet-stream",
  ".png": "image/png",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};
const COMPRESSED_ALREADY = new Set([".png", ".webp", ".ico", ".woff2"]);

const WRITTEN_BY_BUILD = [".", "assets", "index.html"] as const;

interface StaticFile {
  readonly bytes: Uint8Array;
  readonly tag: string;
  /** Made by the first request that takes it. */
  brotli: Promise<Uint8Array> | undefined;
}

/**
 * Serves the files of a built app. Only names found by listing the folder are answered, so no request can name a file
 * outside it. Unknown paths that look like places of the app get index.html.
 */
export function staticFiles(folder: string): HttpHandler {
  let files = new Map<string, string>();
  const contents = new Map<string, Promise<StaticFile>>();
  let listed = "";
  let checkedAt = -Infinity;
  let checking = Promise.resolve();

  /** Lists the folder again after a new build, at most twice a second; requests meanwhile wait for the list. */
  function refresh(): Promise<void> {
    const now = performance.now();
    if (now - checkedAt >= RESCAN_MS) {
      checkedAt = now;
      checking = list();
    }
    return checking;
  }

  async function list(): Promise<void> {
    const changed = await changeTimes(folder);
    if (changed === listed) return;
    listed = changed;
    contents.clear();
    files = await listFolder(folder);
  }

  function load(name: string, file: string): Promise<StaticFile> {
    const known = contents.get(name);
    if (known !== undefined) return known;
    const loading = loadFile(file);
    contents.set(name, loading);
    loading.catch(() => contents.delete(name));
    return loading;
  }

  return async (request, response, path) => {
    await refresh();
    const name = findName(files, path);
    const file = name === undefined ? undefined : files.get(name);
    if (name === undefined || file === undefined) {
      sendRefusal(response, 404, "not_found", "no such file");
      return;
    }
    const content = await load(name, file);
    for (const [header, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(header, value);
    response.setHeader("content-type", TYPES[extname(name)] ?? "application/octet-stream");
    response.setHeader("cache-control", cacheControlOf(name));
    response.setHeader("vary", "accept-encoding");
    response.setHeader("etag", content.tag);
    if (request.headers["if-none-match"] === content.tag) {
      response.writeHead(304).end();
      return;
    }
    let bytes = content.bytes;
    if (isCompressible(name, bytes) && takesBrotli(request.headers["accept-encoding"])) {
      content.brotli ??= compress(file, bytes);
      bytes = await content.brotli;
      response.setHeader("content-encoding", "br");
    }
    response.setHeader("content-length", bytes.length);
    response.end(request.method === "HEAD" ? undefined : bytes);
  };
}

/** Other than before once a build has written there: index.html comes amid its files, the service worker after all. */
async function changeTimes(folder: string): Promise<string> {
  const times = WRITTEN_BY_BUILD.map((name) =>
    stat(join(folder, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    ),
  );
  return (await Promise.all(times)).join();
}

/** The listed name for a path: the file itself, a page without its ending, else the app for what has no ending. */
function findName(files: ReadonlyMap<string, string>, path: string): string | undefined {
  let name: string;
  try {
    name = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (files.has(name)) return name;
  for (const page of [`${name}.html`, `${name.replace(/\/$/, "")}/index.html`]) if (files.has(page)) return page;
  const isPlace = !/\.[^/]*$/.test(name) && !name.startsWith("/assets/");
  return isPlace && files.has("/index.html") ? "/index.html" : undefined;
}

/** Hashed names never change their content; everything else is asked for again. */
function cacheControlOf(name: string): string {
  if (name.startsWith("/assets/")) return "public, max-age=31536000, immutable";
  return name.endsWith(".html") ? "no-store" : "no-cache";
}

async function listFolder(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const name = `/${relative(folder, file).split(sep).join("/")}`;
    // No links, nothing hidden, no precompressed copy under its own name.
    if (entry.isFile() && !name.includes("/.") && !name.endsWith(".br")) files.set(name, file);
  }
  return files;
}

async function loadFile(file: string): Promise<StaticFile> {
  const bytes = new Uint8Array(await readFile(file));
  // Weak: the compressed form has the same tag.
  const tag = `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  return { bytes, tag, brotli: undefined };
}

function isCompressible(name: string, bytes: Uint8Array): boolean {
  return bytes.length >= COMPRESS_BYTES_MIN && !COMPRESSED_ALREADY.has(extname(name));
}

function takesBrotli(header: string | string[] | undefined): boolean {
  return String(header ?? "")
    .split(",")
    .some((each) => /^\s*br\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/.test(each));
}

const brotli = promisify(brotliCompress);

/** The copy the build left beside the file, else one made now. */
async function compress(file: string, bytes: Uint8Array): Promise<Uint8Array> {
  const prepared = await readFile(`${file}.br`).catch(() => undefined);
  return prepared ?? (await brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }));
}
