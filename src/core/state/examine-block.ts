import { equalBytes } from "../bytes/compare-bytes.ts";
import { beaconMessage, nextBeacon } from "../chain/beacon.ts";
import type { Block } from "../chain/block.ts";
import { certificateHash, EMPTY_CERTIFICATE, verifyCertificate, type Certificate } from "../chain/certificate.ts";
import { proposer } from "../chain/proposer.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { TimeMs } from "../values/height.ts";
import { broken, RULE_KEPT, type RuleResult } from "../values/rule-number.ts";
import type { BlockContent } from "./block-content.ts";
import { blockOverhead, BlockTransactions } from "./block-transactions.ts";
import { isSameField, wrongField, type BlockRefusal } from "./block-refusal.ts";
import type { LedgerDeps } from "./ledger-deps.ts";
import { nextHeight, type LedgerTip } from "./ledger-tip.ts";
import type { SpendClaims } from "./spend-claims.ts";

/** A block that nothing is known against but what its claims and its roots may show. */
export interface ExaminedBlock {
  readonly block: Block;
  readonly content: BlockContent;
  /** To be verified before the block is executed. */
  readonly claims: readonly SpendClaims[];
}

/** Fields that need nothing but the tip; compared before anything is verified. */
const EARLY_FIELDS = ["chainId", "height", "prev"] as const;

/**
 * First part of valid(v) of 6.2 but for the clock: every rule of a block that follows the tip but those that take work on
 * the curve, which it lists, and the roots ({@link executeBlock}). Pure and total; the decoder has bounded every count.
 * The reader must hold the state of `tip`.
 */
export function examineBlock(
  deps: LedgerDeps,
  tip: LedgerTip,
  reader: LedgerReader,
  block: Block,
): ({ readonly ok: true } & ExaminedBlock) | BlockRefusal {
  const { header, lastCertificate } = block;
  const place = { chainId: tip.chain.chainId, height: nextHeight(tip), prev: tip.blockId };
  for (const field of EARLY_FIELDS) if (!isSameField(header[field], place[field])) return wrongField(field);
  const time = validateTime(tip, header.time);
  if (!time.ok) return { ...time, field: "time" };
  const overhead = blockOverhead(lastCertificate, block.evidence);
  if (overhead > tip.chain.params.maxBlockBytes) return broken("EN-3");
  const seat = proposer(tip.epochSeed, header.height, header.round, tip.nextValidators);
  if (header.proposer !== seat) return wrongField("proposer");
  const message = beaconMessage(header.chainId, header.height, tip.header.beacon);
  if (!deps.bls.verify(tip.nextValidators[seat]!.blsKey, message, header.beaconSignature))
    return wrongField("beaconSignature");
  const certificate = validateLastCertificate(deps.bls, tip, lastCertificate);
  if (!certificate.ok) return certificate;
  const transactions = new BlockTransactions(
    deps,
    tip,
    reader,
    nextBeacon(tip.header.beacon, header.beaconSignature),
    overhead,
  );
  for (const evidence of block.evidence) {
    const added = transactions.addEvidence(evidence);
    if (!added.ok) return added;
  }
  for (const transaction of block.transactions) {
    const added = transactions.add(transaction);
    if (!added.ok) return added;
  }
  const { time: blockTime, round, beaconSignature } = header;
  const { accepted, spent, evidence, convicted, packets } = transactions;
  const content: BlockContent = {
    time: blockTime,
    round,
    proposer: seat,
    beaconSignature,
    lastCertificate,
    evidence,
    convicted,
    transactions: accepted,
    spent,
    packets,
  };
  return { ok: true, block, content, claims: transactions.claims };
}

/** CO-2 without the voter's clock: that check is made once, on first receiving a proposal, and is not part of validity. */
export function validateTime(tip: LedgerTip, time: TimeMs): RuleResult {
  const isLater = time > tip.header.time && time >= tip.header.time + tip.chain.params.minBlockMs;
  return isLater ? RULE_KEPT : broken("CO-2");
}

/** CO-3; block 1 carries the empty certificate and nothing else (GE-5). */
export function validateLastCertificate(bls: BlsBackend, tip: LedgerTip, certificate: Certificate): RuleResult {
  const { chain, header, blockId, validators } = tip;
  const isRight =
    header.height === 0
      ? equalBytes(certificateHash(certificate), certificateHash(EMPTY_CERTIFICATE))
      : verifyCertificate(bls, chain.chainId, header.height, blockId, certificate, validators);
  return isRight ? RULE_KEPT : broken("CO-3");
}
