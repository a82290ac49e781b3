import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { PHONE_LINE, ShapedLine } from "../../bench/support/shaped-line.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Sends back what it hears. */
async function echo(): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function openLine(shape = PHONE_LINE): Promise<ShapedLine> {
  const line = await ShapedLine.open(shape);
  closers.push(() => line.close());
  return line;
}

/** An address of four bytes, or the same as a browser writes it. */
function dial(line: ShapedLine, address: readonly number[] | string, port: number): Socket {
  const told = typeof address === "string" ? [3, address.length, ...Buffer.from(address)] : [1, ...address];
  const linePort = Number(/:(\d+)$/.exec(line.browserArguments[0]!)![1]);
  const socket = connect(linePort, "127.0.0.1");
  closers.push(() => socket.destroy());
  // In pieces, as a network may deliver it.
  socket.write(Uint8Array.of(5, 1));
  socket.write(Uint8Array.of(0));
  socket.write(Uint8Array.of(5, 1, 0, ...told, port >> 8));
  socket.write(Uint8Array.of(port & 0xff));
  return socket;
}

async function read(socket: Socket, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of socket) {
    parts.push(part as Buffer);
    if (parts.reduce((sum, { length }) => sum + length, 0) >= size) break;
  }
  return Buffer.concat(parts);
}

describe("a line as phones have it", () => {
  it("carries bytes both ways, whole and in order, and ends where the other side does", async () => {
    const line = await openLine();
    const socket = dial(line, [127, 0, 0, 1], await echo());
    const sent = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7) % 251));
    socket.end(sent);
    const heard = await read(socket, Infinity);
    expect(heard.subarray(0, 12)).toEqual(Buffer.of(5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    expect(heard.subarray(12).equals(sent)).toBe(true);
    expect(line.bytesDownBy(Date.now() - 60_000)).toBe(0);
    expect(line.bytesDownBy(Infinity)).toBe(sent.length);
  });

  it("delivers nothing before half a round trip and its turn on the line are over", async () => {
    const line = await openLine({ ...PHONE_LINE, bytesPerSecondUp: 10_000, roundTripMs: 40 });
    const socket = dial(line, [127, 0, 0, 1], await echo());
    const beforeMs = performance.now();
    socket.end(Buffer.alloc(1_000));
    await read(socket, Infinity);
    // Lower bounds alone: a line may be slower than it should, never faster. Handshake, way up with its turn, way down.
    expect(performance.now() - beforeMs).toBeGreaterThan(40 + 20 + 100 + 20 - 5);
  });

  it("takes an address in letters, as browsers write all of them", async () => {
    const line = await openLine();
    const socket = dial(line, "127.0.0.1", await echo());
    socket.end("whole");
    expect((await read(socket, Infinity)).subarray(12).toString()).toBe("whole");
  });

  it.each([[[192, 0, 2, 1]], ["192.0.2.1"], ["name.example"]])("leads to this machine, not to %s", async (address) => {
    const line = await openLine();
    const socket = dial(line, address, 80);
    expect([...(await read(socket, Infinity))]).toEqual([5, 0]);
  });
});
