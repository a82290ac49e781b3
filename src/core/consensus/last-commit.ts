import { equalBytes } from "../bytes/compare-bytes.ts";
import { EMPTY_CERTIFICATE, type Certificate } from "../chain/certificate.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import { VOTE_TYPE, voteMessage, type Vote } from "../chain/vote.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { Hash } from "../values/hash.ts";
import type { Height } from "../values/height.ts";

/** Precommits for the parent, still growing: the next proposer is paid by the power it includes (CO-3). */
export interface LastCommit {
  readonly height: Height;
  readonly blockId: Hash;
  readonly round: number;
  /** The set of `height`. */
  readonly validators: ValidatorSet;
  /** What was known when the height ended; undefined where all votes are held one by one. */
  readonly base: Certificate | undefined;
  /** Verified precommits by seat, those in `base` left out. */
  readonly votes: readonly (Vote | undefined)[];
}

/** Adds a late precommit after verifying it; the same object if it brings nothing, undefined if nobody signed it. */
export function addLatePrecommit(
  bls: BlsBackend,
  chainId: number,
  commit: LastCommit,
  vote: Vote,
): LastCommit | undefined {
  const seat = vote.validator;
  if (vote.type !== "precommit" || vote.height !== commit.height || vote.round !== commit.round) return commit;
  if (!equalBytes(vote.blockId, commit.blockId) || seat >= commit.validators.length) return commit;
  if (commit.votes[seat] !== undefined || commit.base?.signers[seat] === true) return commit;
  const message = voteMessage(chainId, VOTE_TYPE.precommit, vote.height, vote.round, vote.blockId);
  if (!bls.verify(commit.validators[seat]!.blsKey, message, vote.signature)) return undefined;
  return { ...commit, votes: commit.votes.with(seat, vote) };
}

/** [CO-3] The certificate of every precommit held. Height 1 has none to give (GE-5). */
export function commitCertificate(bls: BlsBackend, commit: LastCommit | undefined): Certificate {
  if (commit === undefined) return EMPTY_CERTIFICATE;
  const signatures = commit.votes.flatMap((vote) => (vote === undefined ? [] : [vote.signature]));
  if (commit.base !== undefined && signatures.length === 0) return commit.base;
  if (commit.base !== undefined) signatures.push(commit.base.signature);
  const signature = bls.aggregate(signatures);
  if (signature === undefined) throw new Error("verified precommits do not aggregate");
  const signers = commit.votes.map((vote, seat) => vote !== undefined || commit.base?.signers[seat] === true);
  return { round: commit.round, signers, signature };
}
