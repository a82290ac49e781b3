import type { Block } from "../chain/block.ts";
import type { Certificate } from "../chain/certificate.ts";
import type { BlockBody, ConsensusFrame } from "../chain/consensus-frames.ts";
import type { Evidence } from "../chain/evidence.ts";
import type { Transaction } from "../chain/transaction.ts";
import type { ConsensusTimer } from "../consensus/consensus-events.ts";
import type { MempoolEntry, Removal } from "../mempool/mempool.ts";
import type { BlockCommit, ConsensusLogEntry } from "../ports/full-node-store.ts";
import type { PeerId, Verdict } from "../ports/network-port.ts";
import type { ProvenOutput } from "../chain/output.ts";
import type { KeyStanding } from "../state/key-standing.ts";
import type { ClaimSignatures, SpendClaims, WorkClaim } from "../state/spend-claims.ts";
import type { Hash } from "../values/hash.ts";
import type { Epoch, Height, TimeMs } from "../values/height.ts";
import type { RuleNumber } from "../values/rule-number.ts";

/** Names a question that an edge is waiting on; the machine hands it back with the answer. */
export type ReplyId = number;

/** By gossip; from a client, or somebody who works this node; or from a peer over protocol `stem` (NW-4). */
export type TransactionSource = "gossip" | "client" | { readonly peer: PeerId };

/** What became of a transaction that somebody handed in. */
export type TransactionVerdict =
  | { readonly ok: true; readonly txid: Hash }
  /** Wrong for every honest node. */
  | { readonly ok: false; readonly txid: Hash; readonly rule: RuleNumber }
  /** Not wrong, but not taken here and now; `rule` says what does not hold. busy: it was not looked at, and may be in a moment. */
  | {
      readonly ok: false;
      readonly txid: Hash;
      readonly policy: "already_known" | "conflicting" | "pool_full" | "not_now" | "busy";
      readonly rule?: RuleNumber;
    };

/** A final block as another node hands it over. */
export interface CertifiedBlock {
  readonly block: Block;
  readonly certificate: Certificate;
}

/** A timer of the machine: consensus names its own, catch-up looks whether the node has fallen behind. */
export type FullNodeTimer =
  | { readonly kind: "consensus"; readonly timer: ConsensusTimer }
  | { readonly kind: "catch-up" }
  /** A stem transaction should be public by now (NW-4); txid as hex. */
  | { readonly kind: "embargo"; readonly txid: string; readonly at: TimeMs };

/** Whose proofs are verified, and under which keys their verdicts are remembered; it comes back with the verdicts. */
export interface ProofJob {
  /** Of the transaction, as hex. */
  readonly id: string;
  readonly proofs: readonly string[];
}

/** What happened, in the past tense. `now` is the node's clock when it did. */
export type FullNodeEvent =
  /** First of all; `log` holds the entries of the height to come. */
  | {
      readonly type: "started";
      readonly now: TimeMs;
      readonly log: readonly ConsensusLogEntry[];
      /** What waited for a block when the node ended; verified then. */
      readonly evidence?: readonly Evidence[];
    }
  | { readonly type: "peer-connected"; readonly now: TimeMs; readonly peer: PeerId }
  | { readonly type: "peer-disconnected"; readonly now: TimeMs; readonly peer: PeerId }
  | { readonly type: "status-received"; readonly now: TimeMs; readonly peer: PeerId; readonly height: Height }
  | {
      readonly type: "transaction-received";
      readonly now: TimeMs;
      readonly transaction: Transaction;
      readonly reply: ReplyId;
      /** Gossip forwards by itself once we accept; the rest enters its stem or goes on in it. */
      readonly source: TransactionSource;
      /** Who sent it; undefined for whoever works this node. */
      readonly from?: PeerId | undefined;
    }
  /** A peer takes stem transactions, or does so no longer. */
  | {
      readonly type: "stem-peer-found";
      readonly now: TimeMs;
      readonly peer: PeerId;
      /** We chose it, not it us. */
      readonly isDialled: boolean;
    }
  | { readonly type: "stem-peer-lost"; readonly now: TimeMs; readonly peer: PeerId }
  /** `send-stem` could not be carried out; txid as hex. */
  | { readonly type: "stem-unsent"; readonly now: TimeMs; readonly peer: PeerId; readonly txid: string }
  /** Answers `verify-proofs`: one verdict per key, in order. */
  | {
      readonly type: "proofs-verified";
      readonly now: TimeMs;
      readonly job: ProofJob;
      readonly good: readonly boolean[];
    }
  /** Answers `verify-claims`: a rule that the block breaks, undefined if all its claims hold. Late, twice or never. */
  | {
      readonly type: "claims-verified";
      readonly now: TimeMs;
      readonly job: number;
      readonly rule: RuleNumber | undefined;
    }
  | {
      readonly type: "consensus-frame-received";
      readonly now: TimeMs;
      readonly peer: PeerId;
      readonly frame: ConsensusFrame;
    }
  | {
      readonly type: "block-announced";
      readonly now: TimeMs;
      readonly peer: PeerId;
      readonly body: BlockBody;
      readonly certificate: Certificate;
      readonly reply: ReplyId;
    }
  | {
      readonly type: "evidence-received";
      readonly now: TimeMs;
      readonly peer: PeerId;
      readonly evidence: Evidence;
      readonly reply: ReplyId;
    }
  | {
      readonly type: "blocks-fetched";
      readonly now: TimeMs;
      readonly peer: PeerId;
      readonly blocks: readonly CertifiedBlock[];
    }
  | { readonly type: "fetch-failed"; readonly now: TimeMs; readonly peer: PeerId }
  | { readonly type: "timer-fired"; readonly now: TimeMs; readonly timer: FullNodeTimer }
  /** The writes of a final block are on disk: the next height may begin. */
  | { readonly type: "block-committed"; readonly now: TimeMs };

