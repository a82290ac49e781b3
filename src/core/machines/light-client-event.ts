import type { PeerId } from "../ports/network-port.ts";
import type { CheckpointName } from "../sync/checkpoint-words.ts";
import type { CompactItem, HeaderItem, PeerStatus } from "../sync/compact-item.ts";
import type { NetworkConfig } from "../sync/network-config.ts";
import type { PoolItem } from "../sync/pool-item.ts";
import type { RangeAnswer } from "../state/range-answer.ts";
import type { ServedBucket } from "../sync/served-bucket.ts";
import type { BucketFrame, BucketResult } from "../wallet/bucket-job.ts";
import type { TagResult } from "../wallet/scan-tags.ts";
import type { RestoreAnswerEnd } from "./light-client-restore-answers.ts";
import type { BuiltClaim, ClaimTarget } from "../wallet/build-claim.ts";
import type { BuildPaymentResult } from "../wallet/built-payment.ts";
import type { Note } from "../wallet/note.ts";
import type { RequestTerms } from "../wallet/own-request.ts";
import type { PaymentProposal } from "../wallet/propose-payment.ts";
import type { SeenPacket } from "../wallet/step-claims.ts";
import type { ScanResult } from "../wallet/scan-outputs.ts";
import type { StoredRecord } from "../wallet/stored-record.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, TimeMs } from "../values/height.ts";

/** What has happened to a light client. Every event says when, by the device's clock. */
export type LightClientEvent = { readonly nowMs: TimeMs } & (
  LightClientOwnEvent | LightClientPeerEvent | LightClientCommand
);

export interface RestoreWanted {
  readonly birthdayMs: TimeMs | undefined;
  /** The keys came from a person, who therefore has the words. Absent where only a device has them. */
  readonly isTyped?: boolean;
}

export type LightClientOwnEvent =
  /** First event of a run: everything the store holds. Empty on a fresh device. */
  | { readonly type: "started"; readonly records: readonly StoredRecord[] }
  /**
   * Keys are stored on this device. Sent at every start once they are; the first time makes the wallet: with `restore`
   * one whose coins have to be looked for.
   */
  | { readonly type: "wallet-opened"; readonly restore?: RestoreWanted | undefined }
  | { readonly type: "network-configured"; readonly config: NetworkConfig }
  /** `/network.json` could not be had. */
  | { readonly type: "network-missing" }
  /** Answer to `scan-outputs`. A job that was lost in a worker is run again by the edge. */
  | { readonly type: "outputs-scanned"; readonly jobId: number; readonly result: ScanResult }
  /** Answer to `open-buckets`, under the same terms. */
  | { readonly type: "buckets-opened"; readonly jobId: number; readonly result: BucketResult }
  /** Answer to `scan-tags`. */
  | { readonly type: "tags-scanned"; readonly jobId: number; readonly result: TagResult }
  /** Answer to `build-payment`. */
  | { readonly type: "payment-built"; readonly proposalId: string; readonly result: BuildPaymentResult }
  /** Answer to `arm-timer`. Early, late or twice is harmless. */
  | { readonly type: "ticked" };

export type LightClientPeerEvent =
  /** `node` is the number of the node that `connect` named, in the list that it named. */
  | { readonly type: "peer-connected"; readonly peer: PeerId; readonly node: number; readonly list: number }
  | { readonly type: "connect-failed"; readonly node: number; readonly list: number }
  | { readonly type: "peer-disconnected"; readonly peer: PeerId }
  | { readonly type: "status-received"; readonly peer: PeerId; readonly status: PeerStatus }
  /** Addresses of other nodes that can be dialled here, each with its peer's name behind it. */
  | { readonly type: "peers-received"; readonly peer: PeerId; readonly addresses: readonly string[] }
  | { readonly type: "headers-received"; readonly peer: PeerId; readonly items: readonly HeaderItem[] }
  /** Answer to `ask-headers`. */
  | {
      readonly type: "headers-answered";
      readonly peer: PeerId;
      readonly questionId: number;
      readonly items: readonly HeaderItem[] | undefined;
    }
  | { readonly type: "compact-block-received"; readonly peer: PeerId; readonly item: CompactItem }
  | {
      readonly type: "range-received";
      readonly peer: PeerId;
      readonly requestId: number;
      readonly range: number;
      readonly answer: RangeAnswer;
    }
  | {
      readonly type: "buckets-received";
      readonly peer: PeerId;
      readonly requestId: number;
      /** The triple, ascending. */
      readonly answers: readonly BucketFrame[];
    }
  | {
      readonly type: "newest-buckets-received";
      readonly peer: PeerId;
      readonly requestId: number;
      /** The triple, ascending. */
      readonly answers: readonly { readonly bucket: number; readonly served: ServedBucket }[];
    }
  | {
      readonly type: "restore-answer-ended";
      readonly peer: PeerId;
      readonly requestId: number;
      readonly end: RestoreAnswerEnd;
    }
  | { readonly type: "pool-item-received"; readonly peer: PeerId; readonly item: PoolItem }
  /** The pool stream is no more; the connection may live on. */
  | { readonly type: "pool-ended"; readonly peer: PeerId }
  /** No answer to `request-status`; the connection may live on. */
  | { readonly type: "status-missing"; readonly peer: PeerId }
  /** The stream or a request ended without an answer; the connection may live on. */
  | { readonly type: "stream-ended"; readonly peer: PeerId }
  /** A frame was over its limit or no message at all. Costs the peer its place. */
  | { readonly type: "frame-refused"; readonly peer: PeerId; readonly reason: string }
  /** Answer to `submit-transaction`; undefined code means accepted, else the rule the node says is broken. */
  | {
      readonly type: "transaction-answered";
      readonly txid: Hash;
      readonly node: number;
      readonly rule: string | undefined;
    }
  /** The node could not be reached, or gave no answer. */
  | { readonly type: "transaction-unanswered"; readonly txid: Hash; readonly node: number };

export type LightClientCommand =
  /** A tap on *Pay*. Answered by `payment-stored` or `payment-refused`. */
  | { readonly type: "payment-confirmed"; readonly proposalId: string; readonly proposal: PaymentProposal }
  /** A claim that a worker has signed. Answered by `claim-stored` or `claim-rejected`. */
  | { readonly type: "claim-built"; readonly target: ClaimTarget; readonly built: BuiltClaim }
  /** A packet that this wallet claims from, as a certified state has it. */
  | { readonly type: "packet-seen"; readonly seen: SeenPacket }
  /** A link has led to a gift that is live at this height; then the state has a note of it, or is newer than that. */
  | { readonly type: "gift-opened"; readonly note: Note; readonly height: Height }
  /** A person has named a block to begin at (LC-4). Answered by `checkpoint-judged`. */
  | { readonly type: "checkpoint-entered"; readonly entryId: string; readonly name: CheckpointName }
  /** The person wants an address nobody has seen yet (AD-7). */
  | { readonly type: "fresh-address-wanted" }
  /** A person asks to be paid (AD-9). The state then has a request of this id, unless there is no room for it. */
  | { readonly type: "request-made"; readonly id: string; readonly terms: RequestTerms }
  | { readonly type: "request-cancelled"; readonly id: string }
  /** A person gives a line of the history a name of its own, or takes it off by an empty text. */
  | { readonly type: "line-labelled"; readonly id: string; readonly text: string }
  | { readonly type: "words-seen" }
  /** Whether somebody may be looking. A run begins as if somebody were. */
  | { readonly type: "foreground-changed"; readonly isForeground: boolean };
