import type { PeerId } from "../ports/network-port.ts";
import type { NetworkConfig } from "../sync/network-config.ts";
import type { BuildPaymentJob } from "../wallet/built-payment.ts";
import type { TagJob } from "../wallet/scan-tags.ts";
import type { BucketJob } from "../wallet/bucket-job.ts";
import type { ScanJob } from "../wallet/scan-outputs.ts";
import type { ClaimRejection } from "../wallet/step-claims.ts";
import type { StoredRecord } from "../wallet/stored-record.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";

/** What the machine wants done. `write` comes before everything else of its step (house rule 9). */
export type LightClientEffect = WriteEffect | LightClientNetworkEffect | LightClientJobEffect | LightClientNotice;

/** At most one per step: one transaction. When it fails the engine stops; what follows in the step never leaves. */
export interface WriteEffect {
  readonly type: "write";
  readonly puts: readonly StoredRecord[];
  /** Keys of records that are gone. */
  readonly deletes: readonly string[];
}

export type LightClientNetworkEffect =
  /**
   * Answered by `peer-connected` or `connect-failed`, with the same node and list. Addresses in the order in which to
   * try them.
   */
  | {
      readonly type: "connect";
      readonly node: number;
      /** Which list of nodes the number belongs to. */
      readonly list: number;
      readonly addresses: readonly string[];
    }
  | { readonly type: "disconnect"; readonly peer: PeerId }
  /** Answered by `status-received`, `status-missing` or `frame-refused`. */
  | { readonly type: "request-status"; readonly peer: PeerId }
  /** Which other nodes it knows. Answered by `peers-received`, or not at all. */
  | { readonly type: "request-peers"; readonly peer: PeerId }
  /** `hdr` with step 0. Answered by `headers-received`, `frame-refused` or `stream-ended`. */
  | { readonly type: "request-headers"; readonly peer: PeerId; readonly from: number; readonly count: number }
  /** `hdr`. Answered by `headers-answered`, once, with undefined where no answer came. */
  | {
      readonly type: "ask-headers";
      readonly peer: PeerId;
      readonly questionId: number;
      readonly from: number;
      readonly count: number;
      /** Step 1. */
      readonly boundariesOnly: boolean;
    }
  /** `compact` with flags bit 0 = `isFull`; items come as `compact-block-received`, one event each, in order. */
  | { readonly type: "open-compact-stream"; readonly peer: PeerId; readonly from: number; readonly isFull: boolean }
  | { readonly type: "close-compact-stream"; readonly peer: PeerId }
  /** Back pressure: stop reading frames, then go on. Items already read may still come. */
  | { readonly type: "pause-compact-stream"; readonly peer: PeerId }
  | { readonly type: "resume-compact-stream"; readonly peer: PeerId }
  /** `pool`: what waits there comes as `pool-item-received`, in order, until `pool-ended` (NW-13). One stream at a time. */
  | { readonly type: "open-pool-stream"; readonly peer: PeerId }
  | { readonly type: "close-pool-stream"; readonly peer: PeerId }
  /** `range` with form 1. Each range comes as `range-received`; then, or when it breaks, `restore-answer-ended`. */
  | {
      readonly type: "request-ranges";
      readonly peer: PeerId;
      readonly requestId: number;
      readonly boundary: Height;
      /** Ascending. */
      readonly ranges: readonly number[];
    }
  /**
   * `bucket` for the triple of this one at a boundary (NW-7), with payloads. Answered by `buckets-received` or
   * `restore-answer-ended`.
   */
  | {
      readonly type: "request-buckets";
      readonly peer: PeerId;
      readonly requestId: number;
      readonly at: Height;
      readonly bucket: number;
    }
  /**
   * The same of the newest state, so that the request says nothing of the block that a hit stands in (NW-14). Answered by
   * `newest-buckets-received` or `restore-answer-ended`.
   */
  | {
      readonly type: "request-newest-buckets";
      readonly peer: PeerId;
      readonly requestId: number;
      readonly bucket: number;
    }
  /** Nobody waits for the answer any more; none will be heard. */
  | { readonly type: "cancel-request"; readonly requestId: number }
  /**
   * NW-3: over a fresh connection with an identity of its own to this node, after a random wait of 0 … delayMaxMs,
   * then hang up. Answered by `transaction-answered` or `transaction-unanswered`.
   */
  | {
      readonly type: "submit-transaction";
      readonly txid: Hash;
      readonly bytes: Uint8Array;
      readonly node: number;
      readonly addresses: readonly string[];
      readonly delayMaxMs: number;
    }
  /** Read `/network.json` (again). Answered by `network-configured` or `network-missing`. */
  | { readonly type: "fetch-network" }
  /** There is no file, but this device knows its network: go on with that. */
  | { readonly type: "use-network"; readonly config: NetworkConfig }
  /** One timer for the machine: the newest call replaces the one before. */
  | { readonly type: "arm-timer"; readonly atMs: TimeMs };

