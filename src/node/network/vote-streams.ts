import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeConsensusFrame, encodeConsensusFrame, type ConsensusFrame } from "../../core/chain/consensus-frames.ts";
import type { FrameReceiver } from "../../core/machines/full-node-events.ts";
import type { FrameStream, NodeNetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { VOTE_WAITING_BYTES_MAX, VOTE_WAITING_TOTAL_BYTES_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { Knocks } from "./knocks.ts";

const { name, served, asked } = PROTOCOL.vote;

/** Direct streams between validators, one each way and pair (CO-17). */
export interface VoteStreams {
  send(to: FrameReceiver, frame: ConsensusFrame): void;
}

interface Outbound {
  readonly waiting: Uint8Array[];
  waitingBytes: number;
  isSending: boolean;
  stream: FrameStream | undefined;
}

/** Where frames go, and who hears of a peer that sends others. */
export interface VoteDesk {
  /** Resolves once the frame has been dealt with: a stream's next one is read only then. */
  received(peer: PeerId, frame: ConsensusFrame): Promise<void>;
  malformed(peer: PeerId): void;
}

/**
 * Serves and opens vote streams. One frame of each stream is worked on at a time, so that a peer that sends more than
 * others gets no more of our time than they, and nothing piles up (CO-17).
 */
export async function openVoteStreams(
  network: Pick<NodeNetworkPort, "serve" | "openStream" | "onPeer" | "peers" | "nodes">,
  desk: VoteDesk,
  knocks = new Knocks(network),
): Promise<VoteStreams> {
  const outbound = new Map<PeerId, Outbound>();

  await network.serve(name, served, async (stream) => {
    try {
      for await (const bytes of stream.frames()) {
        // What it sent before it left would make the machine remember a peer that nobody tells it to forget.
        if (!network.peers().includes(stream.peer)) break;
        await desk.received(stream.peer, decodeConsensusFrame(bytes));
      }
    } catch (error) {
      if (error instanceof DecodeError) desk.malformed(stream.peer);
    }
    await stream.close().catch(() => undefined);
  });

  network.onPeer(({ peer, connected }) => {
    if (!connected) outbound.delete(peer);
  });

  const drain = async (peer: PeerId, out: Outbound): Promise<void> => {
    out.isSending = true;
    try {
      for (let bytes = takeOldest(out); bytes !== undefined; bytes = takeOldest(out)) {
        if (out.stream === undefined) {
          out.stream = await network.openStream(peer, name, asked);
          knocks.answered(peer);
        }
        await out.stream.send(bytes);
      }
    } catch {
      // The peer does not vote, or is gone: a while later its stream is opened anew, and have-sets bring it back in (CO-19).
      out.stream = undefined;
      knocks.unanswered(peer);
      out.waiting.length = 0;
      out.waitingBytes = 0;
    }
    out.isSending = false;
    // Frames are sent to peers that have just left, too: nobody would tell us to forget those.
    if (outbound.get(peer) === out && !network.peers().includes(peer)) outbound.delete(peer);
  };

  const sendTo = (peer: PeerId, bytes: Uint8Array): void => {
    if (!knocks.isDue(peer)) return;
    const out = outbound.get(peer) ?? openOutbound();
    outbound.set(peer, out);
    out.waiting.push(bytes);
    out.waitingBytes += bytes.length;
    // A slow peer loses the oldest frames; have-sets bring back what it lacks (CO-19).
    while (out.waitingBytes > VOTE_WAITING_BYTES_MAX) takeOldest(out);
    thinOut(outbound);
    if (!out.isSending) void drain(peer, out);
  };

  return {
    send(to, frame) {
      const bytes = encodeConsensusFrame(frame);
      for (const peer of to === "all" ? network.nodes() : [to.peer]) sendTo(peer, bytes);
    },
  };
}

/** Many slow peers together hold no more than this, either; those who hold most lose first. */
function thinOut(outbound: ReadonlyMap<PeerId, Outbound>): void {
  const all = [...outbound.values()];
  let total = all.reduce((sum, out) => sum + out.waitingBytes, 0);
  while (total > VOTE_WAITING_TOTAL_BYTES_MAX) {
    const slowest = all.reduce((left, right) => (right.waitingBytes > left.waitingBytes ? right : left));
    total -= takeOldest(slowest)?.length ?? 0;
  }
}

function openOutbound(): Outbound {
  return { waiting: [], waitingBytes: 0, isSending: false, stream: undefined };
}

function takeOldest(out: Outbound): Uint8Array | undefined {
  const bytes = out.waiting.shift();
  out.waitingBytes -= bytes?.length ?? 0;
  return bytes;
}
