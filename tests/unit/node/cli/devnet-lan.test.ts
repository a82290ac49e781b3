import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LanDoor, openLanCertificate } from "../../../../src/node/cli/devnet-lan.ts";
import { sendJson } from "../../../../src/node/rpc/http-answer.ts";
import { startHttpServer } from "../../../../src/node/rpc/http-server.ts";

const DAY_MS = 24 * 60 * 60_000;
const HOST = "192.0.2.7";
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stegos-lan-"));
  file = join(folder, "lan-certificate.json");
});
afterEach(() => rm(folder, { recursive: true }));

describe("the certificate for the local network", () => {
  it("names every address, is for servers only, and short-lived enough for phones", async () => {
    const { pem } = await openLanCertificate(file, [HOST, "198.51.100.9"], Date.now());
    const certificate = new X509Certificate(pem);
    for (const host of [HOST, "198.51.100.9", "127.0.0.1"]) expect(certificate.checkIP(host)).toBe(host);
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.checkIP("192.0.2.8")).toBeUndefined();
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.validToDate.getTime() - certificate.validFromDate.getTime()).toBeLessThan(825 * DAY_MS);
  });

  it("is kept for its folder's owner alone, and made anew for a new address, when it is old, or spoilt", async () => {
    const now = Date.now();
    const first = await openLanCertificate(file, [HOST], now);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await openLanCertificate(file, [HOST], now + 300 * DAY_MS)).toEqual(first);
    const second = await openLanCertificate(file, [HOST, "192.0.2.8"], now);
    expect(second.pem).not.toBe(first.pem);
    expect((await openLanCertificate(file, [HOST], now + 397 * DAY_MS)).pem).not.toBe(second.pem);
    for (const spoilt of ["", "{}", '{"privateKey":"x","pem":"y"}']) {
      await writeFile(file, spoilt);
      await openLanCertificate(file, [HOST], now);
      expect(await readFile(file, "utf8")).toContain("BEGIN CERTIFICATE");
    }
  });
});

it("a door brings the bytes of a node over TLS, under the address the page was opened by", async () => {
  const certificate = await openLanCertificate(file, [HOST], Date.now());
  const node: Server = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
  const { port } = node.address() as AddressInfo;
  const door = await LanDoor.open(
    ["/ip4/127.0.0.1/tcp/1/p2p/Q", `/ip4/127.0.0.1/tcp/${port}/ws/p2p/Q`],
    certificate,
    0,
  );
  expect(door?.address(HOST)).toBe(`/ip4/${HOST}/tcp/${door?.port}/tls/ws/p2p/Q`);
  const socket = connect({ host: "127.0.0.1", port: door?.port ?? 0, ca: certificate.pem });
  socket.write("ping");
  expect(await new Promise((resolve) => socket.once("data", (bytes) => resolve(String(bytes))))).toBe("ping");
  socket.destroy();
  // A port that somebody has gives way to another one; a node without a WebSocket has no door.
  const other = await LanDoor.open([`/ip4/127.0.0.1/tcp/${port}/ws/p2p/Q`], certificate, door?.port ?? 0);
  expect(other?.port).not.toBe(door?.port);
  expect(await LanDoor.open([`/ip4/127.0.0.1/tcp/${port}/p2p/Q`], certificate, 0)).toBeUndefined();
  door?.stop();
  other?.stop();
  node.close();
});

it("an https server takes POSTs under its own addresses, and from no other page or rebound name", async () => {
  const certificate = await openLanCertificate(file, [HOST], Date.now());
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    tls: certificate,
    hosts: [HOST],
    routes: new Map([["/rpc", { method: "POST", handle: (_request, response) => sendJson(response, 200, {}) }]]),
    fallback: (_request, response) => sendJson(response, 200, {}),
    log: () => undefined,
  });
  const post = (headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port: server.port,
        path: "/rpc",
        method: "POST",
        ca: certificate.pem,
        servername: "localhost",
        headers,
      };
      const sent = request(options, (response) => resolve(response.resume().statusCode));
      sent.on("error", reject);
      sent.end();
    });
  const own = `${HOST}:${server.port}`;
  expect(await post({ host: own })).toBe(200);
  expect(await post({ host: own, origin: `https://${own}` })).toBe(200);
  expect(await post({ host: `localhost:${server.port}` })).toBe(200);
  expect(await post({ host: own, origin: "https://example.org" })).toBe(403);
  expect(await post({ host: "rebound.example", origin: "https://rebound.example" })).toBe(403);
  expect(await post({ host: "192.0.2.8" })).toBe(403);
  await server.stop();
});
