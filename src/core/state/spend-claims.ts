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
 * The first rule that each transaction breaks, undefined where it breaks none: all in one batch, and where that fails
 * one by one. Total: whatever the bytes are, they are just wrong.
 */
export function verifyClaims(
  curve: CurveBackend,
  claims: readonly SpendClaims[],
  random: Random,
): readonly (RuleNumber | undefined)[] {
  const areGood = areAllGood(curve, claims, random);
  return claims.map((each) => (areGood ? undefined : brokenRule(curve, each)));
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
    const isSigned = ({ publicKey, message, signature }: SchnorrClaim): boolean =>
      schnorrVerify(curve, publicKey, message, signature);
    if (!signatures.every(isSigned)) return "TX-5";
  }
  return rangeProofs.every((claim) => verifyRange(curve, claim)) ? undefined : "TX-3";
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
