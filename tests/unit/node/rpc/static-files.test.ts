import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHttpServer, type HttpServer } from "../../../../src/node/rpc/http-server.ts";
import { staticFiles } from "../../../../src/node/rpc/static-files.ts";
import { eventually } from "../../../support/eventually.ts";

let server: HttpServer;
let parent: string;
let folder: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "stegos-static-"));
  folder = join(parent, "app");
  await mkdir(join(folder, "assets"), { recursive: true });
  await mkdir(join(folder, ".vite"));
  await writeFile(join(parent, "secret.txt"), "secret");
  await writeFile(join(folder, "index.html"), "<!doctype html>app");
  await writeFile(join(folder, "r.html"), "<!doctype html>packet");
  await writeFile(join(folder, ".vite/manifest.json"), "{}");
  await writeFile(join(folder, "assets/app-abc.js"), "let x;".repeat(1_000));
  await writeFile(join(folder, "assets/ready-abc.js"), "y".repeat(2_000));
  await writeFile(join(folder, "assets/ready-abc.js.br"), brotliCompressSync("prepared"));
  await writeFile(join(folder, "service.worker.js"), "self;");
  await symlink(join(parent, "secret.txt"), join(folder, "assets/link.txt"));
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: new Map(),
    fallback: staticFiles(folder),
    log: () => undefined,
  });
});
afterAll(async () => {
  await server.stop();
  await rm(parent, { recursive: true, force: true });
});

/** GET with the path sent as it is: fetch would tidy it up. */
function get(
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; headers: IncomingHttpHeaders; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: "127.0.0.1", port: server.port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("static files", () => {
  it("never leave their folder", async () => {
    const paths = [
      "/../secret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "/assets/../../secret.txt",
      "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
      "/..\\secret.txt",
      "//secret.txt",
      "/assets/link.txt",
      "/.vite/manifest.json",
      "/%00secret.txt",
      "/%E0%A4%A",
      `/${parent}/secret.txt`,
    ];
    for (const path of paths) {
      const { status, bytes } = await get(path);
      expect(bytes.toString(), path).not.toContain("secret\n");
      expect(bytes.toString(), path).not.toBe("secret");
      expect(status, path).toBe(404);
    }
  });

  it("carry the policy on every file, worker scripts included", async () => {
    for (const path of ["/", "/assets/app-abc.js", "/service.worker.js", "/r"]) {
      const { headers, status } = await get(path);
      expect(status).toBe(200);
      const policy = headers["content-security-policy"];
      expect(policy).toContain("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:");
      expect(policy).toContain("; img-src 'self' blob:; media-src 'self' blob:; ");
      expect(policy).toContain("object-src 'none'; base-uri 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).toContain("trusted-types default");
      expect(policy).not.toContain("unsafe-inline");
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": expect.stringContaining("microphone=()") as string,
        "referrer-policy": "no-referrer",
      });
    }
  });

  it("are kept for ever under hashed names and asked for again under others", async () => {
    expect((await get("/")).headers["cache-control"]).toBe("no-store");
    expect((await get("/assets/app-abc.js")).headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect((await get("/service.worker.js")).headers["cache-control"]).toBe("no-cache");
    const { headers } = await get("/service.worker.js");
    expect((await get("/service.worker.js", { "if-none-match": headers.etag! })).status).toBe(304);
  });

  it("fall back to the app for its places, not for missing files", async () => {
    expect((await get("/pay/somebody")).bytes.toString()).toContain("app");
    expect((await get("/?lang=zh")).bytes.toString()).toContain("app");
    expect((await get("/r")).bytes.toString()).toContain("packet");
    expect((await get("/assets/gone-abc.js")).status).toBe(404);
    expect((await get("/assets/gone")).status).toBe(404);
    expect((await get("/favicon.ico")).status).toBe(404);
  });

  it("are compressed where the browser takes it", async () => {
    const plain = await get("/assets/app-abc.js");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const small = await get("/assets/app-abc.js", { "accept-encoding": "gzip, br" });
    expect(small.headers["content-encoding"]).toBe("br");
    expect(small.headers.vary).toBe("accept-encoding");
    expect(brotliDecompressSync(small.bytes)).toEqual(plain.bytes);
    const prepared = await get("/assets/ready-abc.js", { "accept-encoding": "br" });
    expect(brotliDecompressSync(prepared.bytes).toString()).toBe("prepared");
    expect(
      (await get("/assets/app-abc.js", { "accept-encoding": "br;q=0" })).headers["content-encoding"],
    ).toBeUndefined();
  });

  it("answer HEAD without a body and nothing but GET and HEAD", async () => {
    const head = await get("/", {}, "HEAD");
    expect(head.status).toBe(200);
    expect(head.bytes).toHaveLength(0);
    expect(head.headers["content-length"]).toBe("18");
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) expect((await get("/", {}, method)).status).toBe(405);
  });

  it("show a new build without a restart", async () => {
    await writeFile(join(folder, "assets/new-def.js"), "new");
    await utimes(join(folder, "index.html"), new Date(), new Date(Date.now() + 5_000));
    await eventually(async () => expect((await get("/assets/new-def.js")).bytes.toString()).toBe("new"));
  });

  it.each(["/late.worker.js", "/assets/late-abc.js"])(
    "show %s, which a build wrote after somebody had asked for its index.html",
    async (late) => {
      expect((await get("/")).status).toBe(200);
      await writeFile(join(folder, late), "late");
      await eventually(async () => expect((await get(late)).bytes.toString()).toBe("late"));
    },
  );
});
