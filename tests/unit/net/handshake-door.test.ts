import { createSocket } from "node:dgram";
import { randomBytes } from "node:crypto";
import type { ClearableSignal } from "@libp2p/interface";
import { describe, expect, it } from "vitest";
import { createNodeHost } from "../../../src/net/host/create-node-host.ts";
import { HandshakeDoor } from "../../../src/net/host/handshake-door.ts";
import { generateIdentity } from "../../../src/net/host/identity.ts";
import { WEBRTC_PENDING_MAX } from "../../../src/wire/limits.ts";
import { testCertificate } from "../../support/test-certificate.ts";

const begin = (): ClearableSignal => Object.assign(new AbortController().signal, { clear: () => undefined });

describe("door of a WebRTC listener", () => {
  it("WEBRTC_PENDING_MAX: lets exactly so many handshakes be under way", () => {
    const door = new HandshakeDoor();
    const attempts = Array.from({ length: WEBRTC_PENDING_MAX }, () => door.knock(begin));
    expect(attempts.some(({ aborted }) => aborted)).toBe(false);
    expect(door.knock(begin).aborted).toBe(true);
    // However often one is said to be over, it makes room once.
    for (let count = 0; count < 3; count++) attempts[0]!.clear();
    expect(door.knock(begin).aborted).toBe(false);
    expect(door.knock(begin).aborted).toBe(true);
  });

  it("lets nobody in once it is shut", () => {
    const door = new HandshakeDoor();
    door.shut();
    expect(door.knock(begin).aborted).toBe(true);
  });
});

it("a flood of forged packets costs a node neither its memory nor its pace, nor a clean stop", async () => {
  const host = await createNodeHost({
    chainId: 1000,
    identity: await generateIdentity(),
    listen: ["/ip4/127.0.0.1/udp/0/webrtc-direct"],
    certificate: testCertificate(),
  });
  const port = Number(/\/udp\/(\d+)\//.exec(host.addresses()[0]!)![1]);
  const socket = createSocket("udp4");
  const before = process.memoryUsage().rss;
  // Time of the processor, not of the clock: that one goes on where the machine stands still.
  const cpuMs = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1_000;
  let longestMs = 0;
  let lastMs = cpuMs();
  const ticking = setInterval(() => {
    longestMs = Math.max(longestMs, cpuMs() - lastMs);
    lastMs = cpuMs();
    for (let count = 0; count < 20; count++) socket.send(bindingRequest(), port, "127.0.0.1");
  }, 10);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const startedMs = cpuMs();
  await host.stop();
  expect(cpuMs() - startedMs).toBeLessThan(1_000);
  clearInterval(ticking);
  socket.close();
  // Without the limit: 400 MB and seconds.
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  expect(longestMs).toBeLessThan(1_000);
});

/** A STUN binding request as a WebRTC client begins with: a user name nobody knows and a check sum nobody can check. */
function bindingRequest(): Buffer {
  const name = `libp2p+webrtc+v1/${randomBytes(16).toString("hex")}`;
  const user = Buffer.from(`${name}:${name}`);
  const attributes = Buffer.concat([
    attribute(0x0006, Buffer.concat([user, Buffer.alloc(-user.length & 3)]), user.length),
    attribute(0x0008, randomBytes(20), 20),
  ]);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x0001, 0);
  head.writeUInt16BE(attributes.length, 2);
  head.writeUInt32BE(0x2112a442, 4);
  return Buffer.concat([head, randomBytes(12), attributes]);
}

function attribute(type: number, padded: Buffer, length: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(length, 2);
  return Buffer.concat([head, padded]);
}
