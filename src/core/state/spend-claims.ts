import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { OUTPUT_TYPE, type OutputCore, type PublicCore } from "../chain/output.ts";
import type { ValidTransaction } from "../chain/validate-transaction.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { holdsBalance, type BalanceClaim } from "../crypto/balance.ts";
import { holdTogether } from "../crypto/claim-batch.ts";
import { checkPublicOutput } from "../crypto/public-output.ts";
import { outputRangeContext, type RangeClaim } from "../crypto/range-proof.ts";
import { verifyRange } from "../crypto/range-proof-verifier.ts";
import { schnorrVerify, type SchnorrClaim } from "../crypto/schnorr.ts";
import type { Random } from "../ports/random.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import { faultsOf, firstFault, type ClaimChecks } from "./broken-claims.ts";
import type { CoinOutput } from "./ledger-deps.ts";
import { balanceClaim, signatureClaims } from "./validate-spend.ts";

/** What of a transaction is still to be shown by work on the curve, once ledger and form have nothing against it. */
export interface SpendClaims {
  /** Undefined where a pool vouches for the transaction. */
  readonly transfer: TransferClaims | undefined;
  /** Of coins whose proofs nobody has verified yet (TX-3). */
  readonly rangeProofs: readonly RangeClaim[];
}

export interface TransferClaims {
  /** P of every output, 32 bytes each. They and each C of an output are elements, but not the identity (OU-1). */
  readonly oneTimeKeys: Uint8Array;
  /** Amount, recipient and keys fit each other (PU-1). */
  readonly publicOutputs: readonly PublicCore[];
  /** TX-4 */
  readonly balance: BalanceClaim;
  /** One for each input (TX-5). */
  readonly signatures: readonly SchnorrClaim[];
}

/** What a transaction has to show, spending these. */
export function transferClaims(valid: ValidTransaction, inputs: readonly OutputCore[]): TransferClaims {
  const cores = valid.transaction.outputs.map(({ core }) => core);
  return {
    oneTimeKeys: concatBytes(...cores.map(({ oneTimeKey }) => oneTimeKey)),
    publicOutputs: cores.filter((core) => core.type === "public"),
    balance: balanceClaim(valid.transaction, inputs),
    signatures: signatureClaims(valid, inputs),
  };
}

/** What the range proof of a coin says (RG-3). */
export function coinClaim(chainId: number, { core, rangeProof }: CoinOutput): RangeClaim {
  const context = outputRangeContext(OUTPUT_TYPE.coin, core.oneTimeKey, core.ephemeralKey);
  return { chainId, context, commitments: [core.commitment], proof: rangeProof };
}

/**
 * The first rule that each transaction breaks, undefined where it breaks none: all in one batch, and where that fails by
 * halves. Total: whatever the bytes are, they are just wrong.
 */
export function verifyClaims(
  curve: CurveBackend,
  claims: readonly SpendClaims[],
  random: Random,
): readonly (RuleNumber | undefined)[] {
  return faultsOf(claims, allChecks(curve, random));
}

/**
 * A rule that one of the transactions of a block breaks, undefined if none does: a block falls with the first wrong claim
 * that is found. Where it is doubted that its signatures are the true ones, they are looked at before all the rest, which
 * costs some eight times as much.
 */
export function firstBrokenRule(
  curve: CurveBackend,
  claims: readonly SpendClaims[],
  random: Random,
  isDoubted: boolean,
): RuleNumber | undefined {
  const forged = isDoubted ? firstFault(claims, signatureChecks(curve, random)) : undefined;
  return forged ?? firstFault(claims, allChecks(curve, random));
}

/**
 * Is it a rule about bytes that no txid covers? Another block of the same id may keep it then, while any other rule is
 * broken by an id once and for all, wherever the transactions give the header's txs_root.
 */
export function isAboutSignatures(rule: RuleNumber): boolean {
  return rule === "TX-5";
}

function allChecks(curve: CurveBackend, random: Random): ClaimChecks<SpendClaims, RuleNumber> {
  return {
    holdTogether: (claims) => areAllGood(curve, claims, random),
    faultOf: (claim) => brokenRule(curve, claim),
  };
}

function signatureChecks(curve: CurveBackend, random: Random): ClaimChecks<SpendClaims, RuleNumber> {
  const signaturesOf = ({ transfer }: SpendClaims): readonly SchnorrClaim[] => transfer?.signatures ?? [];
  return {
    holdTogether: (claims) =>
      holdTogether(curve, { signatures: claims.flatMap(signaturesOf), balances: [], ranges: [] }, random),
    faultOf: (claim) => (areSigned(curve, signaturesOf(claim)) ? undefined : "TX-5"),
  };
}

function areAllGood(curve: CurveBackend, claims: readonly SpendClaims[], random: Random): boolean {
  const transfers = claims.map(({ transfer }) => transfer).filter((transfer) => transfer !== undefined);
  const batch = {
    signatures: transfers.flatMap(({ signatures }) => signatures),
    balances: transfers.map(({ balance }) => balance),
    ranges: claims.flatMap(({ rangeProofs }) => rangeProofs),
  };
  return (
    curve.ristrettoDecode(concatBytes(...transfers.map(({ oneTimeKeys }) => oneTimeKeys))) !== undefined &&
    transfers.every((transfer) => hasNoIdentity(transfer) && areTrue(curve, transfer.publicOutputs)) &&
    holdTogether(curve, batch, random)
  );
}

/** In the order in which a transaction is checked alone. */
function brokenRule(curve: CurveBackend, { transfer, rangeProofs }: SpendClaims): RuleNumber | undefined {
  if (transfer !== undefined) {
    const { oneTimeKeys, publicOutputs, balance, signatures } = transfer;
    const outputPoints = concatBytes(oneTimeKeys, balance.outputs);
    if (!hasNoIdentity(transfer) || curve.ristrettoDecode(outputPoints) === undefined) return "OU-1";
    if (!areTrue(curve, publicOutputs)) return "PU-1";
    if (!holdsBalance(curve, balance)) return "TX-4";
    if (!areSigned(curve, signatures)) return "TX-5";
  }
  return rangeProofs.every((claim) => verifyRange(curve, claim)) ? undefined : "TX-3";
}

function areSigned(curve: CurveBackend, signatures: readonly SchnorrClaim[]): boolean {
  return signatures.every(({ publicKey, message, signature }) => schnorrVerify(curve, publicKey, message, signature));
}

/** The identity has one encoding: all zeros. */
function hasNoIdentity({ oneTimeKeys, balance }: TransferClaims): boolean {
  for (const points of [oneTimeKeys, balance.outputs]) {
    for (let at = 0; at < points.length; at += 32) if (isZeroBytes(points.subarray(at, at + 32))) return false;
  }
  return true;
}

function areTrue(curve: CurveBackend, publicOutputs: readonly PublicCore[]): boolean {
  return publicOutputs.every((core) => checkPublicOutput(curve, core));
}