export type LightClientJobEffect =
  /** `scanBlocks` in a crypto worker; the edge adds the view keys. One at a time for blocks. */
  | { readonly type: "scan-outputs"; readonly jobId: number; readonly job: ScanJob }
  /** `openBuckets` in a crypto worker; the edge adds the view keys. A few triples at a time. */
  | { readonly type: "open-buckets"; readonly jobId: number; readonly job: BucketJob }
  /**
   * `scanTags` in a crypto worker; the edge adds the view keys. A few at a time. With `coverFrom`, the leaf of the first
   * place, `coveredLeaves` count as hits (NW-8): the secret for it is the edge's.
   */
  | {
      readonly type: "scan-tags";
      readonly jobId: number;
      readonly job: TagJob;
      readonly coverFrom?: LeafIndex;
    }
  /** `buildPayment` in a crypto worker; the edge adds the account's keys. */
  | { readonly type: "build-payment"; readonly proposalId: string; readonly job: BuildPaymentJob };

/** What a node did wrong. */
export type NodeFault = "wrong_network" | "bad_certificate" | "wrong_range" | "wrong_bucket" | "false_witness";

/** Why a claim is not stored, and so never sent. */
export type ClaimRefused =
  | ClaimRejection
  | "not_ready" // no wallet, or the chain was not seen yet: the share could stand in a block that is never scanned
  | "wrong_network";

/** Why a checkpoint that a person has entered is not taken (LC-4). */
export type CheckpointCode =
  | "not_ready" // the network is not known yet, or the client has stopped
  | "no_node" // nobody could be asked
  | "not_found" // nodes have another block there, or none
  | "other_chain" // this device has verified another block there
  | "already_newer" // this device is past it
  | "not_a_boundary" // it does not end an epoch, so nothing can begin there
  | "too_old";

export type ClientViewName = "sync" | "balance" | "history" | "wallet" | "restore";

/** What services pass on. The views themselves are read from the state after the step. */
export type LightClientNotice =
  | { readonly type: "notify"; readonly changed: readonly ClientViewName[] }
  | { readonly type: "payment-stored"; readonly proposalId: string; readonly txid: Hash }
  | {
      readonly type: "payment-refused";
      readonly proposalId: string;
      readonly code: "proposal_expired" | "funds_changed" | "build_failed";
    }
  /** Answers to the command `claim-built`. */
  | { readonly type: "claim-stored"; readonly packetLeaf: LeafIndex; readonly txid: Hash }
  | { readonly type: "claim-rejected"; readonly packetLeaf: LeafIndex; readonly code: ClaimRefused }
  /** Answer to `checkpoint-entered`; undefined: it was found, and is trusted from now on. */
  | { readonly type: "checkpoint-judged"; readonly entryId: string; readonly code: CheckpointCode | undefined }
  /** A node was left because of what it sent. For the log; `node` is its number in the configuration. */
  | { readonly type: "node-dropped"; readonly node: number; readonly fault: NodeFault }
  /** A stored record is damaged or from a newer version: nothing was changed and nothing will run. */
  | { readonly type: "storage-unreadable"; readonly key: string; readonly isNewer: boolean };
