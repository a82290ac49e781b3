import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeSelfSignedCertificate } from "../../../../src/node/crypto/self-signed-certificate.ts";
import { openCertificateFile } from "../../../../src/node/storage/certificate-file.ts";

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const NOW_MS = Date.UTC(2026, 6, 1);

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stegos-certificate-"));
  path = join(directory, "certificate");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("certificate file", () => {
  it("is made once, for its owner alone, and is the same at every start", async () => {
    const made = await openCertificateFile(path, NOW_MS);
    expect(await openCertificateFile(path, NOW_MS + YEAR_MS)).toEqual(made);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(["certificate"]);
  });

  it("gives the hash that multiaddrs have: multibase base64url of a SHA-256 multihash", async () => {
    const { pem, certhash } = await openCertificateFile(path, NOW_MS);
    const bytes = Buffer.from(certhash.slice(1), "base64url");
    expect(certhash[0]).toBe("u");
    expect([...bytes.subarray(0, 2)]).toEqual([0x12, 0x20]);
    expect(bytes.subarray(2)).toEqual(createHash("sha256").update(new X509Certificate(pem).raw).digest());
  });

  it("is replaced in its last year and not a day before", async () => {
    const made = await openCertificateFile(path, NOW_MS);
    expect(await openCertificateFile(path, NOW_MS + 9 * YEAR_MS - DAY_MS)).toEqual(made);
    const next = await openCertificateFile(path, NOW_MS + 9 * YEAR_MS);
    expect(next.certhash).not.toBe(made.certhash);
    expect(await openCertificateFile(path, NOW_MS + 9 * YEAR_MS)).toEqual(next);
  });

  it("is written aside first, so that a crash leaves no half of it", async () => {
    await writeFile(`${path}.new`, "half");
    await openCertificateFile(path, NOW_MS);
    expect(await readdir(directory)).toEqual(["certificate"]);
  });

  it("is refused and kept when it holds something else", async () => {
    await openCertificateFile(path, NOW_MS);
    const good = await readFile(path, "latin1");
    const other = makeSelfSignedCertificate(NOW_MS, NOW_MS + 10 * YEAR_MS);
    const key = good.slice(0, good.indexOf("-----BEGIN CERTIFICATE"));
    for (const text of [
      "",
      "nonsense",
      key,
      good.slice(0, -30),
      `${good}\n`,
      key + other.pem,
      good.replace(/M/g, "N"),
    ]) {
      await writeFile(path, text);
      await expect(openCertificateFile(path, NOW_MS)).rejects.toMatchObject({ code: "certificate_broken" });
      expect(await readFile(path, "latin1")).toBe(text);
    }
  });
});

describe("self-signed certificate", () => {
  it.each([
    ["within the years of two digits", Date.UTC(2026, 0, 2, 3, 4, 5), Date.UTC(2049, 11, 31, 23, 59, 59)],
    ["beyond them", Date.UTC(2049, 11, 31), Date.UTC(2061, 1, 3, 4, 5, 6)],
  ])("is one that OpenSSL reads and finds signed by its own key: %s", (_name, from, to) => {
    const { pem, privateKey } = makeSelfSignedCertificate(from, to);
    const x509 = new X509Certificate(pem);
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
    expect(x509.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect([x509.validFromDate.getTime(), x509.validToDate.getTime()]).toEqual([from, to]);
    expect(x509.subject).toBe("CN=stg");
    expect(x509.toString().trim()).toBe(pem.trim());
  });
});