/** One peer, or every validator we hold a stream to. */
export type FrameReceiver = { readonly peer: PeerId } | "all";

/** What a block, or evidence, claims, in its order; before all proofs of transactions. Answered by `claims-verified`. */
export interface VerifyClaims {
  readonly type: "verify-claims";
  readonly job: number;
  readonly claims: readonly SpendClaims[];
  /** Of the block, −1 for evidence. Where several wait, newer rounds go first. */
  readonly round: number;
  /** The block has a certificate, or two thirds of the votes of a round: it goes before all others. */
  readonly isUrgent: boolean;
  /** There are other versions of the same block: signatures are looked at first, for they alone can be forged. */
  readonly isDoubted: boolean;
}

/** What to do about it. `commit-block`, `write-log` and `write-evidence` are writes and are stored before the rest leaves. */
export type FullNodeEffect =
  | { readonly type: "commit-block"; readonly commit: BlockCommit }
  | { readonly type: "write-log"; readonly height: Height; readonly entry: ConsensusLogEntry }
  /** All evidence held from now on (`hold-evidence.ts`). */
  | { readonly type: "write-evidence"; readonly encoded: Uint8Array }
  /** Post `block-committed` before any other event. */
  | { readonly type: "continue" }
  | { readonly type: "send-frame"; readonly to: FrameReceiver; readonly frame: ConsensusFrame }
  /** `job.proofs` names the coins; or there are none, and it names the signatures of a claim, or its work. */
  | {
      readonly type: "verify-proofs";
      readonly job: ProofJob;
      readonly coins: readonly ProvenOutput[];
      readonly signed?: ClaimSignatures;
      readonly work?: WorkClaim;
    }
  | VerifyClaims
  /** A job of `verify-claims` has become urgent. */
  | { readonly type: "hurry-claims"; readonly job: number }
  /** Nobody waits for the answer to `verify-claims` any more; it may come all the same. */
  | { readonly type: "withdraw-claims"; readonly job: number }
  | { readonly type: "reply-transaction"; readonly reply: ReplyId; readonly verdict: TransactionVerdict }
  | { readonly type: "reply-block"; readonly reply: ReplyId; readonly verdict: Verdict }
  | { readonly type: "reply-evidence"; readonly reply: ReplyId; readonly verdict: Verdict }
  | { readonly type: "publish-evidence"; readonly evidence: Evidence }
  | { readonly type: "publish-transaction"; readonly transaction: Transaction }
  /** Over protocol `stem`; answered by `stem-unsent` if it fails. Txid as hex. */
  | { readonly type: "send-stem"; readonly peer: PeerId; readonly txid: string; readonly transaction: Transaction }
  /** Whoever reads the mempool hears of it (NW-13). */
  | { readonly type: "pool-changed"; readonly added: readonly MempoolEntry[]; readonly removed: readonly Removal[] }
  | { readonly type: "publish-block"; readonly body: BlockBody; readonly certificate: Certificate }
  | { readonly type: "fetch-blocks"; readonly peer: PeerId; readonly from: Height; readonly count: number }
  | { readonly type: "drop-peer"; readonly peer: PeerId; readonly reason: string }
  | { readonly type: "arm-timer"; readonly timer: FullNodeTimer; readonly at: TimeMs }
  /** A block is final and stored; how long each of its transactions that we held had waited for it. */
  | { readonly type: "announce-height"; readonly height: Height; readonly waitedMs: readonly number[] }
  /** The own key stands elsewhere than before, or the node has started. */
  | { readonly type: "standing-changed"; readonly standing: KeyStanding }
  /** The own key was jailed and has said that it is back (ST-3). */
  | { readonly type: "unjail-sent"; readonly epoch: Epoch }
  /** Verified evidence that the node holds from now on, of its own or of others. */
  | { readonly type: "report-evidence"; readonly evidence: Evidence }
  | { readonly type: "report"; readonly code: string; readonly height: Height };

/** The effects that must be on disk before any other effect of the same step leaves (house rule 9). */
export type FullNodeWrite = Extract<FullNodeEffect, { readonly type: "commit-block" | "write-log" | "write-evidence" }>;

export function isFullNodeWrite(effect: FullNodeEffect): effect is FullNodeWrite {
  return effect.type === "commit-block" || effect.type === "write-log" || effect.type === "write-evidence";
}
