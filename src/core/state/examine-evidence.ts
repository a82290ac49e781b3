import { equalBytes } from "../bytes/compare-bytes.ts";
import { certificateClaim } from "../chain/certificate.ts";
import type { Evidence } from "../chain/evidence.ts";
import { proposalMessage, voteMessage } from "../chain/vote.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import type { AggregateClaim } from "../crypto/bls-backend.ts";
import type { TimeMs } from "../values/height.ts";
import type { AccountStatus } from "./aux-records.ts";
import { nextHeight, type LedgerTip } from "./ledger-tip.ts";
import { seatsAt, type SeatHistory } from "./seat-history.ts";

/** What evidence comes to, as long as it is signed. */
export interface ExaminedEvidence {
  /** The keys that it convicts: at least one, none of them convicted before. */
  readonly blsKeys: readonly Uint8Array[];
  /** Of these keys at its height. */
  readonly power: number;
  /** Time of the boundary that its age counts from. */
  readonly since: TimeMs;
  /** What shows that it is signed; to be verified before anybody is convicted. */
  readonly claims: readonly AggregateClaim[];
}

/** `isWrong`: by every final chain there may be, and not just too old, too early, or of keys convicted by now. */
export type EvidenceRefusal = { readonly ok: false; readonly isWrong: boolean };
export type EvidenceVerdict = ({ readonly ok: true } & ExaminedEvidence) | EvidenceRefusal;

const WRONG = { ok: false, isWrong: true } as const;
const NOT_NOW = { ok: false, isWrong: false } as const;

/**
 * ST-4 without its signatures: evidence in a block that follows the tip. Of a height up to the block's own, not too old,
 * of keys in the set of its height, with at least one that is not convicted yet. `statusOf` is what those before it in the
 * block have left.
 */
export function examineEvidence(
  seatHistory: SeatHistory,
  tip: LedgerTip,
  evidence: Evidence,
  statusOf: (blsKey: Uint8Array) => AccountStatus | undefined,
): EvidenceVerdict {
  const { height } = evidence;
  if (!isContradiction(evidence)) return WRONG;
  const seats = height > nextHeight(tip) ? undefined : seatsAt(seatHistory, height);
  if (seats === undefined || tip.header.time - seats.time > tip.chain.params.evidenceMs) return NOT_NOW;
  const accused = accusedOf(evidence, seats.validators);
  const claims = claimsOf(tip.chain.chainId, evidence, seats.validators);
  if (accused.length === 0 || claims === undefined) return WRONG;
  const convicted = accused.filter(({ blsKey }) => {
    const status = statusOf(blsKey);
    return status === "ok" || status === "jailed";
  });
  if (convicted.length === 0) return NOT_NOW;
  const blsKeys = convicted.map(({ blsKey }) => blsKey);
  const power = convicted.reduce((sum, each) => sum + each.power, 0);
  return { ok: true, blsKeys, power, since: seats.time, claims };
}

/** Two different things, not one under two signatures. */
function isContradiction({ kind, items }: Evidence): boolean {
  const isSameId = equalBytes(items[0].blockId, items[1].blockId);
  return kind === "proposals" ? !isSameId || items[0].validRound !== items[1].validRound : !isSameId;
}

/** Seats that the evidence names: one, or all in both certificates. */
function accusedOf(evidence: Evidence, validators: ValidatorSet): ValidatorSet {
  if (evidence.kind === "certificates") {
    const [left, right] = evidence.items;
    return validators.filter((_, seat) => {
      return left.certificate.signers[seat] === true && right.certificate.signers[seat] === true;
    });
  }
  return validators.filter(({ blsKey }) => equalBytes(blsKey, evidence.blsKey));
}

/** Undefined where a certificate is none, whatever its signature. */
function claimsOf(
  chainId: number,
  evidence: Evidence,
  validators: ValidatorSet,
): readonly AggregateClaim[] | undefined {
  const { height, round } = evidence;
  switch (evidence.kind) {
    case "votes":
      return evidence.items.map(({ blockId, signature }) => {
        const message = voteMessage(chainId, evidence.voteType, height, round, blockId);
        return { blsKeys: [evidence.blsKey], message, signature };
      });
    case "proposals":
      return evidence.items.map(({ validRound, blockId, signature }) => {
        const message = proposalMessage(chainId, height, round, validRound, blockId);
        return { blsKeys: [evidence.blsKey], message, signature };
      });
    case "certificates": {
      const claims = evidence.items.flatMap(
        ({ blockId, certificate }) => certificateClaim(chainId, height, blockId, certificate, validators) ?? [],
      );
      return claims.length === evidence.items.length ? claims : undefined;
    }
    default:
      return evidence satisfies never;
  }
}
