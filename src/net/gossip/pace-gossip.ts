import type { GossipSub } from "@libp2p/gossipsub";
import type { Connection, Stream } from "@libp2p/interface";
import { GOSSIP_BYTES_PER_S_MAX } from "../../wire/limits.ts";
import { hostName } from "../peers/connection-gate.ts";
import { PeerPace } from "../host/peer-pace.ts";
import { resumeStream } from "../resume-stream.ts";

/** What gossipsub keeps to itself. */
interface AcceptingMesh {
  onIncomingStream(stream: Stream, connection: Connection): void;
}

/**
 * A mesh that reads so much of each host a second and no more (NW-1), on loopback of each peer, and of each that we have
 * dialled. Before anybody judges a message it has been opened, decoded and hashed, and one that is ignored costs its sender
 * nothing (NW-16): without this a single connection keeps a node from its votes. What comes above waits at the peer's, and
 * is lost only if the peer ends the stream.
 */
export function paceGossip(mesh: GossipSub): GossipSub {
  const pace = new PeerPace(GOSSIP_BYTES_PER_S_MAX);
  const accepting = mesh as unknown as AcceptingMesh;
  const accept = accepting.onIncomingStream.bind(mesh);
  accepting.onIncomingStream = (stream, connection) => {
    const name = payerOf(connection);
    paceStream(stream, (size) => pace.grant(name, size));
    accept(stream, connection);
  };
  return mesh;
}

/** Whom we have dialled does not share what strangers at its address have. */
function payerOf({ direction, remoteAddr, remotePeer }: Connection): string {
  const host = direction === "outbound" ? undefined : hostName(remoteAddr.toString());
  return host ?? remotePeer.toString();
}

function paceStream(stream: Stream, grant: (size: number) => number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hold = (waitMs: number): void => {
    if (waitMs === 0 || stream.readStatus !== "readable") return;
    stream.pause();
    timer = setTimeout(() => resumeStream(stream), waitMs);
  };
  // A new stream, which may bring a window with it, is no way round.
  hold(grant(0));
  stream.addEventListener("message", ({ data }) => {
    const waitMs = grant(data.byteLength);
    // Of who has ended it nothing more will come, and its end is not held back.
    if (stream.remoteWriteStatus !== "closed") hold(waitMs);
  });
  stream.addEventListener("close", () => clearTimeout(timer));
}
