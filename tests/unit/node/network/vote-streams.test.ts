import { describe, expect, it } from "vitest";
import type { PartFrame } from "../../../../src/core/chain/consensus-frames.ts";
import type { FrameStream, NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { height } from "../../../../src/core/values/height.ts";
import { openVoteStreams } from "../../../../src/node/network/vote-streams.ts";
import { VOTE_WAITING_BYTES_MAX } from "../../../../src/wire/limits.ts";
import { hashOf } from "../../../support/block-commits.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

/** A network with one peer that takes the first frame only when it is told to. */
class SlowPeer {
  readonly sent: Uint8Array[] = [];
  read: () => void = () => undefined;

  get network(): NetworkPort {
    const isRead = new Promise<void>((resolve) => (this.read = resolve));
    const send = async (frame: Uint8Array): Promise<void> => {
      this.sent.push(frame);
      await isRead;
    };
    const openStream = (): Promise<FrameStream> => Promise.resolve({ send } as unknown as FrameStream);
    const serve = (): Promise<void> => Promise.resolve();
    return { openStream, serve, onPeer: () => () => undefined, peers: () => ["slow"] } as unknown as NetworkPort;
  }
}

describe("vote streams", () => {
  it("[CO-17] VOTE_WAITING_BYTES_MAX: what waits for a peer that does not read is bounded, the newest stays", async () => {
    const slow = new SlowPeer();
    const streams = await openVoteStreams(slow.network, () => undefined);
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
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [first, ...others] = slow.sent;
    expect(others.reduce((sum, frame) => sum + frame.length, 0)).toBeLessThanOrEqual(VOTE_WAITING_BYTES_MAX);
    expect(others.length).toBe(Math.floor(VOTE_WAITING_BYTES_MAX / first!.length));
    expect(new DataView(others.at(-1)!.buffer, others.at(-1)!.byteOffset).getUint16(43, true)).toBe(last);
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
    } as unknown as NetworkPort;
    const streams = await openVoteStreams(network, () => undefined);
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
});
