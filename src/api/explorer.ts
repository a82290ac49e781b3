import type { Address } from "../core/values/address.ts";
import type { Amount } from "../core/values/amount.ts";
import type { TimeMs } from "../core/values/height.ts";

/** The newest block that this device has followed the chain to. All of it is verified here. */
export interface NewestBlockView {
  readonly height: number;
  /** Unix milliseconds. */
  readonly timeMs: TimeMs;
  readonly pot: Amount;
  /** All coins that were ever made, and those that fees took back. */
  readonly minted: Amount;
  readonly burned: Amount;
}

/** One of the newest blocks, verified here. */
export interface RecentBlockView {
  readonly height: number;
  readonly timeMs: TimeMs;
  readonly transactionCount: number;
}

/** What this device itself knows of the chain, also while nobody answers. */
export interface RecentView {
  /** undefined: nothing is known yet. */
  readonly newest: NewestBlockView | undefined;
  /** Ascending and without a gap; they may end below `newest`. */
  readonly blocks: readonly RecentBlockView[];
}

/** Why a block cannot be shown. */
export type LookupProblem =
  | "not_ready" // this device does not know the chain yet, or what it knows is too old to compare with
  | "offline" // nobody could be asked who answers and fits together
  | "gone" // nobody who was asked keeps it any more
  | "not_made" // the chain has not come so far
  | "too_large" // the blocks around it are too many bytes to be read here
  | "fork"; // two final blocks of one height: this device asks nobody

/** A value of the raw view, under the name that the protocol gives it. */
export interface RawField {
  readonly name: string;
  readonly value: string;
}

/** An output as everybody may see it. */
export type OutputView =
  | { readonly type: "private" }
  | {
      readonly type: "public";
      readonly amount: Amount;
      readonly recipient: Address;
      /** 32 free bytes as hex; undefined where they are all zero. */
      readonly reference: string | undefined;
    }
  | { readonly type: "stake"; readonly amount: Amount; readonly validatorKey: string; readonly reward: Address }
  | { readonly type: "packet"; readonly shareCount: number; readonly expiryMs: TimeMs };

export interface TransactionView {
  readonly txid: string;
  readonly height: number;
  readonly timeMs: TimeMs;
  /**
   * transfer: coins change hands · claim: somebody opens a red packet · take-back: its creator wants the rest
   * back · unbond: a stake is asked back · unjail: a validator says that it is back.
   */
  readonly kind: "transfer" | "claim" | "take-back" | "unbond" | "unjail";
  readonly fee: Amount;
  readonly inputCount: number;
  readonly outputs: readonly OutputView[];
  /** False where only a node says so. */
  readonly isVerified: boolean;
  readonly raw: readonly RawField[];
}

export interface BlockView {
  readonly height: number;
  /** As hex. */
  readonly id: string;
  readonly timeMs: TimeMs;
  readonly transactions: readonly TransactionView[];
  /** What the network itself pays in it: rewards and awards. undefined: it pays, and nobody shows what any more. */
  readonly paid: readonly OutputView[] | undefined;
  /** How many validators it shows to have signed two things for one place. */
  readonly evidenceCount: number;
  readonly isEpochEnd: boolean;
  /** False where only a node says so. */
  readonly isVerified: boolean;
  readonly raw: readonly RawField[];
}

export type BlockResult =
  { readonly ok: true; readonly block: BlockView } | { readonly ok: false; readonly code: LookupProblem };

/** What was found in public: a private payment has nothing by which it could be. */
export type SearchHit =
  | { readonly type: "block"; readonly height: number; readonly timeMs: TimeMs | undefined }
  | { readonly type: "transaction"; readonly height: number; readonly timeMs: TimeMs; readonly txid: string }
  | {
      readonly type: "payment";
      readonly height: number;
      readonly timeMs: TimeMs;
      /** undefined: the network pays it itself. */
      readonly txid: string | undefined;
      readonly amount: Amount;
    };

export type SearchResult =
  | {
      readonly ok: true;
      /** Newest first, SEARCH_HITS_MAX at most. */
      readonly hits: readonly SearchHit[];
      /** How far down was looked, and up to where; undefined where nothing had to be read. */
      readonly from: number | undefined;
      readonly to: number | undefined;
      /** Why not everything asked for could be read: the hits are from what this device had. */
      readonly problem: LookupProblem | undefined;
    }
  /** not_a_query: no number of a block, no id of 64 digits and no address of this network. */
  | { readonly ok: false; readonly code: "not_a_query" };

/** Blocks of a look-up under way. */
export interface LookupProgress {
  readonly read: number;
  readonly total: number;
}
