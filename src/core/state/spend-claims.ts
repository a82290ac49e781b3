import { isZeroBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { claimSignatures, type Claim } from "../chain/claim.ts";
import {
  decodeOutputCore,
  oneTimeKeyOf,
  OUTPUT_TYPE,
  type CoinCore,
  type OutputCore,
  type PublicCore,
} from "../chain/output.ts";
import { packetRangeStatement, type PacketCore } from "../chain/packet-output.ts";
import { possessionMessage } from "../chain/stake-possession.ts";
import type { Transaction, Transfer } from "../chain/transaction.ts";
import type { ValidTransaction } from "../chain/validate-transaction.ts";
import { checkAddress } from "../crypto/address-check.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { holdsBalance, type BalanceClaim } from "../crypto/balance.ts";
import type { AggregateClaim, BlsBackend } from "../crypto/bls-backend.ts";
import { meetsPacketWork, type PacketTry } from "../crypto/packet-work.ts";
import { holdTogether } from "../crypto/claim-batch.ts";
import { checkPublicOutput } from "../crypto/public-output.ts";
import { outputRangeContext, type RangeClaim } from "../crypto/range-proof.ts";
import { verifyRange } from "../crypto/range-proof-verifier.ts";
import { schnorrVerify, type SchnorrClaim } from "../crypto/schnorr.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { Random } from "../ports/random.ts";
import type { AddressKeys } from "../values/address.ts";
import { packetPoints } from "../chain/validate-output.ts";
import type { LeafIndex } from "../values/height.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import { faultsOf, firstFault, type ClaimChecks } from "./broken-claims.ts";
import type { ProvenOutput } from "../chain/output.ts";
import { recentBlockId, type LedgerTip } from "./ledger-tip.ts";
import { readPacket } from "./live-packets.ts";
import { balanceClaim, signatureClaims } from "./validate-spend.ts";

/**
 * What of a transaction, or of evidence, is still to be shown by work on the curve, once ledger and form have nothing
 * against it.
 */
export interface SpendClaims {
  /** Undefined where a pool vouches for the transaction. */
  readonly transfer: TransferClaims | undefined;
  /** Of coins whose proofs nobody has verified yet (TX-3). */
  readonly rangeProofs: readonly RangeClaim[];
  /** Of an unbond, a claim or a take-back (TX-5, RP-5, RP-7). */
  readonly signatures?: readonly SchnorrClaim[];
  /** P of a claim: an element, but not the identity (OU-1). */
  readonly claimKey?: Uint8Array;
  /** Work of a claim (RP-5). */
  readonly work?: WorkClaim;
  /** The one signature of an unjail (TX-5). */
  readonly unjail?: KeyClaim;
  /** Of evidence, which stands alone (ST-4). */
  readonly evidence?: readonly AggregateClaim[];
}

/** A BLS signature to check. */
export interface KeyClaim {
  readonly blsKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Work to check: milliseconds each, so on no thread that must answer (RP-12). */
export interface WorkClaim {
  readonly attempt: PacketTry;
  /** Q of the packet. */
  readonly packetKey: Uint8Array;
  readonly powBits: number;
}

/** What a stake says of its key and its reward address (ST-1). */
export interface StakeClaim extends KeyClaim {
  readonly reward: AddressKeys;
}

/** What of a claim its link and its owner have signed (RP-5). */
export type ClaimSignatures = Pick<SpendClaims, "signatures" | "claimKey">;

/** What claims are verified with. */
export interface ClaimDeps {
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
}

export interface TransferClaims {
  /** P of every output, 32 bytes each. They and each C of an output are elements, but not the identity (OU-1). */
  readonly oneTimeKeys: Uint8Array;
  /** P_refund, Q and every C_i of packets, 32 bytes each: elements, but not the identity (RP-1). */
  readonly packetPoints: Uint8Array;
  /** Amount, recipient and keys fit each other (PU-1). */
  readonly publicOutputs: readonly PublicCore[];
  /** ST-1 */
  readonly stakes: readonly StakeClaim[];
  /** TX-4 */
  readonly balance: BalanceClaim;
  /** One for each input (TX-5). */
  readonly signatures: readonly SchnorrClaim[];
}

/**
 * What a transaction has to show, spending these; undefined if that is nothing. `isAdmitted`: a pool vouches for all but
 * the proofs of `unproven` coins.
 */
export function spendClaims(
  reader: LedgerReader,
  tip: LedgerTip,
  valid: ValidTransaction,
  inputs: readonly OutputCore[],
  { isAdmitted, unproven }: { readonly isAdmitted: boolean; readonly unproven: readonly ProvenOutput[] },
): SpendClaims | undefined {
  const { transaction } = valid;
  const rangeProofs = unproven.map((output) => rangeClaim(transaction.chainId, output));
  if (isAdmitted) return rangeProofs.length === 0 ? undefined : { transfer: undefined, rangeProofs };
  return { ...ownClaims(reader, tip, valid, inputs), rangeProofs };
}

function ownClaims(
  reader: LedgerReader,
  tip: LedgerTip,
  { transaction, txid }: ValidTransaction,
  inputs: readonly OutputCore[],
): Omit<SpendClaims, "rangeProofs"> {
  switch (transaction.kind) {
    case "transfer":
      return { transfer: transferClaims({ transaction, txid }, inputs) };
    case "claim":
      return {
        transfer: undefined,
        ...packetClaims(tip, readPacket(reader, transaction.packetLeaf)!.core, transaction),
      };
    case "take-back":
      return { transfer: undefined, signatures: [ownerClaim(reader, transaction.packetLeaf, txid, transaction)] };
    case "unbond":
      return { transfer: undefined, signatures: [ownerClaim(reader, transaction.stake, txid, transaction)] };
    case "unjail": {
      const { blsKey, signature } = transaction;
      return { transfer: undefined, unjail: { blsKey, message: txid, signature } };
    }
    default:
      return transaction satisfies never;
  }
}

/** A signature under the P of a live output. */
function ownerClaim(
  reader: LedgerReader,
  leaf: LeafIndex,
  message: Uint8Array,
  { signature }: { readonly signature: Uint8Array },
): SchnorrClaim {
  return { publicKey: oneTimeKeyOf(decodeOutputCore(reader.leaf(leaf)!.core)), message, signature };
}

/** What a claim has to show (RP-5), once nothing is known against it: `BlockPackets` has found its block and its gate. */
export function packetClaims(
  tip: LedgerTip,
  { packetKey, gate: asked }: PacketCore,
  claim: Claim,
): Pick<SpendClaims, "signatures" | "claimKey" | "work"> {
  const { gate, packetLeaf, oneTimeKey } = claim;
  const signed = { signatures: claimSignatures(claim, packetKey), claimKey: oneTimeKey };
  if (gate.mode !== "chance" || asked.mode !== "chance") return signed;
  const blockId = recentBlockId(tip, gate.refHeight);
  if (blockId === undefined) throw new Error("work of a claim behind a block that nobody has looked for");
  const attempt = { packetLeaf, blockId, oneTimeKey, nonce: gate.powNonce };
  return { ...signed, work: { attempt, packetKey, powBits: asked.powBits } };
}

/** RP-5: is the work right? */
function isWorkDone({ attempt, packetKey, powBits }: WorkClaim): boolean {
  return meetsPacketWork(attempt, packetKey, powBits);
}

function transferClaims(
  valid: Pick<ValidTransaction<Transfer>, "transaction" | "txid">,
  inputs: readonly OutputCore[],
): TransferClaims {
  const cores = valid.transaction.outputs.map(({ core }) => core);
  return {
    oneTimeKeys: concatBytes(...cores.map(oneTimeKeyOf)),
    packetPoints: concatBytes(...cores.flatMap((core) => (core.type === "packet" ? packetPoints(core) : []))),
    publicOutputs: cores.filter((core) => core.type === "public"),
    stakes: stakeClaims(valid.transaction),
    balance: balanceClaim(valid.transaction, inputs),
    signatures: signatureClaims(valid, inputs),
  };
}

/** What the stakes that a transaction makes have to show (ST-1). */
export function stakeClaims(transaction: Transaction): readonly StakeClaim[] {
  if (transaction.kind !== "transfer") return [];
  return transaction.outputs.flatMap(({ core }) => {
    if (core.type !== "stake") return [];
    const message = possessionMessage(transaction.chainId, core);
    return [{ blsKey: core.blsKey, message, signature: core.possessionProof, reward: core.reward }];
  });
}

/** ST-1: the key accepts the stake, and its rewards can be paid. */
export function areAccepted({ curve, bls }: ClaimDeps, stakes: readonly StakeClaim[]): boolean {
  return stakes.every(
    ({ blsKey, message, signature, reward }) =>
      checkAddress(curve, reward).ok && bls.verifyPossession(blsKey, message, signature),
  );
}

/** What the range proof of a coin, or of a packet, says (RG-3). */
export function rangeClaim(
  chainId: number,
  { core, rangeProof }: { readonly core: CoinCore | PacketCore; readonly rangeProof: Uint8Array },
): RangeClaim {
  if (core.type === "packet") return { ...packetRangeStatement(chainId, core), proof: rangeProof };
  const context = outputRangeContext(OUTPUT_TYPE.coin, core.oneTimeKey, core.ephemeralKey);
  return { chainId, context, commitments: [core.commitment], proof: rangeProof };
}

/**
 * The first rule that each transaction breaks, undefined where it breaks none: all in one batch, and where that fails by
 * halves. Total: whatever the bytes are, they are just wrong.
 */
export function verifyClaims(
  deps: ClaimDeps,
  claims: readonly SpendClaims[],
  random: Random,
): readonly (RuleNumber | undefined)[] {
  const faults = faultsOf(claims, allChecks(deps, random));
  return faults.map((fault, place) => fault ?? workFault(claims[place]!));
}

/** Work costs milliseconds: it is looked at once for each claim, and last (RP-5). */
function workFault({ work }: SpendClaims): RuleNumber | undefined {
  return work === undefined || isWorkDone(work) ? undefined : "RP-5";
}

/**
 * A rule that one of the transactions of a block breaks, undefined if none does: a block falls with the first wrong claim
 * that is found. Where it is doubted that its signatures are the true ones, they are looked at before all the rest, which
 * costs some eight times as much.
 */
export function firstBrokenRule(
  deps: ClaimDeps,
  claims: readonly SpendClaims[],
  random: Random,
  isDoubted: boolean,
): RuleNumber | undefined {
  const forged = isDoubted ? firstFault(claims, signatureChecks(deps, random)) : undefined;
  const fault = forged ?? firstFault(claims, allChecks(deps, random));
  return fault ?? claims.map(workFault).find((each) => each !== undefined);
}

/**
 * Is it a rule about bytes that no txid covers? Another block of the same id may keep it then, while any other rule is
 * broken by an id once and for all, wherever the transactions give the header's txs_root.
 */
export function isAboutSignatures(rule: RuleNumber): boolean {
  return rule === "TX-5";
}

function allChecks(deps: ClaimDeps, random: Random): ClaimChecks<SpendClaims, RuleNumber> {
  return {
    holdTogether: (claims) => areAllGood(deps, claims, random),
    faultOf: (claim) => brokenRule(deps, claim),
  };
}

function signatureChecks(deps: ClaimDeps, random: Random): ClaimChecks<SpendClaims, RuleNumber> {
  return {
    holdTogether: (claims) => {
      const signatures = claims.flatMap(signaturesOf);
      const isHeld = holdTogether(deps.curve, { signatures, balances: [], ranges: [] }, random);
      return isHeld && claims.every((claim) => isUnjailSigned(deps, claim));
    },
    faultOf: (claim) => (areSigned(deps, claim) ? undefined : "TX-5"),
  };
}

/** Schnorr signatures of a transaction of any kind (TX-5). */
function signaturesOf({ transfer, signatures = [] }: SpendClaims): readonly SchnorrClaim[] {
  return [...(transfer?.signatures ?? []), ...signatures];
}

/** Cheap before costly: the pairings of keys come last and are few (ST-1, ST-3). */
function areAllGood(deps: ClaimDeps, claims: readonly SpendClaims[], random: Random): boolean {
  const { curve } = deps;
  const transfers = claims.map(({ transfer }) => transfer).filter((transfer) => transfer !== undefined);
  const batch = {
    signatures: claims.flatMap(signaturesOf),
    balances: transfers.map(({ balance }) => balance),
    ranges: claims.flatMap(({ rangeProofs }) => rangeProofs),
  };
  const keys = [
    ...transfers.flatMap(({ oneTimeKeys, packetPoints }) => [oneTimeKeys, packetPoints]),
    ...claims.flatMap(({ claimKey }) => (claimKey === undefined ? [] : [claimKey])),
  ];
  return (
    curve.ristrettoDecode(concatBytes(...keys)) !== undefined &&
    transfers.every((transfer) => hasNoIdentity(transfer) && areTrue(curve, transfer.publicOutputs)) &&
    holdTogether(curve, batch, random) &&
    claims.every(
      (claim) =>
        areAccepted(deps, claim.transfer?.stakes ?? []) && isUnjailSigned(deps, claim) && isEvidenceSigned(deps, claim),
    )
  );
}

/** In the order in which a transaction is checked alone. */
function brokenRule(deps: ClaimDeps, claim: SpendClaims): RuleNumber | undefined {
  const { curve } = deps;
  const { transfer, rangeProofs } = claim;
  if (transfer !== undefined) {
    const { oneTimeKeys, packetPoints, publicOutputs, stakes, balance } = transfer;
    if (hasIdentity(packetPoints) || curve.ristrettoDecode(packetPoints) === undefined) return "RP-1";
    const outputPoints = concatBytes(oneTimeKeys, balance.outputs);
    if (!hasNoIdentity(transfer) || curve.ristrettoDecode(outputPoints) === undefined) return "OU-1";
    if (!areTrue(curve, publicOutputs)) return "PU-1";
    if (!areAccepted(deps, stakes)) return "ST-1";
    if (!holdsBalance(curve, balance)) return "TX-4";
  }
  if (claim.claimKey !== undefined && curve.ristrettoDecode(claim.claimKey) === undefined) return "OU-1";
  if (!areSigned(deps, claim)) return "TX-5";
  if (!isEvidenceSigned(deps, claim)) return "ST-4";
  return rangeProofs.every((each) => verifyRange(curve, each)) ? undefined : "TX-3";
}

function areSigned(deps: ClaimDeps, claim: SpendClaims): boolean {
  const areGood = signaturesOf(claim).every(({ publicKey, message, signature }) =>
    schnorrVerify(deps.curve, publicKey, message, signature),
  );
  return areGood && isUnjailSigned(deps, claim);
}

function isUnjailSigned({ bls }: ClaimDeps, { unjail }: SpendClaims): boolean {
  return unjail === undefined || bls.verify(unjail.blsKey, unjail.message, unjail.signature);
}

function isEvidenceSigned({ bls }: ClaimDeps, { evidence = [] }: SpendClaims): boolean {
  return evidence.every(({ blsKeys, message, signature }) => bls.verifyAggregate(blsKeys, message, signature));
}

/** Evidence as claims. */
export function evidenceClaims(evidence: readonly AggregateClaim[]): SpendClaims {
  return { transfer: undefined, rangeProofs: [], evidence };
}

/** The identity has one encoding: all zeros. */
function hasNoIdentity({ oneTimeKeys, packetPoints, balance }: TransferClaims): boolean {
  return ![oneTimeKeys, packetPoints, balance.outputs].some(hasIdentity);
}

function hasIdentity(points: Uint8Array): boolean {
  for (let at = 0; at < points.length; at += 32) if (isZeroBytes(points.subarray(at, at + 32))) return true;
  return false;
}

function areTrue(curve: CurveBackend, publicOutputs: readonly PublicCore[]): boolean {
  return publicOutputs.every((core) => checkPublicOutput(curve, core));
}
