import type { StreamLimits } from "../core/ports/network-port.ts";
import {
  BLOB_FRAME_BYTES_MAX,
  BLOB_STREAMS_PER_PEER_MAX,
  BLOB_WAITING_BYTES_MAX,
  BLOCK_FRAME_BYTES_MAX,
  BLOCK_REQUEST_FRAME_BYTES_MAX,
  BUCKET_FRAME_BYTES_MAX,
  COMPACT_FULL_FRAME_BYTES_MAX,
  COMPACT_STREAMS_PER_PEER_MAX,
  HDR_FRAME_BYTES_MAX,
  PEERS_FRAME_BYTES_MAX,
  POOL_FRAME_BYTES_MAX,
  POOL_STREAMS_PER_PEER_MAX,
  RANGE_ROOTS_BYTES_MAX,
  REQUEST_FRAME_BYTES_MAX,
  REQUEST_STREAMS_PER_PEER_MAX,
  SNAP_FRAME_BYTES_MAX,
  STATUS_FRAME_BYTES_MAX,
  STEM_STREAMS_PER_PEER_MAX,
  TX_FRAME_BYTES_MAX,
  VOTE_FRAME_BYTES_MAX,
  VOTE_STREAMS_PER_PEER_MAX,
} from "./limits.ts";

/** A row of 11.1: its name inside the protocol id, and what each side accepts from the other. */
export interface Protocol {
  readonly name: string;
  /** For `serve`: frames a server reads. */
  readonly served: StreamLimits;
  /** For `openStream`: frames the asking side reads. */
  readonly asked: StreamLimits;
}

/** An error frame always fits: 131 bytes. */
const ANSWER_FRAME_BYTES_MIN = 256;

function protocol(
  name: string,
  requestBytesMax: number,
  answerBytesMax: number,
  streamsPerPeerMax: number,
  waiting: Pick<StreamLimits, "waitingBytesMax"> = {},
): Protocol {
  return {
    name,
    served: { frameBytesMax: requestBytesMax, streamsPerPeerMax, ...waiting },
    asked: { frameBytesMax: Math.max(answerBytesMax, ANSWER_FRAME_BYTES_MIN), streamsPerPeerMax },
  };
}

const REQUESTS = REQUEST_STREAMS_PER_PEER_MAX;

/** The protocols of this version. */
export const PROTOCOL = {
  status: protocol("status", STATUS_FRAME_BYTES_MAX, STATUS_FRAME_BYTES_MAX, REQUESTS),
  hdr: protocol("hdr", REQUEST_FRAME_BYTES_MAX, HDR_FRAME_BYTES_MAX, REQUESTS),
  compact: protocol("compact", REQUEST_FRAME_BYTES_MAX, COMPACT_FULL_FRAME_BYTES_MAX, COMPACT_STREAMS_PER_PEER_MAX),
  pool: protocol("pool", REQUEST_FRAME_BYTES_MAX, POOL_FRAME_BYTES_MAX, POOL_STREAMS_PER_PEER_MAX),
  bucket: protocol("bucket", REQUEST_FRAME_BYTES_MAX, BUCKET_FRAME_BYTES_MAX, REQUESTS),
  range: protocol("range", REQUEST_FRAME_BYTES_MAX, RANGE_ROOTS_BYTES_MAX, REQUESTS),
  snap: protocol("snap", REQUEST_FRAME_BYTES_MAX, SNAP_FRAME_BYTES_MAX, REQUESTS),
  tx: protocol("tx", TX_FRAME_BYTES_MAX, REQUEST_FRAME_BYTES_MAX, REQUESTS),
  stem: protocol("stem", TX_FRAME_BYTES_MAX, REQUEST_FRAME_BYTES_MAX, STEM_STREAMS_PER_PEER_MAX),
  peers: protocol("peers", REQUEST_FRAME_BYTES_MAX, PEERS_FRAME_BYTES_MAX, REQUESTS),
  dialBack: protocol("dial-back", PEERS_FRAME_BYTES_MAX, REQUEST_FRAME_BYTES_MAX, REQUESTS),
  block: protocol("block", BLOCK_REQUEST_FRAME_BYTES_MAX, BLOCK_FRAME_BYTES_MAX, REQUESTS),
  blob: protocol("blob", BLOB_FRAME_BYTES_MAX, BLOB_FRAME_BYTES_MAX, BLOB_STREAMS_PER_PEER_MAX, {
    waitingBytesMax: BLOB_WAITING_BYTES_MAX,
  }),
  vote: protocol("vote", VOTE_FRAME_BYTES_MAX, VOTE_FRAME_BYTES_MAX, VOTE_STREAMS_PER_PEER_MAX),
} as const satisfies Readonly<Record<string, Protocol>>;

/** What nodes open at one another and light clients never do: whoever asks for it is a node. */
export const NODE_PROTOCOLS: ReadonlySet<string> = new Set([PROTOCOL.stem.name, PROTOCOL.vote.name]);
