import type { GossipSub } from "@libp2p/gossipsub";
import type { Connection, Stream } from "@libp2p/interface";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { paceGossip } from "../../../../src/net/gossip/pace-gossip.ts";
import { GOSSIP_BYTES_PER_S_MAX } from "../../../../src/wire/limits.ts";

/** A gossip stream as it arrives, and what is done with it. */
class FakeStream extends EventTarget {
  readStatus: "readable" | "paused" | "closed" = "readable";
  remoteWriteStatus = "writable";
  pauses = 0;

  pause(): void {
    this.readStatus = "paused";
    this.pauses++;
  }

  resume(): void {
    this.readStatus = "readable";
  }

  bring(byteLength: number): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data: { byteLength } }));
  }
}

describe("gossip that is read", () => {
  let accepted: unknown[];
  let arrive: (peer: string, address: string, direction?: Connection["direction"]) => FakeStream;
  beforeEach(() => {
    vi.useFakeTimers();
    accepted = [];
    const mesh = { onIncomingStream: (stream: unknown) => accepted.push(stream) };
    paceGossip(mesh as unknown as GossipSub);
    const accept = mesh.onIncomingStream as (stream: Stream, connection: Connection) => void;
    arrive = (peer, address, direction = "inbound") => {
      const stream = new FakeStream();
      const connection = { direction, remotePeer: { toString: () => peer }, remoteAddr: { toString: () => address } };
      accept(stream as unknown as Stream, connection as unknown as Connection);
      expect(accepted.at(-1)).toBe(stream);
      return stream;
    };
  });
  afterEach(() => vi.useRealTimers());

  it("[NW-1] is a burst of a second of each host, under whatever names it comes, and then waits for its time", () => {
    const [one, again] = [arrive("a", "/ip4/203.0.113.7/tcp/1"), arrive("b", "/ip4/203.0.113.7/tcp/2")];
    one.bring(GOSSIP_BYTES_PER_S_MAX);
    expect(one.readStatus).toBe("readable");
    again.bring(GOSSIP_BYTES_PER_S_MAX / 2);
    expect(again.readStatus).toBe("paused");
    const other = arrive("c", "/ip4/203.0.113.8/tcp/1");
    other.bring(GOSSIP_BYTES_PER_S_MAX);
    expect(other.readStatus).toBe("readable");
    vi.advanceTimersByTime(490);
    expect(again.readStatus).toBe("paused");
    vi.advanceTimersByTime(20);
    expect(again.readStatus).toBe("readable");
    one.bring(GOSSIP_BYTES_PER_S_MAX);
    expect(one.readStatus).toBe("paused");
  });

  it("[NW-1] is held back from the start on a new stream of who has had too much already", () => {
    arrive("a", "/ip4/203.0.113.7/tcp/1").bring(2 * GOSSIP_BYTES_PER_S_MAX);
    const next = arrive("b", "/ip4/203.0.113.7/tcp/2");
    expect(next.readStatus).toBe("paused");
    vi.advanceTimersByTime(1_010);
    expect(next.readStatus).toBe("readable");
  });

  it("[NW-1] is counted by name of whom we have dialled: strangers at its address take nothing from it", () => {
    arrive("a", "/ip4/203.0.113.7/tcp/1").bring(2 * GOSSIP_BYTES_PER_S_MAX);
    const dialled = arrive("b", "/ip4/203.0.113.7/tcp/2", "outbound");
    dialled.bring(GOSSIP_BYTES_PER_S_MAX);
    expect(dialled.readStatus).toBe("readable");
  });

  it("[NW-1] is counted by name on loopback, where all come from one host", () => {
    const [one, other] = [arrive("a", "/ip4/127.0.0.1/tcp/1"), arrive("b", "/ip4/127.0.0.1/tcp/2")];
    one.bring(2 * GOSSIP_BYTES_PER_S_MAX);
    other.bring(GOSSIP_BYTES_PER_S_MAX);
    expect([one.readStatus, other.readStatus]).toEqual(["paused", "readable"]);
  });

  it("is not waited for where the peer has ended the stream: nothing more comes, and its end is not held back", () => {
    const stream = arrive("a", "/ip4/127.0.0.1/tcp/1");
    stream.remoteWriteStatus = "closed";
    stream.bring(2 * GOSSIP_BYTES_PER_S_MAX);
    expect(stream.pauses).toBe(0);
    const closed = arrive("b", "/ip4/127.0.0.1/tcp/2");
    closed.bring(2 * GOSSIP_BYTES_PER_S_MAX);
    closed.readStatus = "closed";
    closed.dispatchEvent(new Event("close"));
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is read on at its time where the peer ends a stream that waits", () => {
    const stream = arrive("a", "/ip4/127.0.0.1/tcp/1");
    stream.bring(2 * GOSSIP_BYTES_PER_S_MAX);
    stream.remoteWriteStatus = "closed";
    stream.dispatchEvent(new Event("remoteCloseWrite"));
    expect(stream.readStatus).toBe("paused");
    vi.advanceTimersByTime(1_010);
    expect(stream.readStatus).toBe("readable");
    // What had come before its end is handed over then, and does not hold it again.
    stream.bring(2 * GOSSIP_BYTES_PER_S_MAX);
    expect(stream.readStatus).toBe("readable");
  });
});
