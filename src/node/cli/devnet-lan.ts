import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { createServer as createTlsServer, type Server } from "node:tls";
import { X509Certificate } from "node:crypto";
import type { AddressInfo } from "node:net";
import { makeSelfSignedCertificate, type SelfSignedCertificate } from "../crypto/self-signed-certificate.ts";
import { Refusal } from "../refusal.ts";
import { writePrivateFile } from "../storage/write-private-file.ts";

const DAY_MS = 24 * 60 * 60_000;
/** Phones refuse certificates that are good for longer than 825 days. */
const LIFE_MS = 397 * DAY_MS;
/** A certificate that ends during the day is no use. */
const LEFT_MIN_MS = DAY_MS;
/** Clocks of phones may be a little behind. */
const BACKDATE_MS = DAY_MS;
const CONNECTIONS_MAX = 512;
const KEY_AND_CERTIFICATE =
  /^(-----BEGIN [A-Z ]*PRIVATE KEY-----.*-----END [A-Z ]*PRIVATE KEY-----\n)(-----BEGIN CERTIFICATE-----.*)$/s;
const WS_ADDRESS = /^\/ip4\/127\.0\.0\.1\/tcp\/(\d+)\/ws\/p2p\/([^/]+)$/;

/** The addresses of this machine under which others on the local network reach it. */
export function lanAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((found) =>
    (found ?? []).filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address),
  );
}

/** The certificate of a data folder: made on the spot, and anew when it is old or does not name an address. */
export async function openLanCertificate(
  file: string,
  addresses: readonly string[],
  nowMs: number,
): Promise<SelfSignedCertificate> {
  const kept = await readCertificate(file);
  if (kept !== undefined && isGood(kept.pem, addresses, nowMs)) return kept;
  const made = makeSelfSignedCertificate(nowMs - BACKDATE_MS, nowMs + LIFE_MS, [
    "localhost",
    "127.0.0.1",
    ...addresses,
  ]);
  await writePrivateFile(file, `${made.privateKey.trimEnd()}\n${made.pem}`);
  return made;
}

async function readCertificate(file: string): Promise<SelfSignedCertificate | undefined> {
  try {
    const [, privateKey, pem] = KEY_AND_CERTIFICATE.exec(await readFile(file, "utf8")) ?? [];
    return privateKey !== undefined && pem !== undefined ? { privateKey, pem } : undefined;
  } catch {
    return undefined;
  }
}

function isGood(pem: string, addresses: readonly string[], nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const isOld =
      certificate.validToDate.getTime() < nowMs + LEFT_MIN_MS || certificate.validFromDate.getTime() > nowMs;
    return !isOld && addresses.every((address) => certificate.checkIP(address) !== undefined);
  } catch {
    return false;
  }
}

/** A door of a node for pages that came over https: those may open no plain WebSocket. */
export class LanDoor {
  readonly port: number;
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.#path = path;
  }

  /** Undefined for a node without a WebSocket. Takes the wanted port, or any if somebody has it; 0 is any. */
  static async open(
    addresses: readonly string[],
    certificate: SelfSignedCertificate,
    wantedPort: number,
  ): Promise<LanDoor | undefined> {
    const [, port, peer] = addresses.map((address) => WS_ADDRESS.exec(address)).find((found) => found !== null) ?? [];
    if (port === undefined || peer === undefined) return undefined;
    const server = createTlsServer({ key: certificate.privateKey, cert: certificate.pem }, (socket) => {
      const node = connect(Number(port), "127.0.0.1");
      socket.pipe(node).pipe(socket);
      // Who goes, however, takes the other end along.
      for (const [one, other] of [[socket, node] as const, [node, socket] as const]) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
    });
    server.maxConnections = CONNECTIONS_MAX;
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    if (!(await listens(server, wantedPort)) && !(await listens(server, 0)))
      throw new Refusal("port_in_use", "no port can be opened for the local network");
    return new LanDoor(server, `/tls/ws/p2p/${peer}`);
  }

  /** Where a page that was opened at this address of the machine dials. */
  address(host: string): string {
    return `/ip4/${host}/tcp/${this.port}${this.#path}`;
  }

  stop(): void {
    this.#server.close();
  }
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const onError = (): void => resolve(false);
    server.once("error", onError);
    server.listen(port, "0.0.0.0", () => {
      server.off("error", onError);
      server.on("error", () => undefined);
      resolve(true);
    });
  });
}
