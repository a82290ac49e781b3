import type { GossipSub } from "@libp2p/gossipsub";
import type { Connection, Stream } from "@libp2p/interface";
import { GOSSIP_BYTES_PER_S_MAX } from "../../wire/limits.ts";
import { hostName } from "../peers/connection-gate.ts";
import { PeerPace } from "../host/peer-pace.ts";

/** What gossipsub keeps to itself. */
interface AcceptingMesh {
  onIncomingStream(stream: Stream, connection: Connection): void;
}

/**
 * A mesh that reads so much of each host a second and no more (NW-1), on loopback of each peer. Before anybody judges a message it has been opened,
 * decoded and hashed, and one that is ignored costs its sender nothing (NW-16): without this a single connection keeps a
 * node from its votes. Nothing is lost, what comes above waits at the peer's.
 */
export function paceGossip(mesh: GossipSub): GossipSub {
  const pace = new PeerPace(GOSSIP_BYTES_PER_S_MAX);
  const accepting = mesh as unknown as AcceptingMesh;
  const accept = accepting.onIncomingStream.bind(mesh);
  accepting.onIncomingStream = (stream, connection) => {
    const name = hostName(connection.remoteAddr.toString()) ?? connection.remotePeer.toString();
    paceStream(stream, (size) => pace.grant(name, size));
    accept(stream, connection);
  };
  return mesh;
}

function paceStream(stream: Stream, grant: (size: number) => number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  stream.addEventListener("message", ({ data }) => {
    const waitMs = grant(data.byteLength);
    // Of who has ended it nothing more will come.
    if (waitMs === 0 || stream.readStatus !== "readable" || stream.remoteWriteStatus === "closed") return;
    stream.pause();
    timer = setTimeout(() => resume(stream), waitMs);
  });
  stream.addEventListener("close", () => clearTimeout(timer));
}

function resume(stream: Stream): void {
  if (stream.readStatus !== "paused") return;
  try {
    stream.resume();
  } catch {
    // It tells the peer that there is room again, which throws where the connection is closed already.
  }
}
