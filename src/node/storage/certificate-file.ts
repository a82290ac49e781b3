import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { HostCertificate } from "../../net/host/create-node-host.ts";
import { makeSelfSignedCertificate } from "../crypto/self-signed-certificate.ts";
import { Refusal } from "../refusal.ts";
import { writePrivateFile } from "./write-private-file.ts";

const DAY_MS = 86_400_000;
/** The address of a node holds the hash of its certificate: a new one makes every list of nodes wrong. */
const LIFE_MS = 10 * 365 * DAY_MS;
/** A start this shortly before the end, or later, makes a new one. */
const RENEW_MS = 365 * DAY_MS;
/** For dialling devices whose clock is behind. */
const BACKDATE_MS = 2 * DAY_MS;

/** Multihash of SHA-256 with 32 bytes. */
const SHA256_PREFIX = Uint8Array.of(0x12, 0x20);

/**
 * The node's certificate for WebRTC-direct, made once, so that the node's address stays valid over restarts; a new one
 * takes its place in its last year. Throws Refusal `certificate_broken` for a file that holds something else.
 */
export async function openCertificateFile(path: string, nowMs: number): Promise<HostCertificate> {
  const found = await readCertificate(path);
  if (found !== undefined && found.endsMs - nowMs > RENEW_MS) return found.certificate;
  const { privateKey, pem } = makeSelfSignedCertificate(nowMs - BACKDATE_MS, nowMs + LIFE_MS);
  await writePrivateFile(path, `${privateKey}${pem}`);
  return hostCertificate(privateKey, new X509Certificate(pem));
}

async function readCertificate(
  path: string,
): Promise<{ readonly certificate: HostCertificate; readonly endsMs: number } | undefined> {
  const text = await readFile(path, "latin1").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const broken = new Refusal("certificate_broken", `${path} holds no certificate with its key`);
  const parts =
    /^(-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n)(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n)$/.exec(
      text,
    );
  if (parts === null) throw broken;
  try {
    const x509 = new X509Certificate(parts[2]!);
    if (!x509.checkPrivateKey(createPrivateKey(parts[1]!))) throw broken;
    return { certificate: hostCertificate(parts[1]!, x509), endsMs: x509.validToDate.getTime() };
  } catch {
    // What OpenSSL says of it helps nobody.
    throw broken;
  }
}

function hostCertificate(privateKey: string, x509: X509Certificate): HostCertificate {
  const digest = createHash("sha256").update(x509.raw).digest();
  // Multibase: u stands for base64url without padding.
  const certhash = `u${Buffer.concat([SHA256_PREFIX, digest]).toString("base64url")}`;
  return { privateKey, pem: x509.toString(), certhash };
}
