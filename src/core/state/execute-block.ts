import { equalBytes } from "../bytes/compare-bytes.ts";
import { beaconMessage } from "../chain/beacon.ts";
import { encodeBlock, type Block } from "../chain/block.ts";
import { certificateHash, EMPTY_CERTIFICATE, verifyCertificate, type Certificate } from "../chain/certificate.ts";
import type { Header } from "../chain/header.ts";
import { proposer } from "../chain/proposer.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import type { LedgerReader } from "../ports/ledger-reader.ts";
import type { TimeMs } from "../values/height.ts";
import { broken, RULE_KEPT, type RuleNumber, type RuleResult } from "../values/rule-number.ts";
import { applyBlock } from "./apply-block.ts";
import type { BlockOutcome } from "./block-outcome.ts";
import { BlockTransactions } from "./block-transactions.ts";
import type { LedgerDeps } from "./ledger-deps.ts";
import { nextHeight, type LedgerTip } from "./ledger-tip.ts";

/** A block's effects, or the first rule it breaks; `field` names the header field that is not what it must be. */
export type ExecuteResult =
  | ({ readonly ok: true } & BlockOutcome)
  | { readonly ok: false; readonly rule: RuleNumber; readonly field?: keyof Header };

/** The rule behind each header field, cited when the field is not what the block's content gives. */
const FIELD_RULES: Readonly<Record<keyof Header, RuleNumber>> = {
  chainId: "GE-1",
  paramsHash: "GE-1",
  height: "GE-2",
  prev: "GE-2",
  round: "CO-1",
  proposer: "CO-1",
  beacon: "CO-1",
  beaconSignature: "CO-1",
  time: "CO-2",
  epoch: "CO-2",
  isEpochEnd: "CO-2",
  valHash: "CO-2",
  nextValHash: "ST-2",
  lastCertHash: "CO-3",
  evidenceRoot: "ST-4",
  txsRoot: "BL-2",
  compactRoot: "BL-2",
  utxoRoot: "BL-2",
  nextLeaf: "BL-2",
  liveCount: "BL-2",
  histRoot: "BL-13",
  auxRoot: "CO-18",
  minted: "SU-1",
  burned: "SU-1",
  accrued: "SU-1",
  pot: "SU-1",
  gammaAcc: "SU-2",
};

/** Fields that need nothing but the tip; compared before anything is verified. */
const EARLY_FIELDS = ["chainId", "height", "prev"] as const;

/**
 * valid(v) of 6.2 but for the clock: everything that makes a block one that follows the tip. Pure and total; the
 * decoder has bounded every count. The reader must hold the state of `tip`.
 */
export function executeBlock(deps: LedgerDeps, tip: LedgerTip, reader: LedgerReader, block: Block): ExecuteResult {
  const { header, lastCertificate } = block;
  const place = { chainId: tip.chain.chainId, height: nextHeight(tip), prev: tip.blockId };
  for (const field of EARLY_FIELDS) if (!isSame(header[field], place[field])) return wrongField(field);
  const time = validateTime(tip, header.time);
  if (!time.ok) return { ...time, field: "time" };
  // Evidence is punished from the version on that lets users stake; until then a block holds none.
  if (block.evidence.length > 0) return broken("ST-4");
  const size = encodeBlock(block).length;
  if (size > tip.chain.params.maxBlockBytes) return broken("EN-3");
  const seat = proposer(tip.epochSeed, header.height, header.round, tip.nextValidators);
  if (header.proposer !== seat) return wrongField("proposer");
  const message = beaconMessage(header.chainId, header.height, tip.header.beacon);
  if (!deps.bls.verify(tip.nextValidators[seat]!.blsKey, message, header.beaconSignature))
    return wrongField("beaconSignature");
  const certificate = validateLastCertificate(deps.bls, tip, lastCertificate);
  if (!certificate.ok) return certificate;
  // The size has been checked as a whole, so the room for transactions is not bounded by an overhead here.
  const transactions = new BlockTransactions(deps, tip, reader, 0);
  for (const transaction of block.transactions) {
    const added = transactions.add(transaction);
    if (!added.ok) return added;
  }
  const { time: blockTime, round, beaconSignature } = header;
  const { accepted, spent } = transactions;
  const content = {
    time: blockTime,
    round,
    proposer: seat,
    beaconSignature,
    lastCertificate,
    transactions: accepted,
    spent,
  };
  const outcome = applyBlock(tip, reader, content);
  const wrong = (Object.keys(FIELD_RULES) as (keyof Header)[]).find((field) => {
    return !isSame(header[field], outcome.tip.header[field]);
  });
  return wrong === undefined ? { ok: true, ...outcome } : wrongField(wrong);
}

function wrongField(field: keyof Header): ExecuteResult {
  return { ok: false, rule: FIELD_RULES[field], field };
}

function isSame(left: Header[keyof Header], right: Header[keyof Header]): boolean {
  return left instanceof Uint8Array && right instanceof Uint8Array ? equalBytes(left, right) : left === right;
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
