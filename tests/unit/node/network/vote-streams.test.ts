import { describe, expect, it, vi } from "vitest";
import {
  encodeConsensusFrame,
  type ConsensusFrame,
  type PartFrame,
} from "../../../../src/core/chain/consensus-frames.ts";
import type { FrameStream, NodeNetworkPort } from "../../../../src/core/ports/network-port.ts";
import { height } from "../../../../src/core/values/height.ts";
import { openVoteStreams, type VoteDesk } from "../../../../src/node/network/vote-streams.ts";
import { VOTE_WAITING_BYTES_MAX, VOTE_WAITING_TOTAL_BYTES_MAX } from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { hashOf } from "../../../support/block-commits.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { eventually } from "../../../support/eventually.ts";

const NOBODY: VoteDesk = { received: () => Promise.resolve(), malformed: () => undefined };

/** A network with one peer that takes the first frame only when it is told to. */
class SlowPeer {
  readonly sent: Uint8Array[] = [];
  read: () => void = () => undefined;

  get network(): NodeNetworkPort {
    const isRead = new Promise<void>((resolve) => (this.read = resolve));
    const send = async (frame: Uint8Array): Promise<void> => {
      this.sent.push(frame);
      await isRead;
    };
    const openStream = (): Promise<FrameStream> => Promise.resolve({ send } as unknown as FrameStream);
    const serve = (): Promise<void> => Promise.resolve();
    const peers = (): readonly string[] => ["slow"];
    return { openStream, serve, onPeer: () => () => undefined, peers, nodes: peers } as unknown as NodeNetworkPort;
  }
}

