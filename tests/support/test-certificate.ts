import { createHash, X509Certificate } from "node:crypto";
import type { HostCertificate } from "../../src/net/host/create-node-host.ts";
import { makeSelfSignedCertificate } from "../../src/node/crypto/self-signed-certificate.ts";

const HOUR_MS = 3_600_000;

/** A certificate for a host that a test starts. */
export function testCertificate(): HostCertificate {
  const { privateKey, pem } = makeSelfSignedCertificate(Date.now() - HOUR_MS, Date.now() + HOUR_MS);
  const digest = createHash("sha256").update(new X509Certificate(pem).raw).digest();
  return { privateKey, pem, certhash: `u${Buffer.concat([Uint8Array.of(0x12, 0x20), digest]).toString("base64url")}` };
}
