import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

/** Object identifiers in DER. */
const ECDSA_WITH_SHA256 = Uint8Array.of(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2);
const COMMON_NAME = Uint8Array.of(6, 3, 0x55, 4, 3);

const SUBJECT_ALTERNATIVE_NAME = Uint8Array.of(6, 3, 0x55, 0x1d, 0x11);
const BASIC_CONSTRAINTS = Uint8Array.of(6, 3, 0x55, 0x1d, 0x13);
const EXTENDED_KEY_USAGE = Uint8Array.of(6, 3, 0x55, 0x1d, 0x25);
const SERVER_AUTHENTICATION = Uint8Array.of(6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1);
const VERSION_3 = 2;

const TAG = {
  integer: 0x02,
  bitString: 0x03,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  octetString: 0x04,
  dnsName: 0x82,
  ipAddress: 0x87,
  /** Explicit tags of a certificate's version and extensions. */
  version: 0xa0,
  extensions: 0xa3,
};
/** X.509: years up to here are written with two digits. */
const UTC_TIME_YEAR_MAX = 2049;

/** A key and the certificate it signed for itself, both as PEM. */
export interface SelfSignedCertificate {
  readonly privateKey: string;
  readonly pem: string;
}

/**
 * An X.509 certificate over a fresh P-256 key. Whoever dials a node knows its hash already: that one is of version 1,
 * names nobody, and nothing in it but the key matters. With hosts, names or IPv4 addresses, it is of version 3 and one
 * that a browser takes for a server of theirs (RFC 5280, 4.2.1) once a person has said so.
 */
export function makeSelfSignedCertificate(
  notBeforeMs: number,
  notAfterMs: number,
  hosts: readonly string[] = [],
): SelfSignedCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(TAG.sequence, ECDSA_WITH_SHA256);
  const name = der(TAG.sequence, der(TAG.set, der(TAG.sequence, COMMON_NAME, der(TAG.utf8, Buffer.from("stg")))));
  const isForHosts = hosts.length > 0;
  const toSign = der(
    TAG.sequence,
    ...(isForHosts ? [der(TAG.version, der(TAG.integer, Uint8Array.of(VERSION_3)))] : []),
    der(TAG.integer, serialNumber()),
    algorithm,
    name,
    der(TAG.sequence, time(notBeforeMs), time(notAfterMs)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    ...(isForHosts ? [extensions(hosts)] : []),
  );
  const signature = sign("sha256", toSign, { key: privateKey, dsaEncoding: "der" });
  // The byte in front counts the bits that are not used.
  const certificate = der(TAG.sequence, toSign, algorithm, der(TAG.bitString, Uint8Array.of(0), signature));
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    pem: `-----BEGIN CERTIFICATE-----\n${base64Lines(certificate)}\n-----END CERTIFICATE-----\n`,
  };
}

function extensions(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIPv4(host)
      ? der(TAG.ipAddress, Uint8Array.from(host.split("."), Number))
      : der(TAG.dnsName, Buffer.from(host, "ascii")),
  );
  const extension = (id: Uint8Array, ...value: readonly Uint8Array[]): Buffer =>
    der(TAG.sequence, id, der(TAG.octetString, der(TAG.sequence, ...value)));
  return der(
    TAG.extensions,
    der(
      TAG.sequence,
      extension(SUBJECT_ALTERNATIVE_NAME, ...names),
      // No authority: with it nobody can vouch for other servers.
      extension(BASIC_CONSTRAINTS),
      extension(EXTENDED_KEY_USAGE, SERVER_AUTHENTICATION),
    ),
  );
}

/** Positive, and with no zero in front: its one encoding. */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}

function time(ms: number): Buffer {
  const date = new Date(ms);
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:T]/g, "");
  const isShort = date.getUTCFullYear() <= UTC_TIME_YEAR_MAX;
  return isShort ? der(TAG.utcTime, Buffer.from(digits.slice(2))) : der(TAG.generalizedTime, Buffer.from(digits));
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag), length(body.length), body]);
}

function length(size: number): Uint8Array {
  if (size < 0x80) return Uint8Array.of(size);
  return size < 0x100 ? Uint8Array.of(0x81, size) : Uint8Array.of(0x82, size >>> 8, size & 0xff);
}

function base64Lines(bytes: Buffer): string {
  return bytes.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
}
