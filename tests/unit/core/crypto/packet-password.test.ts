import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  guardedLinkSecret,
  PACKET_PASSWORD_BYTES_MAX,
  packetPasswordBytes,
} from "../../../../src/core/crypto/packet-password.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";

const linkSecret = hexBytes(vectors.packet.L);

/** RP-4 by another library. */
function expected(password: string): Uint8Array {
  const cost = { N: 16_384, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
  return Uint8Array.from(scryptSync(Buffer.from(password.normalize("NFKC")), linkSecret, 16, cost));
}

describe("a packet's password (RP-4)", () => {
  it("[RP-4] becomes L' as scrypt says", () => {
    const password = packetPasswordBytes("红包 8888")!;
    expect(guardedLinkSecret(password, linkSecret)).toEqual(expected("红包 8888"));
  });

  it("[RP-4] is the same however its letters were composed", () => {
    expect(packetPasswordBytes("caf\u00e9")).toEqual(packetPasswordBytes("cafe\u0301"));
    expect(packetPasswordBytes("８８")).toEqual(packetPasswordBytes("88"));
    expect(packetPasswordBytes("Ab")).not.toEqual(packetPasswordBytes("ab"));
  });

  it("[RP-4] has 1 to 128 bytes", () => {
    expect(packetPasswordBytes("")).toBeUndefined();
    expect(packetPasswordBytes("a".repeat(PACKET_PASSWORD_BYTES_MAX))).toHaveLength(PACKET_PASSWORD_BYTES_MAX);
    expect(packetPasswordBytes("a".repeat(PACKET_PASSWORD_BYTES_MAX + 1))).toBeUndefined();
    // Short as typed, long in NFKC.
    expect(packetPasswordBytes("\ufdfa".repeat(8))).toBeUndefined();
  });

  it("[RP-4] is worth nothing with another link", () => {
    const password = packetPasswordBytes("x")!;
    expect(guardedLinkSecret(password, linkSecret.with(0, 1))).not.toEqual(guardedLinkSecret(password, linkSecret));
  });
});
