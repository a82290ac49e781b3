import type { Certificate } from "../chain/certificate.ts";
import type { HaveSet } from "../chain/consensus-frames.ts";
import type { Evidence } from "../chain/evidence.ts";
import type { Header } from "../chain/header.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import type { Vote } from "../chain/vote.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { NetworkParams } from "../params/network-params.ts";
import type { PeerId } from "../ports/network-port.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, TimeMs } from "../values/height.ts";

/** Signs with the validator's BLS key. The seat follows from `publicKey` and the set of a height. */
export interface ConsensusSigner {
  readonly publicKey: Uint8Array;
  /**
   * At lower heights it only watches: it has signed there, and what it was bound to by that is not known any more
   * (CO-14). Undefined: it takes part at every height.
   */
  readonly signsFrom?: Height;
  sign(message: Uint8Array): Uint8Array;
}

export interface ConsensusDeps {
  readonly bls: BlsBackend;
  readonly params: NetworkParams;
  readonly chainId: number;
  /** Undefined in a node that only watches. */
  readonly signer: ConsensusSigner | undefined;
}

/**
 * A block proposal as consensus sees it: header and signature. The rest of the block (last_cert, evidence,
 * transactions) stays with the full node, which puts it back by `blockId` when the proposal is sent (CO-19 frame 2).
 */
export interface BlockProposal {
  readonly height: Height;
  readonly round: number;
  /** −1 for a new block. */
  readonly validRound: number;
  readonly header: Header;
  /** `blockId(header)`, computed by whoever made this value. */
  readonly blockId: Hash;
  readonly signature: Uint8Array;
}

export type ConsensusMessage =
  | { readonly type: "vote"; readonly vote: Vote }
  | { readonly type: "proposal"; readonly proposal: BlockProposal }
  | { readonly type: "have-set"; readonly set: HaveSet };

/** What is to happen at a moment. A timer that fires late, twice or for a past round does no harm. */
export interface ConsensusTimer {
  readonly kind: "pace" | "propose" | "prevote" | "precommit" | "have-set";
  readonly height: Height;
  readonly round: number;
}

/** Precommits that made the parent final, where this node did not gather them itself. */
export interface ParentCommit {
  readonly certificate: Certificate;
  /** The set of the parent's height. */
  readonly validators: ValidatorSet;
}

/** The beginning of a height: after a start, after `decide` was applied and stored, and after a catch-up by `block`. */
export interface HeightStarted {
  readonly type: "height-started";
  readonly now: TimeMs;
  readonly height: Height;
  readonly validators: ValidatorSet;
  /** Beacon of the last block of the previous epoch (CO-16). */
  readonly epochSeed: Hash;
  readonly parent: { readonly blockId: Hash; readonly time: TimeMs };
  /** Time of the previous boundary block (CO-2). */
  readonly epochStart: TimeMs;
  /** Undefined at height 1. Ignored where the machine itself decided the parent and so knows more signers. */
  readonly parentCommit: ParentCommit | undefined;
  /** Since when a valid transaction has been held; undefined for none (CO-15). */
  readonly transactionsSince: TimeMs | undefined;
  /** The ledger holds claims that are not yet drawn (CO-15). */
  readonly hasUndrawnClaims: boolean;
  /** Entries this validator wrote at this height before a restart, in order (CO-14). Empty otherwise. */
  readonly log: readonly Uint8Array[];
}

export type ConsensusEvent =
  | HeightStarted
  /** The full node holds the body under `proposal.blockId` until the next height starts, also for height + 1. */
  | {
      readonly type: "proposal-received";
      readonly now: TimeMs;
      readonly proposal: BlockProposal;
      readonly from: PeerId;
    }
  | { readonly type: "vote-received"; readonly now: TimeMs; readonly vote: Vote; readonly from: PeerId }
  | { readonly type: "have-set-received"; readonly now: TimeMs; readonly set: HaveSet; readonly from: PeerId }
  /** Answers `validate-block`, also late: the whole block is here and passes every rule but the clock (CO-2), or breaks one. */
  | { readonly type: "block-validated"; readonly now: TimeMs; readonly blockId: Hash; readonly ok: boolean }
  /** Answers `build-block`; the block counts as validated. */
  | {
      readonly type: "block-built";
      readonly now: TimeMs;
      readonly round: number;
      readonly header: Header;
      readonly blockId: Hash;
    }
  | { readonly type: "timer-fired"; readonly now: TimeMs; readonly timer: ConsensusTimer }
  /** A valid transaction is held now where none was before (CO-15). */
  | { readonly type: "transactions-waiting"; readonly now: TimeMs }
  | { readonly type: "peer-connected"; readonly now: TimeMs; readonly peer: PeerId }
  | { readonly type: "peer-disconnected"; readonly now: TimeMs; readonly peer: PeerId };

/**
 * `write-log` and `store-block` are writes: both are on disk before any other effect of the same step leaves (CO-14).
 * Writes keep their order.
 */
export type ConsensusEffect =
  | { readonly type: "write-log"; readonly height: Height; readonly entry: Uint8Array }
  /**
   * This validator is about to stand behind the block: keep its bytes until the height is final, for instance as the
   * log entry `{ type: "block" }` of `consensus-log.ts`. Asked once per block and run of the process.
   */
  | { readonly type: "store-block"; readonly height: Height; readonly blockId: Hash }
  /** `to` is one peer, or "all" validators that are connected. */
  | { readonly type: "send"; readonly message: ConsensusMessage; readonly to: PeerId }
  | { readonly type: "arm-timer"; readonly timer: ConsensusTimer; readonly at: TimeMs }
  /** Answer with `block-validated` once the block is whole; say nothing while parts are missing. `from` has the parts. */
  | {
      readonly type: "validate-block";
      readonly height: Height;
      readonly blockId: Hash;
      readonly header: Header;
      readonly from: PeerId | undefined;
    }
  /** Answer with `block-built`; `at` is the header's time, at or after now and parent + min_block_ms. */
  | { readonly type: "build-block"; readonly height: Height; readonly round: number; readonly at: TimeMs }
  | {
      readonly type: "decide";
      readonly height: Height;
      readonly blockId: Hash;
      readonly round: number;
      readonly certificate: Certificate;
    }
  | { readonly type: "report-evidence"; readonly evidence: Evidence }
  /**
   * The peer sent something wrong. Score it, do not cut it off for one: two colluding validators can make signatures
   * that verify only together (CO-17), and an honest peer then passes them on one by one.
   */
  | { readonly type: "blame-peer"; readonly peer: PeerId; readonly reason: "bad_signature" | "bad_seat" };
