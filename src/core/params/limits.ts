/** Limits every decoder of the protocol enforces (protocol 0.5). Frame limits of the wire are in `wire/limits.ts`. */

export const TX_INPUTS_MAX = 128;
export const TX_OUTPUTS_MAX = 104;
export const TX_BYTES_MAX = 160 * 1024;
/** Outputs that may share one ephemeral key D within a transaction (OU-2). */
export const OUTPUTS_PER_EPHEMERAL_KEY_MAX = 8;
export const PACKET_SLOTS_MAX = 64;
export const BLOCK_EVIDENCE_MAX = 8;
export const BLOCK_INPUTS_MAX = 2_048;
/** Claims and take-backs of one block; of one packet in it; those with work in it, each of which takes milliseconds (RP-5). */
export const BLOCK_CLAIMS_MAX = 64;
export const BLOCK_PACKET_CLAIMS_MAX = 16;
export const BLOCK_WORK_CLAIMS_MAX = 16;
/** Packets that one block gives back (RP-7); the others wait for the next. */
export const BLOCK_REFUNDS_MAX = 64;
/**
 * Packets of one tip that wait for a draw or are closing. Claims and take-backs are BLOCK_CLAIMS_MAX a block; claims wait
 * for two blocks, and closing packets are given back before all others, as many a block, once nothing waits. So they are
 * never more than four blocks' worth; a tip of more than twice that is refused.
 */
export const UNSETTLED_PACKETS_MAX = 8 * BLOCK_CLAIMS_MAX;
/** Packets whose expiry has come that a block may have to look at: those that it gives back, behind those that wait. */
export const EXPIRED_PACKETS_MAX = BLOCK_REFUNDS_MAX + UNSETTLED_PACKETS_MAX;
/** Blocks that the work of a claim may be behind (parameter 25): every node keeps the ids of as many. */
export const CLAIM_REF_WINDOW_MAX = 256;
/** Leaves that end with one block: its inputs, packets of which all is drawn, and those that are given back. */
export const BLOCK_SPENT_MAX = BLOCK_INPUTS_MAX + BLOCK_CLAIMS_MAX + BLOCK_REFUNDS_MAX;
export const BLOCK_BYTES_MAX = 1_048_576;
/** A block of claims alone holds few outputs but many transactions; this bounds the u16 count far below its width. */
export const BLOCK_TRANSACTIONS_MAX = 2_048;
/** Keys that may be in sets of VALIDATORS_MAX for 95 % of a week's epochs each: the most that one award is drawn among (AW-1). */
export const AWARD_KEYS_MAX = 105;
/**
 * Accounts one chain may hold (CO-18): keys with stake, an unpaid balance or a stain. A stake that would begin one more is
 * refused, or no node could read its own tip again.
 */
export const ACCOUNTS_MAX = 99_998;
/** Record 01 of 6.1 with its key. */
export const ACCOUNT_SIZE = 197;
/** Weeks of which a full node keeps the draw, counted back from the newest (AW-4): a year of them, 9 kB each at most. */
export const AWARD_WEEKS_KEPT = 52;
/** Subtrees that prove the last of a list: lists under aux_root and compact_root are far below 2^32. */
export const LAST_LEAF_PROOF_MAX = 32;
/** Hard bound of every validator set: a dev genesis allows 16, main and test 100 (parameter 6). */
export const VALIDATORS_MAX = 100;
/** Accounts that one block pays at the end of a week (RW-2); the others wait for the next. */
export const BLOCK_PAYOUTS_MAX = 1_024;
/**
 * Stakes that one boundary rewrites (ST-9): slashed ones, then those released; the others wait for the next. Nothing else
 * bounds what a block may change without naming it, and clients refuse compact data above a limit.
 */
export const BOUNDARY_STAKES_MAX = 2_048;
/** Live stakes of one key (ST-9): a slash takes from all of them at one boundary, and leaves room for others beside it. */
export const KEY_STAKES_MAX = 1_024;
/** Implicit outputs of one block come on top of max_block_outputs: payouts, award, draws, refunds. */
export const BLOCK_NEW_OUTPUTS_MAX = 2_048;
/** Outputs a genesis may hold: block 0 has a compact form like every other. */
export const GENESIS_OUTPUTS_MAX = 2_048;

/** Past rounds of a height whose proposals and votes are kept even where no block came close in them (CO-12). */
export const PAST_ROUNDS_KEPT = 32;
/** Rounds further back in which a block had two thirds of prevotes, and as many of precommits, that are kept (CO-6). */
export const QUORUM_ROUNDS_KEPT = 32;
/** Peers whose word for the contents of one block is held while the block is not whole (CO-19). */
export const BODY_VERSIONS_MAX = 16;
/** Peers whose heights a node remembers; more than a host has connections (CO-19). */
export const SHOWN_PEERS_MAX = 1_024;

/** What blobs are padded to (MS-12): whoever keeps one learns its size to that and no further. */
export const BLOB_SIZES: readonly number[] = [4, 16, 64, 256, 1024].map((kibibytes) => kibibytes * 1024);
export const BLOB_SIZE_MAX = 1024 * 1024;
/** Blobs of one file (MS-12). */
export const BLOB_PARTS_MAX = 16;
/** Of the type of a file, as text (MS-12). */
export const BLOB_MIME_BYTES_MAX = 32;
/** Nodes that one blob is put to (MS-13). */
export const BLOB_PLACES_MAX = 4;
/** Picture or advertisement of a packet, padded (RP-10). */
export const PACKET_AD_SIZE_MAX = 256 * 1024;

export const PAYLOAD_SIZE = 512;
export const COIN_PROOF_SIZE = 576;
export const HEADER_SIZE = 592;
export const BLS_KEY_SIZE = 48;
export const BLS_SIGNATURE_SIZE = 96;