describe("vote streams", () => {
  it("[CO-17] VOTE_WAITING_BYTES_MAX: what waits for a peer that does not read is bounded, the newest stays", async () => {
    const slow = new SlowPeer();
    const streams = await openVoteStreams(slow.network, NOBODY);
    const builder = new LedgerBuilder({ label: "vote streams" });
    const { transaction } = builder.transfer(builder.take(1), new Array<bigint>(100).fill(0n));
    const last = 60;
    for (let index = 0; index <= last; index++) {
      const part: PartFrame = {
        height: height(1),
        blockId: hashOf("block", 1),
        transactions: [{ index, transaction }],
      };
      streams.send({ peer: "slow" }, { type: "part", part });
    }
    slow.read();
    const newest = (): number => {
      const frame = slow.sent.at(-1)!;
      return new DataView(frame.buffer, frame.byteOffset).getUint16(43, true);
    };
    await eventually(() => expect(newest()).toBe(last));
    const [first, ...others] = slow.sent;
    expect(others.reduce((sum, frame) => sum + frame.length, 0)).toBeLessThanOrEqual(VOTE_WAITING_BYTES_MAX);
    expect(others.length).toBe(Math.floor(VOTE_WAITING_BYTES_MAX / first!.length));
  });

  it("[CO-17] nothing is kept of a peer that has left before its answer", async () => {
    const peers: string[] = [];
    let knocks = 0;
    const network = {
      openStream: () => {
        knocks++;
        return Promise.reject(new Error("not connected"));
      },
      serve: () => Promise.resolve(),
      onPeer: () => () => undefined,
      peers: () => peers,
    } as unknown as NodeNetworkPort;
    const streams = await openVoteStreams(network, NOBODY);
    const send = async (): Promise<void> => {
      streams.send(
        { peer: "brief" },
        { type: "want", want: { height: height(1), blockId: hashOf("block", 1), indexes: [] } },
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await send();
    peers.push("brief");
    // It would be left alone for a while if the first knock were remembered.
    await send();
    expect(knocks).toBe(2);
    await send();
    expect(knocks).toBe(2);
  });

  it("[NW-1] knocks ever more rarely at who serves no votes", async () => {
    vi.useFakeTimers();
    let knocks = 0;
    const network = {
      openStream: () => {
        knocks++;
        return Promise.reject(new Error("does not serve"));
      },
      serve: () => Promise.resolve(),
      onPeer: () => () => undefined,
      peers: () => ["node"],
      nodes: () => ["node"],
    } as unknown as NodeNetworkPort;
    const streams = await openVoteStreams(network, NOBODY);
    const want = { height: height(1), blockId: hashOf("block", 1), indexes: [] };
    for (let second = 0; second < 3_600; second++) {
      streams.send("all", { type: "want", want });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    vi.useRealTimers();
    expect(knocks).toBeGreaterThan(15);
    expect(knocks).toBeLessThan(25);
  });

  it("[CO-17] a peer that has left is heard no more, whatever it sent before", async () => {
    const peers = ["brief"];
    const received: string[] = [];
    const want = { height: height(1), blockId: hashOf("block", 1), indexes: [] };
    const frames = async function* (): AsyncIterable<Uint8Array> {
      for (let count = 0; count < 3; count++) yield await Promise.resolve(encodeConsensusFrame({ type: "want", want }));
    };
    const stream = { peer: "brief", frames, close: () => Promise.resolve() } as unknown as FrameStream;
    const network = {
      serve: (_name: string, _limits: unknown, handler: (stream: FrameStream) => Promise<void>) => handler(stream),
      onPeer: () => () => undefined,
      peers: () => peers,
    } as unknown as NodeNetworkPort;
    await openVoteStreams(network, {
      malformed: () => undefined,
      // It hangs up while its first frame waits for a block that is being written.
      received: (peer) => {
        received.push(peer);
        peers.pop();
        return Promise.resolve();
      },
    });
    expect(received).toEqual(["brief"]);
  });

  it("VOTE_WAITING_TOTAL_BYTES_MAX: a crowd of peers that do not read holds no more than this together", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `slow ${index}`);
    const sent = new Map<string, number>();
    let read: () => void = () => undefined;
    const isRead = new Promise<void>((resolve) => (read = resolve));
    const network = {
      openStream: (peer: string) =>
        Promise.resolve({
          send: async (frame: Uint8Array) => {
            sent.set(peer, (sent.get(peer) ?? 0) + frame.length);
            await isRead;
          },
        }),
      serve: () => Promise.resolve(),
      onPeer: () => () => undefined,
      peers: () => names,
      nodes: () => names,
    } as unknown as NodeNetworkPort;
    const streams = await openVoteStreams(network, NOBODY);
    const builder = new LedgerBuilder({ label: "vote streams" });
    const { transaction } = builder.transfer(builder.take(1), new Array<bigint>(100).fill(0n));
    const part: PartFrame = {
      height: height(1),
      blockId: hashOf("block", 1),
      transactions: [{ index: 0, transaction }],
    };
    for (let count = 0; count < 40; count++) streams.send("all", { type: "part", part });
    await eventually(() => expect(sent.size).toBe(names.length));
    const first = [...sent.values()].reduce((sum, size) => sum + size, 0);
    read();
    await eventually(() => expect(Math.min(...sent.values())).toBeGreaterThan(1_000_000));
    const total = [...sent.values()].reduce((sum, size) => sum + size, 0) - first;
    expect(total).toBeLessThanOrEqual(VOTE_WAITING_TOTAL_BYTES_MAX);
    expect(total).toBeGreaterThan(VOTE_WAITING_TOTAL_BYTES_MAX * 0.9);
    // Nobody loses much more than another.
    expect(Math.max(...sent.values()) - Math.min(...sent.values())).toBeLessThan(first / 10);
  });

  it("[CO-17] of one stream one frame at a time is worked on: what a peer sends faster waits at the peer", async () => {
    const network = new FakeNetwork();
    const [node, peer] = [network.join("node"), network.join("peer")];
    const done: (() => void)[] = [];
    const faults: string[] = [];
    await openVoteStreams(node, {
      received: () => new Promise((resolve) => done.push(resolve)),
      malformed: (from) => faults.push(from),
    });
    await peer.dial("/fake/node", 1_000);
    const stream = await peer.openStream("node", PROTOCOL.vote.name, PROTOCOL.vote.asked);
    const want: ConsensusFrame = {
      type: "want",
      want: { height: height(1), blockId: hashOf("block", 1), indexes: [] },
    };
    for (let count = 0; count < 3; count++) await stream.send(encodeConsensusFrame(want));
    await stream.send(Uint8Array.of(99));
    const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
    for (let count = 1; count <= 3; count++) {
      await eventually(() => expect(done).toHaveLength(count));
      await settle();
      expect(done).toHaveLength(count);
      expect(faults).toEqual([]);
      done.at(-1)!();
    }
    await eventually(() => expect(faults).toEqual(["peer"]));
  });
});
