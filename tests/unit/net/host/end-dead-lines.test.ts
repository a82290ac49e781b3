import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NodeNetworkPort, PeerId } from "../../../../src/core/ports/network-port.ts";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { eventually } from "../../../support/eventually.ts";

const TURN_MS = 20_000;
const LIMITS = { frameBytesMax: 100, streamsPerPeerMax: 2 };
/** A frame of Yamux without data, and what Noise adds. */
const PING_BYTES = 12 + 16 + 2;

/** A line between two hosts, which can go dead: both ends stay open, and nothing passes. */
class Line {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  /** All that both ends have sent. */
  bytes = 0;
  /** The end that was dialled has let go of its socket. */
  isLeft = false;

  constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      near.pipe(far).pipe(near);
      far.on("close", () => (this.isLeft = true));
      for (const socket of [near, far]) {
        this.#sockets.push(socket);
        socket.on("error", () => undefined);
        socket.on("data", (bytes) => (this.bytes += bytes.length));
      }
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `/ip4/127.0.0.1/tcp/${(this.#server.address() as AddressInfo).port}`;
  }

  die(): void {
    // What comes is still read, and lost, so neither end can tell by what it sends.
    for (const socket of this.#sockets) socket.unpipe().resume();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe("lines of which nothing comes any more", { timeout: 60_000 }, () => {
  let hosts: NodeNetworkPort[];
  let line: Line;
  let server: PeerId;

  /** Joins two hosts by such a line. */
  async function join(listen: string): Promise<void> {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const make = async () =>
      createNodeHost({
        chainId: 1000,
        identity: await generateIdentity(),
        listen: [listen],
        // Longer than any of these tests: gossip of its own would be a sign of life.
        gossipHeartbeatMs: 3_600_000,
      });
    hosts = [await make(), await make()];
    await hosts[0]!.serve("stem", LIMITS, async (stream) => {
      for await (const frame of stream.frames()) await stream.send(frame);
    });
    const [, , , , port, ...rest] = hosts[0]!.addresses()[0]!.split("/");
    line = new Line(Number(port));
    server = await hosts[1]!.dial([await line.listen(), ...rest].join("/"), 20_000);
    await eventually(() => expect(hosts[0]!.peers()).toHaveLength(1));
    // What a new connection says of itself.
    await settle();
    line.bytes = 0;
  }
  beforeEach(() => {
    hosts = [];
  });
  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    line.close();
    vi.useRealTimers();
  });

  const settle = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));
  async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
      await vi.advanceTimersByTimeAsync(TURN_MS);
      await settle();
    }
  }
  /** A stream that gives back what it is sent. */
  async function openEcho(): Promise<(size: number) => Promise<Uint8Array | undefined>> {
    const stream = await hosts[1]!.openStream(server, "stem", LIMITS);
    const frames = stream.frames()[Symbol.asyncIterator]();
    return async (size) => {
      await stream.send(new Uint8Array(size));
      const next = await frames.next();
      return next.done === true ? undefined : next.value;
    };
  }
  const connected = (): number[] => hosts.map((host) => host.peers().length);

  it.each([
    ["/ip4/127.0.0.1/tcp/0", PING_BYTES, PING_BYTES],
    // A WebSocket puts 2 bytes before a short message, and 4 more where it is who has dialled.
    ["/ip4/127.0.0.1/tcp/0/ws", PING_BYTES + 2, PING_BYTES + 6],
  ])("end at both ends, once a ping has found no answer, with their sockets: %s", async (listen, ...sizes) => {
    await join(listen);
    line.die();
    await turns(2);
    expect(connected()).toEqual([1, 1]);
    expect(line.bytes).toBe(sizes[0] + sizes[1]);
    expect(line.isLeft).toBe(false);
    await turns(1);
    await eventually(() => expect(connected()).toEqual([0, 0]));
    await eventually(() => expect(line.isLeft).toBe(true));
  });

  it("do not end while the other side answers, however long nobody has anything to say", async () => {
    await join("/ip4/127.0.0.1/tcp/0");
    await turns(8);
    expect(connected()).toEqual([1, 1]);
    // In each second turn both ask, or one does and the other one hears it; each ping has its answer.
    expect(line.bytes).toBeGreaterThanOrEqual(4 * 2 * PING_BYTES);
    expect(line.bytes).toBeLessThanOrEqual(4 * 4 * PING_BYTES);
    const echo = await openEcho();
    expect(await echo(3)).toHaveLength(3);
  });

  it("are not asked while anything passes", async () => {
    await join("/ip4/127.0.0.1/tcp/0");
    const echo = await openEcho();
    await echo(1);
    const before = line.bytes;
    await echo(1);
    const ofOne = line.bytes - before;
    line.bytes = 0;
    for (let turn = 0; turn < 5; turn++) {
      await turns(1);
      await echo(1);
    }
    expect(line.bytes).toBe(5 * ofOne);
    expect(connected()).toEqual([1, 1]);
  });
});
