import type { Block } from "../chain/block.ts";
import type { Certificate } from "../chain/certificate.ts";
import type { RangeClaim } from "../crypto/range-proof-verifier.ts";
import type { BlockCommit, ConsensusLogEntry } from "../ports/full-node-store.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, TimeMs } from "../values/height.ts";
import type { RuleNumber } from "../values/rule-number.ts";

/** Names a question that an edge is waiting on; the machine hands it back with the answer. */
export type ReplyId = number;

/** What became of a transaction that somebody handed in. */
export type TransactionVerdict =
  | { readonly ok: true; readonly txid: Hash }
  /** Wrong for every honest node. */
  | { readonly ok: false; readonly rule: RuleNumber }
  /** Not wrong, but not taken now. */
  | { readonly ok: false; readonly policy: "already_known" | "pool_full" | "conflict" | "not_ready" };

/** A final block as another node hands it over. */
export interface CertifiedBlock {
  readonly block: Block;
  readonly certificate: Certificate;
}

/** What happened, in the past tense. `now` is the node's clock when it did. */
export type FullNodeEvent =
  | { readonly type: "started"; readonly now: TimeMs; readonly log: readonly ConsensusLogEntry[] }
  | { readonly type: "peer-connected"; readonly peer: PeerId }
  | { readonly type: "peer-disconnected"; readonly peer: PeerId }
  | { readonly type: "status-received"; readonly peer: PeerId; readonly height: Height; readonly now: TimeMs }
  | {
      readonly type: "transaction-received";
      readonly bytes: Uint8Array;
      readonly reply: ReplyId;
      /** Gossip forwards by itself once we accept; what a client hands in we publish. */
      readonly isGossip: boolean;
      readonly now: TimeMs;
    }
  | { readonly type: "proofs-verified"; readonly job: string; readonly good: readonly boolean[]; readonly now: TimeMs }
  | {
      readonly type: "consensus-frame-received";
      readonly peer: PeerId;
      readonly frame: Uint8Array;
      readonly now: TimeMs;
    }
  | { readonly type: "blocks-fetched"; readonly peer: PeerId; readonly blocks: readonly CertifiedBlock[]; readonly now: TimeMs }
  | { readonly type: "fetch-failed"; readonly peer: PeerId; readonly now: TimeMs }
  | { readonly type: "timer-fired"; readonly timer: string; readonly now: TimeMs }
  /** The writes of a decided block are on disk: the next height may begin. */
  | { readonly type: "block-committed"; readonly now: TimeMs };

/** What to do about it. `commit-block` and `write-log` are writes and are stored before the rest leaves. */
export type FullNodeEffect =
  | { readonly type: "commit-block"; readonly commit: BlockCommit }
  | { readonly type: "write-log"; readonly height: Height; readonly entry: ConsensusLogEntry }
  | { readonly type: "continue"; readonly event: "block-committed" }
  | { readonly type: "send-consensus-frame"; readonly to: PeerId | "all"; readonly frame: Uint8Array }
  | { readonly type: "verify-proofs"; readonly job: string; readonly claims: readonly RangeClaim[] }
  | { readonly type: "reply-transaction"; readonly reply: ReplyId; readonly verdict: TransactionVerdict }
  | { readonly type: "publish-transaction"; readonly bytes: Uint8Array }
  | { readonly type: "publish-block"; readonly block: Block; readonly certificate: Certificate }
  | { readonly type: "fetch-blocks"; readonly peer: PeerId; readonly from: Height; readonly count: number }
  | { readonly type: "drop-peer"; readonly peer: PeerId; readonly reason: string }
  | { readonly type: "arm-timer"; readonly timer: string; readonly at: TimeMs }
  | { readonly type: "announce-block"; readonly height: Height }
  | { readonly type: "report"; readonly code: string; readonly height: Height };

/** The effects that must be on disk before any other effect of the same step leaves (house rule 9). */
export function isFullNodeWrite(
  effect: FullNodeEffect,
): effect is Extract<FullNodeEffect, { readonly type: "commit-block" | "write-log" }> {
  return effect.type === "commit-block" || effect.type === "write-log";
}
