import { ACCOUNT_SIZE, ACCOUNTS_MAX, BLOCK_BYTES_MAX, TX_BYTES_MAX } from "../core/params/limits.ts";

/**
 * Everything a peer can make us hold or send, with its unit (11.1, NW-1). A frame counts its type byte, not the four
 * bytes of its length. The limits of what frames carry (transactions, blocks, sets) are in `core/params/limits.ts`.
 */

/** Every request that only names heights, buckets or nothing at all. */
export const REQUEST_FRAME_BYTES_MAX = 128;
/** An answer may break off with an error of this much text. */
export const ERROR_TEXT_BYTES_MAX = 128;

export const STATUS_FRAME_BYTES_MAX = 128;

export const HDR_HEADERS_MAX = 256;
/** All frames of one answer together; a server sends fewer headers when sets are large. */
export const HDR_ANSWER_BYTES_MAX = 1024 * 1024;
/** One header with its certificate and the largest validator set: 6,310 bytes. */
export const HDR_FRAME_BYTES_MAX = 8 * 1024;

export const COMPACT_FRAME_BYTES_MAX = 512 * 1024;
/** With the core and the payload of every entry. */
export const COMPACT_FULL_FRAME_BYTES_MAX = 1536 * 1024;

/** Exactly this many: the one request form, so that a bucket hides among decoys (NW-7). */
export const BUCKET_IDS_COUNT = 3;
export const BUCKET_FRAME_BYTES_MAX = 1024 * 1024;

export const RANGE_RANGES_MAX = 16;
/** One range, all of its 1,024 outputs live, behind the type byte: 36,173 bytes. */
export const RANGE_ITEM_BYTES_MAX = 40 * 1024;
/** Range roots of 32 bytes in one frame. */
export const RANGE_ROOTS_BYTES_MAX = 1024 * 1024;
export const RANGE_ROOTS_PER_FRAME_MAX = Math.floor((RANGE_ROOTS_BYTES_MAX - 1) / 32);

/** All items of one answer together; the asker goes on behind the last. */
export const SNAP_ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** A tile of 128 live outputs with their proofs: 103,313 bytes of coins, 1.1 MB of packets of 64 shares with all claims made. */
export const SNAP_FRAME_BYTES_MAX = 1280 * 1024;
/** Of the tail in one item; the last part has what is left. */
export const SNAP_TAIL_PART_BYTES = 128 * 1024;
/** All accounts that a chain may hold, and room for the other aux records, the largest set and the longest frontier. */
export const SNAP_TAIL_BYTES_MAX = ACCOUNTS_MAX * ACCOUNT_SIZE + 16 * 1024;

/** A transaction of the largest size behind its type byte. */
export const TX_FRAME_BYTES_MAX = 1 + TX_BYTES_MAX;
/** Transactions handed in over `tx` whose verdict is waited for: one of a peer, and so many in all; and so many over JSON-RPC. */
export const TX_WAITING_MAX = 8;
/** The same of claims over `tx`, which come in crowds and are looked at within milliseconds: half of what a pool lets wait. */
export const TX_CLAIMS_WAITING_MAX = 32;

export const STEM_STREAMS_PER_PEER_MAX = 2;
/** Transactions of one stem stream that are being judged; no more are read meanwhile. */
export const STEM_JUDGING_PER_STREAM_MAX = 16;
/** Of those that a node had no room to look at so many wait for the next look, of one stream and in all: no peer has all. */
export const STEM_WAITING_PER_STREAM_MAX = 64;
export const STEM_WAITING_MAX = 256;

/** One waiting transaction: 104 coins with their payloads are 74 KiB. */
export const POOL_FRAME_BYTES_MAX = 256 * 1024;
export const POOL_STREAMS_PER_PEER_MAX = 2;
/** Frames waiting for one reader of the mempool; over it the stream is aborted, and the reader starts anew. */
export const POOL_WAITING_BYTES_MAX = 4 * 1024 * 1024;

export const PEERS_ADDRESSES_MAX = 32;
/** One multiaddr in its binary form. */
export const PEERS_ADDRESS_BYTES_MAX = 128;
export const PEERS_FRAME_BYTES_MAX = 1 + PEERS_ADDRESS_BYTES_MAX;

/** Addresses of nodes that a node remembers (NW-15): in all, of one group of public addresses, of one peer. */
export const BOOK_ADDRESSES_MAX = 1_024;
export const BOOK_ADDRESSES_PER_GROUP_MAX = 64;
export const BOOK_ADDRESSES_PER_PEER_MAX = 8;
/** Addresses that one source may have told and nobody has found yet: what it can make a node dial for nothing. */
export const BOOK_HEARD_PER_SOURCE_MAX = 16;

/** Addresses looked at for those who claim them (NW-15): within ten minutes in all and of one host, and at once. */
export const DIAL_BACKS_MAX = 120;
export const DIAL_BACKS_PER_HOST_MAX = 8;
export const DIAL_BACKS_RUNNING_MAX = 4;

export const BLOCK_BLOCKS_MAX = 16;
/** A block of the largest size behind its type byte. */
export const BLOCK_FRAME_BYTES_MAX = 1 + BLOCK_BYTES_MAX;
/** The want of a whole block: two bytes for each of its transactions. */
export const BLOCK_REQUEST_FRAME_BYTES_MAX = 8 * 1024;
/** Transactions asked for by their place in a block. */
export const BLOCK_PART_FRAME_BYTES_MAX = 192 * 1024;

