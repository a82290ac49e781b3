import type { MessageStream } from "@libp2p/interface";
import { describe, expect, it, vi } from "vitest";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { sendJoined } from "../../../../src/net/host/join-messages.ts";
import { CONNECTION_WAITING_BYTES_MAX, WEBSOCKET_MESSAGE_BYTES_MAX } from "../../../../src/wire/limits.ts";

type Sendable = Parameters<MessageStream["send"]>[0];

/** As much of the library's list of buffers as is asked of it. */
function listOf(bytes: Uint8Array): Sendable {
  const subarray = (from: number, to: number): Uint8Array => bytes.subarray(from, to);
  return { byteLength: bytes.length, subarray } as unknown as Sendable;
}

/** A connection that keeps what was sent, and says after how many messages it is full. */
function recorder(room = Infinity): {
  readonly sent: Uint8Array[];
  maxWriteBufferLength?: number;
  send(data: Sendable): boolean;
} {
  const sent: Uint8Array[] = [];
  return { sent, send: (data) => sent.push(data as Uint8Array) < room };
}

describe("messages of a connection", () => {
  it("a list of buffers leaves as one", () => {
    const connection = recorder();
    const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => index % 251);
    expect(sendJoined(connection).send(listOf(bytes))).toBe(true);
    expect(connection.sent).toEqual([bytes]);
  });

  it("CONNECTION_WAITING_BYTES_MAX: no more waits for who reads too little", () => {
    expect(sendJoined(recorder()).maxWriteBufferLength).toBe(CONNECTION_WAITING_BYTES_MAX);
  });

  it("one buffer stays what it is", () => {
    const connection = recorder();
    const bytes = new Uint8Array(3 * WEBSOCKET_MESSAGE_BYTES_MAX);
    sendJoined(connection).send(bytes);
    expect(connection.sent[0]).toBe(bytes);
  });

  it("WEBSOCKET_MESSAGE_BYTES_MAX: a long list leaves in order, no piece larger than half of it", () => {
    const connection = recorder();
    const bytes = Uint8Array.from({ length: 2 * WEBSOCKET_MESSAGE_BYTES_MAX + 1 }, (_, index) => index % 251);
    sendJoined(connection).send(listOf(bytes));
    const half = WEBSOCKET_MESSAGE_BYTES_MAX / 2;
    expect(connection.sent.map(({ length }) => length)).toEqual([half, half, half, half, 1]);
    expect(Buffer.concat(connection.sent).equals(bytes)).toBe(true);
  });

  it("says that the connection is full once the last piece filled it", () => {
    const bytes = new Uint8Array(WEBSOCKET_MESSAGE_BYTES_MAX);
    expect(sendJoined(recorder(2)).send(listOf(bytes))).toBe(false);
    expect(sendJoined(recorder(3)).send(listOf(bytes))).toBe(true);
  });

  it("a frame of Noise is one WebSocket message, its length among it", async () => {
    const send = vi.spyOn(WebSocket.prototype, "send");
    const host = await createNodeHost({
      chainId: 1000,
      identity: await generateIdentity(),
      listen: ["/ip4/127.0.0.1/tcp/0/ws"],
    });
    const dialing = await createNodeHost({ chainId: 1000, identity: await generateIdentity(), listen: [] });
    try {
      await dialing.dial(host.addresses()[0]!, 30_000);
      const sizes = send.mock.calls.map(([data]) => (data as Uint8Array).byteLength);
      expect(sizes.length).toBeGreaterThan(0);
      expect(sizes).not.toContain(2);
    } finally {
      send.mockRestore();
      await Promise.all([host.stop(), dialing.stop()]);
    }
  });
});
