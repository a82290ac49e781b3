import { equalBytes } from "../bytes/compare-bytes.ts";
import { verifyCertificate } from "../chain/certificate.ts";
import type { Evidence } from "../chain/evidence.ts";
import { proposalMessage, voteMessage } from "../chain/vote.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { broken, type RuleFailure } from "../values/rule-number.ts";
import type { AccountStatus } from "./aux-records.ts";
import { nextHeight, type LedgerTip } from "./ledger-tip.ts";
import { seatsAt, type SeatHistory } from "./seat-history.ts";

/** What evidence is judged with, besides the tip. */
export interface EvidenceDeps {
  readonly bls: BlsBackend;
  readonly seatHistory: SeatHistory;
}

/** The keys that evidence convicts: at least one, none of them convicted before. */
export type EvidenceVerdict = { readonly ok: true; readonly blsKeys: readonly Uint8Array[] } | RuleFailure;

/**
 * ST-4: evidence in a block that follows the tip. Of a height up to the block's own, not too old, of keys in the set of
 * its height, with at least one that is not convicted yet; then the signatures. `statusOf` is what those before it in the
 * block have left.
 */
export function validateEvidence(
  { bls, seatHistory }: EvidenceDeps,
  tip: LedgerTip,
  evidence: Evidence,
  statusOf: (blsKey: Uint8Array) => AccountStatus | undefined,
): EvidenceVerdict {
  const { height } = evidence;
  const seats = height > nextHeight(tip) ? undefined : seatsAt(seatHistory, height);
  if (seats === undefined || tip.header.time - seats.time > tip.chain.params.evidenceMs) return broken("ST-4");
  if (!isContradiction(evidence)) return broken("ST-4");
  const blsKeys = accusedKeys(evidence, seats.validators).filter((blsKey) => {
    const status = statusOf(blsKey);
    return status === "ok" || status === "jailed";
  });
  if (blsKeys.length === 0 || !isSigned(bls, tip.chain.chainId, evidence, seats.validators)) return broken("ST-4");
  return { ok: true, blsKeys };
}

/** Two different things, not one under two signatures. */
function isContradiction({ kind, items }: Evidence): boolean {
  const isSameId = equalBytes(items[0].blockId, items[1].blockId);
  return kind === "proposals" ? !isSameId || items[0].validRound !== items[1].validRound : !isSameId;
}

/** Keys of the set that the evidence names: one, or every key in both certificates. */
function accusedKeys(evidence: Evidence, validators: ValidatorSet): readonly Uint8Array[] {
  if (evidence.kind === "certificates") {
    const [left, right] = evidence.items;
    const isInBoth = (seat: number): boolean =>
      left.certificate.signers[seat] === true && right.certificate.signers[seat] === true;
    return validators.filter((_, seat) => isInBoth(seat)).map(({ blsKey }) => blsKey);
  }
  return validators.filter(({ blsKey }) => equalBytes(blsKey, evidence.blsKey)).map(({ blsKey }) => blsKey);
}

function isSigned(bls: BlsBackend, chainId: number, evidence: Evidence, validators: ValidatorSet): boolean {
  const { height, round } = evidence;
  switch (evidence.kind) {
    case "votes":
      return evidence.items.every(({ blockId, signature }) =>
        bls.verify(evidence.blsKey, voteMessage(chainId, evidence.voteType, height, round, blockId), signature),
      );
    case "proposals":
      return evidence.items.every(({ validRound, blockId, signature }) =>
        bls.verify(evidence.blsKey, proposalMessage(chainId, height, round, validRound, blockId), signature),
      );
    case "certificates":
      return evidence.items.every(({ blockId, certificate }) =>
        verifyCertificate(bls, chainId, height, blockId, certificate, validators),
      );
    default:
      return evidence satisfies never;
  }
}