/** A blob of the largest size with what is asked about it (11.1); 1 MiB and 65 bytes are used. */
export const BLOB_FRAME_BYTES_MAX = 1024 * 1024 + 256;
/** Each may hold a whole blob that nobody has looked at yet. */
export const BLOB_STREAMS_PER_PEER_MAX = 2;
/** Blobs of one peer, put and read together, after as many at once (MS-13); more gets error 3. */
export const BLOB_BYTES_PER_MINUTE_MAX = 8 * 1024 * 1024;
/** Blobs put by all peers together, also such as are kept already: a quota of 2 GiB is not overrun in less than half an hour. */
export const BLOB_PUT_BYTES_PER_MINUTE_MAX = 64 * 1024 * 1024;
/** What all peers together have sent of blobs that nobody has looked at yet. */
export const BLOB_WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** Blobs on their way to all peers together, by the sizes that they are padded to, and tiles of snapshots alike. */
export const ANSWERS_SENDING_BYTES_MAX = 64 * 1024 * 1024;
/** Blobs on their way to the disk. */
export const BLOB_PUTS_RUNNING_MAX = 4;

export const VOTE_FRAME_BYTES_MAX = 192 * 1024;
/** Frames waiting for one peer that does not read; a want of a few bytes is answered by a whole block. */
export const VOTE_WAITING_BYTES_MAX = 4 * 1024 * 1024;
/** The same for all peers together. */
export const VOTE_WAITING_TOTAL_BYTES_MAX = 64 * 1024 * 1024;

export const GOSSIP_TX_BYTES_MAX = TX_BYTES_MAX;
export const GOSSIP_BLOCK_BYTES_MAX = 64 * 1024;
/** The largest evidence has 335 bytes. */
export const GOSSIP_EVIDENCE_BYTES_MAX = 1024;

/** One WebSocket message, which a stranger may send before any handshake; ours carry one Noise message of 64 KiB. */
export const WEBSOCKET_MESSAGE_BYTES_MAX = 256 * 1024;
/** Handshakes of WebRTC-direct under way; each costs the sender one packet, whatever address it puts on it. */
export const WEBRTC_PENDING_MAX = 50;

/** Inbound connections of one host, those whose handshake is not done, those of one peer (NW-16). */
export const CONNECTIONS_PER_HOST_MAX = 64;
export const CONNECTIONS_HALF_OPEN_PER_HOST_MAX = 16;
/** Of all hosts; each may take so long. */
export const CONNECTIONS_HALF_OPEN_MAX = 256;
export const HANDSHAKE_MS_MAX = 5_000;
/** Sockets of one WebSocket listener, those included on which nobody has said anything yet. */
export const WEBSOCKET_SOCKETS_MAX = 512;
export const CONNECTIONS_PER_PEER_MAX = 4;
/** Inbound connections of peers that we have never found at an address of their own; one group has a quarter of them. */
export const CONNECTIONS_OF_STRANGERS_MAX = 200;
/** Names whose faults are counted, and names that are banned; of more the oldest is forgotten. */
export const SCORED_NAMES_MAX = 4_096;
export const BANNED_NAMES_MAX = 4_096;
/** Peers whose address is remembered, so that those who leave before a verdict are blamed by their host, too. */
export const PLACES_REMEMBERED_MAX = 4_096;

/** NW-1, per connection. */
export const CONNECTION_STREAMS_MAX = 64;
export const CONNECTION_BYTES_PER_S_MAX = 8 * 1024 * 1024;
/** What waits to be sent on all streams of one connection together, with what a muxer answers by itself; over it it ends. */
export const CONNECTION_WAITING_BYTES_MAX = 8 * 1024 * 1024;
/** Of messages, however short: each stream has one piece of a frame among them. */
export const CONNECTION_WAITING_MESSAGES_MAX = 4_096;
/** Streams of one protocol that one peer may hold open: its parallel requests (NW-1). */
export const REQUEST_STREAMS_PER_PEER_MAX = 4;
/** Requests of one peer: so many at once, as a large wallet asks for buckets, then so many a second; more gets error 3. */
export const REQUESTS_BURST_MAX = 4_096;
export const REQUESTS_PER_S_MAX = 256;
export const COMPACT_STREAMS_PER_PEER_MAX = 2;
export const VOTE_STREAMS_PER_PEER_MAX = 2;

/** Frames waiting in one stream for a peer that does not read; over it the stream is aborted. */
export const STREAM_SEND_QUEUE_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes a peer may send on one stream ahead of what we read (the flow-control window). */
export const STREAM_WINDOW_BYTES_MAX = 1024 * 1024;
/** How long a peer may take to read nothing at all while we have something for it. */
export const STREAM_STALL_MS_MAX = 30_000;
/** How long opening a stream may take, or a stream stay half open when we are done with it. */
export const STREAM_IDLE_MS_MAX = 10_000;

/** Gossip of one peer waiting to be judged; more is ignored. */
export const GOSSIP_JUDGING_PER_PEER_MAX = 64;
/** Gossip read of one host, on loopback of one peer: twice what one passes on where every block is full; the rest waits there. */
export const GOSSIP_BYTES_PER_S_MAX = 2 * 1024 * 1024;
/** Gossip waiting for a peer that does not read. */
export const GOSSIP_SEND_QUEUE_BYTES_MAX = 8 * 1024 * 1024;
/** One message of the gossip protocol itself: several of ours may share it. */
export const GOSSIP_RPC_BYTES_MAX = 4 * 1024 * 1024;
