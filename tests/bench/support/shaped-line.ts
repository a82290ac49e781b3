import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** How a line of the real world is: the same for all connections together, as a phone's. */
export interface LineShape {
  readonly bytesPerSecondDown: number;
  readonly bytesPerSecondUp: number;
  readonly roundTripMs: number;
}

/** 9 and 3 Mbit/s with 100 ms to and fro. */
export const PHONE_LINE: LineShape = {
  bytesPerSecondDown: 9_000_000 / 8,
  bytesPerSecondUp: 3_000_000 / 8,
  roundTripMs: 100,
};

/** What goes over the line in one piece: connections take turns, as packets do. */
const PIECE_BYTES = 4_096;
/** Of one connection, waiting for the line; its sender is stopped beyond that, as by a full window. */
const WAITING_BYTES_MAX = 256 * 1024;

const SOCKS_VERSION = 5;
const CONNECT = 1;
const IPV4 = 1;
/** What a browser writes even of an address in numbers. */
const NAME = 3;
const GRANTED = Uint8Array.of(SOCKS_VERSION, 0, 0, IPV4, 0, 0, 0, 0, 0, 0);
const NO_AUTHENTICATION = Uint8Array.of(SOCKS_VERSION, 0);

/** One direction of the line: bytes leave one after the other at its rate, and arrive in that order half a round trip later. */
class Lane {
  readonly #bytesPerMs: number;
  readonly #delayMs: number;
  readonly #underway: { readonly atMs: number; readonly size: number; readonly arrived: () => void }[] = [];
  readonly #arrivals: { readonly unixMs: number; readonly size: number }[] = [];
  #freeAtMs = 0;
  #isWaiting = false;

  constructor(bytesPerSecond: number, delayMs: number) {
    this.#bytesPerMs = bytesPerSecond / 1_000;
    this.#delayMs = delayMs;
  }

  carry(size: number, arrived: () => void): void {
    this.#freeAtMs = Math.max(performance.now(), this.#freeAtMs) + size / this.#bytesPerMs;
    this.#underway.push({ atMs: this.#freeAtMs + this.#delayMs, size, arrived });
    this.#wait();
  }

  /** Bytes that had arrived by then. */
  arrivedBy(unixMs: number): number {
    return this.#arrivals.reduce((sum, arrival) => (arrival.unixMs <= unixMs ? sum + arrival.size : sum), 0);
  }

  /** For the first alone: timers of a millisecond keep no order among several. */
  #wait(): void {
    const [first] = this.#underway;
    if (first === undefined || this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => this.#deliver(), Math.max(0, Math.ceil(first.atMs - performance.now())));
  }

  #deliver(): void {
    this.#isWaiting = false;
    const now = performance.now();
    for (let first = this.#underway[0]; first !== undefined && first.atMs <= now; first = this.#underway[0]) {
      this.#underway.shift();
      this.#arrivals.push({ unixMs: performance.timeOrigin + now, size: first.size });
      first.arrived();
    }
    this.#wait();
  }
}

/**
 * A proxy (SOCKS 5, RFC 1928, without names or passwords) that carries every TCP connection of a browser over one line,
 * pages and WebSockets of workers alike; what DevTools slow down leaves the latter as fast as they were. Loopback alone.
 */
export class ShapedLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #roundTripMs: number;

  private constructor({ bytesPerSecondDown, bytesPerSecondUp, roundTripMs }: LineShape) {
    this.#down = new Lane(bytesPerSecondDown, roundTripMs / 2);
    this.#up = new Lane(bytesPerSecondUp, roundTripMs / 2);
    this.#roundTripMs = roundTripMs;
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      this.#keep(client);
      void this.#serve(client).catch(() => client.destroy());
    });
  }

  static async open(shape: LineShape): Promise<ShapedLine> {
    const line = new ShapedLine(shape);
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    return line;
  }

  /** What a browser is told to send everything over this line, also what goes to its own machine. */
  get browserArguments(): readonly string[] {
    const { port } = this.#server.address() as AddressInfo;
    return [`--proxy-server=socks5://127.0.0.1:${port}`, "--proxy-bypass-list=<-loopback>"];
  }

  /** Down, from its opening to that moment: what a phone's owner pays for. */
  bytesDownBy(unixMs: number): number {
    return this.#down.arrivedBy(unixMs);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #keep(socket: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }

  async #serve(client: Socket): Promise<void> {
    const [, methods] = await readBytes(client, 2);
    await readBytes(client, methods!);
    client.write(NO_AUTHENTICATION);
    const [, command, , kind] = await readBytes(client, 4);
    if (command !== CONNECT) throw new Error("a connection was expected");
    const address = await readAddress(client, kind);
    const port = (await readBytes(client, 2)).readUInt16BE();
    if (address !== "127.0.0.1") throw new Error(`nobody is reached but this machine: ${address}`);
    const server = connect({ port, host: address, allowHalfOpen: true });
    this.#keep(server);
    await once(server, "connect");
    // The handshake of TCP itself.
    await new Promise((resolve) => setTimeout(resolve, this.#roundTripMs));
    client.write(GRANTED);
    carryAll(client, server, this.#up);
    carryAll(server, client, this.#down);
  }
}

async function readAddress(socket: Socket, kind: number | undefined): Promise<string> {
  if (kind === IPV4) return (await readBytes(socket, 4)).join(".");
  if (kind !== NAME) throw new Error("an IPv4 address or a name was expected");
  const [length] = await readBytes(socket, 1);
  return (await readBytes(socket, length!)).toString("latin1");
}

/** Exactly so many bytes; rejects where the other side ends before. */
async function readBytes(socket: Socket, size: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(size) as Buffer | null;
    if (bytes !== null && bytes.length === size) return bytes;
    if (socket.readableEnded || socket.destroyed) throw new Error("ended early");
    await Promise.race([once(socket, "readable"), once(socket, "end"), once(socket, "close")]);
  }
}

function carryAll(from: Socket, to: Socket, lane: Lane): void {
  let waitingBytes = 0;
  from.on("data", (bytes: Buffer) => {
    waitingBytes += bytes.length;
    if (waitingBytes > WAITING_BYTES_MAX) from.pause();
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      lane.carry(piece.length, () => {
        waitingBytes -= piece.length;
        if (waitingBytes <= WAITING_BYTES_MAX) from.resume();
        if (to.writable) to.write(piece);
      });
    }
  });
  from.on("end", () => lane.carry(0, () => to.end()));
  from.on("close", () => lane.carry(0, () => to.destroySoon()));
}
